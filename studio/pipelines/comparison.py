"""Two settings on the same two bars: what each looks like, how long it takes and how much memory it needs.

Both sides are made from nothing, whatever the project has already, and their engines loaded before the clock runs, so
that their seconds can be compared; what one side left on the device is gone before the other begins.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.models.memory import PeakMeter
from studio.pipelines.filming import Picture, pieces_of
from studio.pipelines.music_video import KEYFRAMES, MusicVideo
from studio.requests import ComparisonRequest, MusicVideoRequest
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.music.board import Planned
    from studio.music.song import SongAnalysis
    from studio.pipelines.cast import Cast
    from studio.pipelines.context import Context

BARS = 2
_BEATLESS_SECONDS = 4.0
_CLEAR_SECONDS = 20.0
SIDES = ("a", "b")


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Makes compare/a.mp4, compare/b.mp4 and compare/comparison.json of a stored request."""
    from studio.store.atomic import write_json

    request = ComparisonRequest.from_json(body)
    requests = dict(zip(SIDES, (request.first, request.other), strict=True))
    changes = dict(zip(SIDES, (request.base, request.changes), strict=True))
    sides = {name: _Side(name, one, request.moment, context) for name, one in requests.items()}
    made = [{**sides[name].make(), "changes": dict(changes[name])} for name in SIDES]
    target = Project(request.project).comparison
    write_json(target, {"moment": request.moment, "sides": made})
    context.artifact("comparison", target)
    return {"comparison": str(target)}


@dataclass(frozen=True)
class _Bars:
    """Frames of the film from the segment's first on, and their times in the song, seconds."""

    frames: int
    start: float
    end: float


@dataclass
class _Clock:
    """Seconds of work, and of loading what works."""

    work: float = 0.0
    load: float = 0.0

    @contextmanager
    def working(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.work += time.monotonic() - began


class _Side:
    """One of the two, as the film of `request` would have it from key moment `moment` on."""

    def __init__(self, name: str, request: MusicVideoRequest, moment: int, context: Context) -> None:
        self._name, self._request, self._moment, self._context = name, request, moment, context
        self._film = MusicVideo(request, context)
        self._folder = Project(request.project).comparison.parent

    def make(self) -> Mapping[str, Any]:
        """What was made and measured, JSON-ready. Preparing what both sides share is not counted."""
        film = self._film
        song = film.listen()
        cast = film.cut_out_characters()
        plan = film.plan(song)
        self._folder.mkdir(exist_ok=True)
        self._clear_device()
        clock = _Clock()
        with PeakMeter(self._context.manager.gauge) as meter:
            clip, bars = self._shoot(song, plan, cast, clock)
        self._context.artifact("comparison", clip)
        return {
            "name": self._name,
            "clip": clip.relative_to(self._request.project).as_posix(),
            "start": bars.start,
            "end": bars.end,
            "frames": bars.frames,
            "seconds": round(clock.work, 3),
            "load_seconds": round(clock.load, 3),
            "peak_memory_bytes": meter.peak,
            "device": self._context.manager.device.name,
            "settings": {
                "style": self._request.style,
                "seed": self._request.seed,
                "width": self._request.width,
                "height": self._request.height,
                "fps": self._request.fps,
                "engines": film.engine_names,
                "options": {task: dict(values) for task, values in self._request.options.items()},
            },
        }

    def _clear_device(self) -> None:
        """Takes a model that this side has no use for off the device: its memory is not this side's."""
        manager = self._context.manager
        until = time.monotonic() + _CLEAR_SECONDS
        while time.monotonic() < until:
            resident = manager.snapshot().get("resident")
            if resident is None or resident in self._film.engine_keys:
                return
            manager.unload(resident)
            self._context.cancel.wait(0.1)

    def _load(self, task: str, clock: _Clock) -> None:
        began = time.monotonic()
        self._context.lease(self._film.card(task), lambda _engine: None)
        clock.load += time.monotonic() - began

    def _shoot(self, song: SongAnalysis, plan: tuple[Planned, ...], cast: Cast, clock: _Clock) -> tuple[Path, _Bars]:
        from studio.media.audio import encode_sound
        from studio.media.join import FilmSpec, join_film
        from studio.music.edit import pulses

        context, name, film = self._context, self._name, self._film
        edit = film.edit(song, plan)
        if self._moment >= len(edit.segments):
            raise BadInput("moment", self._moment, f"1 to {len(edit.segments) - 1} in a song this short")
        segment, pulse = edit.segments[self._moment], pulses(song, edit)[self._moment]
        bars = _bars(song, segment.first_frame, segment.frame_count, self._request.fps)
        with context.stage(f"side-{name}", f"Drawing side {name.upper()}", 2) as stage:
            drawer, pictures = film.drawer(cast), {}
            self._load("image", clock)
            for planned in plan[self._moment : self._moment + 2]:
                with clock.working():
                    drawing = drawer.draw(planned, stage, f"compare-{name}", anew=True)
                pictures[planned.shot.index] = Picture(planned, drawing)
                stage.advance()
        ends = [pictures.get(index, pictures[self._moment]) for index in range(KEYFRAMES)]
        (piece,) = pieces_of([(segment, pulse)], ends, [()] * (KEYFRAMES - 1), self._request.seed)
        picture, sound = (self._folder / f".{name}-{part}" for part in ("picture.mp4", "sound.m4a"))
        clip = self._folder / f"{name}.mp4"
        try:
            with context.stage(f"film-{name}", f"Animating side {name.upper()}", bars.frames) as stage:
                self._load("video", clock)
                with clock.working():
                    film.camera(song, edit).write(piece, picture, stage, context.cancel, most=bars.frames)
            encode_sound(film.pcm, sound, context.cancel, (bars.start, bars.end))
            spec = FilmSpec(film.fps, bars.frames, bars.end - bars.start, (bars.frames,))
            join_film([picture], sound, clip, spec, context.cancel)
        finally:
            for path in (picture, sound):
                path.unlink(missing_ok=True)
        return clip, bars


def _bars(song: SongAnalysis, first_frame: int, most: int, fps: int) -> _Bars:
    """The first two bars of a segment, or all of it where it is shorter; 4 s where the song has no beat."""
    seconds = BARS * song.metre * 60 / song.tempo if song.tempo > 0 else _BEATLESS_SECONDS
    frames = max(1, min(most, round(seconds * fps)))
    start = first_frame / fps
    return _Bars(frames, start, min(start + frames / fps, song.duration))
