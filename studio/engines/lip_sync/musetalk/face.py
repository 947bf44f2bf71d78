"""Where MuseTalk works in a picture: the face's crop, upright, and which of its pixels are to be replaced."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from studio.contracts import Box
from studio.engines.lip_sync import landmarks as mesh
from studio.engines.lip_sync.musetalk.networks import SIDE
from studio.engines.lip_sync.rig import smooth

MARGIN = 10.0
"""Pixels of the picture by which version 1.5 takes in more below the chin."""

BRIDGE = (195, 5)
"""Between these two lies point 29 of the 68-point scheme: two thirds down the bridge of the nose."""

CONTOUR = (
    127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152,
    377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356,
)  # fmt: skip
"""The face's outline from one temple past the chin to the other, as points 0 to 16 of the 68-point scheme."""

FEATHER = 0.05
"""Of the crop's side: over how much the mask fades."""

CHEEK = 0.42
"""How far the mask reaches to each side beside the nose, of the way to the outline: cheeks stay the source's."""

DROP = 0.04
"""Of the crop's side: how far under the outline the chin may come down."""

LIP_MARGIN = 0.045
"""Of the crop's side: around the lips no detail of the source's is put back."""


@dataclass(frozen=True)
class Outline:
    """What is known of a face, in pixels of the picture: its `contour` (n, 2) as CONTOUR runs, the `bridge` and `nose`
    base (2,), the outer edge of its `lips` (k, 2), and by how much it is tilted, `roll` in radians clockwise."""

    contour: np.ndarray
    bridge: np.ndarray
    nose: np.ndarray
    lips: np.ndarray
    roll: float


def outline_of(points: np.ndarray) -> Outline:
    """Of landmarks (468, 3), as faces.Face has them."""
    flat = points[:, :2].astype(np.float64)
    across = flat[mesh.LEFT_EYE] - flat[mesh.RIGHT_EYE]
    lips = [*mesh.OUTER_UPPER, *mesh.OUTER_LOWER[-2:0:-1]]
    roll = float(np.arctan2(across[1], across[0]))
    return Outline(flat[list(CONTOUR)], flat[list(BRIDGE)].mean(axis=0), flat[mesh.NOSE_BASE], flat[lips], roll)


def outline_around(mouth: Box) -> Outline:
    """Of the average face whose mouth fills the box."""
    left, top, width, height = mouth
    middle = np.array([left + width / 2, top + height / 2])
    turn = np.linspace(0, np.pi, len(CONTOUR))
    bridge = middle - [0, 0.97 * width]
    contour = bridge + np.stack([-1.35 * width * np.cos(turn), 1.8 * width * np.sin(turn)], axis=1)
    round_ = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    lips = middle + np.stack([0.5 * width * np.cos(round_), 0.5 * min(height, width) * np.sin(round_)], axis=1)
    return Outline(contour, bridge, middle - [0, 0.45 * width], lips, 0.0)


def face_box(outline: Outline, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the crop, in the axes of the upright face turned about its bridge, within the
    picture of `size` (width, height): the outline from side to side, as far above the bridge as the chin is below it,
    and MARGIN under the chin."""
    upright = _turned(outline.contour, outline)
    corners = _turned(np.array([[x, y] for x in (0, size[0]) for y in (0, size[1])], np.float64), outline)
    (left, _), (right, chin) = upright.min(axis=0), upright.max(axis=0)
    middle = float(outline.bridge[1])
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = np.array([left, 2 * middle - chin, right, chin + MARGIN])
    box = np.clip(box, [*low, *low], [*high, *high])
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


@dataclass(frozen=True)
class Crop:
    """A face's square in a picture. `to_crop` (2, 3) takes the picture's pixels to the crop's; `scale`: the crop's
    longer side in pixels of the picture, over SIDE."""

    outline: Outline
    to_crop: np.ndarray
    scale: float

    def taken(self, picture: np.ndarray) -> np.ndarray:
        """(SIDE, SIDE, 3) uint8 of `picture` (h, w, 3 or 4)."""
        colours = np.ascontiguousarray(picture[..., :3])
        matrix = self.to_crop
        shrink = min(1.0, 2.0 / self.scale)
        if shrink < 1.0:  # Lanczos alone would leave out pixels, and still skin would glitter
            size = (max(1, round(colours.shape[1] * shrink)), max(1, round(colours.shape[0] * shrink)))
            ratio = np.array([colours.shape[1] / size[0], colours.shape[0] / size[1]])
            matrix = np.hstack([matrix[:, :2] * ratio, (matrix[:, :2] @ (ratio - 1) / 2 + matrix[:, 2])[:, None]])
            colours = cv2.resize(colours, size, interpolation=cv2.INTER_AREA)
        return cv2.warpAffine(colours, matrix, (SIDE, SIDE), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)

    @cached_property
    def mask(self) -> np.ndarray:
        """(SIDE, SIDE) float32 0..1 of what is replaced: from under the nose to the chin, between the cheeks."""
        radius = round(FEATHER * SIDE / 2)
        inside = cv2.fillPoly(np.zeros((SIDE, SIDE), np.uint8), [np.round(self._jaw()).astype(np.int32)], 1)
        deep = _depth(inside) > radius
        soft = cv2.GaussianBlur(deep.astype(np.float32), (2 * radius + 1,) * 2, radius / 2)
        nose = float(self._local(self.outline.nose[None])[0, 1])
        soft[: max(0, int(np.ceil(nose)) + 2)] = 0
        return soft

    @cached_property
    def skin(self) -> np.ndarray:
        """(SIDE, SIDE) float32 0..1: where the source's fine detail belongs on what is painted: not on the lips."""
        lips = cv2.fillPoly(
            np.zeros((SIDE, SIDE), np.uint8), [np.round(self._local(self.outline.lips)).astype(np.int32)], 1
        )
        away = cv2.distanceTransform(1 - lips, cv2.DIST_L2, 5) - LIP_MARGIN * SIDE
        return smooth(away / (LIP_MARGIN * SIDE)).astype(np.float32)

    def _local(self, points: np.ndarray) -> np.ndarray:
        return points @ self.to_crop[:, :2].T + self.to_crop[:, 2]

    def _jaw(self) -> np.ndarray:
        """The mask's outline (n, 2): the jaw from the mouth's height down, a little lower than it lies, and a straight
        line under the nose."""
        contour, lips = self._local(self.outline.contour), self._local(self.outline.lips)
        nose = self._local(self.outline.nose[None])[0]
        chin = float(contour[:, 1].max())
        level = min(float(lips[:, 1].mean()), chin - 1)
        jaw = contour[contour[:, 1] > level].copy()
        jaw[:, 1] += DROP * SIDE * smooth((jaw[:, 1] - level) / (chin - level))
        middle = float(lips[:, 0].mean())
        first, last = (middle + CHEEK * (float(side) - middle) for side in (jaw[0, 0], jaw[-1, 0]))
        half = 0.75 * float(np.ptp(lips[:, 0])) / 2
        return np.vstack([[min(first, middle - half), nose[1]], jaw, [max(last, middle + half), nose[1]]])


def crop_of(outline: Outline, size: tuple[int, int]) -> Crop | None:
    """The crop in a picture of `size` (width, height); None where too little of the face lies in it."""
    left, top, right, bottom = face_box(outline, size)
    if min(right - left, bottom - top) < 8 or not np.isfinite([left, top, right, bottom]).all():
        return None
    cos, sin = np.cos(outline.roll), np.sin(outline.roll)
    turn = np.array([[cos, sin], [-sin, cos]])
    stretch = np.array([SIDE / (right - left), SIDE / (bottom - top)])
    shift = outline.bridge - turn @ outline.bridge - [left, top]
    # pixel n covers n .. n + 1, its middle is n + 1/2: what cv2.resize would make of the box
    shift = stretch * (shift + turn @ [0.5, 0.5]) - 0.5
    return Crop(outline, np.hstack([stretch[:, None] * turn, shift[:, None]]), max(right - left, bottom - top) / SIDE)


def _turned(points: np.ndarray, outline: Outline) -> np.ndarray:
    """`points` (n, 2) with the face turned upright about its bridge."""
    cos, sin = np.cos(outline.roll), np.sin(outline.roll)
    return (points - outline.bridge) @ np.array([[cos, -sin], [sin, cos]]) + outline.bridge


def _depth(inside: np.ndarray) -> np.ndarray:
    """(h, w) float32 pixels from each pixel `inside` to the nearest one outside; the border is outside."""
    bordered = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return cv2.distanceTransform(bordered, cv2.DIST_L2, 5)[1:-1, 1:-1]
