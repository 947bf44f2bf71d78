"""Noise for nature: smooth values over a picture, the same composition at every resolution."""

from __future__ import annotations

import cv2
import numpy as np

Rng = np.random.Generator


def fbm(shape: tuple[int, int], cells: float, rng: Rng, octaves: int = 5, stretch: float = 1.0) -> np.ndarray:
    """Fractal noise (h, w) in 0..1 with about `cells` bumps across the shorter side; `stretch` > 1 draws them out
    sideways. Grids of random values, enlarged with a cubic and summed, each octave half as strong."""
    height, width = shape
    short = min(height, width)
    total = np.zeros(shape, np.float32)
    quarter = (max(2, -(-width // 4)), max(2, -(-height // 4)))
    coarse = np.zeros(quarter[::-1], np.float32)
    weight, amplitude = 0.0, 1.0
    for octave in range(octaves):
        across = cells * 2.0**octave / short
        rows = max(2, round(across * height) + 1)
        columns = max(2, round(across * width / stretch) + 1)
        grid = rng.random((rows, columns), dtype=np.float32)
        if rows > height and columns > width:
            break
        # bumps of a dozen pixels lose nothing when they are summed at a quarter of the size
        broad = rows * 12 < height and columns * 12 < width
        size, into = (quarter, coarse) if broad else ((width, height), total)
        cv2.scaleAdd(cv2.resize(grid, size, interpolation=cv2.INTER_CUBIC), amplitude, into, dst=into)
        weight += amplitude
        amplitude *= 0.5
    if min(shape) > 8:
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    else:
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    gain = np.float32(1.7 / max(weight, 1e-6))
    return np.clip(total * gain - np.float32(0.35), 0.0, 1.0)


def wave(length: int, cells: float, rng: Rng, octaves: int = 4) -> np.ndarray:
    """Fractal noise along a line, (1, length) in 0..1, with about `cells` bumps from end to end."""
    total = np.zeros((1, length), np.float32)
    weight, amplitude = 0.0, 1.0
    for octave in range(octaves):
        points = max(3, round(cells * 2.0**octave) + 1)
        values = rng.random((1, points), dtype=np.float32)
        total += amplitude * cv2.resize(values, (length, 1), interpolation=cv2.INTER_CUBIC)
        weight += amplitude
        amplitude *= 0.5
    return np.clip((total / weight - 0.5) * 1.7 + 0.5, 0.0, 1.0)


def tile(size: int, cells: int, rng: Rng, octaves: int = 6, ridged: bool = False) -> np.ndarray:
    """A square of noise (size, size) in 0..1 that repeats without a seam. `ridged` folds it into crests (Musgrave's
    ridged multifractal, "Texturing and Modeling", 1994)."""
    total = np.zeros((size, size), np.float32)
    weight, amplitude = 0.0, 1.0
    carry = np.ones((size, size), np.float32)
    for octave in range(octaves):
        count = cells * 2**octave
        if count * 2 > size:
            break
        level = _wrapped(size, count, rng)
        if ridged:
            level = (1.0 - np.abs(2.0 * level - 1.0)) ** 2 * np.clip(carry, 0.0, 1.0)
            carry = level * 2.0
        total += amplitude * level
        weight += amplitude
        amplitude *= 0.5
    total /= weight
    low, high = np.percentile(total, (1, 99))
    return np.clip((total - low) / max(high - low, 1e-6), 0.0, 1.0).astype(np.float32)


def _wrapped(size: int, count: int, rng: Rng) -> np.ndarray:
    grid = np.pad(rng.random((count, count), dtype=np.float32), 2, mode="wrap")
    step = size / count
    large = cv2.resize(grid, (round(step * (count + 4)),) * 2, interpolation=cv2.INTER_CUBIC)
    start = round(step * 2)
    return large[start : start + size, start : start + size]


def sample(noise: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """`noise` (size, size), one repeat a unit, at float32 positions whose shapes go together, at most two axes."""
    size = noise.shape[0]
    x, y = np.broadcast_arrays(x, y)
    columns = ((x - np.floor(x)) * size).astype(np.float32)
    rows = ((y - np.floor(y)) * size).astype(np.float32)
    return cv2.remap(noise, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)


def smoothstep(low: np.ndarray | float, high: np.ndarray | float, value: np.ndarray | float) -> np.ndarray:
    """0 below `low`, 1 above `high`, an S between; `low` > `high` falls instead of rising."""
    share = np.clip((np.asarray(value, np.float32) - low) / (high - low), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)


def warp(picture: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """`picture` with every pixel fetched from (x + dx, y + dy) pixels."""
    height, width = picture.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :] + dx
    y = np.arange(height, dtype=np.float32)[:, None] + dy
    return cv2.remap(
        picture, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )


def shifted(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """`picture` moved down and to the right; what comes in is the edge's own, so that nothing wraps around."""
    height, width = picture.shape[:2]
    matrix = np.array([[1, 0, columns], [0, 1, rows]], np.float32)
    return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)


def blur(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian of `sigma` pixels, at lower resolution where it can't be seen."""
    if sigma < 0.3:
        return picture
    if sigma < 6:
        return cv2.GaussianBlur(picture, (0, 0), sigma)
    step = 2 ** int(np.log2(sigma / 3))
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / step), (width, height), interpolation=cv2.INTER_LINEAR)
