"""The page: its head, the rooms, and the settings of the server that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from tabs.calls import Calls, add_calls
from tabs.chat.desk import ChatDesk
from tabs.chat.handlers import ChatHandlers, wire_chat
from tabs.chat.room import build_chat_room
from tabs.files import routes
from tabs.message.desk import MessageDesk
from tabs.message.form import MessageValues
from tabs.message.handlers import MessageHandlers, wire_message
from tabs.message.room import build_message_room
from tabs.music.desk import Desk
from tabs.music.form import FormValues
from tabs.music.handlers import Handlers, wire
from tabs.music.live import NO_FILM
from tabs.music.room import build_room
from tabs.theme import studio_theme, stylesheet
from tabs.workbench import build_workbench

if TYPE_CHECKING:
    from studio.compose import Studio

# Looked at every hour, kept for a day: a page may stand open that long between an upload and Render.
_DELETE_CACHE = (3600, 86400)

_HEAD = """
<header class="ks-head">
<span class="ks-brand"><svg viewBox="0 0 32 32" aria-hidden="true"><rect x="2.5" y="6.5" width="27" height="19" rx="4"/>
<path d="M8 6.5v19M24 6.5v19M2.5 12.8h5.5M2.5 19.2h5.5M24 12.8h5.5M24 19.2h5.5"/></svg>
<span><b>Kinora</b> Studio</span></span>
<nav class="ks-rooms" aria-label="Rooms"><a href="#music" data-room="music">Music video</a>
<a href="#message" data-room="message">Video message</a>
<a href="#chat" data-room="chat">Video chat</a></nav>
<button type="button" class="ks-lamp" aria-label="Light or dark" title="Light or dark">
<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="7"/><path d="M10 3a7 7 0 0 1 0 14z"/></svg>
</button></header>
"""
# All rooms stay in the page; the one named in the address is seen.
_HEAD_SCRIPT = """
const enter = () => {
    const room = ['message', 'chat'].find(name => location.hash === '#' + name) || 'music';
    document.body.dataset.room = room;
    element.querySelectorAll('.ks-rooms a').forEach(
        a => a.setAttribute('aria-current', a.dataset.room === room ? 'page' : 'false'));
};
addEventListener('hashchange', enter);
enter();
element.querySelector('.ks-lamp').addEventListener('click', () => {
    const dark = document.body.classList.toggle('dark');
    try { localStorage.setItem('kinora-theme', dark ? 'dark' : 'light'); } catch { /* private window */ }
});
"""
# Before the first paint, so that no light page flashes at night.
_LOAD_SCRIPT = """
() => {
    let chosen = null;
    try { chosen = localStorage.getItem('kinora-theme'); } catch { /* private window */ }
    if (chosen && !new URLSearchParams(location.search).has('__theme'))
        document.body.classList.toggle('dark', chosen === 'dark');
}
"""


def build_page(studio: Studio, cache: Path) -> gr.Blocks:
    """The whole page. `cache` is the folder Gradio keeps uploads in."""
    desk, messages, chats = Desk(studio), MessageDesk(studio), ChatDesk(studio)
    if not studio.settings.projects.exists():
        desk.draft("Demo", _demo(studio.settings.assets / "demo"))
        messages.draft("Demo message", _demo_message(studio.settings.assets / "demo"))
        chats.draft("One day on Solane", studio.settings.assets / "demo" / "clip.mp4")
    handlers = Handlers(desk, cache)
    with gr.Blocks(title="Kinora Studio", delete_cache=_DELETE_CACHE, analytics_enabled=False) as page:
        gr.HTML(_HEAD, apply_default_css=False, js_on_load=_HEAD_SCRIPT, elem_id="head")
        with gr.Column(elem_id="room-music", elem_classes="ks-room"):
            room = build_room(desk, NO_FILM)
        with gr.Column(elem_id="room-message", elem_classes="ks-room"):
            message_room = build_message_room(messages)
        with gr.Column(elem_id="room-chat", elem_classes="ks-room"):
            chat_room = build_chat_room(chats)
        build_workbench(desk)
        wire(room, handlers, page)
        wire_message(message_room, MessageHandlers(messages, cache), page)
        wire_chat(chat_room, ChatHandlers(chats, cache), page)
        add_calls(Calls(desk, cache))
    # Handlers only submit and look: their number is bounded by the pages open, the work by the studio's own queue.
    return page.queue(default_concurrency_limit=None, max_size=512)


def launch_options(studio: Studio) -> dict[str, Any]:
    """For `gr.Blocks.launch`. Nothing is served from disk but what tabs.files lets out and the uploads themselves."""
    return {
        "theme": studio_theme(),
        "css": stylesheet(studio.settings.assets),
        "js": _LOAD_SCRIPT,
        "favicon_path": studio.settings.assets / "icon.svg",
        "footer_links": [],
        "allowed_paths": [],
        "max_file_size": studio.settings.limits.upload_bytes,
        "strict_cors": True,
        "ssr_mode": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "show_error": True,
        "app_kwargs": {"routes": routes(studio)},
    }


def _demo_message(folder: Path) -> MessageValues:
    return MessageValues(
        photo=folder / "portrait.jpg",
        text="Hello! I am a drawing, and every word of this was made on your own machine. Put your photo in my place.",
    )


def _demo(folder: Path) -> FormValues:
    return FormValues(
        song=folder / "song.mp3",
        characters=(folder / "character-1.png", folder / "character-2.png"),
        prompt="Two friends drive through a neon city at night until the sun comes up over the sea",
    )
