"""Subjects before a plain or softly graded background: found by what the border's colours can't explain."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.cutout.judge import confidence_of


def plain_background(small: np.ndarray) -> tuple[np.ndarray | None, float]:
    """Foreground mask (h, w) uint8 0 or 255 and trust 0..1; (None, 0) when the border is no plain background.

    A quadratic surface is fitted to the border's Lab colours, leaving out what sticks to the bottom; what lies far
    from the surface all over the picture is the subject.
    """
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    border = _border(small.shape[:2])
    surface, share, spread = _fitted(lab, border)
    if share < 0.72 or spread > 7.0:
        return None, 0.0
    away = np.sqrt(((lab - surface) ** 2).sum(axis=2))
    limit = max(9.0, 4.5 * spread)
    rough = (cv2.GaussianBlur(away, (0, 0), 0.8) > limit).astype(np.uint8)
    # the second, broader tool takes a tiled wall's joints, which fit no surface, off the subject
    for part, least in ((200, 0.4), (80, 0.6)):
        mask = _tidied(rough, max(1, round(min(rough.shape) / part)))
        if 0.004 < mask.mean() < 0.97 and confidence_of(mask * 255) >= least:
            return mask * 255, 0.72 + 0.28 * min(1.0, share)
    return None, 0.0


def _tidied(mask: np.ndarray, radius: int) -> np.ndarray:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    if min(mask.shape) > 48:
        mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)
    return _enclosed(_main_parts(mask))


def _border(shape: tuple[int, int]) -> np.ndarray:
    """The picture's rim without the bottom, which bodies cross."""
    height, width = shape
    rim = max(2, round(0.045 * min(shape)))
    mask = np.zeros(shape, bool)
    mask[:rim] = True
    mask[: round(0.9 * height), :rim] = True
    mask[: round(0.9 * height), width - rim :] = True
    return mask


def _fitted(lab: np.ndarray, border: np.ndarray) -> tuple[np.ndarray, float, float]:
    """The surface everywhere, the share of the border that lies on it, and how closely, in Lab units."""
    height, width = border.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width * 2 - 1, y / height * 2 - 1
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=-1)
    basis, colours = terms[border], lab[border]
    kept = np.ones(len(basis), bool)
    weights = np.zeros((6, 3))
    error = np.zeros(len(basis))
    for _ in range(5):
        weights = np.linalg.lstsq(basis[kept], colours[kept], rcond=None)[0]
        error = np.sqrt(((basis @ weights - colours) ** 2).sum(axis=1))
        limit = max(6.0, 2.5 * float(np.median(error)))
        kept = error < limit
        if kept.sum() < 24:
            return np.zeros_like(lab), 0.0, 99.0
    spread = float(np.sqrt((error[kept] ** 2).mean()))
    return (terms @ weights).astype(np.float32), float(kept.mean()), spread


def _main_parts(mask: np.ndarray) -> np.ndarray:
    count, parts, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count <= 1:
        return mask
    areas = stats[1:, cv2.CC_STAT_AREA]
    return chosen(parts, np.concatenate([[False], areas >= 0.05 * areas.max()]))


def _enclosed(mask: np.ndarray) -> np.ndarray:
    """Closes holes: a white shirt before a white wall is still a shirt. Large ones show the wall and stay."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats(1 - mask)
    if count <= 1:
        return mask
    height, width = mask.shape
    boxes = stats[:, :4]
    inside = (boxes[:, 0] > 0) & (boxes[:, 1] > 0)
    inside &= (boxes[:, 0] + boxes[:, 2] < width) & (boxes[:, 1] + boxes[:, 3] < height)
    inside &= stats[:, cv2.CC_STAT_AREA] < 0.02 * mask.size
    inside[0] = False
    return mask | chosen(parts, inside)


def chosen(parts: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Mask (h, w) uint8 0 or 1 of the labelled `parts` (h, w) that `wanted` (labels,) says yes to."""
    return wanted[np.asarray(parts, np.int64)].astype(np.uint8)
