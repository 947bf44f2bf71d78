"""Light that shows in the air: shafts, beams and halos, all drawn small because they are soft."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, wave


@dataclass(frozen=True)
class Beam:
    """A cone of light. `x`, `y` frame coordinates of its source; `turn` radians from straight down, positive to the
    right; `spread` its half width in radians; `reach` in units until it has faded to a third."""

    x: float
    y: float
    turn: float
    spread: float
    reach: float
    colour: np.ndarray
    strength: float


def _half(easel: Easel) -> tuple[np.ndarray, np.ndarray, tuple[int, int]]:
    """Positions in units of every second pixel: x (1, w), y (h, 1), and the shape."""
    canvas = easel.canvas
    shape = (canvas.height // 2, canvas.width // 2)
    x = (np.linspace(0, canvas.width, shape[1], dtype=np.float32) - canvas.margin)[None, :] / canvas.unit
    y = (np.linspace(0, canvas.height, shape[0], dtype=np.float32) - canvas.margin)[:, None] / canvas.unit
    return x, y, shape


def _full(easel: Easel, picture: np.ndarray) -> np.ndarray:
    return cv2.resize(picture, (easel.canvas.width, easel.canvas.height), interpolation=cv2.INTER_LINEAR)


def beams(easel: Easel, lights: list[Beam], smoke: float = 0.6) -> np.ndarray:
    """All `lights` through the same drifting smoke, as light to be screened on, (h, w, 3)."""
    x, y, shape = _half(easel)
    canvas = easel.canvas
    drift = fbm(shape, 3.2, easel.rng("smoke"), 4, 1.6)
    total = np.zeros((*shape, 3), np.float32)
    for light in lights:
        dx = x - light.x * canvas.frame_width / canvas.unit
        dy = y - light.y * canvas.frame_height / canvas.unit
        along = dx * np.sin(light.turn) + dy * np.cos(light.turn)
        across = dx * np.cos(light.turn) - dy * np.sin(light.turn)
        wide = 0.006 + np.maximum(along, 0) * np.tan(light.spread)
        body = np.exp(-((across / wide) ** 2)) + 0.5 * np.exp(-((across / (wide * 0.35)) ** 2))
        fade = np.exp(-np.maximum(along, 0) / light.reach) * (along > -0.002)
        total += (body * fade * light.strength)[..., None] * light.colour
    total *= (1.0 - smoke * 0.75 + smoke * 1.1 * drift)[..., None]
    return _full(easel, 1.0 - np.exp(-total))


def shafts(easel: Easel, place: tuple[float, float], strength: float) -> np.ndarray:
    """Rays that fan out from `place` (frame coordinates) through gaps in leaves or clouds, (h, w) 0..1."""
    x, y, shape = _half(easel)
    canvas, rng = easel.canvas, easel.rng("shafts")
    dx = x - place[0] * canvas.frame_width / canvas.unit
    dy = y - place[1] * canvas.frame_height / canvas.unit
    turn = np.arctan2(dx, dy + 0.25)
    away = np.sqrt(dx * dx + dy * dy)
    gaps = wave(1024, 26, rng, 4)[0]
    at = np.clip((turn / np.pi * 0.5 + 0.5) * 1023, 0, 1023)
    rays = np.interp(at.ravel(), np.arange(1024), gaps).reshape(shape).astype(np.float32)
    rays = np.clip((rays - 0.42) * 3.4, 0, 1)
    lit = rays * np.exp(-away * 1.25) + 0.5 * np.exp(-away * 3.2)
    return np.clip(_full(easel, lit.astype(np.float32)) * strength, 0, 1)


def halo(easel: Easel, place: tuple[float, float], size: float) -> np.ndarray:
    """A soft round glow, (h, w) 0..1, a third at `size` units."""
    x, y, _ = _half(easel)
    canvas = easel.canvas
    dx = x - place[0] * canvas.frame_width / canvas.unit
    dy = y - place[1] * canvas.frame_height / canvas.unit
    return _full(easel, np.exp(-np.sqrt(dx * dx + dy * dy) / size).astype(np.float32))
