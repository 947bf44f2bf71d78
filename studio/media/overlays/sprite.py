"""Pictures laid over frames again and again: premultiplied, cut to where their ink is, with a shadow to stand out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from studio.media.overlays.look import Rgb

_SHADOW, _HALO = 0.82, 0.62  # strengths: right under the letters, and softly around them


@dataclass(frozen=True)
class Sprite:
    """`colour` (h, w, 3), premultiplied; `through` (h, w, 3), what of the frame stays, 0..255; its corner's place."""

    colour: np.ndarray
    through: np.ndarray
    left: int
    top: int

    def lay(self, frame: np.ndarray, opacity: float = 1.0, shift: int = 0) -> None:
        """Onto `frame` (H, W, 3) uint8, in place; `shift` pixels further down. What lies outside is left out."""
        top = self.top + shift
        above, before = max(0, -top), max(0, -self.left)
        target = frame[max(0, top) : top + len(self.colour), max(0, self.left) : self.left + self.colour.shape[1]]
        if opacity <= 0 or target.size == 0:
            return
        window = np.s_[above : above + target.shape[0], before : before + target.shape[1]]
        colour, through = self.colour[window], self.through[window]
        if opacity < 1:
            colour = cv2.convertScaleAbs(colour, alpha=opacity)
            through = cv2.convertScaleAbs(through, alpha=opacity, beta=255 * (1 - opacity))
        target[:] = cv2.add(cv2.multiply(target, through, scale=1 / 255), colour)


def sprite_of(picture: np.ndarray, left: int, top: int) -> Sprite | None:
    """The inked part of a premultiplied RGBA `picture` whose corner lies at (left, top); None where it is empty."""
    x, y, width, height = cv2.boundingRect(picture[..., 3])
    if width == 0:
        return None
    used = np.ascontiguousarray(picture[y : y + height, x : x + width])
    through = cv2.cvtColor(cv2.bitwise_not(used[..., 3]), cv2.COLOR_GRAY2RGB)
    return Sprite(np.ascontiguousarray(used[..., :3]), through, left + x, top + y)


def shaded(picture: np.ndarray, shade: Rgb, pixels: float) -> np.ndarray:
    """Premultiplied RGBA `picture` over its own shadow: a close one a little lower, and a wide soft one that darkens
    what is behind the words. `pixels` is the letters' size; the picture's padding must hold two thirds of it."""
    x, y, width, height = cv2.boundingRect(picture[..., 3])
    if width == 0:
        return picture
    reach = math.ceil(0.66 * pixels)
    window = np.s_[max(0, y - reach) : y + height + reach, max(0, x - reach) : x + width + reach]
    inked = np.ascontiguousarray(picture[window])
    alpha = cv2.extractChannel(inked, 3)
    clear = cv2.multiply(_through(_close(alpha, pixels), _SHADOW), _through(_halo(alpha, pixels), _HALO), scale=1 / 255)
    under = cv2.multiply(cv2.bitwise_not(clear), cv2.bitwise_not(alpha), scale=1 / 255)
    tinted = cv2.merge([cv2.convertScaleAbs(under, alpha=value / 255) for value in (*shade, 255)])
    out = np.zeros_like(picture)
    out[window] = cv2.add(inked, tinted)
    return out


def _close(alpha: np.ndarray, pixels: float) -> np.ndarray:
    drop = np.array([[1, 0, 0], [0, 1, 0.035 * pixels]], np.float32)
    blurred = cv2.GaussianBlur(alpha, (0, 0), max(0.6, 0.05 * pixels))
    return cv2.warpAffine(blurred, drop, alpha.shape[::-1], flags=cv2.INTER_LINEAR)


def _halo(alpha: np.ndarray, pixels: float) -> np.ndarray:
    """Made small and enlarged: nothing that soft needs its pixels."""
    step = max(1, round(pixels / 12))
    small = cv2.resize(alpha, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    across = 2 * round(0.16 * pixels / step) + 1
    grown = cv2.dilate(small, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across)))
    soft = cv2.GaussianBlur(grown, (0, 0), 0.2 * pixels / step)
    return cv2.resize(soft, alpha.shape[::-1], interpolation=cv2.INTER_LINEAR)


def _through(shadow: np.ndarray, strength: float) -> np.ndarray:
    return cv2.bitwise_not(cv2.convertScaleAbs(shadow, alpha=strength))
