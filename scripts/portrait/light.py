"""Light on height maps: a warm window from the upper left, cool room light from the right, shadows and dim folds."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from portrait.canvas import SCALE, blurred

KEY = np.array([-0.52, -0.50, 0.69], np.float32)
FILL = np.array([0.80, -0.12, 0.58], np.float32)
KEY_COLOUR = np.array([1.60, 1.40, 1.16], np.float32)
FILL_COLOUR = np.array([0.23, 0.20, 0.22], np.float32)
RIM_COLOUR = np.array([0.55, 0.62, 0.70], np.float32)
ABOVE, BELOW = np.array([0.27, 0.29, 0.33], np.float32), np.array([0.27, 0.18, 0.14], np.float32)


@dataclass(frozen=True)
class Form:
    """`height` (h, w) in units towards the viewer, `colour` (h, w, 3) linear, `coverage` (h, w) 0..1. `skin`: how far
    light creeps under the surface, reddest furthest; `gloss`: strength of its sheen."""

    height: np.ndarray
    colour: np.ndarray
    coverage: np.ndarray
    skin: float = 0.0
    gloss: float | np.ndarray = 0.0


def over(scene: np.ndarray, form: Form, blocker: np.ndarray) -> np.ndarray:
    """`scene` (h, w, 3) linear with the lit form over it; `blocker` is the height of all that throws shadows."""
    lit = _lit(form, _reached(form.height, blocker))
    return scene + form.coverage[..., None] * (lit - scene)


def _lit(form: Form, reached: np.ndarray) -> np.ndarray:
    normal = normals(form.height)
    towards = normal @ KEY
    wrap = form.skin * np.array([0.46, 0.24, 0.16], np.float32) + 0.06
    direct = np.clip((towards[..., None] + wrap) / (1 + wrap), 0, 1) ** 1.15
    # light that creeps under skin reddens a shadow's edge
    edge = np.array([0.62, 1.0, 1.15], np.float32) if form.skin else np.ones(3, np.float32)
    direct = direct * np.maximum(reached, 1e-3)[..., None] ** edge
    up = (0.5 - 0.5 * normal[..., 1])[..., None]
    around = (up * ABOVE + (1 - up) * BELOW) * _openness(form.height)[..., None]
    side = np.clip(normal @ FILL, 0, 1)[..., None] * FILL_COLOUR
    grazing = (1 - normal[..., 2]) ** 3 * np.clip(0.9 * normal[..., 0] - 0.35 * normal[..., 1], 0, 1)
    half = KEY + np.array([0, 0, 1], np.float32)
    sheen = np.clip(normal @ (half / np.linalg.norm(half)), 0, 1) ** 26 * reached * form.gloss
    light = direct * KEY_COLOUR + around + side
    return form.colour * (light + 1.2 * grazing[..., None] * RIM_COLOUR) + sheen[..., None] * KEY_COLOUR * 0.5


def normals(height: np.ndarray) -> np.ndarray:
    """Unit normals (h, w, 3) float32 of a height map."""
    down, across = np.gradient(height)
    normal = np.dstack([-across * SCALE, -down * SCALE, np.ones_like(height)]).astype(np.float32)
    return normal / np.linalg.norm(normal, axis=2, keepdims=True)


def _openness(height: np.ndarray) -> np.ndarray:
    """0..1: hollows see less of the room."""
    dim = sum(np.clip((blurred(height, size) - height) / (size * 1.1), 0, 1) * 0.5 for size in (4.0, 12.0, 30.0))
    return np.clip(1.0 - dim, 0.3, 1.0)


def _reached(height: np.ndarray, blocker: np.ndarray) -> np.ndarray:
    """0..1: how much of the window a point sees past `blocker`, with soft edges that widen with the distance."""
    covered = np.zeros_like(height)
    for step in np.geomspace(4, 190, 34):
        move = np.array([[1, 0, -KEY[0] * step * SCALE], [0, 1, -KEY[1] * step * SCALE]], np.float32)
        size = (height.shape[1], height.shape[0])
        there = cv2.warpAffine(blocker, move, size, flags=cv2.INTER_LINEAR, borderValue=-1000.0)
        above = there - height - KEY[2] * step
        covered = np.maximum(covered, np.clip(above / (0.16 * step + 2.0), 0, 1))
    return blurred(1.0 - covered, 2.2)


def shown(scene: np.ndarray) -> np.ndarray:
    """Linear light as (h, w, 4) uint8 RGBA, highlights rolled off."""
    soft = np.where(scene < 0.6, scene, 0.6 + 0.4 * (1 - np.exp(-(scene - 0.6) / 0.4)))
    colour = np.clip(soft, 0, 1) ** (1 / 2.2) * 255.0 + 0.5
    return np.dstack([colour, np.full(scene.shape[:2], 255.0)]).astype(np.uint8)
