"""What every brush needs: where the frame lies on the canvas, the shot's inks and light, and a seed of its own."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from studio.contracts import PaintRequest
from studio.engines.image.colour import Inks
from studio.engines.image.light import Light
from studio.engines.image.noise import Rng


@dataclass(frozen=True)
class Canvas:
    """A frame of `frame_width` x `frame_height` pixels with `margin` more on every side.

    Places are given in frame coordinates: x 0..1 from left to right, y 0..1 from top to bottom, beyond that in the
    margin. `unit` pixels is the frame's shorter side: sizes are shares of it.
    """

    frame_width: int
    frame_height: int
    margin: int

    @property
    def width(self) -> int:
        return self.frame_width + 2 * self.margin

    @property
    def height(self) -> int:
        return self.frame_height + 2 * self.margin

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def unit(self) -> int:
        return min(self.frame_width, self.frame_height)

    @property
    def aspect(self) -> float:
        return self.frame_width / self.frame_height

    def px(self, x: float) -> float:
        return self.margin + x * self.frame_width

    def py(self, y: float) -> float:
        return self.margin + y * self.frame_height

    def xs(self) -> np.ndarray:
        """Frame x of every column, (1, width)."""
        return ((np.arange(self.width, dtype=np.float32) + 0.5 - self.margin) / self.frame_width)[None, :]

    def ys(self) -> np.ndarray:
        """Frame y of every row, (height, 1)."""
        return ((np.arange(self.height, dtype=np.float32) + 0.5 - self.margin) / self.frame_height)[:, None]

    def distance(self, x: float, y: float) -> np.ndarray:
        """Of every pixel from a place, in units, (height, width)."""
        dx = (self.xs() - x) * (self.frame_width / self.unit)
        dy = (self.ys() - y) * (self.frame_height / self.unit)
        return np.sqrt(dx * dx + dy * dy)


@dataclass(frozen=True)
class Easel:
    """One shot about to be painted. `things` are what its prompt names beyond the setting: moon, boat, lanterns..."""

    canvas: Canvas
    request: PaintRequest
    inks: Inks
    light: Light
    things: frozenset[str]

    @property
    def hour(self) -> str:
        return self.request.shot.hour

    @property
    def weather(self) -> str:
        return self.request.shot.weather

    @property
    def mood(self) -> str:
        return self.request.shot.mood

    @property
    def medium(self) -> str:
        return self.request.style.medium

    @property
    def built(self) -> bool:
        """Whether walls rather than land fill the picture: their edges are drawn, not grown."""
        return bool({"room", "club", "stage", "city", "abstract"} & set(self.request.shot.setting))

    @property
    def sheltered(self) -> bool:
        """Whether there is a roof overhead."""
        return bool({"room", "club", "stage"} & set(self.request.shot.setting))

    @property
    def energy(self) -> float:
        return self.request.shot.intensity

    def rng(self, purpose: str) -> Rng:
        """A generator of `purpose`'s own, so that one brush's draws never shift another's."""
        shot = self.request.shot
        return np.random.default_rng([self.request.seed, shot.seed, shot.index, zlib.crc32(purpose.encode())])
