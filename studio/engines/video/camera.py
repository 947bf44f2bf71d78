"""The camera over a picture with depth: where it looks, how that moves each depth, and how far it may go.

Depths run from 0 (far) to 1 (near). A pose is relative to the picture as painted: `Pose()` shows exactly that.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

CLOSEST = 1.75
"""Zoom up to which a path may be pushed in for want of room: beyond, an enlarged picture looks soft."""


@dataclass(frozen=True)
class Pose:
    """One position of the camera.

    x, y      the point looked at, in pixels right and down of the picture's centre
    zoom      1 is the picture as painted
    truck_x, truck_y  how far the camera stands aside: pixels by which depth 1 moves against depth 0
    dolly     how far it stands forward: a depth's scale is zoom * (1 + dolly * (depth - pivot))
    roll      radians
    pivot     the depth that truck and dolly leave in its place
    """

    x: float = 0.0
    y: float = 0.0
    zoom: float = 1.0
    truck_x: float = 0.0
    truck_y: float = 0.0
    dolly: float = 0.0
    roll: float = 0.0
    pivot: float = 0.6

    def scale(self, depth: float) -> float:
        return self.zoom * (1.0 + self.dolly * (depth - self.pivot))

    def look(self, depth: float) -> tuple[float, float]:
        """The point of the plane at `depth` that stands in the middle of the frame."""
        away = depth - self.pivot
        return self.x + self.truck_x * away, self.y + self.truck_y * away

    def towards(self, other: Pose, share: float) -> Pose:
        """The pose at `share` 0..1 of the way; zoom moves evenly in its logarithm, as the eye sees it."""
        keep = 1.0 - share
        return Pose(
            self.x * keep + other.x * share,
            self.y * keep + other.y * share,
            self.zoom**keep * other.zoom**share,
            self.truck_x * keep + other.truck_x * share,
            self.truck_y * keep + other.truck_y * share,
            self.dolly * keep + other.dolly * share,
            self.roll * keep + other.roll * share,
            self.pivot * keep + other.pivot * share,
        )


@dataclass(frozen=True)
class Reach:
    """How far a plane's picture goes from the frame's centre on each side, in pixels; infinite where it ends within
    the picture and no edge can show."""

    depth: float
    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Placed:
    """A plane under a pose, with everything pulled inside its reach: scale, and the point in the frame's middle."""

    scale: float
    x: float
    y: float


def place(pose: Pose, reach: Reach, width: int, height: int) -> Placed:
    """Where `reach`'s plane stands, moved as little as keeps its edges out of the frame."""
    cos, sin = abs(math.cos(pose.roll)), abs(math.sin(pose.roll))
    half_x, half_y = (width * cos + height * sin) / 2, (width * sin + height * cos) / 2
    least = max(2 * half_x / (reach.left + reach.right), 2 * half_y / (reach.top + reach.bottom))
    scale = max(pose.scale(reach.depth), least)
    x, y = pose.look(reach.depth)
    x = min(max(x, half_x / scale - reach.left), reach.right - half_x / scale)
    y = min(max(y, half_y / scale - reach.top), reach.bottom - half_y / scale)
    return Placed(scale, x, y)


def held(pose: Pose, reaches: Sequence[Reach], width: int, height: int, slack: float) -> Pose:
    """`pose`, zoomed in up to a third and then pulled back to the middle as far as no plane has to be moved on its own
    to hide its edge (which would bend the parallax). `slack`: pixels to spare for what is added to the path."""
    wide, high = width + 2 * slack, height + 2 * slack
    level = replace(pose, dolly=0.0)
    if _fits(level, reaches, wide, high):
        return pose if _fits(pose, reaches, wide, high) else level
    for step in range(14):
        closer = replace(pose, zoom=pose.zoom * 1.025**step)
        if closer.zoom > max(CLOSEST, pose.zoom):
            break
        if _fits(closer, reaches, wide, high):
            return closer
    closer = replace(pose, zoom=min(max(pose.zoom, 1.0) * 1.12, max(CLOSEST, pose.zoom)))
    for step in range(10):
        keep = 1.0 - step / 10
        calmer = replace(
            closer,
            x=closer.x * keep,
            y=closer.y * keep,
            truck_x=closer.truck_x * keep,
            truck_y=closer.truck_y * keep,
            dolly=closer.dolly * keep,
            roll=closer.roll * keep,
        )
        if _fits(calmer, reaches, wide, high):
            return calmer
    return Pose(zoom=max(pose.zoom, 1.12), pivot=pose.pivot)


def _fits(pose: Pose, reaches: Sequence[Reach], wide: float, high: float) -> bool:
    for reach in reaches:
        there = place(pose, reach, round(wide), round(high))
        x, y = pose.look(reach.depth)
        if abs(there.scale - pose.scale(reach.depth)) > 1e-6 or abs(there.x - x) > 1e-6 or abs(there.y - y) > 1e-6:
            return False
    return True


def glide(share: float, attack: float) -> float:
    """Easing over a shot, 0..1 -> 0..1, never at rest. `attack` 0: soft at both ends; 1: off at once, then settling."""
    soft = share * share * (3.0 - 2.0 * share)
    quick = 1.0 - (1.0 - share) ** 2.4
    return 0.45 * share + 0.55 * ((1.0 - attack) * soft + attack * quick)
