"""Framing: a closer shot brings the scene closer and lets it fall out of focus."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur
from studio.engines.image.scenery.scene import Plane, Scene

ZOOM = {"wide": 1.0, "medium": 1.22, "close": 1.5}
BLUR = {"wide": 0.0, "medium": 0.0030, "close": 0.0075}
"""Of the farthest layer, in units; nothing at the figure's depth."""

FLAT = ("papercut", "woodcut", "flat", "riso", "ink", "cel")
"""Mediums without a lens: what is printed or cut has no blur."""


def framed(easel: Easel, scene: Scene) -> Scene:
    """The scene as the shot's framing shows it."""
    framing = easel.request.shot.framing
    if framing == "wide":
        return scene
    zoom, out_of_focus = ZOOM[framing], BLUR[framing] * (0.25 if easel.medium in FLAT else 1.0)
    x, y = easel.canvas.px(0.5 + (scene.floor.x - 0.5) * 0.6), easel.canvas.py(0.52)

    def closer(sheet: np.ndarray, depth: float) -> np.ndarray:
        grow = 1.0 + (zoom - 1.0) * (0.55 + 0.6 * depth)
        matrix = np.array([[grow, 0, x * (1 - grow)], [0, grow, y * (1 - grow)]], np.float32)
        size = (easel.canvas.width, easel.canvas.height)
        large = cv2.warpAffine(sheet, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return blur(large, out_of_focus * easel.canvas.unit * abs(scene.floor.depth - depth) / scene.floor.depth)

    planes = tuple(Plane(closer(plane.sheet, plane.depth), plane.depth) for plane in scene.planes)
    front = tuple(Plane(closer(plane.sheet, plane.depth), plane.depth) for plane in scene.front)
    if framing == "close":
        # nothing of the foreground may cross a face
        front = tuple(Plane(plane.sheet * _below(easel), plane.depth) for plane in front)
    return replace(scene, back=closer(scene.back, 0.0), planes=planes, front=front)


def _below(easel: Easel) -> np.ndarray:
    from studio.engines.image.noise import smoothstep

    return smoothstep(0.80, 0.95, easel.canvas.ys())[..., None]


def flattened(planes: tuple[Plane, ...], at_most: int) -> tuple[Plane, ...]:
    """The same picture in at most `at_most` planes: the farthest are joined first. Each plane costs every frame."""
    from studio.engines.image.sheet import over

    while len(planes) > at_most:
        first, second, *rest = planes
        planes = (Plane(over(first.sheet, second.sheet), (first.depth + second.depth) / 2), *rest)
    return planes
