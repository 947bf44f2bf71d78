"""Who sits before the page: some things only the person at this machine may do."""

from __future__ import annotations

from urllib.parse import urlsplit

import gradio as gr

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def is_local(request: gr.Request) -> bool:
    """Whether the page is open on the machine the studio runs on. A tunnel's visitor comes from this machine too, but
    asks for another host."""
    client = request.client.host if request.client else ""
    asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return client in _LOOPBACK and asked in _LOOPBACK
