"""What shows between parted lips: the picture's own teeth where it shows some, else teeth in the picture's own light,
the tongue, and the dark behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from studio.engines.lip_sync.rig import Rig, smooth
from studio.engines.lip_sync.teeth import Teeth, drawn_teeth, lit, own_teeth

FEATHER = 0.0045
"""Width of a lip's soft inner edge, in parts of the face's height."""


@dataclass(frozen=True)
class Opening:
    """The lips' inner edges: `upper` and `lower` (n,) over `x` (n,), in the mouth's own axes, pixels."""

    x: np.ndarray
    upper: np.ndarray
    lower: np.ndarray

    @property
    def largest(self) -> float:
        """Pixels between the lips where they are farthest apart."""
        return float(np.max(self.lower - self.upper))


class Moved(Protocol):
    @property
    def jaw(self) -> float: ...

    @property
    def tongue(self) -> float: ...


class Interior:
    """`picture` (h, w, 3) uint8 and its rig; paints into frames of the same size."""

    def __init__(self, picture: np.ndarray, rig: Rig) -> None:
        self._rig = rig
        light = lit(picture, rig)
        self._teeth: Teeth = own_teeth(picture, rig) or drawn_teeth(rig, light)
        self._lower: Teeth = drawn_teeth(rig, light * 0.72, lower=True)
        self._dark = light * np.array([0.20, 0.085, 0.08])
        self._flesh = light * np.array([0.68, 0.34, 0.33])
        self._feather = max(0.9, FEATHER * rig.height)

    def paint(self, frame: np.ndarray, opening: Opening, moved: Moved) -> None:
        """Fills the gap between the lips of `frame`, in place."""
        wide = opening.lower - opening.upper > 0.25
        if not wide.any():
            return
        top, left, bottom, right = self._box(frame.shape, opening, wide)
        if bottom <= top or right <= left:
            return
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        local = self._rig.axes.to_face(np.stack([x, y], axis=-1)).astype(np.float32)
        across, down = local[..., 0], local[..., 1]
        upper = np.interp(across, opening.x, opening.upper).astype(np.float32)
        lower = np.interp(across, opening.x, opening.lower).astype(np.float32)
        alpha = self._alpha(down, upper, lower)
        colour = self._colour(across, down, (upper, lower), moved)
        part = frame[top:bottom, left:right, :3]
        part[:] = np.clip(part + alpha[..., None] * (colour - part), 0, 255).astype(np.uint8)

    def _alpha(self, down: np.ndarray, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        soft = self._feather
        edge = np.clip((down - upper) / soft + 0.35, 0, 1) * np.clip((lower - down) / soft + 0.35, 0, 1)
        return edge * smooth((lower - upper) / (2.2 * soft))

    def _colour(
        self, across: np.ndarray, down: np.ndarray, edges: tuple[np.ndarray, np.ndarray], moved: Moved
    ) -> np.ndarray:
        upper, lower = edges
        rig = self._rig
        depth = np.clip((down - upper) / np.maximum(lower - upper, 1.0), 0, 1)
        colour = self._dark * (0.55 + 0.75 * smooth((depth - 0.35) / 0.65))[..., None]
        colour = self._with_tongue(colour, across, down, lower, moved)
        for teeth, drop in ((self._lower, moved.jaw * rig.height), (self._teeth, 0.0)):
            tint, cover = teeth.seen(across, down - drop)
            colour = colour + cover[..., None] * (tint - colour)
        if not self._teeth.own:
            # the upper lip and the cheeks keep the light off
            shade = 0.70 + 0.30 * smooth((down - upper) / (0.035 * rig.height))
            colour = colour * shade[..., None]
        # through a slit no light falls on teeth: white specks between closing lips give the trick away
        slit = 0.4 + 0.6 * smooth((lower - upper) / (5 * self._feather))
        sides = slit - 0.5 * smooth((np.abs(across) / rig.half_width - 0.45) / 0.5) * (not self._teeth.own)
        return colour * sides[..., None]

    def _with_tongue(
        self, colour: np.ndarray, across: np.ndarray, down: np.ndarray, lower: np.ndarray, moved: Moved
    ) -> np.ndarray:
        rig = self._rig
        lift = (0.012 + 0.030 * moved.tongue) * rig.height + 0.36 * moved.jaw * rig.height
        arch = lift * np.clip(1 - (across / (0.72 * rig.half_width)) ** 2, 0, 1)
        above = down - (lower - arch)
        cover = smooth(above / (0.018 * rig.height) + 0.3) * (arch > 0) * 0.85
        groove = 1 - 0.14 * np.exp(-((across / (0.1 * rig.half_width)) ** 2))
        return colour + cover[..., None] * (self._flesh * groove[..., None] * (0.88 + 0.12 * moved.tongue) - colour)

    def _box(self, shape: tuple[int, ...], opening: Opening, wide: np.ndarray) -> tuple[int, int, int, int]:
        x = opening.x[wide]
        corners = np.concatenate([np.stack([x, edge[wide]], axis=1) for edge in (opening.upper, opening.lower)])
        places = self._rig.axes.to_picture(corners)
        left, top = (np.floor(places.min(axis=0)) - 2).astype(int).tolist()
        right, bottom = (np.ceil(places.max(axis=0)) + 3).astype(int).tolist()
        return max(0, top), max(0, left), min(shape[0], bottom), min(shape[1], right)
