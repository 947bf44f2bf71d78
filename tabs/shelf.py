"""The projects of a room as cards: what is listed, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabs.job_view import Picture
from tabs.markup import escape, picture_url, when_words

OPEN_SCRIPT = """
element.addEventListener('click', event => {
    const card = event.target.closest('[data-project]');
    if (!card) return;
    delete document.body.dataset.asking;
    trigger('open', {project: card.dataset.project});
});
"""
"""It triggers "open" with {project}."""

STATE_WORDS = {
    "": "Draft",
    "queued": "Waiting",
    "running": "Rendering",
    "done": "Finished",
    "failed": "Failed",
    "cancelled": "Stopped",
    "interrupted": "Interrupted",
    "damaged": "Damaged",
}


@dataclass(frozen=True)
class Entry:
    """A line of the list. `updated` ISO 8601; `state` as STATE_WORDS has them."""

    id: str
    title: str
    updated: str
    state: str
    poster: Picture | None

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "updated": self.updated, "state": self.state or "draft"}


READING_WORDS = {**STATE_WORDS, "running": "Reading", "done": "Read"}


def shelf_html(entries: list[Entry], current: str, empty: str, words: Mapping[str, str] = STATE_WORDS) -> str:
    """`empty`: what is said while there is nothing; `words` for each state."""
    if not entries:
        return f'<p class="ks-shelf-empty">{escape(empty)}</p>'
    return f'<ul class="ks-shelf">{"".join(_card(entry, entry.id == current, words) for entry in entries)}</ul>'


def _card(entry: Entry, current: bool, words: Mapping[str, str]) -> str:
    picture = (
        f'<img src="{picture_url(entry.id, entry.poster, small=True)}" alt="" loading="lazy">'
        if entry.poster
        else '<svg viewBox="0 0 48 27" aria-hidden="true"><path d="M20.5 8.5v10l8-5z"/></svg>'
    )
    state = words.get(entry.state, entry.state)
    return (
        f'<li><button type="button" data-project="{escape(entry.id)}" aria-current="{"true" if current else "false"}">'
        f'<span class="ks-poster">{picture}</span><b>{escape(entry.title)}</b>'
        f'<small><span class="ks-state" data-state="{escape(entry.state)}">{escape(state)}</span>'
        f"<time>{escape(when_words(entry.updated))}</time></small></button></li>"
    )


def poster(folder: Path, name: str) -> Picture | None:
    """The picture `name` of a project, None while it isn't there."""
    path = folder / name
    try:
        return Picture(name, str(path.stat().st_mtime_ns))
    except OSError:
        return None
