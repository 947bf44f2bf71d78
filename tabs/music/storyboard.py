"""The storyboard between the page and the disk: its cards as they stand, and what a click on one of them does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.checks import check_choice
from studio.errors import BadInput, StudioError
from studio.music.board import Planned, edit_shot, redraw_shot, settled_shots
from studio.music.song import SongAnalysis
from studio.requests import MusicVideoRequest
from studio.store.atomic import read_json
from studio.store.projects import Project
from studio.store.steered import Steered, steered_words
from tabs.job_view import Picture
from tabs.music.board_html import BoardView, CardView
from tabs.music.desk import Desk

if TYPE_CHECKING:
    from studio.compose import BoardCard

ACTS = ("edit", "redo", "back", "forth", "plain", "lock", "unlock")


class Storyboards:
    def __init__(self, desk: Desk) -> None:
        self._desk, self._studio = desk, desk.studio

    def view(self, project: str, drawing: bool) -> BoardView | None:
        """The board as it stands, None before the song was heard. `drawing`: what has no picture is being made."""
        request = self._desk.request(project)
        song = read_song(self._studio.projects.folder(project))
        if request is None or song is None:
            return None
        view = BoardView(project, request.width, request.height, len(request.characters))
        try:
            cards = self._studio.board(request, song)
        except StudioError as error:
            return replace(view, refusal=str(error))
        return replace(view, cards=tuple(_card(request.project, card, drawing) for card in cards))

    def act(self, project: str, index: int, act: str, changes: Mapping[str, Any]) -> None:
        """Carries out a click on card `index`, 0..6; draws anew where pictures are there already. Raises BadInput."""
        check_choice("act", act, ACTS)
        request, song = self._desk.request(project), read_song(self._studio.projects.folder(project))
        if request is None or song is None:
            raise BadInput("storyboard", "(none)", "a song that was heard")
        cards = self._studio.board(request, song)
        if not 0 <= index < len(cards):
            raise BadInput("shot", index, f"0 to {len(cards) - 1}")
        changed = self._changed(cards[index], act, changes, request)
        others = [card.planned for card in cards if card.planned.settled and card.planned.shot.index != index]
        kept: list[Planned] = [*others, *([changed] if changed else [])]
        settled = sorted(kept, key=lambda one: one.shot.index)
        shots = tuple(one.to_json() for one in settled)
        self._studio.board(replace(request, shots=shots), song)  # refuses what does not fit before it is noted
        self._desk.settle(project, shots)
        if act != "lock" and any(card.picture for card in cards):
            self._desk.draw(project)

    def _changed(
        self, card: BoardCard, act: str, changes: Mapping[str, Any], request: MusicVideoRequest
    ) -> Planned | None:
        """The settled shot after the click; None where it goes back to the storyboard's own."""
        planned, characters = card.planned, len(request.characters)
        if act == "unlock":
            return None
        if act == "edit":
            return edit_shot(planned, changes, characters)
        if act == "redo":
            return redraw_shot(planned)
        if act == "lock":
            return replace(planned, settled=True)
        if act == "plain":
            for base in (card.base, *card.steered_views):
                Steered(request.project).drop(base)
            return planned if planned.settled else None
        return self._other_version(request, card, -1 if act == "back" else 1)

    def _other_version(self, request: MusicVideoRequest, card: BoardCard, step: int) -> Planned:
        """The version before or after the present one; its moment stays where the shot is now."""
        last = len(card.versions) - 1
        at = (len(card.versions) if card.version is None else card.version) + step
        if not card.versions:
            raise BadInput("version", "(none)", "a shot that was drawn")
        version = card.versions[min(max(at, 0), last)]
        (chosen,) = settled_shots([version.shot], self._studio.styles(), len(request.characters)).values()
        Steered(request.project).show(version.key)
        return replace(chosen, shot=replace(chosen.shot, time=card.planned.shot.time))


def read_song(folder: Path) -> SongAnalysis | None:
    """The project's analysis.json, None while there is none. Raises StorageFailed for a damaged one."""
    path = Project(folder).analysis
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return None
    return _read_song(path, stamp)


@lru_cache(maxsize=32)
def _read_song(path: Path, _stamp: int) -> SongAnalysis:
    return SongAnalysis.from_json(read_json(path))


def _steered(card: BoardCard) -> str:
    views = len(card.steered_views)
    seen = f"{views} further view{'s' * (views > 1)}" if views else ""
    return ", and ".join(filter(None, (steered_words(card.turns), seen)))


def _card(folder: Path, card: BoardCard, drawing: bool) -> CardView:
    planned, version = card.planned, card.version
    picture = Picture(card.picture.relative_to(folder).as_posix(), card.key) if card.picture else None
    return CardView(
        shot=planned.shot.to_json(),
        look=planned.style.title,
        settled=planned.settled,
        picture=picture,
        version=0 if version is None else version + 1,
        versions=len(card.versions),
        drawing=drawing and picture is None,
        steered=_steered(card),
    )
