"""What all open land shares: casting it, laying it on the backdrop, the place for a figure."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.scenery.scene import Backdrop, Floor, Plane, Scene
from studio.engines.image.terrain import Cast


def sun_side(easel: Easel) -> float:
    """-1 the light comes from the left .. 1 from the right."""
    return float(np.clip((easel.light.x - 0.5) * 3, -1, 1))


def open_floor(easel: Easel, y: float = 0.95, height: float = 0.5, gloss: float = 0.0) -> Floor:
    """The figure stands on the third that the light leaves free."""
    shadow = 0.75 * (1.0 - 0.7 * easel.light.cover) * (0.5 if easel.light.night else 1.0)
    behind = 0.35 if easel.hour == "day" else 0.85
    x = 0.5 - 0.13 * float(np.sign(easel.light.x - 0.5))
    return Floor(x, y, height, gloss, max(shadow, 0.15), light_side=sun_side(easel), backlit=behind)


def open_scene(easel: Easel, backdrop: Backdrop, planes: tuple[Plane, ...], front: np.ndarray, floor: Floor) -> Scene:
    """The backdrop's skyline becomes the first plane."""
    if backdrop.skyline is not None:
        planes = (Plane(backdrop.skyline, 0.12), *planes)
    back = np.dstack([backdrop.sky, np.ones(backdrop.sky.shape[:2], np.float32)])
    shade = easel.inks.tone(min(0.5, easel.light.ambient + 0.08))
    exposure = {"night": 0.62, "dusk": 0.82}.get(easel.hour, 1.0) * (1.0 - 0.15 * easel.light.cover)
    return Scene(back, planes, (Plane(front, 1.0),), floor, easel.light.colour, shade, exposure=exposure)


def canvas_mask(easel: Easel, seen: Cast, where: np.ndarray) -> np.ndarray:
    """A mask of the cast's pixels at the canvas's size, its edge smooth."""
    mask = (where & (seen.ground > 0)).astype(np.float32)
    return cv2.resize(mask, (easel.canvas.width, easel.canvas.height), interpolation=cv2.INTER_AREA)
