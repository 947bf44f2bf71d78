"""The embedded cut-out: alpha that is there, else what two small networks see, sharpened by a plain background."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Cutout, CutoutEngine
from studio.engines.cutout.edges import clean_colour, refined
from studio.engines.cutout.judge import SEEN_BORDER_COST, confidence_of, solidity
from studio.engines.cutout.matting import Head
from studio.engines.cutout.outline import outlined
from studio.engines.cutout.plain import plain_background
from studio.engines.cutout.saliency import SubjectFinder
from studio.engines.networks import unavailable
from studio.errors import BadInput, EngineUnavailable

VIEW_SIDE = 1280
"""Longest side, in pixels, of what the networks are shown parts of."""

WORKING_SIDE = 512
"""Longest side at which the outline is found; the edge is refined at full size."""


KEPT = 0.98
"""Confidence in an alpha that somebody else made."""

SAME = 0.9
"""Intersection over union from which two outlines are of the same subject."""

SURE = 0.7
"""Confidence from which what the networks see outweighs what the colours say."""


@dataclass(frozen=True)
class _Found:
    """`mask` (h, w) uint8 0 or 255 at working size, `confidence` 0..1 in it, `heads` the people's."""

    mask: np.ndarray
    confidence: float
    heads: tuple[Head, ...] = ()


class U2NetCutout(CutoutEngine):
    """Sees the subject with U-2-Net, draws its outline with GrabCut, and softens the edge with a guided filter."""

    def __init__(self, name: str = "u2net", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        if why := unavailable():
            raise EngineUnavailable(name, why, "put back the studio's assets/models folder")
        self._finder = SubjectFinder()

    def cut_out(self, picture: np.ndarray, cancel: CancelToken) -> Cutout:
        _check(picture)
        cancel.check()
        if picture.shape[2] == 4 and _is_cut(picture[..., 3]):
            return _cropped(picture.copy(), KEPT)
        colour = np.ascontiguousarray(picture[..., :3])
        small = _resized(colour, WORKING_SIDE)
        cancel.check()
        found = self._seen(colour, small, cancel)
        plain = _by_colour(small)
        if plain:
            found = _reconciled(plain, found)
        cancel.check()
        alpha = refined(colour, found.mask, found.heads)
        cancel.check()
        confidence = found.confidence * solidity(alpha)
        if confidence < 0.5:
            # whoever frames the picture wants all of it, background and all
            return Cutout(np.dstack([colour, alpha]), confidence)
        return _cropped(np.dstack([clean_colour(colour, alpha), alpha]), confidence)

    def _seen(self, colour: np.ndarray, small: np.ndarray, cancel: CancelToken) -> _Found:
        """Trusted as far as the networks are decided and the colours bear them out."""
        guess = self._finder.find(_resized(colour, VIEW_SIDE))
        cancel.check()
        size = (small.shape[1], small.shape[0])
        mask, agreement = outlined(small, cv2.resize(guess.probability, size, interpolation=cv2.INTER_AREA))
        decided = float(np.clip((guess.certainty - 0.3) / 0.5, 0.0, 1.0))
        borne_out = float(np.clip((agreement - 0.55) / 0.3, 0.0, 1.0))
        shape = confidence_of(mask, max(1, len(guess.heads)), SEEN_BORDER_COST)
        return _Found(mask, 0.96 * (0.3 + 0.7 * decided) * (0.4 + 0.6 * borne_out) * shape, guess.heads)


def _by_colour(small: np.ndarray) -> _Found | None:
    """The subject before a plain background; None where there is no such background."""
    mask, trust = plain_background(small)
    return None if mask is None else _Found(mask, trust * confidence_of(mask))


def _reconciled(plain: _Found, seen: _Found) -> _Found:
    """Colours give the sharper outline where both mean the same; shadows, and white shirts before white walls, are
    what the networks know better. Where they differ neither is believed wholly."""
    first, second = plain.mask > 0, seen.mask > 0
    same = float((first & second).sum() / max(1, int((first | second).sum())))
    if same >= SAME:
        return replace(plain, heads=seen.heads)
    better = seen if seen.confidence >= min(SURE, plain.confidence) else plain
    return _Found(better.mask, better.confidence * (0.5 + 0.5 * same), seen.heads)


def _check(picture: np.ndarray) -> None:
    accepted = "a picture (height, width, 3 or 4) of uint8, from 16 pixels a side"
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] not in (3, 4) or min(picture.shape[:2]) < 16:
        raise BadInput("picture", f"{picture.dtype} {picture.shape}", accepted)


def _resized(picture: np.ndarray, longest: int) -> np.ndarray:
    scale = longest / max(picture.shape[:2])
    if scale >= 1.0:
        return picture
    size = (max(16, round(picture.shape[1] * scale)), max(16, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def _is_cut(alpha: np.ndarray) -> bool:
    """Whether an alpha channel says anything: some of it clear, some of it not."""
    clear = float((alpha < 16).mean())
    return clear > 0.002 and float((alpha > 200).mean()) > 0.002


def _cropped(rgba: np.ndarray, confidence: float) -> Cutout:
    left, top, width, height = cv2.boundingRect((rgba[..., 3] > 12).astype(np.uint8))
    if width < 2 or height < 2:
        return Cutout(rgba, 0.0)
    part = np.ascontiguousarray(rgba[top : top + height, left : left + width])
    return Cutout(part, float(confidence), (left, top))
