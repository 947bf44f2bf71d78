"""The music seen on a clip: the embedded motion's light and exposure, on pictures that move by themselves."""

from __future__ import annotations

import cv2
import numpy as np

from studio.contracts import SegmentRequest
from studio.engines.video.beats import Beats, exposure_room
from studio.engines.video.framing import shot_of
from studio.engines.video.light import LightField, Moment
from studio.engines.video.parallax import SETTLE


class Glow:
    """Light over a segment's frames; `amount` 0..1, 0 leaves them as they are."""

    def __init__(self, request: SegmentRequest, amount: float) -> None:
        self._request, self._amount = request, amount
        self._beats = Beats(request)
        self._scene, self._room, self._light = -1, 0.0, None

    def lit(self, frame: np.ndarray, picture: np.ndarray, scene: int, number: int) -> np.ndarray:
        """`frame` (H, W, 3), the segment's `number`th, on its picture `scene`, which is `picture`."""
        request = self._request
        free = self._amount * self._freedom(number)
        if free <= 0.0:
            return frame
        if scene != self._scene or self._light is None:
            self._scene, self._room, self._light = scene, exposure_room(picture), self._field(picture, scene)
        intensity, beat, accent = (
            float(track[number]) for track in (request.pulse.intensity, self._beats.beat, self._beats.accent)
        )
        exposure = 1.0 + free * self._room * (beat * (0.12 + 0.56 * intensity) + 0.32 * accent * intensity)
        time = (request.first_frame + number) / float(request.fps)
        return self._light.add(cv2.convertScaleAbs(frame, alpha=exposure), Moment(time, intensity, beat, accent, free))

    def _field(self, picture: np.ndarray, scene: int) -> LightField:
        request = self._request
        # a bright picture has no room for more light: it would wash out
        dark = 1.0 - float(picture.mean()) / 255.0
        strength = (0.45 + 0.55 * request.style.bloom) * min(1.0, max(0.15, 1.5 * dark - 0.1))
        return LightField(shot_of(request, scene), strength, request.size, request.seed + 7 * scene)

    def _freedom(self, number: int) -> float:
        """0 at the segment's ends, which show pictures as they were drawn."""
        settle = SETTLE * float(self._request.fps)
        return min(1.0, (number + 1) / settle, (self._request.frame_count - 1 - number) / settle)
