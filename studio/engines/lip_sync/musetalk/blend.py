"""A painted mouth brought back into its picture: sharp where the source was, and without an edge."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.lip_sync.musetalk.face import Crop

FINE = 2.0
"""Deviation, in pixels of the crop, of the blur that parts a face's form from its fine detail: a VAE keeps the form."""

ALIKE = 9.0
"""Grey levels by which source and painting may differ in form where the source's detail still belongs: where the jaw
has moved, it doesn't."""

LARGEST_DETAIL = 64.0
"""Grey levels: pores, stubble and wrinkles stay below; a hard outline is the painting's own affair."""

FINEST, MOST_GRAIN = 0.8, 5.0
"""Deviation in pixels of the blur below which all is grain, and the most grey levels that its own deviation may be."""


@dataclass(frozen=True)
class Shares:
    """How much of a frame's mouth is `spoken`, painted by the network, and how much `closed`, as in silence; what is
    left of 1 is the source's."""

    spoken: float
    closed: float

    @classmethod
    def of(cls, voice: float, turned: float) -> Shares:
        """Of a frame in which a `voice` is heard (0..1), of a face `turned` out of reach (0..1)."""
        return cls(voice * (1 - turned), (1 - voice) * (1 - turned))


def blended(source: np.ndarray, closed: np.ndarray, share: Shares) -> np.ndarray:
    """A new frame (h, w, 3 or 4): `source` with its share of `closed`, the same with its mouth closed."""
    if share.closed <= 0 or closed is source:
        return source.copy()
    if share.closed >= 1:
        return closed.copy()
    return cv2.addWeighted(closed, share.closed, source, 1 - share.closed, 0)


def lay_over(frame: np.ndarray, source: np.ndarray, painted: np.ndarray, crop: Crop, share: float) -> None:
    """Lays the `painted` crop (SIDE, SIDE, 3) float32 over the mouth in `frame` (h, w, 3 or 4), in place; an alpha
    stays, and so does every pixel outside the crop's mask. `source`: the frame that the crop was taken from."""
    part = _part(crop, frame.shape)
    if part is None or share <= 0:
        return
    rows, columns = part
    size = (columns.stop - columns.start, rows.stop - rows.start)
    matrix = cv2.invertAffineTransform(crop.to_crop)
    matrix[:, 2] -= [columns.start, rows.start]
    mask = cv2.warpAffine(crop.mask, matrix, size, flags=cv2.INTER_LINEAR)
    shown = cv2.warpAffine(
        _smaller(painted, crop.scale), matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if crop.scale > 0.5:
        skin = cv2.warpAffine(crop.skin, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        shown = with_detail(shown, source[rows, columns, :3].astype(np.float32), skin, FINE * crop.scale)
    weight = (share * mask)[..., None]
    under = frame[rows, columns, :3]
    mixed = np.clip(under + weight * (shown - under) + 0.5, 0, 255).astype(np.uint8)
    frame[rows, columns, :3] = np.where(weight > 0, mixed, under)


def with_detail(painted: np.ndarray, source: np.ndarray, skin: np.ndarray, fine: float) -> np.ndarray:
    """`painted` (h, w, 3) float32 with the fine detail of `source` in the place of its own, where `skin` (h, w) says so
    and both have one form; elsewhere with its grain. `fine`: deviation in pixels of the blur between form and detail.
    """
    form, own = cv2.GaussianBlur(source, (0, 0), fine), cv2.GaussianBlur(painted, (0, 0), fine)
    away = np.abs(form - own).mean(axis=2)
    share = skin * np.exp(-((cv2.GaussianBlur(away, (0, 0), 2 * fine) / ALIKE) ** 2))
    detail = np.clip(source - form, -LARGEST_DETAIL, LARGEST_DETAIL)
    # less of it in the dark, as a camera has it: an open mouth shows nothing of the lips that were there
    moved = painted + _grain(source, skin) * np.clip(own / np.maximum(form, 1), 0, 1) ** 2
    return moved + share[..., None] * (own + detail - moved)


def _grain(source: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """(h, w, 3) the finest noise of `source`, held to what it is on the `skin`: without it a painted mouth looks wiped
    in a grainy picture, and with more of it the old lips would show through."""
    fine = source - cv2.GaussianBlur(source, (0, 0), FINEST)
    seen = np.abs(fine[skin > 0.5])
    # by the median, which edges don't move
    most = 2 * min(MOST_GRAIN, 1.4826 * float(np.median(seen))) if seen.size else 0.0
    return np.clip(fine, -most, most)


def _smaller(painted: np.ndarray, scale: float) -> np.ndarray:
    """Ready to be shown `scale` times as large: blurred where that is smaller, so that nothing flickers."""
    if scale >= 0.8:
        return painted
    return cv2.GaussianBlur(painted, (0, 0), 0.5 * float(np.sqrt(1 / scale**2 - 1)))


def _part(crop: Crop, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Rows and columns of the picture in which the crop's mask lies."""
    side = crop.mask.shape[0]
    rows, columns = np.nonzero(crop.mask)
    if not len(rows):
        return None
    low, high = (columns.min() - 1, rows.min() - 1), (columns.max() + 1, rows.max() + 1)
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])], np.float64).clip(-1, side)
    back = cv2.invertAffineTransform(crop.to_crop)
    places = corners @ back[:, :2].T + back[:, 2]
    left, top = np.maximum(0, np.floor(places.min(axis=0))).astype(int).tolist()
    right, bottom = np.minimum([shape[1], shape[0]], np.ceil(places.max(axis=0)) + 1).astype(int).tolist()
    return (slice(top, bottom), slice(left, right)) if right - left > 1 and bottom - top > 1 else None
