"""Lip-sync without weights: the picture's own lips, jaw and cheeks bend to what is said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import LipSyncEngine, LipSyncRequest
from studio.engines.faces import Face, FaceFinder
from studio.engines.lip_sync.alive import Life
from studio.engines.lip_sync.box_rig import box_rig
from studio.engines.lip_sync.curves import mouth_curves
from studio.engines.lip_sync.face_rig import face_rig
from studio.engines.lip_sync.mouth import MovingMouth
from studio.engines.lip_sync.requests import bled, check, check_frame, face_of
from studio.engines.lip_sync.rig import Rig
from studio.engines.lip_sync.video import FaceTrack, there_and_back


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
        check(request)
        cancel.check()
        face = face_of(request, self._finder)
        shapes = mouth_curves(request)
        if request.frames is None:
            return self._photo(request, shapes, face, cancel)
        return self._video(request, shapes, face, cancel)

    def _photo(
        self, request: LipSyncRequest, shapes: np.ndarray, face: Face | None, cancel: CancelToken
    ) -> Iterator[np.ndarray]:
        picture = bled(request.picture)
        rig = _box_rig(request) if face is None else face_rig(face.landmarks)
        mouth = MovingMouth(picture, rig)
        life = Life(request, picture, rig, face) if request.motion > 0 else None
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
            check_frame(source, request)
            points = track.next(source) if track else None
            if number < request.first_frame:  # the track is steadied by every frame before
                continue
            rig = fixed if points is None else face_rig(points)
            frame = source.copy()
            if rig is not None:
                MovingMouth(source, rig).draw(frame, shapes[number])
            yield frame


def _box_rig(request: LipSyncRequest) -> Rig:
    assert request.mouth is not None
    return box_rig(request.picture, request.mouth)
