"""What every lip-sync engine does with its request first: refuse what makes no sense, and find who speaks."""

from __future__ import annotations

import cv2
import numpy as np

from studio.contracts import Box, LipSyncRequest
from studio.engines.faces import Face, FaceFinder
from studio.errors import BadInput

LEAST_SIDE = 16
LEAST_BOX = 4.0


def check(request: LipSyncRequest) -> None:
    """Raises BadInput for what contracts.LipSyncRequest does not allow."""
    picture = request.picture
    if (
        picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] not in (3, 4)
        or min(picture.shape[:2]) < LEAST_SIDE
    ):
        accepted = f"a picture (height, width, 3 or 4) of uint8, from {LEAST_SIDE} pixels a side"
        raise BadInput("picture", f"{picture.dtype} {picture.shape}", accepted)
    if request.frame_count < 0 or len(request.speaking) != request.frame_count:
        raise BadInput(
            "speaking", f"{len(request.speaking)} values", f"one for each of the {request.frame_count} frames"
        )
    if request.fps <= 0:
        raise BadInput("fps", request.fps, "a rate above 0")
    if not 0 <= request.motion <= 1:
        raise BadInput("motion", request.motion, "0 to 1")
    for name, box in (("face", request.face), ("mouth", request.mouth)):
        if box is not None and not _overlaps(box, picture.shape):
            height, width = picture.shape[:2]
            accepted = (
                f"left, top, width, height in pixels, from {LEAST_BOX:.0f} a side, on the {width}x{height} picture"
            )
            raise BadInput(name, box, accepted)


def check_frame(source: np.ndarray, request: LipSyncRequest) -> None:
    """Raises BadInput for a face video's frame that is not shaped as its first one."""
    if source.shape != request.picture.shape or source.dtype != np.uint8:
        raise BadInput("frames", f"{source.shape} {source.dtype}", f"frames of {request.picture.shape} uint8")


def face_of(request: LipSyncRequest, finder: FaceFinder) -> Face | None:
    """The face that speaks; None where `mouth` says where. Raises BadInput where there is none."""
    if request.mouth is not None:
        return None
    faces = finder.find(np.ascontiguousarray(request.picture[..., :3]))
    chosen = nearest(faces, request.face) if request.face else next(iter(faces), None)
    if chosen is None:
        accepted = "a picture with a face at the chosen place, or a mouth box placed on it"
        raise BadInput("face", request.face or "none", accepted, "no face was found there")
    return chosen


def nearest(faces: tuple[Face, ...], box: Box) -> Face | None:
    """The face that shares most with `box`; None where none shares anything with it."""
    best = max(faces, key=lambda face: _common(face.box, box), default=None)
    return best if best is not None and _common(best.box, box) > 0 else None


def bled(picture: np.ndarray) -> np.ndarray:
    """A copy whose clear pixels have their neighbours' colours, so that a bent outline brings no fringe with it."""
    if picture.shape[2] == 3:
        return picture.copy()
    alpha = picture[..., 3:].astype(np.float32) / 255.0
    reach = max(2.0, max(picture.shape[:2]) / 80)
    near = cv2.GaussianBlur(picture[..., :3] * alpha, (0, 0), reach)
    weight = cv2.GaussianBlur(alpha[..., 0], (0, 0), reach)[..., None]
    filled = np.where((alpha == 0) & (weight > 1e-3), near / np.maximum(weight, 1e-3), picture[..., :3])
    return np.dstack([np.clip(filled, 0, 255).astype(np.uint8), picture[..., 3]])


def _common(one: Box, two: Box) -> float:
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one[2] * one[3] + two[2] * two[3] - common)


def _overlaps(box: Box, shape: tuple[int, ...]) -> bool:
    if not np.all(np.isfinite(box)) or min(box[2:]) < LEAST_BOX or max(box[2:]) > 2 * max(shape[:2]):
        return False
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return 0 <= x < shape[1] and 0 <= y < shape[0]
