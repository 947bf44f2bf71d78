"""A segment's camera shots: which picture each shows, framed how, moved how, and how the segment arrives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from studio.contracts import SegmentRequest, Size
from studio.engines.video.camera import Pose, Reach, held
from studio.engines.video.focus import Focus
from studio.engines.video.planes import Path
from studio.engines.video.transitions import Arrival, Morph
from studio.music.shots import Shot

EARLY = 0.7
"""Seconds by which the last picture's own moment must lie before the segment's end to be shown as a shot there."""

REVEAL = 0.12
"""A rise in intensity from which the next picture is kept for its landing, as a drop's has to be."""


class Scene(Protocol):
    size: Size
    reaches: tuple[Reach, ...]
    focuses: tuple[Focus, ...]


@dataclass(frozen=True)
class CameraShot:
    """Frames `first` .. `first + count - 1` of the segment on keyframe `scene` (0 start, 1 end).

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


@dataclass(frozen=True)
class Direction:
    shots: tuple[CameraShot, ...]
    arrival: Arrival


@dataclass(frozen=True)
class Framing:
    """`zoom` and what to look at: the n-th focus of the scene, or the middle."""

    name: str
    zoom: float
    focus: int | None
    roll: float = 0.0
    blur: float = 0.0


FRAMINGS = (
    Framing("medium", 1.32, 0, blur=0.25),
    Framing("wide", 1.03, None),
    Framing("close", 1.62, 0, blur=0.6),
    Framing("aside", 1.42, 1, blur=0.3),
    Framing("tilted", 1.24, 0, roll=0.05, blur=0.15),
    Framing("detail", 1.7, 1, blur=0.5),
)
NEIGHBOURS = frozenset({frozenset({"medium", "tilted"}), frozenset({"aside", "detail"})})
"""Framings too alike to be cut together: the eye takes that for a jump, not for a cut."""

MOVES = ("push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "orbit", "drift")


def direct(request: SegmentRequest, scenes: Sequence[Scene]) -> Direction:
    """Deterministic: drawn from the request's seed, shots and pulse."""
    rng = np.random.default_rng([request.seed, request.index, 0xD12EC7])
    starts = [0, *(cut for cut in request.cuts if cut < request.frame_count - 1)]
    lengths = [b - a for a, b in zip(starts, [*starts[1:], request.frame_count], strict=True)]
    order, arrived = _order(request, starts)
    arrival = Arrival("none", 0) if arrived else _arrival(request, lengths[-1], rng)
    shots: list[CameraShot] = []
    framings: dict[int, list[Framing]] = {0: [FRAMINGS[1]], 1: []}
    for number, (first, count, scene) in enumerate(zip(starts, lengths, order, strict=True)):
        level = float(request.pulse.intensity[first : first + count].mean())
        seconds = count / float(request.fps)
        casting = _Casting(request, scenes[scene], scene, level, seconds)
        last = number == len(starts) - 1
        landing = last and (arrived or arrival.kind == "morph")
        framing = FRAMINGS[1] if number == 0 or landing else _next_framing(framings[scene], level, rng)
        framings[scene].append(framing)
        camera = request.shots[scene].camera if number == 0 or landing else _next_move(request, shots, level, rng)
        path = casting.path(framing, camera, number == 0, landing)
        shots.append(CameraShot(first, count, scene, path, min(1.0, 1.3 * level), number == 0, landing))
    return Direction(tuple(shots), arrival)


def _order(request: SegmentRequest, starts: Sequence[int]) -> tuple[list[int], bool]:
    """Which keyframe each shot shows, and whether the last picture is there before the landing.

    The end's picture comes at its own moment where that lies well before the end (the film's last), else on landing.
    Before that it is seen in passing, unless the music is about to rise: then it has to surprise.
    """
    fps = float(request.fps)
    moment = round(request.shots[1].time * fps) - request.first_frame
    if request.frame_count - 1 - moment > EARLY * fps:
        known = [start for start in starts[1:] if start <= request.frame_count - EARLY * fps]
        if known:
            at = min(known, key=lambda start: abs(start - moment))
            return [int(start >= at) for start in starts], True
    order = [0] * len(starts)
    rise = request.shots[1].intensity - request.shots[0].intensity
    if rise < REVEAL and len(starts) >= 5:
        late = range(math.ceil(len(starts) * 0.55), len(starts) - 1)
        for number in late:
            order[number] = int((number - late.start) % 2 == 0)
    return order, False


def _arrival(request: SegmentRequest, room: int, rng: np.random.Generator) -> Arrival:
    """By what the music does there: a rise is cut or flashed to, calm dissolves, between them the camera is thrown."""
    fps = float(request.fps)
    level = float(request.pulse.intensity[-max(1, round(fps)) :].mean())
    start, end = request.shots
    rise = end.intensity - start.intensity
    gentle = 0.18 if end.mood in {"calm", "dreamy", "melancholy", "warm"} else 0.0
    angle = {"pan_right": 0, "pan_left": 2, "tilt_down": 1, "tilt_up": 3}.get(start.camera, 2 * int(rng.integers(2)))
    if level - gentle < 0.36 and rise < 0.3:
        kind = "dissolve"
    elif rise > 0.2 or level > 0.82:
        kind = str(rng.choice(["cut", "flash", "whip"], p=[0.4, 0.4, 0.2]))
    else:
        kind = str(rng.choice(["cut", "whip", "dissolve", "flash"], p=[0.35, 0.35, 0.2, 0.1]))
    seconds = {"cut": 0.0, "flash": 0.17, "whip": 0.3, "dissolve": 1.1 - 0.6 * level}[kind]
    frames = min(round(seconds * fps), max(0, room - 2))
    roomy = room > round(0.8 * fps) and level < 0.85
    if roomy and _alike(start, end) and Morph(request.start.image, request.end.image).similar:
        return Arrival("morph", round(0.6 * fps), angle)
    return Arrival(kind, frames, angle) if frames >= 2 else Arrival("cut", 0, angle)


def _alike(start: Shot, end: Shot) -> bool:
    """Whether the two pictures may be alike enough to flow into each other; the optical flow has the last word."""
    return set(start.setting) == set(end.setting) and start.characters == end.characters


def _next_framing(used: Sequence[Framing], level: float, rng: np.random.Generator) -> Framing:
    """Another than the scene's last, not too like it, seldom seen before; closer ones where it is loud."""
    last = used[-1] if used else None
    weights = []
    for framing in FRAMINGS:
        alike = last is not None and (framing == last or frozenset({framing.name, last.name}) in NEIGHBOURS)
        seen = sum(other.name == framing.name for other in used[-4:])
        close = 1.0 + (framing.zoom - 1.3) * (3.0 * level - 1.2)
        weights.append(0.0 if alike else max(0.15, close) / (1 + 2 * seen))
    total = np.asarray(weights)
    return FRAMINGS[int(rng.choice(len(FRAMINGS), p=total / total.sum()))]


def _next_move(request: SegmentRequest, shots: Sequence[CameraShot], level: float, rng: np.random.Generator) -> str:
    """The storyboard's move comes back now and then; the others take turns."""
    if shots and rng.random() < 0.25:
        return request.shots[shots[-1].scene].camera
    weights = np.array([2.0, 1.6, 1.2, 1.2, 0.7, 0.7, 1.6, 1.4 * (1 - level) + 0.1])
    return MOVES[int(rng.choice(len(MOVES), p=weights / weights.sum()))]


@dataclass(frozen=True)
class _Casting:
    """What one shot is made for: `level` the loudness in it, 0..1; `seconds` its length."""

    request: SegmentRequest
    scene: Scene
    number: int
    level: float
    seconds: float

    def path(self, framing: Framing, camera: str, from_start: bool, to_landing: bool) -> Path:
        """The camera's two ends. The ends that show the picture as painted are `Pose()` itself."""
        size = self.scene.size
        unit = min(size.width, size.height)
        home = self._home(framing)
        amount = min(max((0.035 + 0.06 * self.level) * self.seconds, 0.045), 0.17)
        first, second = _moved(home, camera, amount, unit)
        slack = 0.012 * unit
        if from_start or to_landing:
            painted = Pose(pivot=home.pivot)
            # the end that is free does the whole way alone
            free = first if to_landing else second
            free = held(_doubled(free, home), self.scene.reaches, size.width, size.height, slack)
            free = free if _apart(free, painted, unit) > 0.6 * amount else self._closer(amount)
            return Path(free, painted) if to_landing else Path(painted, free)
        ends = [held(pose, self.scene.reaches, size.width, size.height, slack) for pose in (first, second)]
        if _apart(ends[0], ends[1], unit) < 0.6 * amount:
            ends[1] = replace(ends[1], zoom=ends[1].zoom * (1.0 + amount))
        return Path(ends[0], ends[1], framing.blur)

    def _closer(self, amount: float) -> Pose:
        """A push towards the picture's main point: it never lacks room."""
        size = self.scene.size
        focus = self.scene.focuses[0]
        pose = Pose(focus.x * 0.25, focus.y * 0.25, 1.0 + 1.3 * amount, dolly=0.8 * amount, pivot=focus.depth)
        return held(pose, self.scene.reaches, size.width, size.height, 0.0)

    def _home(self, framing: Framing) -> Pose:
        focuses = self.scene.focuses
        size = self.scene.size
        focus = focuses[min(framing.focus, len(focuses) - 1)] if framing.focus is not None else None
        if focus is None:
            return Pose(zoom=framing.zoom, pivot=0.6)
        side = -1.0 if (self.request.seed + self.number) % 2 else 1.0
        # a third of the way off the middle: seen people stand in the golden section, not in the centre
        x = focus.x + side * 0.09 * size.width / framing.zoom
        y = focus.y + 0.06 * size.height / framing.zoom
        half = size.height / 2 / framing.zoom
        for person in focuses:
            beside = abs(person.x - x) > 0.6 * size.width / framing.zoom
            if person.crown is not None and not beside and person.crown > 0.12 * size.height - size.height / 2:
                # nobody's head is cut: there is air above it
                y = min(y, person.crown + 0.8 * half)
        return Pose(x, y, framing.zoom, roll=side * framing.roll, pivot=focus.depth)


def _moved(home: Pose, camera: str, amount: float, unit: int) -> tuple[Pose, Pose]:
    """`home` left and reached by half the move each; `amount` in frame sizes or in zoom."""
    half, way = amount / 2, amount * unit / 2
    steps = {
        "push_in": replace(home, zoom=home.zoom * (1 + half * 1.3), dolly=half * 1.4, truck_y=way * 0.15),
        "pull_out": replace(home, zoom=home.zoom * (1 - half * 1.3), dolly=-half * 1.4, truck_y=-way * 0.15),
        "pan_left": replace(home, x=home.x - way, truck_x=-way * 1.2),
        "pan_right": replace(home, x=home.x + way, truck_x=way * 1.2),
        "tilt_up": replace(home, y=home.y - way, truck_y=-way * 0.9),
        "tilt_down": replace(home, y=home.y + way, truck_y=way * 0.9),
        "orbit": replace(home, truck_x=way * 2.4, roll=home.roll + half * 0.12, zoom=home.zoom * (1 + half * 0.4)),
        "drift": replace(
            home, x=home.x + way * 0.6, y=home.y - way * 0.35, truck_x=way, zoom=home.zoom * (1 + half * 0.7)
        ),
    }
    end = steps.get(camera, steps["drift"])
    # the other half is the same way on the other side of home
    start = Pose(
        2 * home.x - end.x,
        2 * home.y - end.y,
        home.zoom**2 / end.zoom,
        -end.truck_x,
        -end.truck_y,
        -end.dolly,
        2 * home.roll - end.roll,
        home.pivot,
    )
    return start, end


def _doubled(pose: Pose, home: Pose) -> Pose:
    """Twice as far from `home`."""
    return Pose(
        2 * pose.x - home.x,
        2 * pose.y - home.y,
        pose.zoom**2 / home.zoom,
        2 * pose.truck_x,
        2 * pose.truck_y,
        2 * pose.dolly,
        2 * pose.roll - home.roll,
        home.pivot,
    )


def _apart(a: Pose, b: Pose, unit: int) -> float:
    """How much two poses differ, in frame sizes or zoom."""
    moved = math.hypot(a.x - b.x, a.y - b.y) + 0.5 * math.hypot(a.truck_x - b.truck_x, a.truck_y - b.truck_y)
    return moved / unit + abs(math.log(a.zoom / b.zoom)) + 0.2 * abs(a.dolly - b.dolly)
