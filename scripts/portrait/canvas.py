"""The portrait's paper: masks, soft height maps and a pen, all in units of a 900 x 1080 picture drawn larger."""

from __future__ import annotations

import cv2
import numpy as np
import skia
from characters.doll import Points, curve, skia_colour

WIDTH, HEIGHT, SCALE = 900, 1080, 2
MIDDLE = 450.0


def grid() -> tuple[np.ndarray, np.ndarray]:
    """x and y (h, w) of every pixel's centre, in units."""
    y, x = np.mgrid[0 : HEIGHT * SCALE, 0 : WIDTH * SCALE].astype(np.float32)
    return (x + 0.5) / SCALE, (y + 0.5) / SCALE


class Paper:
    """A pen over `pixels` (h, w, 4) uint8 RGBA, premultiplied."""

    def __init__(self, pixels: np.ndarray | None = None) -> None:
        size = (HEIGHT * SCALE, WIDTH * SCALE, 4)
        self.pixels = np.zeros(size, np.uint8) if pixels is None else np.ascontiguousarray(pixels)
        info = skia.ImageInfo.Make(size[1], size[0], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._surface = skia.Surface.MakeRasterDirect(info, self.pixels, size[1] * 4)
        self.pen = self._surface.getCanvas()
        self.pen.scale(SCALE, SCALE)

    def fill(self, path: skia.Path, colour: str, alpha: float = 1.0, soft: float = 0.0) -> None:
        self.pen.drawPath(path, paint(colour, alpha, soft))

    def stroke(self, path: skia.Path, colour: str, width: float, alpha: float = 1.0, soft: float = 0.0) -> None:
        brush = paint(colour, alpha, soft)
        brush.setStyle(skia.Paint.kStroke_Style)
        brush.setStrokeWidth(width)
        brush.setStrokeCap(skia.Paint.kRound_Cap)
        self.pen.drawPath(path, brush)

    def taper(self, points: Points, colour: str, width: float, alpha: float = 1.0, soft: float = 0.0) -> None:
        """A hair: a curve through `points` that thins out from `width` to nothing."""
        self.fill(hair_path(np.array(points, float), width), colour, alpha, soft)

    def spot(self, x: float, y: float, radii: tuple[float, float], colour: str, alpha: float, soft: float) -> None:
        """An ellipse with a soft edge."""
        path = skia.Path()
        path.addOval(skia.Rect.MakeLTRB(x - radii[0], y - radii[1], x + radii[0], y + radii[1]))
        self.fill(path, colour, alpha, soft)


def paint(colour: str, alpha: float = 1.0, soft: float = 0.0) -> skia.Paint:
    brush = skia.Paint(AntiAlias=True, Color=skia_colour(colour, alpha))
    if soft:
        brush.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, soft))
    return brush


def hair_path(points: np.ndarray, width: float) -> skia.Path:
    """A closed outline around the curve through `points` (n, 2), `width` at its start and a point at its end."""
    along = np.gradient(points, axis=0)
    normal = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(*along.T), 1e-6)[:, None]
    half = width / 2 * (1 - np.linspace(0, 1, len(points)) ** 1.6)[:, None]
    left, right = points + normal * half, points - normal * half
    return curve([(float(x), float(y)) for x, y in [*left, *right[::-1]]])


def mask(path: skia.Path, soft: float = 0.0) -> np.ndarray:
    """Coverage (h, w) float32, 0..1, its edge blurred by `soft` units."""
    paper = Paper()
    paper.fill(path, "#ffffff")
    alpha = paper.pixels[..., 3].astype(np.float32) / 255.0
    return blurred(alpha, soft) if soft else alpha


def mirrored(half: Points) -> skia.Path:
    """A closed curve from its right half: offsets from the middle, top to bottom."""
    right = [(MIDDLE + x, y) for x, y in half]
    left = [(MIDDLE - x, y) for x, y in reversed(half) if x]
    return curve([*right, *left])


def blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur, `sigma` in units; broad ones at a smaller size."""
    small = max(1, int(sigma * SCALE / 12))
    if small == 1:
        return cv2.GaussianBlur(values, (0, 0), sigma * SCALE)
    size = (values.shape[1], values.shape[0])
    less = cv2.resize(values, (size[0] // small, size[1] // small), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(less, (0, 0), sigma * SCALE / small), size, interpolation=cv2.INTER_CUBIC)


def inflated(coverage: np.ndarray, radius: float) -> np.ndarray:
    """A height (h, w) in units that swells from the outline to `radius` within it, as a cushion does."""
    distance = cv2.distanceTransform((coverage > 0.5).astype(np.uint8), cv2.DIST_L2, 5) / SCALE
    rise = np.clip(distance / radius, 0, 1)
    return blurred((radius * np.sqrt(np.maximum(1 - (1 - rise) ** 2, 0))).astype(np.float32), radius / 9)


def linear(colour: str) -> np.ndarray:
    """(3,) float32 in linear light."""
    return (np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / 255.0) ** 2.2
