"""What is kept of a sample to compare it with others: small enough to be written down at every batch."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

GREY_WIDTH, THUMB_WIDTH = 192, 48
FLAT = 0.02
"""Standard deviation of the luma, of 1, below which a picture has no structure to compare."""
_BINS = 24
_DEEP = 0.06


@dataclass(frozen=True)
class Features:
    """grey (h, w) uint8, 192 wide;  thumb (h, w, 3) uint8 RGB, 48 wide;  brightness, contrast 0..1 (mean and standard
    deviation of the luma);  sharpness: the Laplacian's standard deviation, in luma levels"""

    time: float
    grey: np.ndarray
    thumb: np.ndarray
    brightness: float
    contrast: float
    sharpness: float

    @property
    def flat(self) -> bool:
        return self.contrast < FLAT

    @property
    def blank(self) -> bool:
        """Nothing but black or white, as between two fades."""
        return self.contrast < 2 * FLAT and not _DEEP < self.brightness < 1 - _DEEP

    def to_json(self) -> dict[str, Any]:
        return {
            "time": self.time, "grey": _packed(self.grey), "thumb": _packed(self.thumb),
            "brightness": self.brightness, "contrast": self.contrast, "sharpness": self.sharpness,
        }  # fmt: skip

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Features:
        return cls(**{**body, "grey": _unpacked(body["grey"]), "thumb": _unpacked(body["thumb"])})


def features_of(time: float, picture: np.ndarray) -> Features:
    """`picture` (h, w, 3) uint8, any size."""
    middle = cv2.resize(picture, _size(picture, GREY_WIDTH), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(middle, cv2.COLOR_RGB2GRAY)
    thumb = cv2.resize(middle, _size(picture, THUMB_WIDTH), interpolation=cv2.INTER_AREA)
    wide = cv2.resize(picture, _size(picture, 2 * GREY_WIDTH), interpolation=cv2.INTER_AREA)
    edges = cv2.Laplacian(cv2.cvtColor(wide, cv2.COLOR_RGB2GRAY), cv2.CV_32F)
    return Features(time, grey, thumb, float(grey.mean() / 255), float(grey.std() / 255), round(float(edges.std()), 3))


@dataclass(frozen=True)
class Apart:
    """How two pictures differ, each 0..1. area  of the picture that changed;  hue  of the colours, luma left out;
    structure  1 - correlation of the luma: light and contrast make no difference;  replaced  things in front of a
    background that stays gave way to things of other colours"""

    area: float
    hue: float
    structure: float
    flat: bool
    replaced: bool


def compare(one: Features, other: Features) -> Apart:
    if one.thumb.shape != other.thumb.shape:
        return Apart(1.0, 1.0, 1.0, False, True)
    gap = cv2.absdiff(one.thumb, other.thumb).max(axis=2)
    flat = one.flat and other.flat
    lab = [cv2.cvtColor(each.thumb, cv2.COLOR_RGB2LAB) for each in (one, other)]
    return Apart(
        area=float(np.mean(gap > 0.08 * 255)),
        hue=_hue_distance(*lab),
        structure=0.0 if flat else 1 - correlation(one.grey, other.grey),
        flat=flat,
        replaced=_replaced(*(each.astype(np.float32) for each in lab)),
    )


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """-1..1 of two (h, w) uint8, made a little smooth: a shift of a pixel is no change."""
    a, b = (cv2.GaussianBlur(each.astype(np.float32), (0, 0), 1.5) for each in (one, other))
    a, b = a - a.mean(), b - b.mean()
    # A faint picture's correlation is that of its noise.
    floor = (FLAT * 255) ** 2 * a.size
    return float((a * b).sum() / np.sqrt(max(float((a * a).sum()), floor) * max(float((b * b).sum()), floor)))


def _hue_distance(one: np.ndarray, other: np.ndarray) -> float:
    distances = []
    for channel in (1, 2):
        counts = [cv2.calcHist([each], [channel], None, [_BINS], [0, 256]).ravel() for each in (one, other)]
        smooth = [np.convolve(each / max(each.sum(), 1), (0.25, 0.5, 0.25), "same") for each in counts]
        distances.append(0.5 * float(np.abs(smooth[0] - smooth[1]).sum()))
    return min(1.0, max(distances))


def _replaced(one: np.ndarray, other: np.ndarray) -> bool:
    """A red disc on white, then a blue square on white: the background is most of both, what stands before it is not
    of one colour. Text and digits that change keep theirs."""
    background = np.median(one.reshape(-1, 3), axis=0)
    fronts = [each[np.abs(each - background).max(axis=1) > 20] for each in (one.reshape(-1, 3), other.reshape(-1, 3))]
    count = one.shape[0] * one.shape[1]
    if not all(0.03 <= len(front) / count <= 0.6 for front in fronts):
        return False
    apart = np.abs(np.median(fronts[0], axis=0) - np.median(fronts[1], axis=0))
    return bool(max(apart[1], apart[2]) > 25)


def _size(picture: np.ndarray, width: int) -> tuple[int, int]:
    height, full = picture.shape[:2]
    return (width, max(8, min(2 * width, round(width * height / full))))


def _packed(picture: np.ndarray) -> dict[str, Any]:
    return {"shape": list(picture.shape), "bytes": base64.b64encode(zlib.compress(picture.tobytes(), 6)).decode()}


def _unpacked(body: Mapping[str, Any]) -> np.ndarray:
    return np.frombuffer(zlib.decompress(base64.b64decode(body["bytes"])), np.uint8).reshape(body["shape"])
