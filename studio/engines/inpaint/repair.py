"""A cut-out made whole again: what its photo still shows comes back, what nothing shows is filled in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.engines.inpaint.damage import SOLID, Box, find_damage, share_of
from studio.errors import BadInput

Fill = Callable[[np.ndarray, np.ndarray, CancelToken], np.ndarray]
"""`InpaintEngine.repair`."""

JOIN = 1.0
"""Deviation, in pixels, of the blur that softens a mended edge as the camera does."""


@dataclass(frozen=True)
class RepairResult:
    """`picture` (h, w, 4), `mask` (h, w) bool of the damage found. Shares 0..1 of the person's area, before and after;
    the same where it was left alone."""

    picture: np.ndarray
    mask: np.ndarray
    share_before: float
    share_after: float
    repaired: bool


def repair_cutout(
    picture: np.ndarray, photo: np.ndarray | None, face_box: Box | None, options: RepairOptions, cancel: CancelToken
) -> RepairResult:
    """The cut-out `picture` (h, w, 4) mended where more than a threshold of the person is missing.

    photo     (h, w, 3) it was cut from, None where all there is has been cut already
    face_box  left, top, width, height; only what lies below it is touched

    Raises BadInput, and what the engine raises.
    """
    _check(picture, photo)
    damage = find_damage(picture, photo, face_box)
    if not damage.mask.any() or damage.share <= options.threshold:
        return RepairResult(picture, damage.mask, damage.share, damage.share, repaired=False)
    cancel.check()
    grown = _with_rim(damage.mask, picture[..., 3], face_box)
    shown = _shown(photo, picture, grown) if photo is not None else np.zeros_like(grown)
    colour = picture[..., :3].copy()
    if photo is not None:
        colour[shown] = photo[shown]
    missing = grown & ~shown
    if missing.any():
        colour = _synthesised(colour, missing, (picture[..., 3] > SOLID) | shown, options.engine, cancel)
    mended = np.dstack([colour, _alpha(picture[..., 3], grown)])
    # what no engine could mend is still missing; what is solid now is not
    left = find_damage(mended, photo, face_box).mask & ~grown
    return RepairResult(mended, damage.mask, damage.share, share_of(left, mended[..., 3]), repaired=True)


@dataclass(frozen=True)
class RepairOptions:
    """`engine` fills what nothing shows. `threshold` 0..1: the share of the person up to which damage is left."""

    engine: Fill
    threshold: float = 0.01


def _check(picture: np.ndarray, photo: np.ndarray | None) -> None:
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 4:
        raise BadInput("picture", f"{picture.dtype} {picture.shape}", "a cut-out (height, width, 4) of uint8")
    if photo is not None and (photo.dtype != np.uint8 or photo.shape != (*picture.shape[:2], 3)):
        raise BadInput("photo", f"{photo.dtype} {photo.shape}", f"uint8 {(*picture.shape[:2], 3)}, as the cut-out")


def _with_rim(mask: np.ndarray, alpha: np.ndarray, face_box: Box | None) -> np.ndarray:
    """The damage with its half-clear edge, whose colours are mixed ones; never the face."""
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    grown = mask | (grown & (alpha < 250) & (alpha > 0))
    if face_box is not None:
        grown[: max(0, round(face_box[1] + face_box[3]))] = False
    return grown


def _shown(photo: np.ndarray, picture: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Where the photo has the body's own pixels: their colours go on from what is around."""
    solid = picture[..., 3] > 250
    shown = np.zeros(missing.shape, bool)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(missing.astype(np.uint8))
    for index in range(1, count):
        left, top, wide, high = (int(value) for value in stats[index, :4])
        rim = 6 + max(wide, high) // 2
        part = slice(max(0, top - rim), top + high + rim), slice(max(0, left - rim), left + wide + rim)
        hole, around = labels[part] == index, solid[part]
        if around.any() and _alike(photo[part], hole, around):
            shown[part] |= hole
    return shown


def _alike(photo: np.ndarray, hole: np.ndarray, around: np.ndarray) -> bool:
    """Whether nine of ten of the hole's colours are found around it (Lab distance under 14)."""
    lab = cv2.cvtColor(np.ascontiguousarray(photo).astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    inner = lab[hole][:: max(1, int(hole.sum()) // 400)]
    outer = lab[around][:: max(1, int(around.sum()) // 600)]
    nearest = np.sqrt(((inner[:, None] - outer[None]) ** 2).sum(axis=2)).min(axis=1)
    return float((nearest < 14.0).mean()) >= 0.9


def _synthesised(
    colour: np.ndarray, missing: np.ndarray, person: np.ndarray, engine: Fill, cancel: CancelToken
) -> np.ndarray:
    """`missing` filled by the engine, shown the body alone: the background would be copied into it."""
    known = person & ~missing
    if not known.any():
        return colour
    left, top, wide, high = cv2.boundingRect(missing.astype(np.uint8))
    rim = max(48, wide, high)
    part = slice(max(0, top - rim), top + high + rim), slice(max(0, left - rim), left + wide + rim)
    if not known[part].any():
        part = slice(None), slice(None)
    scene = _spread(colour[part], known[part], missing[part])
    filled = engine(scene, missing[part], cancel)
    result = colour.copy()
    result[part][missing[part]] = filled[missing[part]]
    return result


def _spread(colour: np.ndarray, known: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """`colour` with the nearest of the body's colours wherever it is neither body nor hole."""
    _, nearest = cv2.distanceTransformWithLabels(
        (~known).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(nearest, np.int64)
    table = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    table[nearest[known]] = colour[known]
    return np.where((known | missing)[..., None], colour, table[nearest])


def _alpha(alpha: np.ndarray, mended: np.ndarray) -> np.ndarray:
    """Solid where mended, soft where that meets the outside."""
    solid = np.where(mended, np.uint8(255), alpha)
    soft = cv2.GaussianBlur(solid, (0, 0), JOIN, borderType=cv2.BORDER_REPLICATE)
    near = cv2.dilate((solid < SOLID).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.where(mended & near, np.maximum(soft, alpha), solid)
