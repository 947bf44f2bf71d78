"""The share of the subject in every pixel of its edge: hair, fur, blur.

Closed-form matting (Levin, Lischinski and Weiss, "A Closed-Form Solution to Natural Image Matting", 2008) in its fast
form (He, Sun and Tang, "Fast Matting Using Large Kernel Matting Laplacian Matrices", 2010), where the Laplacian is
what a guided filter leaves of an alpha. The colours on both sides give it a first estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.cutout.plain import chosen

Head = tuple[float, float, float, float]
"""A face's left, top, width and height as shares of the picture's width and height."""

STEPS = 40
"""Of conjugate gradients at most; alpha then changes by less than a grey level a step."""

SMOOTHNESS = 5e-5
"""In squared colour (0..1): how much colour may vary without alpha doing so."""

KNOWN, GUESSED, HINT, FAR_HINT, BUSY_HINT = 4.0, 0.12, 0.003, 0.25, 3.0
"""Weights of what is known, of what the colours say at best, and of the outline: close by, at the band's rim, and
where a busy background leaves the colours nothing to say."""

EDGE, HAIR_OUT, HAIR_IN = 0.008, 0.18, 0.10
"""Half the width of a common edge's band, as a share of the shorter side; that of hair to both sides, in faces."""


class GuidedFilter:
    """Local linear models from a picture's colours (h, w, 3) float 0..1 to any plane over windows of `radius`.

    He, Sun and Tang, "Guided Image Filtering", 2010. What depends on the picture alone is worked out once.
    """

    def __init__(self, guide: np.ndarray, radius: int, smoothness: float) -> None:
        self._guide = guide
        self._window = (2 * radius + 1, 2 * radius + 1)
        self._average = self._mean(guide)
        r, g, b = cv2.split(guide)
        mr, mg, mb = cv2.split(self._mean(guide.astype(np.float64)))
        # in doubles: a grey picture's determinant is a small difference of large products
        rr, gg, bb = (self._joint(c, c, m, m) + smoothness for c, m in ((r, mr), (g, mg), (b, mb)))
        rg, rb, gb = self._joint(r, g, mr, mg), self._joint(r, b, mr, mb), self._joint(g, b, mg, mb)
        # the symmetric 3 x 3 matrix's inverse by its adjugate
        a00, a01, a02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
        a11, a12, a22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
        share = 1.0 / (rr * a00 + rg * a01 + rb * a02)
        rows = (a00, a01, a02), (a01, a11, a12), (a02, a12, a22)
        self._rows = [cv2.merge([(each * share).astype(np.float32) for each in row]) for row in rows]

    def _joint(self, one: np.ndarray, two: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Their covariance, given their means."""
        joint = self._mean(one.astype(np.float64) * two) - first.astype(np.float64) * second
        return np.maximum(joint, 0.0) if one is two else joint

    def _mean(self, values: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(values, -1, self._window, borderType=cv2.BORDER_REFLECT)

    def fitted(self, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes (h, w, 3) and offset (h, w) of the models of `target` (h, w), averaged over each pixel's windows."""
        mean = self._mean(target)
        covariance = self._mean(self._guide * cv2.merge([target] * 3)) - self._average * cv2.merge([mean] * 3)
        slopes = cv2.merge([_dot(row, covariance) for row in self._rows])
        return self._mean(slopes), self._mean(mean - _dot(slopes, self._average))

    def __call__(self, target: np.ndarray) -> np.ndarray:
        slopes, offset = self.fitted(target)
        return _dot(slopes, self._guide) + offset


def _dot(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return cv2.transform(one * two, np.ones((1, 3), np.float32))


@dataclass(frozen=True)
class _Sides:
    """What is surely subject and surely background, (h, w) float 0 or 1, and the widest unknown band in pixels."""

    inside: np.ndarray
    outside: np.ndarray
    reach: int


def matted(guide: np.ndarray, coarse: np.ndarray, heads: Sequence[Head] = ()) -> np.ndarray:
    """Alpha (h, w) float32 0..1 of `guide` (h, w, 3) float 0..1 from its outline `coarse` (h, w) float 0..1.

    Around `heads` a wide band is open, for hair; elsewhere a narrow one.
    """
    sides = _sides((coarse > 0.5).astype(np.uint8), heads)
    unknown = 1.0 - sides.inside - sides.outside
    left, top, width, height = cv2.boundingRect((unknown > 0).astype(np.uint8))
    if not width:
        return sides.inside
    rim = 2 * sides.reach + 6
    rows = slice(max(0, top - rim), min(coarse.shape[0], top + height + rim))
    columns = slice(max(0, left - rim), min(coarse.shape[1], left + width + rim))
    part = rows, columns
    alpha = sides.inside.copy()
    inside, outside = (np.ascontiguousarray(side[part]) for side in (sides.inside, sides.outside))
    near = _Sides(inside, outside, sides.reach)
    alpha[part] = _solved(np.ascontiguousarray(guide[part]), np.ascontiguousarray(coarse[part]), near)
    return alpha


def _sides(solid: np.ndarray, heads: Sequence[Head]) -> _Sides:
    height, width = solid.shape
    narrow = max(2, round(EDGE * min(solid.shape)))
    inside, outside = cv2.erode(solid, _disc(narrow)), 1 - cv2.dilate(solid, _disc(narrow))
    reach = narrow
    for x, y, w, h in heads:
        face = w * width
        out, inner = round(HAIR_OUT * face), round(HAIR_IN * face)
        if out <= narrow:
            continue
        zone = np.zeros_like(solid)
        middle = (round((x + w / 2) * width), round((y + 0.7 * h) * height))
        cv2.ellipse(zone, middle, (round(1.25 * face), round(1.75 * h * height)), 0, 0, 360, 1, -1)
        # the face itself has no open hair: it stays surely subject
        skin = np.zeros_like(solid)
        centre = (round((x + w / 2) * width), round((y + 0.5 * h) * height))
        cv2.ellipse(skin, centre, (max(1, round(0.46 * face)), max(1, round(0.46 * h * height))), 0, 0, 360, 1, -1)
        inside &= 1 - zone * (1 - cv2.erode(solid, _disc(max(inner, narrow))))
        inside |= skin & solid
        outside &= 1 - zone * cv2.dilate(solid, _disc(out))
        reach = max(reach, out)
    return _Sides(inside.astype(np.float32), outside.astype(np.float32), reach)


def _disc(radius: int) -> np.ndarray:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)


def _solved(guide: np.ndarray, coarse: np.ndarray, sides: _Sides) -> np.ndarray:
    """Minimises alpha's part that the colours don't explain plus its distance to what is known, by conjugate
    gradients."""
    known = sides.inside + sides.outside
    estimate, trust, apart = _by_colours(guide, sides)
    # strands thin out: what looks like hair far from the outline is more likely a pattern behind it
    away = _away(coarse, sides)
    trust = trust * (1.0 - away * away) * apart
    hint = (HINT + FAR_HINT * away**2 + BUSY_HINT * (1.0 - apart) ** 2 * (0.2 + away)) * (1.0 - known)
    weight = KNOWN * known + GUESSED * trust * (1.0 - known) + hint
    wanted = KNOWN * sides.inside + GUESSED * trust * (1.0 - known) * estimate + hint * coarse
    smooth = GuidedFilter(guide, 2, SMOOTHNESS)
    scale = 1.0 / (1.0 + weight)
    alpha = np.where(known > 0, sides.inside, trust * estimate + (1.0 - trust) * coarse).astype(np.float32)
    rest = wanted - (weight * alpha + alpha - smooth(alpha))
    step = scale * rest
    energy = _inner(rest, step)
    for _ in range(STEPS):
        image = weight * step + step - smooth(step)
        bend = _inner(step, image)
        if bend <= 1e-9 or energy <= 1e-9:
            break
        length = energy / bend
        alpha = alpha + length * step
        rest = rest - length * image
        if float(np.abs(length * step).max()) < 0.004:
            break
        nearer = scale * rest
        following = _inner(rest, nearer)
        step = nearer + (following / energy) * step
        energy = following
    return _connected(np.clip(alpha, 0.0, 1.0))


def _connected(alpha: np.ndarray) -> np.ndarray:
    """Without what floats beside the subject: bits of pattern behind it."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats((alpha > 0.08).astype(np.uint8))
    if count <= 2:
        return alpha
    peak = np.zeros(count, np.float32)
    np.maximum.at(peak, np.asarray(parts, np.int64).ravel(), alpha.ravel())
    areas = stats[:, cv2.CC_STAT_AREA]
    floating = (areas < 0.02 * areas[1:].max()) | (peak < 0.9)
    floating[0] = False
    return np.where(chosen(parts, floating) > 0, np.float32(0.0), alpha)


def _away(coarse: np.ndarray, sides: _Sides) -> np.ndarray:
    """0 at the outline of `coarse` to 1 at the rims of the band, which is narrower inside."""
    solid = (coarse > 0.5).astype(np.uint8)
    outer = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 3) / sides.reach
    inner = cv2.distanceTransform(solid, cv2.DIST_L2, 3) / max(2.0, sides.reach * HAIR_IN / HAIR_OUT)
    return np.minimum(outer + inner, 1.0)


def _inner(one: np.ndarray, two: np.ndarray) -> np.float32:
    return np.float32(np.vdot(one, two))


def _by_colours(guide: np.ndarray, sides: _Sides) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each pixel lies between the colours on its two sides (0..1), how far that can be trusted, and how well the
    sides can be told apart around there: well where both are even and unlike each other."""
    sigma = max(2.0, 0.8 * sides.reach)
    front, front_spread, front_seen = _local(guide, sides.inside, sigma)
    back, back_spread, back_seen = _local(guide, sides.outside, sigma)
    between = front - back
    distance = _dot(between, between)
    alpha = np.clip(_dot(guide - back, between) / np.maximum(distance, 1e-5), 0.0, 1.0)
    off = guide - back - between * alpha[..., None]
    seen = np.clip(50.0 * np.minimum(front_seen, back_seen), 0.0, 1.0)
    # the subject may be of many colours; it is the background's evenness that tells strands from patterns
    apart = seen * distance / (distance + front_spread + 6.0 * back_spread + 1e-3)
    doubt = front_spread + back_spread + _dot(off, off) + 1e-3
    return alpha, seen * distance / (distance + 4.0 * doubt), apart


def _local(guide: np.ndarray, side: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean colour and its variance of one side around each pixel, and how much of that side is there."""
    seen = _blurred(side, sigma)
    share = 1.0 / np.maximum(seen, 1e-6)
    mean = _blurred(guide * side[..., None], sigma) * share[..., None]
    square = _blurred(_dot(guide, guide) * side, sigma) * share
    return mean, np.maximum(square - _dot(mean, mean), 0.0), seen


def _blurred(values: np.ndarray, sigma: float) -> np.ndarray:
    """Two boxes do for a Gaussian, at a cost that does not grow with its width."""
    window = 2 * max(1, round(1.22 * sigma)) + 1
    return cv2.blur(cv2.blur(values, (window, window)), (window, window))
