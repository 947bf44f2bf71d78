"""Water: it shows the sky and what stands over it, broken by waves that shrink with distance."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import sample, smoothstep, tile


def ripples(easel: Easel, horizon: float, size: float, purpose: str) -> tuple[np.ndarray, np.ndarray]:
    """Slope of the waves sideways and towards the viewer, about -1..1, in the perspective of a plane below `horizon`.
    `size`: how long the waves are."""
    canvas, rng = easel.canvas, easel.rng(purpose)
    field = tile(512, 6, rng, 6)
    below = np.maximum(canvas.ys() - horizon, 0.004)
    z = 0.16 / below
    x = (canvas.xs() - 0.5) * canvas.aspect * z * 1.6
    z = np.broadcast_to(z, canvas.shape)
    coarse = sample(field, x / size, z * 2.2 / size)
    fine = sample(field, x * 2.7 / size + 0.3, z * 6.1 / size + 0.7)
    fade = smoothstep(0.0, 0.03, canvas.ys() - horizon)
    return (fine - 0.5) * 2.0 * fade, ((coarse - 0.5) * 1.3 + (fine - 0.5) * 0.7) * 2.0 * fade


def mirror(
    easel: Easel, sheet: np.ndarray, above: np.ndarray, horizon: float, where: np.ndarray, rough: float = 0.5
) -> np.ndarray:
    """`sheet` with water on it where `where` (h, w) 0..1 says: `above` upside down, bent by waves of `rough` 0..1."""
    water = reflected(easel, above[..., :3], horizon, rough)
    out = sheet * (1.0 - where[..., None])
    out[..., :3] += water * where[..., None]
    out[..., 3] += where
    return out


def reflected(easel: Easel, above: np.ndarray, horizon: float, rough: float) -> np.ndarray:
    """The picture a level water shows of `above` (h, w, 3), darker where one looks down into it."""
    canvas = easel.canvas
    side, toward = ripples(easel, horizon, 1.0, "water")
    row = canvas.py(horizon)
    down = np.arange(canvas.height, dtype=np.float32)[:, None] - row
    reach = np.clip(down / (0.5 * canvas.frame_height), 0, 1.2)
    sway = canvas.unit * rough
    y = row - down * (1.0 - 0.25 * reach) + toward * sway * (0.020 + 0.16 * reach)
    x = np.arange(canvas.width, dtype=np.float32)[None, :] + side * sway * (0.010 + 0.05 * reach)
    y = np.clip(y, 0, row - 1)
    picture = cv2.remap(
        above, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    deep = easel.inks.blend(easel.light.ambient * 0.9 + 0.06, "#1d5a70", 0.7)
    look_in = np.clip(0.10 + 0.62 * reach + toward * 0.22 * rough, 0.05, 0.80)
    picture = picture + (deep - picture) * look_in[..., None]
    return picture + glitter(easel, horizon, toward, reach)


def glitter(easel: Easel, horizon: float, toward: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """The sun's or moon's path over the waves."""
    light, canvas = easel.light, easel.canvas
    spread = 0.035 + 0.16 * reach
    path = np.exp(-(((canvas.xs() - light.x) / spread) ** 2))
    strength = (1.0 - 0.85 * light.cover) * (0.9 if light.night or easel.hour != "day" else 0.5)
    spark = (
        smoothstep(0.05, 0.75, toward + 0.30 * path) * path * strength * smoothstep(0.0, 0.01, canvas.ys() - horizon)
    )
    return light.colour * np.clip(spark, 0, 1)[..., None] * 0.85
