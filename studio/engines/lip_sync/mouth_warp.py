"""Lip-sync without weights: the picture's own lips, jaw and cheeks bend to what is said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Box, LipSyncEngine, LipSyncRequest
from studio.engines.faces import Face, FaceFinder
from studio.engines.lip_sync.box_rig import box_rig
from studio.engines.lip_sync.curves import mouth_curves
from studio.engines.lip_sync.eyes import Eyelids
from studio.engines.lip_sync.face_rig import face_rig, head_of
from studio.engines.lip_sync.life import HeadMotion, HeadPlace, blink_curve, head_curves
from studio.engines.lip_sync.mouth import MovingMouth
from studio.engines.lip_sync.rig import Rig
from studio.engines.lip_sync.video import FaceTrack, there_and_back
from studio.errors import BadInput

LEAST_SIDE = 16
LEAST_BOX = 4.0


class MouthWarp(LipSyncEngine):
    """Phonemes, or the sound where there are none, drive a rig of the lower face; see mouth.py for how it is drawn.

    Beside a `mouth` box nothing of the picture is asked: it may be a drawing, a pet or a thing.
    """

    def __init__(self, name: str, device: str, rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self._finder = FaceFinder()

    def warm_up(self) -> None:
        self._finder.find(np.full((64, 64, 3), 128, np.uint8))

    def animate(self, request: LipSyncRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        _check(request)
        cancel.check()
        face = self._face(request) if request.mouth is None else None
        shapes = mouth_curves(request)
        if request.frames is None:
            return self._photo(request, shapes, face, cancel)
        return self._video(request, shapes, face, cancel)

    def _face(self, request: LipSyncRequest) -> Face:
        faces = self._finder.find(np.ascontiguousarray(request.picture[..., :3]))
        chosen = nearest(faces, request.face) if request.face else next(iter(faces), None)
        if chosen is None:
            accepted = "a picture with a face at the chosen place, or a mouth box placed on it"
            raise BadInput("face", request.face or "none", accepted, "no face was found there")
        return chosen

    def _photo(
        self, request: LipSyncRequest, shapes: np.ndarray, face: Face | None, cancel: CancelToken
    ) -> Iterator[np.ndarray]:
        picture = _bled(request.picture)
        rig = _box_rig(request) if face is None else face_rig(face.landmarks)
        mouth = MovingMouth(picture, rig)
        life = _Life(request, picture, rig, face) if request.motion > 0 else None
        for number in range(request.first_frame, request.frame_count):
            cancel.check()
            frame = picture.copy()
            mouth.draw(frame, shapes[number])
            yield life.draw(frame, number) if life else frame

    def _video(
        self, request: LipSyncRequest, shapes: np.ndarray, face: Face | None, cancel: CancelToken
    ) -> Iterator[np.ndarray]:
        assert request.frames is not None
        track = FaceTrack(self._finder, face, float(request.fps)) if face else None
        fixed = _box_rig(request) if face is None else None
        for number, source in enumerate(there_and_back(request.frames, request.frame_count)):
            cancel.check()
            if source.shape != request.picture.shape or source.dtype != np.uint8:
                raise BadInput("frames", f"{source.shape} {source.dtype}", f"frames of {request.picture.shape} uint8")
            points = track.next(source) if track else None
            if number < request.first_frame:  # the track is steadied by every frame before
                continue
            rig = fixed if points is None else face_rig(points)
            frame = source.copy()
            if rig is not None:
                MovingMouth(source, rig).draw(frame, shapes[number])
            yield frame


@dataclass(frozen=True)
class _Moves:
    head: np.ndarray
    blinks: np.ndarray


class _Life:
    """Blinks and the head's motion over a photo whose mouth already moves."""

    def __init__(self, request: LipSyncRequest, picture: np.ndarray, rig: Rig, face: Face | None) -> None:
        place = _head_place(rig, face)
        alpha = picture[..., 3] if picture.shape[2] == 4 else None
        self._motion = HeadMotion(picture.shape[:2], place, alpha)
        self._eyes = Eyelids(picture, face.landmarks) if face else None
        blinks = blink_curve(request.frame_count, float(request.fps), request.seed)
        self._moves = _Moves(head_curves(request), blinks * min(1.0, 2 * request.motion))

    def draw(self, frame: np.ndarray, number: int) -> np.ndarray:
        if self._eyes:
            self._eyes.draw(frame, float(self._moves.blinks[number]))
        return self._motion.draw(frame, self._moves.head[number])


def nearest(faces: tuple[Face, ...], box: Box) -> Face | None:
    """The face that shares most with `box`; None where none shares anything with it."""
    best = max(faces, key=lambda face: _common(face.box, box), default=None)
    return best if best is not None and _common(best.box, box) > 0 else None


def _common(one: Box, two: Box) -> float:
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one[2] * one[3] + two[2] * two[3] - common)


def _box_rig(request: LipSyncRequest) -> Rig:
    assert request.mouth is not None
    return box_rig(request.picture, request.mouth)


def _head_place(rig: Rig, face: Face | None) -> HeadPlace:
    if face is None:
        return HeadPlace(rig.axes.origin - 0.3 * rig.height * rig.axes.down, rig.axes.down, rig.height)
    head = head_of(face.landmarks)
    down = head.axes[1, :2] / max(float(np.linalg.norm(head.axes[1, :2])), 1e-6)
    return HeadPlace(rig.axes.origin - 0.28 * head.height * down, down, head.height)


def _bled(picture: np.ndarray) -> np.ndarray:
    """A copy whose clear pixels have their neighbours' colours, so that a bent outline brings no fringe with it."""
    if picture.shape[2] == 3:
        return picture.copy()
    alpha = picture[..., 3:].astype(np.float32) / 255.0
    reach = max(2.0, max(picture.shape[:2]) / 80)
    near = cv2.GaussianBlur(picture[..., :3] * alpha, (0, 0), reach)
    weight = cv2.GaussianBlur(alpha[..., 0], (0, 0), reach)[..., None]
    filled = np.where((alpha == 0) & (weight > 1e-3), near / np.maximum(weight, 1e-3), picture[..., :3])
    return np.dstack([np.clip(filled, 0, 255).astype(np.uint8), picture[..., 3]])


def _check(request: LipSyncRequest) -> None:
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


def _overlaps(box: Box, shape: tuple[int, ...]) -> bool:
    if not np.all(np.isfinite(box)) or min(box[2:]) < LEAST_BOX or max(box[2:]) > 2 * max(shape[:2]):
        return False
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return 0 <= x < shape[1] and 0 <= y < shape[0]
