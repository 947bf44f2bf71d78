"""The characters of music videos, ready to be put into a message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.requests import MusicVideoRequest
from tabs.job_view import Picture
from tabs.markup import escape, picture_url

if TYPE_CHECKING:
    from studio.compose import Studio

MOST = 8


@dataclass(frozen=True)
class Character:
    """A freed character of a music video: `picture` in the project's folder, `file` the picture it was made from."""

    project: str
    title: str
    number: int
    picture: Picture
    file: Path


def people_of(studio: Studio) -> tuple[Character, ...]:
    """Those of the newest films, at most MOST."""
    found: list[Character] = []
    for info in studio.projects.list():
        if info.kind != MusicVideoRequest.kind or not info.request:
            continue
        for number, file in enumerate(info.request.get("characters") or [], 1):
            path = info.folder / "characters" / f"{number}.png"
            if path.is_file() and Path(file).is_file() and len(found) < MOST:
                picture = Picture(f"characters/{number}.png", str(path.stat().st_mtime_ns))
                found.append(Character(info.id, info.title, number, picture, Path(file)))
    return tuple(found)


def people_html(people: Sequence[Character]) -> str:
    if not people:
        return '<div class="ks-people" hidden></div>'
    cards = "".join(
        f'<button type="button" data-project="{escape(one.project)}" data-number="{one.number}" '
        f'title="Character {one.number} of {escape(one.title)}">'
        f'<img src="{picture_url(one.project, one.picture, small=True)}" '
        f'alt="Character {one.number} of {escape(one.title)}"></button>'
        for one in people
    )
    return f'<div class="ks-people"><span>From your music videos</span>{cards}</div>'


def people_script() -> str:
    """It triggers "take" with {project, number}."""
    return """
element.addEventListener('click', event => {
    const one = event.target.closest('[data-project]');
    if (one) trigger('take', { project: one.dataset.project, number: Number(one.dataset.number) });
});
"""
