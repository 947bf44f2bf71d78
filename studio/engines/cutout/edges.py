"""From a coarse mask to a soft full-size alpha, and colours without the old background's light."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from studio.engines.cutout.matting import GuidedFilter, Head, matted

FILTER_SIDE = 1024
"""Longest side, in pixels, at which colours are fitted; they are applied at full size."""

MATTE_SIDE = 640
"""Longest side at which alpha is solved for."""

STRIP = 256
"""Rows that are worked on at once at full size."""

SMOOTHNESS = 5e-5
"""Of the guided filter, in squared colour (0..1): flatter colours than its root (0.7 %) carry no edge."""


def refined(colour: np.ndarray, mask: np.ndarray, heads: Sequence[Head] = ()) -> np.ndarray:
    """Alpha (H, W) uint8 for `colour` (H, W, 3) from `mask` (h, w) uint8 at any smaller size, with the hair of `heads`.

    Alpha is solved for small (matting.py) and brought to full size by the guided filter's local models of it (He and
    Sun, "Fast Guided Filter", 2015), so that strands thinner than a small pixel follow the full picture.
    """
    height, width = colour.shape[:2]
    fitting = min(1.0, MATTE_SIDE / max(height, width))
    shape = (max(2, round(width * fitting)), max(2, round(height * fitting)))
    guide = cv2.resize(colour, shape, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    coarse = cv2.resize(mask.astype(np.float32) / 255.0, shape, interpolation=cv2.INTER_LINEAR)
    alpha = matted(guide, coarse, heads)
    if fitting == 1.0:
        return _bytes(alpha)
    slopes, offset = GuidedFilter(guide, 1, SMOOTHNESS).fitted(alpha)
    # believed outright where alpha is solid or clear all around
    window = np.ones((3, 3), np.uint8)
    inside = (cv2.erode(alpha, window) > 0.98).astype(np.float32)
    outside = (cv2.dilate(alpha, window) < 0.02).astype(np.float32)
    return _applied(colour, slopes, offset, (inside, outside))


def _bytes(alpha: np.ndarray) -> np.ndarray:
    # the solver greys flat sides a little: a gentle S makes them solid and clear again
    return (np.clip((alpha - 0.08) / 0.86, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)


def _applied(
    colour: np.ndarray, slopes: np.ndarray, offset: np.ndarray, sure: tuple[np.ndarray, np.ndarray]
) -> np.ndarray:
    """The models at full size."""
    alpha = np.empty(colour.shape[:2], np.uint8)
    for rows, planes in _stretched(np.dstack([slopes, offset, *sure]), alpha.shape):
        alpha[rows] = _strip(colour[rows], planes)
    return alpha


def _stretched(planes: np.ndarray, shape: tuple[int, ...]) -> Iterator[tuple[slice, np.ndarray]]:
    """`planes` (h, w, 6) at the size of `shape`, in strips: a large picture's planes of floats would take gigabytes."""
    height, width = shape
    down, across = planes.shape[0] / height, planes.shape[1] / width
    halves = [np.ascontiguousarray(planes[..., :3]), np.ascontiguousarray(planes[..., 3:])]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    for top in range(0, height, STRIP):
        size = (width, min(STRIP, height - top))
        place = np.array([[across, 0, 0.5 * across - 0.5], [0, down, (top + 0.5) * down - 0.5]], np.float32)
        large = [cv2.warpAffine(half, place, size, flags=flags, borderMode=cv2.BORDER_REPLICATE) for half in halves]
        yield slice(top, top + size[1]), np.dstack(large)


def _strip(colour: np.ndarray, planes: np.ndarray) -> np.ndarray:
    alpha = np.einsum("ijk,ijk->ij", colour.astype(np.float32) / 255.0, planes[..., :3]) + planes[..., 3]
    return _bytes(np.maximum(alpha, planes[..., 4]) * (1.0 - planes[..., 5]))


def clean_colour(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`colour` with the background's share taken out of half-clear pixels, so that a green wall leaves no green hair.

    Forte, "Approximate Fast Foreground Colour Estimation", 2021: blur fusion, from a wide window to a narrow one. The
    windows' means are taken small, the last correction by each pixel's own colour at full size.
    """
    if not ((alpha > 2) & (alpha < 253)).any():
        return colour
    height, width = alpha.shape
    fitting = min(1.0, FILTER_SIDE / max(height, width))
    shape = (max(2, round(width * fitting)), max(2, round(height * fitting)))
    small = cv2.resize(colour, shape, interpolation=cv2.INTER_AREA).astype(np.float32)
    share = cv2.resize(alpha, shape, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    inner = outer = small
    for part in (0.09, 0.012):
        window = 2 * max(2, round(part * max(shape) / 2)) + 1
        inner_mean, outer_mean = _means(inner, outer, share, window)
        inner = np.clip(inner_mean + share[..., None] * (small - _mixed(inner_mean, outer_mean, share)), 0, 255)
        outer = outer_mean
    # clear pixels close by too: whoever scales the cut-out mixes them in
    wanted = (cv2.dilate(alpha, np.ones((17, 17), np.uint8)) > 0) & (alpha <= 252)
    cleaned = colour.copy()
    for rows, planes in _stretched(np.dstack([inner_mean, outer_mean]), alpha.shape):
        part = wanted[rows]
        front, back, clear = planes[part, :3], planes[part, 3:], alpha[rows][part] / np.float32(255.0)
        found = front + clear[:, None] * (colour[rows][part] - _mixed(front, back, clear))
        cleaned[rows][part] = np.clip(found + 0.5, 0, 255).astype(np.uint8)
    return cleaned


def _means(inner: np.ndarray, outer: np.ndarray, share: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the colours of both sides, each weighted by its share of a pixel, over a square of `window` pixels."""
    size = (window, window)
    # cubed, so that pixels of one side alone count for more than the mixed ones in question
    weights = share**3, (1.0 - share) ** 3
    front, back = (
        cv2.blur(side * weight[..., None], size) / np.maximum(cv2.blur(weight, size), 1e-6)[..., None]
        for side, weight in zip((inner, outer), weights, strict=True)
    )
    return front, back


def _mixed(front: np.ndarray, back: np.ndarray, share: np.ndarray) -> np.ndarray:
    return back + share[..., None] * (front - back)
