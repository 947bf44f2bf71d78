"""Player, timeline, scenes and words as one component, and what stands around it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from studio.store.names import safe_name
from tabs.chat.desk import Video
from tabs.job_html import Screen, banner_html, notices_html, progress_html
from tabs.markup import escape, file_url

_SCRIPTS = ("data.js", "timeline.js", "words.js", "viewer.js")


def viewer_component(assets: Path) -> gr.HTML:
    """Its value is {session, videos} as `Video.to_json` gives them."""
    script = "\n".join(_asset(assets, name) for name in _SCRIPTS)
    return gr.HTML(
        value={"session": "", "videos": []},
        html_template=_asset(assets, "viewer.html"),
        js_on_load=script,
        apply_default_css=False,
        elem_id="chat-view",
    )


def add_component(assets: Path) -> gr.HTML:
    """Triggers "added" with {path}, "entered" when the room is seen, "about" with {project, file}."""
    template, script = (_asset(assets, name) for name in ("add.html", "add.js"))
    return gr.HTML(value="", html_template=template, js_on_load=script, apply_default_css=False, elem_id="chat-add")


def _asset(assets: Path, name: str) -> str:
    return (assets / "chat" / name).read_text(encoding="utf-8")


def reading_html(screen: Screen) -> str:
    """How far the reading is; nothing once it is done."""
    return (
        f'<section class="ks-reading" data-state="{escape(screen.state or "empty")}">'
        f"{progress_html(screen)}{banner_html(screen)}{notices_html(screen)}</section>"
    )


def exports_html(screen: Screen, videos: Sequence[Video], talked: bool) -> str:
    """Links to what can be taken along."""
    session, read = screen.project, [video for video in videos if video.index]
    if not session or not (read or talked):
        return ""
    many = len(videos) > 1
    links = [_link(screen, "chat.md", "Conversation", ".md")] if talked else []
    for video in read:
        of = f" of {video.name}" if many else ""
        home = f"videos/{video.number:02d}"
        links += [
            _link(screen, f"{home}/speech.srt", f"Speech as subtitles{of}", " speech.srt"),
            _link(screen, f"{home}/text.srt", f"Text on the screen{of}", " text.srt"),
            _link(screen, f"{home}/scenes.csv", f"Scenes as a table{of}", " scenes.csv"),
        ]
    return f'<details class="ks-menu"><summary class="ks-export">Export</summary><nav>{"".join(links)}</nav></details>'


def _link(screen: Screen, path: str, words: str, ending: str) -> str:
    name = escape(safe_name(screen.title) + ending)
    return f'<a href="{file_url(screen.project, path, "now")}" download="{name}">{escape(words)}</a>'
