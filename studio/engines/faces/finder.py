"""Faces with their mesh: a detector says where, a landmark network says what lies where and whether it is a face.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019: 468 points, numbered
as in MediaPipe's face mesh (33 and 263 outer corners of the eyes, 61 and 291 of the mouth, 13 and 14 its inner lips).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.faces.detector import Detection, FaceDetector
from studio.engines.networks import Network
from studio.errors import BadInput

SIDE = 192
ENLARGED = 1.5
"""The landmark network's square over the face's box, as it was trained."""

LEAST_PRESENCE = 0.5
RIGHT_EYE, LEFT_EYE = 33, 263
LARGEST_SIDE = 1600
"""Longer pictures are searched at this size; points are still of the full picture."""


@dataclass(frozen=True)
class Face:
    """`box` (left, top, width, height) around the points, `landmarks` (468, 3) float32: x and y in pixels of the
    picture, depth in pixels (smaller is nearer the camera). `score` 0..1: the landmark network's certainty."""

    box: tuple[float, float, float, float]
    score: float
    landmarks: np.ndarray


class FaceFinder:
    """Holds both networks, read at the first picture; threads may share it."""

    def __init__(self) -> None:
        self._detector = FaceDetector()
        self._mesh = Network("face_landmark.tflite", ("conv2d_21", "conv2d_31"))

    def find(self, picture: np.ndarray) -> tuple[Face, ...]:
        """Faces in `picture` (h, w, 3) uint8 RGB, the largest first. Raises BadInput for anything else."""
        if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or min(picture.shape[:2]) < 16:
            accepted = "a picture (height, width, 3) of uint8, from 16 pixels a side"
            raise BadInput("picture", f"{picture.dtype} {picture.shape}", accepted)
        scale = min(1.0, LARGEST_SIDE / max(picture.shape[:2]))
        small = picture
        if scale < 1.0:
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        faces = [self._measured(small, detection, scale) for detection in self._detector.detect(small)]
        return tuple(sorted((face for face in faces if face), key=lambda face: -face.box[2] * face.box[3]))

    def _measured(self, picture: np.ndarray, detection: Detection, scale: float) -> Face | None:
        """The mesh in the detection's square, then again in the square that this first mesh asks for."""
        x, y, w, h = detection.box
        right, left = detection.points[:2]
        square = _square((x + w / 2, y + h / 2), max(w, h), left - right)
        points, presence = self._points(picture, square)
        if presence < LEAST_PRESENCE:
            return None
        low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        better = _square(tuple((low + high) / 2), float((high - low).max()), (points[LEFT_EYE] - points[RIGHT_EYE])[:2])
        points, presence = self._points(picture, better)
        if presence < LEAST_PRESENCE:
            return None
        points = (points / scale).astype(np.float32)
        left, top, right, bottom = (*points[:, :2].min(axis=0).tolist(), *points[:, :2].max(axis=0).tolist())
        return Face((left, top, right - left, bottom - top), presence, points)

    def _points(self, picture: np.ndarray, to_square: np.ndarray) -> tuple[np.ndarray, float]:
        """Points (468, 3) in pixels of `picture`, and how sure it is (0..1) that there is a face."""
        crop = cv2.warpAffine(picture, to_square, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
        flat, logit = self._mesh(crop.astype(np.float32) / 255.0)
        points = flat.reshape(-1, 3)
        back = cv2.invertAffineTransform(to_square)
        plane = points[:, :2] @ back[:, :2].T + back[:, 2]
        depth = points[:, 2:] * float(np.hypot(back[0, 0], back[1, 0]))
        presence = float(1.0 / (1.0 + np.exp(-float(logit.ravel()[0]))))
        return np.hstack([plane, depth]), presence


def find_faces(picture: np.ndarray) -> tuple[Face, ...]:
    """`FaceFinder().find(picture)`, for one picture; whoever has several keeps a FaceFinder."""
    return FaceFinder().find(picture)


def _square(centre: tuple[float, float], side: float, eyes: np.ndarray) -> np.ndarray:
    """Affine map (2, 3) from the picture to the upright network input, `eyes` being the vector from the person's right
    eye to the left one."""
    angle = np.degrees(np.arctan2(float(eyes[1]), float(eyes[0])))
    scale = SIDE / max(side * ENLARGED, 1e-3)
    turn = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
    turn[:, 2] += SIDE / 2 - np.array(centre, np.float64)
    return turn
