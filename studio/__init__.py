"""Kinora Studio without its page: requests, jobs, pipelines, engines. Never imports Gradio."""

__version__ = "0.1.0"
