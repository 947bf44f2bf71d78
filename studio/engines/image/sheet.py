"""Sheets of paint: premultiplied float32 pictures (h, w, 4) in 0..1, and vector drawing onto them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from studio.engines.image.noise import Rng


_THROUGH = np.array([[0, 0, 0, -1, 1]] * 4, np.float32)
"""As a matrix: what a sheet lets through, in all four channels."""


_ROOM = np.array([[-1, 0, 0, 1], [0, -1, 0, 1], [0, 0, -1, 1]], np.float32)
"""As a matrix: how much brighter each colour of a premultiplied sheet can get."""


def opaque(colour: np.ndarray) -> np.ndarray:
    """A colour picture (h, w, 3) as a sheet nothing shows through."""
    return cv2.cvtColor(np.ascontiguousarray(colour, np.float32), cv2.COLOR_RGB2RGBA)


def tinted(mask: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """`mask` (h, w) 0..1 as a sheet in `colour`: one colour (3,) or a picture (h, w, 3)."""
    mask = np.ascontiguousarray(mask, np.float32)
    colour = np.asarray(colour, np.float32)
    if colour.ndim == 1:
        return cv2.transform(mask, np.append(colour, np.float32(1.0))[:, None])
    painted = cv2.multiply(np.ascontiguousarray(colour), cv2.cvtColor(mask, cv2.COLOR_GRAY2RGB))
    return joined(painted, mask)


def joined(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """(h, w, 3) and (h, w), of one type, as (h, w, 4)."""
    out = cv2.cvtColor(np.ascontiguousarray(colour), cv2.COLOR_RGB2RGBA)
    return cv2.insertChannel(np.ascontiguousarray(alpha), out, 3)


def over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """`above` laid on `below`, both sheets."""
    through = cv2.transform(np.ascontiguousarray(above, np.float32), _THROUGH)
    cv2.multiply(np.ascontiguousarray(below, np.float32), through, dst=through)
    return cv2.add(through, np.ascontiguousarray(above, np.float32), dst=through)


def laid(sheet: np.ndarray, *above: np.ndarray | None) -> np.ndarray:
    """`sheet` with those of `above` that are there laid on it in turn."""
    for each in above:
        sheet = sheet if each is None else over(sheet, each)
    return sheet


def wash(sheet: np.ndarray, colour: np.ndarray, amount: np.ndarray | float) -> np.ndarray:
    """`sheet` with its paint moved by `amount` 0..1 towards `colour`; what is clear stays clear."""
    share = amount[..., None] if isinstance(amount, np.ndarray) else amount
    out = sheet.copy()
    out[..., :3] += (colour * sheet[..., 3:] - sheet[..., :3]) * share
    return out


def glow(sheet: np.ndarray, light: np.ndarray, cover: float = 0.0) -> np.ndarray:
    """`light` (h, w, 3) screened onto the paint; `cover` 0..1 lets it show where there is no paint, as haze does."""
    room = np.clip(cv2.transform(sheet, _ROOM), 0.0, 1.0)
    cv2.multiply(room, np.ascontiguousarray(light, np.float32), dst=room)
    out = cv2.add(sheet, joined(room, np.zeros(sheet.shape[:2], np.float32)))
    if cover > 0:
        veil = light * (cover * (1.0 - sheet[..., 3:]))
        out[..., :3] += veil
        out[..., 3] += veil.max(axis=2)
    return out


def textured(sheet: np.ndarray, grain: np.ndarray, strength: float) -> np.ndarray:
    """Light and dark of `grain` (h, w) 0..1 worked into the paint."""
    out = sheet.copy()
    out[..., :3] *= (1.0 + (grain - 0.5) * (2.0 * strength))[..., None]
    return np.minimum(out, np.maximum(out[..., 3:], 0.0))


def drawn(shape: tuple[int, int], draw: Callable[[Any], None]) -> np.ndarray:
    """A sheet of what `draw` puts on a skia canvas of (height, width) pixels."""
    import skia

    pixels = np.zeros((*shape, 4), np.uint8)
    info = skia.ImageInfo.Make(shape[1], shape[0], skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRasterDirect(info, pixels, shape[1] * 4)
    draw(surface.getCanvas())
    del surface
    return pixels.astype(np.float32) * np.float32(1 / 255)


def in_bytes(colour: np.ndarray, alpha: np.ndarray, rng: Rng) -> np.ndarray:
    """Straight colour (h, w, 3) and alpha (h, w) of 0..1 as bytes (h, w, 4), dithered so that skies don't band."""
    dither = rng.random(alpha.shape, dtype=np.float32) - np.float32(0.5)
    level = cv2.scaleAdd(np.ascontiguousarray(colour, np.float32), 255.0, cv2.cvtColor(dither, cv2.COLOR_GRAY2RGB))
    cover = cv2.convertScaleAbs(alpha, alpha=255.0)
    return joined(bled(cv2.convertScaleAbs(np.maximum(level, 0.0)), cover), cover)


def bled(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """`colour` bytes (h, w, 3) whose clear pixels have their neighbours' colour, so that no scaling pulls black into
    an edge."""
    clear = cv2.threshold(alpha, 7, 255, cv2.THRESH_BINARY_INV)[1]
    if not clear.any():
        return colour
    height, width = alpha.shape
    small = (max(1, width // 16), max(1, height // 16))
    solid = cv2.bitwise_not(clear)
    painted = cv2.resize(cv2.bitwise_and(colour, colour, mask=solid), small, interpolation=cv2.INTER_AREA)
    amount = cv2.resize(solid, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    near, amount = cv2.GaussianBlur(painted.astype(np.float32), (0, 0), 2.0), cv2.GaussianBlur(amount, (0, 0), 2.0)
    spread = np.clip(near / np.maximum(amount, 1e-4)[..., None], 0, 255).astype(np.uint8)
    return cv2.copyTo(cv2.resize(spread, (width, height)), clear, colour.copy())


def colour4f(colour: np.ndarray, alpha: float = 1.0) -> Any:
    """A colour (3,) of 0..1 as skia wants it."""
    import skia

    return skia.Color4f(float(colour[0]), float(colour[1]), float(colour[2]), float(alpha))


def image_of(sheet: np.ndarray) -> Any:
    """A sheet as a skia image."""
    import skia

    pixels = np.ascontiguousarray(np.clip(sheet * 255.0 + 0.5, 0, 255).astype(np.uint8))
    return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType, copy=True)
