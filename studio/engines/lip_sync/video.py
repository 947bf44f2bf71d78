"""A face video: its frames for as long as the sound lasts, and the face's landmarks in each, steadied over time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO

import cv2
import numpy as np

from studio.contracts import Box
from studio.engines.faces import Face, FaceFinder
from studio.errors import BadInput

Frames = Callable[[], Iterator[np.ndarray]]

MIN_CUTOFF, SPEED = 2.0, 1.2
"""One-euro filter (Casiez, Roussel and Vogel, 2012): hertz below which a still face's trembling goes, and how fast
that rises with the face's speed in face heights a second."""

AROUND = 0.35
"""The face is looked for within this many of its sides around where it was."""

SEARCHED = 200
"""Pixels of that part's longer side: the landmark network sees no finer, and the detector needs one look."""

MOST_CARRIED, MOST_CHANGED = 6, 14.0
"""Frames for which flow may stand in for a face that isn't found, and grey levels by which it may have changed."""

PNG_EFFORT = 1


def there_and_back(frames: Frames, count: int) -> Iterator[np.ndarray]:
    """`count` frames: the video's own, then backwards and forwards again. A video that is too short is kept in a
    temporary file, losslessly, so that memory does not grow. Raises BadInput for one without frames."""
    length = 0
    for frame in frames():
        if length >= count:
            return
        length += 1
        yield frame
    if length == 0 and count > 0:
        raise BadInput("frames", "a video without frames", "at least one frame")
    if length < count:
        with tempfile.TemporaryFile() as file:
            kept = _Kept(file, frames(), length)
            period = max(1, 2 * length - 2)
            for number in range(length, count):
                turn = number % period
                yield kept[min(turn, period - turn) if length > 1 else 0]


class _Kept:
    def __init__(self, file: BinaryIO, frames: Iterator[np.ndarray], length: int) -> None:
        self._file, self._places = file, []
        for _, frame in zip(range(length), frames, strict=False):
            data = cv2.imencode(".png", frame, [cv2.IMWRITE_PNG_COMPRESSION, PNG_EFFORT])[1].tobytes()
            self._places.append((file.tell(), len(data)))
            file.write(data)

    def __getitem__(self, index: int) -> np.ndarray:
        start, size = self._places[index]
        self._file.seek(start)
        return np.asarray(cv2.imdecode(np.frombuffer(self._file.read(size), np.uint8), cv2.IMREAD_UNCHANGED))


def find_near(finder: FaceFinder, frame: np.ndarray, box: Box, wider: float = 1.0) -> Face | None:
    """The face at about `box` in `frame`, far quicker than looking everywhere; `wider` looks as much further around."""
    x, y, w, h = box
    side = AROUND * max(w, h) * wider
    left, top = max(0, int(x - side)), max(0, int(y - side))
    right, bottom = min(frame.shape[1], int(x + w + side)), min(frame.shape[0], int(y + h + side))
    part = np.ascontiguousarray(frame[top:bottom, left:right, :3])
    if min(part.shape[:2]) < 16:
        return None
    scale = min(1.0, SEARCHED * wider / max(part.shape[:2]))
    part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    if min(part.shape[:2]) < 16:
        return None
    centre = np.array([x + w / 2 - left, y + h / 2 - top]) * scale
    reach = 0.6 * scale * max(w, h) * wider
    near = [face for face in finder.find(part) if np.linalg.norm(_middle(face) - centre) < reach]
    if not near:
        return None
    face = min(near, key=lambda face: float(np.linalg.norm(_middle(face) - centre)))
    fx, fy, fw, fh = (value / scale for value in face.box)
    points = face.landmarks / scale + np.array([left, top, 0], np.float32)
    return Face((fx + left, fy + top, fw, fh), face.score, points.astype(np.float32))


class FaceTrack:
    """Follows one face from the first frame on, at `fps`. Where it is not found for a moment (blur, a hand), optical
    flow carries its last landmarks on."""

    def __init__(self, finder: FaceFinder, face: Face, fps: float) -> None:
        self._finder, self._fps = finder, fps
        self._box, self._points, self._velocity = face.box, None, None
        self._before: np.ndarray | None = None
        self._missed = 0

    def next(self, frame: np.ndarray) -> np.ndarray | None:
        """Landmarks (468, 3) in the next frame; None where the face is gone: such a frame is best left alone."""
        grey = cv2.cvtColor(frame[..., :3], cv2.COLOR_RGB2GRAY)
        found = self._found(frame)
        if found is not None:
            self._box, self._missed = found.box, 0
            self._points = self._steadied(found.landmarks)
        else:
            self._missed += 1
            self._points = self._carried(grey) if self._missed <= MOST_CARRIED else None
            self._velocity = None
        self._before = grey
        return self._points

    def _carried(self, grey: np.ndarray) -> np.ndarray | None:
        """The last landmarks moved as the picture under them moved, where it can still be recognised."""
        if self._points is None or self._before is None:
            return None
        flat = np.ascontiguousarray(self._points[:, None, :2], np.float32)
        moved, seen, error = cv2.calcOpticalFlowPyrLK(
            self._before, grey, flat, flat.copy(), winSize=(15, 15), maxLevel=3
        )
        kept = seen.ravel() == 1
        if kept.mean() < 0.6 or float(np.median(error.ravel()[kept])) > MOST_CHANGED:
            return None
        turn, _ = cv2.estimateAffinePartial2D(flat[kept], moved[kept])
        if turn is None or not 0.8 < float(np.hypot(turn[0, 0], turn[1, 0])) < 1.25:
            return None
        points = self._points.copy()
        points[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
        return points

    def _found(self, frame: np.ndarray) -> Face | None:
        # a face that was lost may have gone on
        return find_near(self._finder, frame, self._box, 1 + 0.25 * min(self._missed, 6))

    def _steadied(self, points: np.ndarray) -> np.ndarray:
        if self._points is None or self._velocity is None:
            self._velocity = np.zeros_like(points)
            return points
        size = max(self._box[3], 1.0)
        self._velocity = self._velocity + 0.3 * ((points - self._points) * self._fps - self._velocity)
        speed = np.linalg.norm(self._velocity[:, :2], axis=1, keepdims=True) / size
        cutoff = MIN_CUTOFF + SPEED * speed * self._fps
        share = 1 / (1 + self._fps / (2 * np.pi * cutoff))
        return (self._points + share * (points - self._points)).astype(np.float32)


def _middle(face: Face) -> np.ndarray:
    x, y, w, h = face.box
    return np.array([x + w / 2, y + h / 2])
