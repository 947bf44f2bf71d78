"""How colour is laid on: one file a family of mediums, each a function from patch to patch."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.mediums.cut import cel, flat, papercut
from studio.engines.image.mediums.paint import oil, pastel, watercolour
from studio.engines.image.mediums.patch import LUMA, Patch
from studio.engines.image.mediums.printed import ink, riso, woodcut
from studio.engines.image.noise import blur
from studio.engines.image.sheet import in_bytes

MEDIUMS: Mapping[str, Callable[[Patch], Patch]] = {
    "watercolour": watercolour,
    "pastel": pastel,
    "oil": oil,
    "papercut": papercut,
    "cel": cel,
    "flat": flat,
    "woodcut": woodcut,
    "ink": ink,
    "riso": riso,
}
"""Film is missing: what the brushes made is what the camera saw."""

OVERHANG = 0.03
"""In units: how far a medium may reach beyond a layer's paint, for shadows and bleeding edges."""


def render(easel: Easel, sheet: np.ndarray, index: int, figure: bool = False) -> np.ndarray:
    """A layer's sheet graded by the style and redrawn in its medium, as bytes with straight alpha. `index` counts
    layers from the back; a `figure` is worked with finer tools, the finer the smaller it stands."""
    medium = MEDIUMS.get(easel.medium)
    box = _used(easel, sheet)
    if box is None:
        return np.zeros(sheet.shape, np.uint8)
    left, top, right, bottom = box
    part = sheet[top:bottom, left:right]
    alpha = np.clip(part[..., 3], 0.0, 1.0, dtype=np.float32)
    colour = np.ascontiguousarray(part[..., :3], np.float32)
    if index:
        colour = cv2.divide(colour, cv2.cvtColor(np.maximum(alpha, np.float32(1 / 512)), cv2.COLOR_GRAY2RGB))
    colour = np.clip(colour, 0.0, 1.0)
    patch = Patch(_graded(easel, colour), alpha, easel, index, (left, top), _brush(easel) if figure else 1.0)
    if medium is not None:
        patch = medium(patch)
    bytes_ = in_bytes(patch.colour, np.asarray(patch.alpha, np.float32), easel.rng(f"dither {index}"))
    if bytes_.shape == sheet.shape:
        return bytes_
    out = np.zeros(sheet.shape, np.uint8)
    out[top:bottom, left:right] = bytes_
    return out


def _brush(easel: Easel) -> float:
    return {"wide": 0.34, "medium": 0.62, "close": 0.85}[easel.request.shot.framing]


def _used(easel: Easel, sheet: np.ndarray) -> tuple[int, int, int, int] | None:
    left, top, width, height = cv2.boundingRect((sheet[..., 3] > 1 / 255).astype(np.uint8))
    if width == 0:
        return None
    reach = round(OVERHANG * easel.canvas.unit)
    right, bottom = min(left + width + reach, sheet.shape[1]), min(top + height + reach, sheet.shape[0])
    return max(left - reach, 0), max(top - reach, 0), right, bottom


def _graded(easel: Easel, colour: np.ndarray) -> np.ndarray:
    """The style's contrast and saturation; 0.5 of either leaves colours about as they are."""
    style = easel.request.style
    strength = (style.contrast - 0.5) * 1.5
    bent = colour * (3.0 - 2.0 * colour)
    bent *= colour
    colour = cv2.addWeighted(colour, 1.0 - strength, bent, strength, 0.0)
    luma = colour @ LUMA
    # the wide unsharp mask that printers call clarity
    clarity = 1.0 + 0.45 * (luma - blur(luma, easel.canvas.unit * 0.05))
    colour = np.clip(cv2.multiply(colour, cv2.cvtColor(clarity, cv2.COLOR_GRAY2RGB)), 0, 1)
    share = min(1.25, style.saturation / 0.6)
    # saturation as one matrix: towards or away from each pixel's own grey
    return cv2.transform(colour, np.eye(3, dtype=np.float32) * share + LUMA[None] * (1.0 - share))
