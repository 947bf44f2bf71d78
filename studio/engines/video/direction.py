"""A segment's camera shots: which picture each shows, framed how, moved how, and how the segment arrives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from studio.contracts import SegmentRequest
from studio.engines.video.camera import CLOSEST, Pose
from studio.engines.video.framing import FRAMINGS, MOVES, Casting, Framing, Scene, heads_are_whole, shared_view
from studio.engines.video.order import picture_order
from studio.engines.video.planes import Path
from studio.engines.video.transitions import Arrival, Morph
from studio.music.shots import Shot


@dataclass(frozen=True)
class CameraShot:
    """Frames `first` .. `first + count - 1` of the segment on picture `scene` (0 start, then the views, last end).

    `attack` as in `camera.glide`; `anchored_start`, `anchored_end`: an end that shows the picture as painted, where
    nothing may be added to the camera's path.
    """

    first: int
    count: int
    scene: int
    path: Path
    attack: float
    anchored_start: bool = False
    anchored_end: bool = False


LARGEST_OVERLAP = 0.6
"""Share of two views that may be common across a cut within one picture: above it the eye sees a jump, not a cut."""

ESTABLISHING = 1.35
"""Zoom up to which a picture may be shown for the first time: the eye wants to know where it is."""

NEAREST_FIRST = 1.5
"""The same for the camera itself, which may have to go nearer to keep a picture's edges out of the frame."""

TAKES = 10
"""Shots tried for one that differs enough from the one before."""


class Director:
    """A segment's shots, each thought out when its turn comes, so that its picture need not be there before.

    Deterministic: drawn from the request's seed, shots and pulse. `order`: the picture each shot shows.
    """

    def __init__(self, request: SegmentRequest) -> None:
        self._request = request
        self._rng = np.random.default_rng([request.seed, request.index, 0xD12EC7])
        self._starts = [0, *(cut for cut in request.cuts if cut < request.frame_count - 1)]
        ends = [*self._starts[1:], request.frame_count]
        self._lengths = [b - a for a, b in zip(self._starts, ends, strict=True)]
        self.order, self._arrived = picture_order(request, self._starts)
        self.arrival = Arrival("none", 0) if self._arrived else _arrival(request, self._lengths[-1], self._rng)

    def shots(self, scene: Callable[[int], Scene]) -> Iterator[CameraShot]:
        """`scene` gives a picture by its number, just before the shot that shows it."""
        request, before = self._request, None
        framings: dict[int, list[Framing]] = {number: [] for number in self.order}
        framings[0].append(FRAMINGS[1])
        for turn, (first, count, number) in enumerate(zip(self._starts, self._lengths, self.order, strict=True)):
            level = float(request.pulse.intensity[first : first + count].mean())
            casting = Casting(request, scene(number), number, level, count / float(request.fps), turn)
            landing = turn == len(self._starts) - 1 and (self._arrived or self.arrival.kind == "morph")
            same = before.path.end if before and before.scene == number else None
            framing, path = _best_take(casting, framings[number], same, (turn == 0, landing), self._rng)
            framings[number].append(framing)
            before = CameraShot(first, count, number, path, min(1.0, 1.3 * level), turn == 0, landing)
            yield before


def _arrival(request: SegmentRequest, room: int, rng: np.random.Generator) -> Arrival:
    """By what the music does there: a rise is cut or flashed to, calm dissolves, between them the camera is thrown.
    Only a rise may flash: what flashes at every turn tires the eye."""
    fps = float(request.fps)
    level = float(request.pulse.intensity[-max(1, round(fps)) :].mean())
    start, end = request.shots
    rise = end.intensity - start.intensity
    gentle = 0.18 if end.mood in {"calm", "dreamy", "melancholy", "warm"} else 0.0
    angle = {"pan_right": 0, "pan_left": 2, "tilt_down": 1, "tilt_up": 3}.get(start.camera, 2 * int(rng.integers(2)))
    if level - gentle < 0.36 and rise < 0.3:
        kind = "dissolve"
    elif rise > 0.2:
        kind = str(rng.choice(["cut", "flash", "whip"], p=[0.3, 0.5, 0.2]))
    elif level > 0.82:
        kind = str(rng.choice(["cut", "whip"], p=[0.6, 0.4]))
    else:
        kind = str(rng.choice(["cut", "whip", "dissolve"], p=[0.4, 0.35, 0.25]))
    seconds = {"cut": 0.0, "flash": 0.17, "whip": 0.3, "dissolve": 1.1 - 0.6 * level}[kind]
    frames = min(round(seconds * fps), max(0, room - 2))
    roomy = room > round(0.8 * fps) and level < 0.85
    if roomy and not request.views and _alike(start, end) and Morph(request.start.image, request.end.image).similar:
        return Arrival("morph", round(0.6 * fps), angle)
    return Arrival(kind, frames, angle) if frames >= 2 else Arrival("cut", 0, angle)


def _alike(start: Shot, end: Shot) -> bool:
    """Whether the two pictures may be alike enough to flow into each other; the optical flow has the last word."""
    return set(start.setting) == set(end.setting) and start.characters == end.characters


def _best_take(
    casting: Casting,
    used: Sequence[Framing],
    before: Pose | None,
    painted: tuple[bool, bool],
    rng: np.random.Generator,
) -> tuple[Framing, Path]:
    """A shot without `_faults` that is no jump from where the shot `before` on the same picture ended; of none such,
    the one with the least of both.

    `painted`: whether it starts, whether it ends on the picture as painted; such a shot moves as its storyboard says.
    """
    best: tuple[float, Framing, Path] | None = None
    size = casting.scene.size
    for take in range(TAKES):
        framing = FRAMINGS[1] if any(painted) else _next_framing(used, casting.level, rng)
        camera = casting.camera if take == 0 and (any(painted) or rng.random() < 0.25) else _next_move(casting, rng)
        path = casting.path(framing, camera, *painted)
        overlap = shared_view(before, path.start, size) if before else 0.0
        overlap += 0 if any(painted) else _faults(path, casting, unseen=not used)
        if best is None or overlap < best[0]:
            best = overlap, framing, path
        if overlap < LARGEST_OVERLAP:
            break
    assert best is not None
    return best[1], best[2]


def _faults(path: Path, casting: Casting, *, unseen: bool) -> int:
    """How many things are wrong: a head cut, closer than the picture is sharp, too close for one seen the first time.
    The room there is may have pushed the camera nearer than its framing asked."""
    scene, zooms = casting.scene, (path.start.zoom, path.end.zoom)
    whole = all(heads_are_whole(pose, scene.focuses, scene.size) for pose in path.poses)
    return (not whole) + (max(zooms) > CLOSEST) + (unseen and min(zooms) > NEAREST_FIRST)


def _next_framing(used: Sequence[Framing], level: float, rng: np.random.Generator) -> Framing:
    """Another than the picture's last, seldom seen before; closer ones where it is loud, but never at first sight."""
    weights = []
    for framing in FRAMINGS:
        seen = sum(other.name == framing.name for other in used[-4:])
        close = 1.0 + (framing.zoom - 1.3) * (3.0 * level - 1.2)
        barred = framing == used[-1] if used else framing.zoom > ESTABLISHING
        weights.append(0.0 if barred else max(0.15, close) / (1 + 2 * seen))
    total = np.asarray(weights)
    return FRAMINGS[int(rng.choice(len(FRAMINGS), p=total / total.sum()))]


def _next_move(casting: Casting, rng: np.random.Generator) -> str:
    weights = np.array([2.0, 1.6, 1.2, 1.2, 0.7, 0.7, 1.6, 1.4 * (1 - casting.level) + 0.1])
    return MOVES[int(rng.choice(len(MOVES), p=weights / weights.sum()))]
