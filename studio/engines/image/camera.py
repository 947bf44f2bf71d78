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
    peopled = bool(easel.request.characters)
    zoom, out_of_focus = ZOOM[framing], BLUR[framing] * (0.25 if easel.medium in FLAT else 1.0)
    # without a person the place itself is the subject: a detail of it, in focus
    zoom = zoom if peopled else 1.0 + 1.5 * (zoom - 1.0)
    focus = scene.floor.depth
    x, y = (easel.canvas.px(0.5 + _aside(easel, 0.38)), easel.canvas.py(0.52)) if peopled else _subject(easel)

    def closer(sheet: np.ndarray, depth: float) -> np.ndarray:
        grow = 1.0 + (zoom - 1.0) * ((0.55 + 0.6 * depth) if peopled else (0.85 + 0.3 * depth))
        matrix = np.array([[grow, 0, x * (1 - grow)], [0, grow, y * (1 - grow)]], np.float32)
        size = (easel.canvas.width, easel.canvas.height)
        large = cv2.warpAffine(sheet, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        away = abs(focus - depth) / focus if peopled else max(0.0, depth - focus)
        soft = blur(large, out_of_focus * easel.canvas.unit * away)
        # a cubic overshoots, and no sheet may hold more light than it covers
        alpha = np.clip(soft[..., 3:], 0.0, 1.0)
        return np.concatenate([np.clip(soft[..., :3], 0.0, alpha), alpha], axis=2)

    planes = tuple(Plane(closer(plane.sheet, plane.depth), plane.depth) for plane in scene.planes)
    front = tuple(Plane(closer(plane.sheet, plane.depth), plane.depth) for plane in scene.front)
    if framing == "close":
        # nothing of the foreground may cross a face
        front = tuple(Plane(plane.sheet * _below(easel), plane.depth) for plane in front)
    return replace(scene, back=closer(scene.back, 0.0), planes=planes, front=front)


def _aside(easel: Easel, most: float) -> float:
    """How far left or right of the middle this picture looks, -`most` .. `most`."""
    return float(easel.rng("aside").uniform(-most, most))


def _subject(easel: Easel) -> tuple[float, float]:
    """Where an empty place is looked at: what stands at the horizon, the light's side now, the other one then."""
    side = 0.24 if easel.rng("subject").random() < 0.6 else -0.24
    x = 0.5 + side * (1.0 if easel.light.x > 0.5 else -1.0)
    return easel.canvas.px(x), easel.canvas.py(0.42 if easel.sheltered else easel.light.horizon - 0.02)


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
