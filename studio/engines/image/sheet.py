"""Sheets of paint: premultiplied float32 pictures (h, w, 4) in 0..1, and vector drawing onto them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from studio.engines.image.noise import Rng


def opaque(colour: np.ndarray) -> np.ndarray:
    """A colour picture (h, w, 3) as a sheet nothing shows through."""
    return np.dstack([colour, np.ones(colour.shape[:2], np.float32)])


def tinted(mask: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """`mask` (h, w) 0..1 as a sheet in `colour`: one colour (3,) or a picture (h, w, 3)."""
    sheet = np.empty((*mask.shape, 4), np.float32)
    sheet[..., :3] = colour
    sheet[..., :3] *= mask[..., None]
    sheet[..., 3] = mask
    return sheet


def over(below: np.ndarray, above: np.ndarray) -> np.ndarray:
    """`above` laid on `below`, both sheets."""
    return above + below * (1.0 - above[..., 3:])


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
    out = sheet.copy()
    out[..., :3] += light * np.clip(sheet[..., 3:] - sheet[..., :3], 0.0, 1.0)
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


def straight(sheet: np.ndarray, rng: Rng) -> np.ndarray:
    """The sheet as bytes with straight alpha (h, w, 4), dithered so that skies don't band."""
    alpha = np.clip(sheet[..., 3:], 0.0, 1.0)
    colour = sheet[..., :3] / np.maximum(alpha, 1.0 / 512)
    dither = rng.random(sheet.shape[:2], dtype=np.float32)[..., None]
    out = np.empty(sheet.shape, np.uint8)
    out[..., :3] = np.clip(colour * 255.0 + dither, 0, 255)
    out[..., 3:] = np.clip(alpha * 255.0 + 0.5, 0, 255)
    if np.any(out[..., 3] == 0):
        bleed_colour(out)
    return out


def bleed_colour(picture: np.ndarray) -> None:
    """Gives clear pixels their neighbours' colour in place, so that no scaling pulls black into an edge."""
    clear = picture[..., 3] < 8
    height, width = clear.shape
    weight = (~clear).astype(np.float32)
    small = (max(1, width // 16), max(1, height // 16))
    colour = cv2.resize(picture[..., :3].astype(np.float32) * weight[..., None], small, interpolation=cv2.INTER_AREA)
    amount = cv2.resize(weight, small, interpolation=cv2.INTER_AREA)
    colour, amount = cv2.GaussianBlur(colour, (0, 0), 2.0), cv2.GaussianBlur(amount, (0, 0), 2.0)
    spread = cv2.resize(colour / np.maximum(amount, 1e-4)[..., None], (width, height))
    picture[..., :3][clear] = np.clip(spread, 0, 255).astype(np.uint8)[clear]


def colour4f(colour: np.ndarray, alpha: float = 1.0) -> Any:
    """A colour (3,) of 0..1 as skia wants it."""
    import skia

    return skia.Color4f(float(colour[0]), float(colour[1]), float(colour[2]), float(alpha))


def image_of(sheet: np.ndarray) -> Any:
    """A sheet as a skia image."""
    import skia

    pixels = np.ascontiguousarray(np.clip(sheet * 255.0 + 0.5, 0, 255).astype(np.uint8))
    return skia.Image.fromarray(pixels, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType, copy=True)
