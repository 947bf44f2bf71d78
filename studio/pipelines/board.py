"""The storyboard of a project as it stands on disk: what each shot shows, its picture, and the pictures it has had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.music.board import Brief, Planned, plan_shots
from studio.pipelines.cast import cast_key
from studio.pipelines.drawings import Drawing, drawing_key
from studio.store.steered import Steered, Turn
from studio.store.versions import Version, Versions

if TYPE_CHECKING:
    from studio.models.registry import Registry
    from studio.music.shots import Style
    from studio.music.song import SongAnalysis
    from studio.requests import MusicVideoRequest


@dataclass(frozen=True)
class BoardCard:
    """`picture`: its drawing, None until drawn. `versions`: pictures it has had that are still there, oldest first;
    `version`: which of them it has now, None when it has none of them. `turns`: how its drawing was steered, which
    stands for the one as set, of key `base`; () where it wasn't. `steered_views`: the keys, as set, of its further
    views that were."""

    planned: Planned
    key: str
    picture: Path | None
    versions: tuple[Version, ...]
    base: str = ""
    turns: tuple[Turn, ...] = ()
    steered_views: tuple[str, ...] = ()

    @property
    def version(self) -> int | None:
        return next((number for number, one in enumerate(self.versions) if one.key == self.key), None)


def planned_shots(request: MusicVideoRequest, song: SongAnalysis, styles: Mapping[str, Style]) -> tuple[Planned, ...]:
    """The shots that `request` asks for. Raises BadInput for settled ones that make no sense."""
    brief = Brief(request.prompt, request.style, request.seed, len(request.characters))
    return plan_shots(song, brief, styles, request.shots)


def read_board(
    request: MusicVideoRequest, song: SongAnalysis, styles: Mapping[str, Style], registry: Registry
) -> tuple[BoardCard, ...]:
    """The seven cards; nothing is made for it. Pictures are judged by presence: the pipeline looks closer."""
    engine = registry.choose("image", request.engines.get("image"), request.substitutes)[0]
    cutout = registry.choose("cutout", request.engines.get("cutout"), request.substitutes)[0]
    cast = cast_key(cutout, request.characters)
    plan = planned_shots(request, song, styles)
    options = request.options.get("image", {})
    keys = [drawing_key(planned, engine.key, request.size, cast, options) for planned in plan]
    return tuple(_card(request, planned, key) for planned, key in zip(plan, keys, strict=True))


def _card(request: MusicVideoRequest, planned: Planned, base: str) -> BoardCard:
    versions = Versions(request.project, planned.shot.index).list()
    steered = Steered(request.project)
    key = steered.standing(base)
    picture = _picture(request.project, key)
    if picture is None and key != base:
        key, picture = base, _picture(request.project, base)
    there = _there(request.project, versions)
    turns = steered.turns(key) if key != base else ()
    return BoardCard(planned, key, picture, there, base, turns, steered.views(base))


def _there(folder: Path, versions: Sequence[Version]) -> tuple[Version, ...]:
    return tuple(version for version in versions if _picture(folder, version.key))


def _picture(folder: Path, key: str) -> Path | None:
    image = Drawing(folder, key).image
    return image if image.is_file() else None
