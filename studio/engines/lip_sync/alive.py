"""Blinks and the head's motion over a photo whose mouth already moves, whichever engine moves it."""

from __future__ import annotations

import numpy as np

from studio.contracts import LipSyncRequest
from studio.engines.faces import Face
from studio.engines.lip_sync.eyes import Eyelids
from studio.engines.lip_sync.face_rig import head_of
from studio.engines.lip_sync.life import HeadMotion, HeadPlace, blink_curve, head_curves
from studio.engines.lip_sync.rig import Rig


class Life:
    """Of one photo (h, w, 3) or (h, w, 4), from its first frame on; `face` None where only the mouth's place, and so
    its `rig`, is known: then nothing blinks."""

    def __init__(self, request: LipSyncRequest, picture: np.ndarray, rig: Rig, face: Face | None) -> None:
        alpha = picture[..., 3] if picture.shape[2] == 4 else None
        self._motion = HeadMotion(picture.shape[:2], _head_place(rig, face), alpha)
        self._eyes = Eyelids(picture, face.landmarks) if face else None
        blinks = blink_curve(request.frame_count, float(request.fps), request.seed)
        self._blinks, self._turns = blinks * min(1.0, 2 * request.motion), head_curves(request)

    def draw(self, frame: np.ndarray, number: int) -> np.ndarray:
        """`frame`, which equals the photo but for its mouth, as it is at frame `number`; may change it in place."""
        if self._eyes:
            self._eyes.draw(frame, float(self._blinks[number]))
        return self._motion.draw(frame, self._turns[number])


def _head_place(rig: Rig, face: Face | None) -> HeadPlace:
    if face is None:
        return HeadPlace(rig.axes.origin - 0.3 * rig.height * rig.axes.down, rig.axes.down, rig.height)
    head = head_of(face.landmarks)
    down = head.axes[1, :2] / max(float(np.linalg.norm(head.axes[1, :2])), 1e-6)
    return HeadPlace(rig.axes.origin - 0.28 * head.height * down, down, head.height)
