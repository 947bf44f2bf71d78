"""How large a picture is drawn, what it starts from, and how it is brought to the size that was asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Cutout, Size

_GRID = 8
"""Pixels of a latent."""

_FROM = 1.3
"""Of the native area: up to here a picture is drawn at once. Beyond it a 1.x model repeats its subject."""

_MOST = 4.0
"""Of the native area: the second pass goes up to here, the rest is enlarged."""

_SURE = 0.5
_TALL = {"wide": 0.62, "medium": 0.92, "close": 1.35}
"""Height of a figure in frame heights."""

_FOOT = {"wide": 0.95, "medium": 1.06, "close": 1.42}


@dataclass(frozen=True)
class Canvas:
    """`base`: drawn first, about as large as what the model was trained on. `refined`: the size of a second pass over
    the enlarged picture, which adds the detail that enlarging can't; None without one."""

    base: Size
    refined: Size | None = None


def plan_canvas(size: Size, native: int, share: float) -> Canvas:
    """`native`: side of the square the model was trained on; `share` of it is drawn, and below 1 nothing refined."""
    area, asked = (native * share) ** 2, size.width * size.height
    if share >= 1.0 and area <= asked <= _FROM * area:
        return Canvas(Size(_up(size.width), _up(size.height)))
    base = _scaled(size, math.sqrt(area / asked))
    if share < 1.0 or asked <= _FROM * area:
        return Canvas(base)
    return Canvas(base, _scaled(size, min(1.0, math.sqrt(_MOST * area / asked))))


def fitted(picture: np.ndarray, size: Size) -> np.ndarray:
    """`picture` (h, w, 3) at exactly `size`."""
    if picture.shape[:2] == (size.height, size.width):
        return picture
    shrinks = picture.shape[0] * picture.shape[1] > size.width * size.height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LANCZOS4
    return cv2.resize(picture, (size.width, size.height), interpolation=method)


def _scaled(size: Size, factor: float) -> Size:
    return Size(*(max(_GRID, round(side * factor / _GRID) * _GRID) for side in (size.width, size.height)))


def _up(side: int) -> int:
    return -(-side // _GRID) * _GRID


# ---- characters -------------------------------------------------------------------------------------------


def visible(cutouts: Sequence[Cutout]) -> tuple[Cutout, ...]:
    """Those that show anything."""
    return tuple(cutout for cutout in cutouts if cutout.confidence < _SURE or bool((cutout.picture[..., 3] > 8).any()))


def portrait(cutout: Cutout) -> np.ndarray:
    """The character on light grey, as an adapter is shown it; with its own background where the cut is a guess."""
    colour = cutout.picture[..., :3]
    if cutout.confidence < _SURE:
        return colour
    alpha = cutout.picture[..., 3:].astype(np.float32) / 255.0
    return np.round(colour * alpha + 225.0 * (1.0 - alpha)).astype(np.uint8)


def composition(cutouts: Sequence[Cutout], palette: Sequence[str], framing: str, size: Size) -> np.ndarray:
    """A picture (H, W, 3) to draw over: the palette as a backdrop, dark below, and the characters standing in it."""
    frame = _backdrop(palette, size).astype(np.float32)
    for number, cutout in enumerate(cutouts):
        x = size.width * (number + 1) / (len(cutouts) + 1)
        tall = _TALL[framing] * size.height * (1.0 if len(cutouts) == 1 else 0.85)
        _stand(frame, cutout, (x, _FOOT[framing] * size.height), tall)
    return np.round(frame).clip(0, 255).astype(np.uint8)


def _backdrop(palette: Sequence[str], size: Size) -> np.ndarray:
    colours = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in palette] or [[40] * 3, [150] * 3]
    column = np.array(colours[::-1], np.float32)[:, None, :]
    return cv2.resize(column, (size.width, size.height), interpolation=cv2.INTER_LINEAR)


def _stand(frame: np.ndarray, cutout: Cutout, foot: tuple[float, float], tall: float) -> None:
    """Lays a character into `frame`, its feet at `foot` (x, y), not wider than the frame."""
    picture = cutout.picture
    scale = min(tall / picture.shape[0], 0.9 * frame.shape[1] / picture.shape[1])
    wide, high = (max(1, round(side * scale)) for side in picture.shape[1::-1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = cv2.resize(picture, (wide, high), interpolation=method).astype(np.float32)
    if cutout.confidence < _SURE:
        small[..., 3] = 255.0
    left, top = round(foot[0] - wide / 2), round(foot[1] - high)
    rows, columns = (
        slice(max(0, top), min(frame.shape[0], top + high)),
        slice(max(0, left), min(frame.shape[1], left + wide)),
    )
    part = small[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    alpha = part[..., 3:] / 255.0
    frame[rows, columns] = frame[rows, columns] * (1 - alpha) + part[..., :3] * alpha
