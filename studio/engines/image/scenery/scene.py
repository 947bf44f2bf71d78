"""What a setting starts from and what it hands to the painter: layers back to front, and where a person may stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engines.image.sheet import opaque, over


@dataclass(frozen=True)
class Plane:
    """A sheet (premultiplied float32, (h, w, 4)) at `depth` 0 far .. 1 near."""

    sheet: np.ndarray
    depth: float


@dataclass(frozen=True)
class Backdrop:
    """What lies behind a setting: a sky (h, w, 3), and what stands at the horizon (a sheet, or None)."""

    sky: np.ndarray
    skyline: np.ndarray | None = None

    def flat(self) -> np.ndarray:
        """All of it as one opaque sheet."""
        sky = opaque(self.sky)
        return sky if self.skyline is None else over(sky, self.skyline)


@dataclass(frozen=True)
class Floor:
    """Where feet touch. `x`, `y` frame coordinates; `height`: of a grown person there, as a share of the frame's
    height; `gloss` 0..1 how far the floor mirrors; `shadow` 0..1; `depth` of the figure's layer;
    `light_side`: -1 left .. 1 right; `backlit` 0..1 how far the light stands behind the figure."""

    x: float = 0.4
    y: float = 0.93
    height: float = 0.52
    gloss: float = 0.0
    shadow: float = 0.6
    depth: float = 0.72
    light_side: float = 0.5
    backlit: float = 0.6


@dataclass(frozen=True)
class Scene:
    """`back` is an opaque sheet; `planes` stand behind the figure, `front` before it. `lamp`, `shade`: the colours of
    light and shadow that grade the figure. `exposure`: how much of that light
    reaches the figure, 0..1. `device`: how an uncertain cut-out is shown: screen, frame or medallion."""

    back: np.ndarray
    planes: tuple[Plane, ...]
    front: tuple[Plane, ...]
    floor: Floor
    lamp: np.ndarray
    shade: np.ndarray
    device: str = "medallion"
    exposure: float = 1.0
