"""What a picture is about: two small networks, one for any subject and one for people, led by the faces found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.cutout.matting import Head
from studio.engines.faces import Face, FaceFinder
from studio.engines.networks import Network, OnnxNetwork

SALIENT_SIDE, PEOPLE_SIDE = 320, 256
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's colours, 0..1: what U-2-Net was trained on."""

PEOPLE_SHARE = 0.35
"""Of the people network's word where faces are found; without faces it is not asked."""

LEAST_AGREEMENT = 0.6
"""Of both networks: below it they mean different things, and the people are looked at more closely."""

SMALLEST_FACE = 0.4
"""Of the largest face's width: smaller ones are passers-by."""


@dataclass(frozen=True)
class Guess:
    """`probability` (h, w) float32 0..1 of each pixel to be subject. `certainty` 0..1: how decided it is. `heads`: the
    faces it goes by."""

    probability: np.ndarray
    certainty: float
    heads: tuple[Head, ...] = ()


class SubjectFinder:
    """Holds the networks, read at the first picture; threads may share it.

    Qin et al., "U2-Net: Going Deeper with Nested U-Structure for Salient Object Detection", 2020; the people network
    is MediaPipe's selfie segmentation.
    """

    def __init__(self) -> None:
        self._salient = OnnxNetwork("u2netp.onnx", ("1959",))
        self._people = Network("selfie_segmentation.tflite", ("activation_10",))
        self._finder = FaceFinder()

    def find(self, picture: np.ndarray) -> Guess:
        """The subject of `picture` (h, w, 3) uint8 RGB."""
        faces = self._finder.find(picture)
        if not faces:
            probability = self._salience(picture)
            return Guess(probability, certainty_of(probability))
        faces = [face for face in faces if face.box[2] >= SMALLEST_FACE * faces[0].box[2]]
        salient, people = self._both(picture, faces)
        agreement = _agreement(salient, people)
        share = PEOPLE_SHARE if agreement >= LEAST_AGREEMENT else 1.0 - PEOPLE_SHARE
        probability = (1.0 - share) * salient + share * people
        certainty = certainty_of(probability) * (1.0 if _covered(probability, faces) else 0.5)
        return Guess(probability, certainty, tuple(share_of_picture(face, picture.shape) for face in faces))

    def _both(self, picture: np.ndarray, faces: Sequence[Face]) -> tuple[np.ndarray, np.ndarray]:
        """Subject and people of the whole picture, or of the part around the people where that makes more sense."""
        salient, people = self._salience(picture), self._persons(picture)
        agreement, covered = _agreement(salient, people), _covered(salient, faces)
        if covered and agreement >= LEAST_AGREEMENT:
            return salient, people
        part = _around(faces, picture.shape[:2])
        close = np.ascontiguousarray(picture[part])
        nearer = [_placed(each(close), part, salient.shape) for each in (self._salience, self._persons)]
        better = _agreement(nearer[0], nearer[1]) > agreement or not covered
        return (nearer[0], nearer[1]) if better else (salient, people)

    def _salience(self, picture: np.ndarray) -> np.ndarray:
        small = cv2.resize(picture, (SALIENT_SIDE, SALIENT_SIDE), interpolation=cv2.INTER_AREA) / 255.0
        planes = ((small - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)
        return _enlarged(self._salient({"input.1": planes[None]})[0], picture.shape)

    def _persons(self, picture: np.ndarray) -> np.ndarray:
        small = cv2.resize(picture, (PEOPLE_SIDE, PEOPLE_SIDE), interpolation=cv2.INTER_AREA) / 255.0
        return _enlarged(self._people(small)[0], picture.shape)


def share_of_picture(face: Face, shape: tuple[int, ...]) -> Head:
    """The face's box in shares of a picture of `shape` (h, w, ...)."""
    x, y, w, h = face.box
    return x / shape[1], y / shape[0], w / shape[1], h / shape[0]


def _enlarged(output: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.clip(cv2.resize(output[0, 0], (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), 0.0, 1.0)


def _agreement(one: np.ndarray, two: np.ndarray) -> float:
    """Intersection over union of two soft masks (Ruzicka similarity), 0..1."""
    return float(np.minimum(one, two).sum() / max(float(np.maximum(one, two).sum()), 1e-6))


def certainty_of(probability: np.ndarray) -> float:
    """1 when every pixel is subject or not, 0 when as many are in between as are subject."""
    sure = float((probability > 0.5).sum())
    between = float(((probability > 0.2) & (probability < 0.8)).sum())
    return float(np.clip(1.0 - between / sure, 0.0, 1.0)) if sure else 0.0


def _covered(probability: np.ndarray, faces: Sequence[Face]) -> bool:
    """Whether every face's middle is subject."""
    for face in faces:
        x, y, w, h = face.box
        rows = slice(max(0, round(y + 0.25 * h)), max(1, round(y + 0.75 * h)))
        middle = probability[rows, max(0, round(x + 0.25 * w)) : max(1, round(x + 0.75 * w))]
        if not middle.size or float(middle.mean()) < 0.5:
            return False
    return True


def _around(faces: Sequence[Face], shape: tuple[int, int]) -> tuple[slice, slice]:
    """The part of the picture that holds the people: about three heads to the sides and eight down."""
    height, width = shape
    left = min(face.box[0] - 2.2 * face.box[2] for face in faces)
    right = max(face.box[0] + 3.2 * face.box[2] for face in faces)
    top = min(face.box[1] - 1.2 * face.box[3] for face in faces)
    bottom = max(face.box[1] + 8.5 * face.box[3] for face in faces)
    rows = slice(min(max(0, int(top)), height - 16), max(16, min(height, int(bottom))))
    return rows, slice(min(max(0, int(left)), width - 16), max(16, min(width, int(right))))


def _placed(close: np.ndarray, part: tuple[slice, slice], shape: tuple[int, ...]) -> np.ndarray:
    whole = np.zeros(shape, np.float32)
    whole[part] = close
    return whole
