"""How a shot is framed and moved: from a framing's name and a camera's to the two ends of its path."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from studio.contracts import SegmentRequest, Size
from studio.engines.video.camera import Pose, Reach, held
from studio.engines.video.focus import Focus
from studio.engines.video.planes import Path
from studio.music.shots import Shot


class Scene(Protocol):
    size: Size
    reaches: tuple[Reach, ...]
    focuses: tuple[Focus, ...]


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
NEARER = {"wide": 1.0, "medium": 0.92, "close": 0.7}
"""Share of a framing's zoom that a picture already painted in this framing still takes: more would be all face."""

MOVES = ("push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "orbit", "drift")


@dataclass(frozen=True)
class Casting:
    """What one shot is made for: `level` the loudness in it, 0..1; `seconds` its length; `turn` its number."""

    request: SegmentRequest
    scene: Scene
    number: int
    level: float
    seconds: float
    turn: int

    @property
    def camera(self) -> str:
        """The storyboard's own move."""
        return shot_of(self.request, self.number).camera

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
            free = with_heads_whole(_doubled(free, home), self.scene.focuses, size)
            free = held(free, self.scene.reaches, size.width, size.height, slack)
            free = free if _apart(free, painted, unit) > 0.6 * amount else self._closer(amount)
            return Path(free, painted) if to_landing else Path(painted, free)
        ends = [with_heads_whole(pose, self.scene.focuses, size) for pose in (first, second)]
        ends = [held(pose, self.scene.reaches, size.width, size.height, slack) for pose in ends]
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
        zoom = 1.0 + (framing.zoom - 1.0) * NEARER.get(shot_of(self.request, self.number).framing, 1.0)
        if focus is None:
            return Pose(zoom=zoom, pivot=0.6)
        side = -1.0 if (self.request.seed + self.turn) % 2 else 1.0
        # a third of the way off the middle: seen people stand in the golden section, not in the centre
        x = focus.x + side * 0.09 * size.width / zoom
        y = focus.y + 0.06 * size.height / zoom
        home = Pose(x, y, zoom, roll=side * framing.roll, pivot=focus.depth)
        return with_heads_whole(home, focuses, size)


def shot_of(request: SegmentRequest, number: int) -> Shot:
    """The storyboard's shot of a segment's picture: 0 start, then the views, last end."""
    return (request.shots[0], *(view.shot for view in request.views), request.shots[1])[number]


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


def shared_view(a: Pose, b: Pose, size: Size) -> float:
    """Intersection over union of what two poses show of the picture, 0..1."""
    wide = [(pose.x - size.width / 2 / pose.zoom, pose.x + size.width / 2 / pose.zoom) for pose in (a, b)]
    high = [(pose.y - size.height / 2 / pose.zoom, pose.y + size.height / 2 / pose.zoom) for pose in (a, b)]
    common = math.prod(max(0.0, min(s[1] for s in side) - max(s[0] for s in side)) for side in (wide, high))
    areas = sum(size.width * size.height / pose.zoom**2 for pose in (a, b))
    return common / (areas - common)


def with_heads_whole(pose: Pose, focuses: Sequence[Focus], size: Size) -> Pose:
    """`pose` moved so that no figure's head is cut by the frame: it is in the picture, air above it, or out of it.
    A head too large for the frame is shown from its middle, as an extreme close-up is."""
    half_x, half_y = size.width / 2 / pose.zoom, size.height / 2 / pose.zoom
    x, y = pose.x, pose.y
    for person in focuses:
        if person.crown is None:
            continue
        middle, radius = person.crown + person.head, person.head
        if radius > 0.8 * min(half_x, half_y):
            x = min(max(x, person.x - 0.15 * half_x), person.x + 0.15 * half_x)
            y = min(max(y, middle - 0.1 * half_y), middle + 0.3 * half_y)
            continue
        away = abs(x - person.x)
        if away >= half_x + radius:
            continue
        side = 1.0 if x >= person.x else -1.0
        inside, outside = 0.92 * half_x - radius, half_x + 1.1 * radius
        if away > inside:
            x = person.x + side * (outside if outside - away < 0.5 * (away - inside) else inside)
        if abs(x - person.x) < half_x + radius and y < middle + half_y:
            below, above = middle + radius - 0.9 * half_y, middle - half_y - 1.1 * radius
            y = max(y, below) if y > above else y
        if abs(x - person.x) < half_x + radius and person.crown > 0.04 * size.height - size.height / 2:
            y = min(y, person.crown + 0.85 * half_y)
    return replace(pose, x=x, y=y)


def heads_are_whole(pose: Pose, focuses: Sequence[Focus], size: Size) -> bool:
    """Whether every head, where its own depth puts it, is in the frame or out of it; hair may be cropped, and a head
    too large for the frame may fill it from about its middle."""
    half_x, half_y = size.width / 2, size.height / 2
    for person in focuses:
        if person.crown is None:
            continue
        scale, (x, y) = pose.scale(person.depth), pose.look(person.depth)
        right, down = (person.x - x) * scale, (person.crown + person.head - y) * scale
        radius = person.head * scale
        if radius > 0.8 * min(half_x, half_y):
            whole = abs(right) < 0.3 * half_x and -0.4 * half_y < down < 0.2 * half_y
        else:
            whole = abs(right) + 0.9 * radius <= half_x and 0.6 * radius - half_y <= down <= half_y - 0.85 * radius
        if not whole and abs(right) - radius < half_x and abs(down) - radius < half_y:
            return False
    return True
