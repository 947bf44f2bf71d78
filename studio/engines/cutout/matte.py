"""From a hard mask at working size to a soft edge at full size, without the old background's colour in it."""

from __future__ import annotations

import cv2
import numpy as np

_EPSILON = 1e-4
"""He, Sun, Tang, "Guided Image Filtering", ECCV 2010: variance of the guide (0..1) below which it counts as flat."""


def alpha_at_full_size(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`mask` (h', w') bool, any size, as alpha (h, w) uint8 that follows the picture's own edges."""
    height, width = rgb.shape[:2]
    rough = cv2.resize(mask.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    radius = max(1, round(max(height, width) / 128))
    soft = _guided(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255, rough, radius)
    # Away from the outline the mask knows better than the filter.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (4 * radius + 1, 4 * radius + 1))
    hard = (rough > 0.5).astype(np.uint8)
    soft[cv2.erode(hard, kernel).astype(bool)] = 1.0
    soft[~cv2.dilate(hard, kernel).astype(bool)] = 0.0
    return np.clip((soft - 0.1) / 0.8 * 255, 0, 255).astype(np.uint8)


def _guided(guide: np.ndarray, image: np.ndarray, radius: int) -> np.ndarray:
    side = (2 * radius + 1, 2 * radius + 1)
    mean_guide, mean_image = cv2.blur(guide, side), cv2.blur(image, side)
    variance = cv2.blur(guide * guide, side) - mean_guide**2
    covariance = cv2.blur(guide * image, side) - mean_guide * mean_image
    slope = covariance / (variance + _EPSILON)
    offset = mean_image - slope * mean_guide
    return cv2.blur(slope, side) * guide + cv2.blur(offset, side)


def clean_colour(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colours with the background's share taken out where alpha is partial: the nearest solid colours, spread out."""
    solid = (alpha > 240).astype(np.float32)
    if not solid.any():
        return rgb
    sigma = max(1.0, max(rgb.shape[:2]) / 160)
    weight = cv2.GaussianBlur(solid, (0, 0), sigma)
    spread = cv2.GaussianBlur(rgb.astype(np.float32) * solid[..., None], (0, 0), sigma)
    known = weight > 1e-3
    spread[known] /= weight[known][:, None]
    share = np.where(known, 1.0 - alpha.astype(np.float32) / 255, 0.0)[..., None]
    return np.clip(rgb * (1 - share) + spread * share, 0, 255).astype(np.uint8)


def trim(rgba: np.ndarray) -> np.ndarray:
    """Cropped to what is visible."""
    visible = rgba[..., 3] > 5
    rows, columns = np.flatnonzero(visible.any(axis=1)), np.flatnonzero(visible.any(axis=0))
    if not len(rows):
        return rgba
    return np.ascontiguousarray(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
