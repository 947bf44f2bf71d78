"""A photo's own background with the person taken out, sharp or out of focus; and light as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

LINEAR_STEPS = 4096
"""Steps of linear light kept when mixing: the darkest sRGB step is 1/3295 of the whole."""


def without_person(photo: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """`photo` (h, w, 3) with what lies under `matte` (h, w) and just around it filled from the sides.

    A pull-push pyramid (Gortler et al., "The Lumigraph", 1996): smooth in the middle, where the person stands again,
    continuous at the rim; with some of the background's own grain, so that no smooth ghost shows either.
    """
    import cv2
    import numpy as np

    height, width = matte.shape
    reach = max(2, round(0.012 * max(height, width)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    hole = cv2.dilate((matte > 8).astype(np.uint8), kernel)
    if not hole.any():
        return photo
    known = 1.0 - hole.astype(np.float32)
    smooth = smooth_filling(photo.astype(np.float32), known)
    soft = cv2.GaussianBlur(smooth, (0, 0), max(1.0, 0.5 * reach))
    grain = _grain(photo, hole) * np.random.default_rng(5).standard_normal((height, width, 1), dtype=np.float32)
    inside = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), max(0.8, 0.3 * reach))[..., None] * hole[..., None]
    filled = smooth + inside * (soft - smooth) + grain * inside
    return np.where(hole[..., None] > 0, np.clip(filled + 0.5, 0, 255).astype(np.uint8), photo)


def smooth_filling(colour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """`colour` (h, w, 3) float32 where `weight` (h, w) is 1; where it is 0, what goes on smoothly from there."""
    import cv2
    import numpy as np

    if min(weight.shape) <= 2 or bool((weight > 0.99).all()):
        total = float(weight.sum())
        mean = (colour * weight[..., None]).sum(axis=(0, 1)) / total if total > 0 else colour.mean(axis=(0, 1))
        return np.where(weight[..., None] > 0.99, colour, mean.astype(np.float32))
    size = ((weight.shape[1] + 1) // 2, (weight.shape[0] + 1) // 2)
    share = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(colour * weight[..., None], size, interpolation=cv2.INTER_AREA)
    coarse = smooth_filling(small / np.maximum(share, 1e-4)[..., None], np.minimum(1.0, 2.0 * share))
    large = cv2.resize(coarse, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR)
    return large + weight[..., None] * (colour - large)


def _grain(photo: np.ndarray, hole: np.ndarray) -> float:
    """Deviation of the known background's finest noise, by the median, which edges don't move."""
    import cv2
    import numpy as np

    fine = cv2.Laplacian(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.CV_32F)[hole == 0]
    # a Laplacian of white noise has sqrt(20) times its deviation
    return min(6.0, 1.4826 * float(np.median(np.abs(fine))) / 20**0.5) if fine.size else 0.0


def defocused(scene: np.ndarray, strength: float) -> np.ndarray:
    """Out of focus, in linear light, where lamps stay bright as they spread."""
    import cv2
    import numpy as np

    height, width = scene.shape[:2]
    radius = max(1, round(0.045 * strength * max(height, width)))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2).astype(np.float32)
    # a quarter of the size holds all that a wide blur leaves
    shrink = max(1, radius // 6)
    light = linear_light()[scene]
    small = cv2.resize(light, (max(2, width // shrink), max(2, height // shrink)), interpolation=cv2.INTER_AREA)
    kernel = cv2.resize(kernel, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    soft = cv2.filter2D(small, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
    wide = cv2.resize(soft, (width, height), interpolation=cv2.INTER_CUBIC)
    return srgb_bytes()[np.clip(wide * (LINEAR_STEPS - 1) + 0.5, 0, LINEAR_STEPS - 1).astype(np.uint16)]


def linear_light() -> np.ndarray:
    """Light 0..1 of each sRGB byte (IEC 61966-2-1)."""
    import numpy as np

    value = np.arange(256, dtype=np.float32) / 255.0
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4).astype(np.float32)


def srgb_bytes() -> np.ndarray:
    """The sRGB byte of each of `LINEAR_STEPS` steps of light."""
    import numpy as np

    light = np.arange(LINEAR_STEPS, dtype=np.float32) / (LINEAR_STEPS - 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * np.maximum(light, 1e-9) ** (1 / 2.4) - 0.055)
    return (value * 255.0 + 0.5).astype(np.uint8)
