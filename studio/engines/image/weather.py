"""What falls and drifts between the viewer and the scene."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, fbm, smoothstep
from studio.engines.image.sheet import tinted


def between(easel: Easel) -> np.ndarray | None:
    """Weather behind the figure, as a sheet; None when the air is clear."""
    weather = easel.weather
    if _sheltered(easel):
        return None
    if weather in ("rain", "storm"):
        return tinted(_streaks(easel, 700, 0.030, 0.42) * 0.55, _drop_colour(easel))
    if weather == "snow":
        return tinted(_flakes(easel, 420, 0.0022) * 0.75, easel.inks.tone(0.97))
    if weather == "fog":
        return _bank(easel, 0.66, 0.72)
    return None


def before(easel: Easel) -> np.ndarray | None:
    """Weather in front of the figure, as a sheet."""
    weather = easel.weather
    if _sheltered(easel):
        return None
    if weather in ("rain", "storm"):
        return tinted(_streaks(easel, 190, 0.085, 0.9) * 0.50, _drop_colour(easel))
    if weather == "snow":
        near = blur(_flakes(easel, 60, 0.0075), easel.canvas.unit * 0.0022)
        return tinted(np.clip(near + _flakes(easel, 130, 0.0038), 0, 1) * 0.9, easel.inks.tone(1.0))
    if weather == "fog":
        return _bank(easel, 0.92, 0.42)
    return None


def _sheltered(easel: Easel) -> bool:
    """Whether there is a roof overhead, or no air: then nothing falls. Fog drifts on a stage and in a club."""
    place = set(easel.request.shot.setting)
    if easel.weather == "fog":
        return "room" in place
    return easel.sheltered or place <= {"space", "abstract"}


def _drop_colour(easel: Easel) -> np.ndarray:
    return np.clip(easel.light.haze * 0.45 + easel.inks.tone(0.95) * 0.55, 0, 1).astype(np.float32)


def _streaks(easel: Easel, count: int, length: float, thick: float) -> np.ndarray:
    """Rain that the wind leans, (h, w) 0..1: long near drops, a fine veil of far ones."""
    canvas, rng = easel.canvas, easel.rng(f"rain {count}")
    mask = np.zeros(canvas.shape, np.uint8)
    lean = np.sign(0.5 - easel.light.x) * (0.34 if easel.weather == "storm" else 0.14)
    scale = canvas.unit / 512
    amount = round(count * canvas.width * canvas.height / canvas.unit**2 / 1.35)
    for x, y, stretch, power in rng.random((amount, 4)):
        column, row = x * canvas.width * 1.2 - 0.1 * canvas.width, y * canvas.height
        long = length * canvas.unit * (0.5 + stretch)
        ends = (int((column + lean * long) * 8), int((row + long) * 8))
        level = int(255 * (0.35 + 0.65 * power))
        cv2.line(mask, (int(column * 8), int(row * 8)), ends, level, max(1, round(thick * scale)), cv2.LINE_AA, 3)
    gusts = 0.55 + 0.65 * fbm(canvas.shape, 2.0, rng, 3)
    return mask.astype(np.float32) / 255.0 * gusts


def _flakes(easel: Easel, count: int, size: float) -> np.ndarray:
    canvas, rng = easel.canvas, easel.rng(f"snow {count}")
    mask = np.zeros(canvas.shape, np.uint8)
    amount = round(count * canvas.width * canvas.height / canvas.unit**2 / 1.35)
    for x, y, grow, power in rng.random((amount, 4)):
        centre = (int(x * canvas.width * 8), int(y * canvas.height * 8))
        radius = max(4, int(size * canvas.unit * (0.5 + grow) * 8))
        cv2.circle(mask, centre, radius, int(255 * (0.45 + 0.55 * power)), -1, cv2.LINE_AA, 3)
    return cv2.GaussianBlur(mask.astype(np.float32) / 255.0, (0, 0), max(0.5, canvas.unit * 0.0009))


def _bank(easel: Easel, level: float, strength: float) -> np.ndarray:
    """Fog that lies on the ground and frays upwards."""
    canvas, rng = easel.canvas, easel.rng(f"fog {level}")
    drift = fbm(canvas.shape, 2.6, rng, 5, 2.4)
    lie = np.exp(-(((canvas.ys() - level) / 0.20) ** 2))
    wisps = smoothstep(0.28, 0.82, drift)
    mask = np.clip(strength * (lie * (0.30 + 0.75 * wisps) + 0.10 * wisps), 0, 0.92)
    return tinted(mask.astype(np.float32), easel.light.haze)
