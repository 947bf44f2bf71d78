"""What a setting hands to the painter: layers back to front, and where a person may stand in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Plane:
    """A sheet (premultiplied float32, (h, w, 4)) at `depth` 0 far .. 1 near."""

    sheet: np.ndarray
    depth: float


@dataclass(frozen=True)
class Floor:
    """Where feet touch. `x`, `y` frame coordinates; `height`: of a grown person there, as a share of the frame's
    height; `gloss` 0..1 how far the floor mirrors; `shadow` 0..1; `depth` of the figure's layer;
    `light_side`: -1 left .. 1 right; `backlit` 0..1; `soft`: interior light without a cast shadow's edge."""

    x: float = 0.4
    y: float = 0.93
    height: float = 0.52
    gloss: float = 0.0
    shadow: float = 0.6
    depth: float = 0.7
    light_side: float = 0.5
    backlit: float = 0.6
    soft: bool = False


@dataclass(frozen=True)
class Scene:
    """`back` is opaque and first; `planes` are behind the figure, `front` before it. `lamp`, `shade`: the colours that
    grade the figure; `air`: the haze between it and the viewer. `device`: how an uncertain cut-out is shown."""

    back: np.ndarray
    planes: tuple[Plane, ...]
    front: tuple[Plane, ...]
    floor: Floor
    lamp: np.ndarray
    shade: np.ndarray
    device: str = "medallion"
    air: np.ndarray = field(default_factory=lambda: np.zeros(3, np.float32))
