"""A layer's used part on its way through a medium, and the filters that several mediums share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from studio.engines.image.colour import mixed
from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, fbm, shifted

LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Patch:
    """`colour` (h, w, 3) and `alpha` (h, w), straight, 0..1; `index` of the layer, `corner` (left, top) of the patch
    in it. `brush`: how broad tools are, 1 for scenery, less for faces."""

    colour: np.ndarray
    alpha: np.ndarray
    easel: Easel
    index: int
    corner: tuple[int, int]
    brush: float = 1.0

    @property
    def unit(self) -> int:
        return self.easel.canvas.unit

    @property
    def shape(self) -> tuple[int, int]:
        return self.alpha.shape[0], self.alpha.shape[1]

    def tool(self, size: float) -> float:
        """Pixels of a tool that is `size` units broad on scenery."""
        return self.easel.canvas.unit * size * self.brush

    def square(self, size: float) -> int:
        """`tool` as a whole radius for `kuwahara`, at least one pixel."""
        return max(1, round(self.tool(size)))

    @property
    def luma(self) -> np.ndarray:
        return self.colour @ LUMA

    def noise(self, purpose: str, size: float, octaves: int = 4, stretch: float = 1.0) -> np.ndarray:
        """Noise (h, w) with bumps of about `size` units."""
        cells = min(self.shape) / (self.unit * size)
        return fbm(self.shape, max(cells, 0.3), self.easel.rng(f"{purpose} {self.index}"), octaves, stretch)

    def positions(self) -> tuple[np.ndarray, np.ndarray]:
        """Canvas x (1, w) and y (h, 1) in pixels: patterns stay put from layer to layer."""
        x = np.arange(self.shape[1], dtype=np.float32)[None, :] + self.corner[0]
        y = np.arange(self.shape[0], dtype=np.float32)[:, None] + self.corner[1]
        return x, y

    def with_paint(self, colour: np.ndarray, alpha: np.ndarray | None = None) -> Patch:
        return replace(
            self, colour=colour.astype(np.float32), alpha=self.alpha if alpha is None else alpha.astype(np.float32)
        )


def kuwahara(colour: np.ndarray, radius: int) -> np.ndarray:
    """Each pixel takes the mean of the calmest of four squares around it (Kuwahara 1976): patches with crisp edges."""
    height, width = colour.shape[:2]
    square = (radius + 1, radius + 1)
    # the four squares are one box filter at four shifts
    wide = cv2.copyMakeBorder(colour, radius, radius, radius, radius, cv2.BORDER_REFLECT)
    grey = cv2.transform(wide, LUMA[None])
    means = cv2.boxFilter(wide, -1, square, anchor=(0, 0))
    first = cv2.boxFilter(grey, -1, square, anchor=(0, 0))
    spreads = cv2.sqrBoxFilter(grey, cv2.CV_32F, square, anchor=(0, 0)) - first * first
    best, least = means[radius:, radius:][:height, :width].copy(), spreads[radius:, radius:][:height, :width].copy()
    for y, x in ((radius, 0), (0, radius), (0, 0)):
        mean, spread = means[y : y + height, x : x + width], spreads[y : y + height, x : x + width]
        calmer = cv2.compare(spread, least, cv2.CMP_LT)
        cv2.copyTo(mean, calmer, best)
        cv2.copyTo(spread, calmer, least)
    return best


def shapes(colour: np.ndarray, radius: float) -> np.ndarray:
    """`colour` in large calm regions with edges: three Kuwahara passes where `radius` pixels are three."""
    height, width = colour.shape[:2]
    scale = min(1.0, 3.0 / max(radius, 1.0))
    small = cv2.resize(
        colour, (max(8, round(width * scale)), max(8, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    for _ in range(3):
        small = kuwahara(np.ascontiguousarray(small), 3)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


def filled(patch: Patch) -> np.ndarray:
    """The colour with its neighbours' spread into clear parts, so that filters see no black there."""
    if patch.index == 0 or float(patch.alpha.min()) > 0.5:
        return patch.colour
    weight = cv2.cvtColor(patch.alpha, cv2.COLOR_GRAY2RGB)
    reach = max(1.5, patch.unit * 0.02)
    height, width = patch.shape
    step = max(1, int(reach / 3))
    small = (max(1, width // step), max(1, height // step))
    painted = cv2.multiply(patch.colour, weight)
    colour = cv2.GaussianBlur(cv2.resize(painted, small, interpolation=cv2.INTER_AREA), (0, 0), reach / step)
    amount = cv2.GaussianBlur(cv2.resize(patch.alpha, small, interpolation=cv2.INTER_AREA), (0, 0), reach / step)
    around = cv2.resize(colour / np.maximum(amount, 1e-3)[..., None], (width, height))
    known = cv2.resize((amount > 1e-3).astype(np.float32), (width, height))
    return mixed(patch.colour, around, (1.0 - patch.alpha) * known)


def stretched(patch: Patch, luma: np.ndarray, amount: float) -> np.ndarray:
    """`luma` spread towards the full range by `amount` 0..1, by what the layer's own paint spans: prints need both
    bare paper and solid ink."""
    solid = luma[::3, ::3][patch.alpha[::3, ::3] > 0.6]
    if solid.size < 64:
        return luma
    low, high = np.percentile(solid, (4, 96))
    full = np.clip((luma - low) / max(float(high - low), 0.12), 0, 1)
    return luma + (full - luma) * np.float32(amount)


def retoned(colour: np.ndarray, luma: np.ndarray) -> np.ndarray:
    """`colour` made as light as `luma` says, its hue kept."""
    colour, luma = np.asarray(colour, np.float32), np.asarray(luma, np.float32)
    old = colour @ LUMA
    # darker by a factor, lighter by a share of what is missing to white: one is 1 where the other works
    darker = cv2.cvtColor(np.minimum(luma / np.maximum(old, 1e-3), 1.0), cv2.COLOR_GRAY2RGB)
    lift = np.clip((luma - old) / np.maximum(1.0 - old, 1e-3), 0.0, 1.0)
    out = cv2.multiply(colour, darker)
    return np.clip(mixed(out, np.ones(3, np.float32), lift), 0, 1)


def lines(luma: np.ndarray, sigma: float, threshold: float = 0.012) -> np.ndarray:
    """Where a draughtsman would draw: dark sides of edges, 0..1 (difference of Gaussians, as in Winnemöller's XDoG)."""
    difference = blur(luma, sigma * 1.6) - blur(luma, sigma)
    return np.clip((difference - threshold) / 0.03, 0, 1)


def outline(alpha: np.ndarray, sigma: float) -> np.ndarray:
    """A band just inside the paint's edge, 0..1."""
    soft = blur(alpha, sigma)
    return np.clip((1.0 - soft) * 2.2, 0, 1) * (alpha > 0.5)


def posterised(luma: np.ndarray, levels: int, crisp: float) -> np.ndarray:
    """`luma` in `levels` steps whose edges are `crisp` 0 (a slope) .. 1 (a cliff)."""
    scaled = np.clip(luma, 0, 1) * levels
    step = np.floor(scaled)
    part = scaled - step
    half = 0.5 - 0.46 * crisp
    ramp = np.clip((part - 0.5 + half) / (2 * half), 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    return np.clip((step + ramp) / levels, 0, 1)


def flow_of(luma: np.ndarray, sigma: float, fallback: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors along the picture's edges (structure tensor); along angles `fallback` where nothing has an edge."""
    smooth = blur(luma, max(0.8, sigma * 0.25))
    across_x = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3)
    across_y = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3)
    xx, yy, xy = (blur(product, sigma) for product in (across_x * across_x, across_y * across_y, across_x * across_y))
    turn = 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2
    clear = np.clip((xx + yy) * 1500.0, 0, 1)
    # angles of lines: blend on the doubled circle, so that 179 and 1 degree are neighbours
    cos = clear * np.cos(2 * turn) + (1 - clear) * np.cos(2 * fallback)
    sin = clear * np.sin(2 * turn) + (1 - clear) * np.sin(2 * fallback)
    angle = 0.5 * np.arctan2(sin, cos)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


def smeared(picture: np.ndarray, flow: tuple[np.ndarray, np.ndarray], length: float, steps: int = 4) -> np.ndarray:
    """`picture` averaged along `flow` over `length` pixels each way (line integral convolution, Cabral and Leedom
    1993, by repeated doubling)."""
    height, width = picture.shape[:2]
    x = np.arange(width, dtype=np.float32)[None, :]
    y = np.arange(height, dtype=np.float32)[:, None]
    out = picture
    for step in range(steps):
        reach = np.float32(length * 2.0 ** (step - steps + 1) * 0.6)
        ahead = cv2.remap(
            out, x + flow[0] * reach, y + flow[1] * reach, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        behind = cv2.remap(
            out, x - flow[0] * reach, y - flow[1] * reach, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
        )
        out = (ahead + behind + out) / 3.0
    return out


def relief(height: np.ndarray, strength: float) -> np.ndarray:
    """Light and shade of a height map lit from the upper left, around 1."""
    slope = height - shifted(height, 1, 1)
    return 1.0 + np.clip(slope / max(float(slope.std()), 1e-6), -2.5, 2.5) * strength
