"""MuseTalk 1.5 behind the studio's contract: a photo or a face video, frame by frame, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np
import torch

from studio.cancellation import CancelToken
from studio.contracts import LipSyncEngine, LipSyncRequest, Weights
from studio.engines.faces import Face, FaceFinder
from studio.engines.hearing.resampling import at_rate
from studio.engines.lip_sync.alive import Life
from studio.engines.lip_sync.curves import gate
from studio.engines.lip_sync.musetalk.audio import RATE, Listener, SoundFeatures, conditions, window_start
from studio.engines.lip_sync.musetalk.networks import EFFORTS, SIDE, MouthPainter
from studio.engines.lip_sync.musetalk.view import View, view_of_face, view_of_mouth
from studio.engines.lip_sync.requests import bled, check, check_frame, face_of
from studio.engines.lip_sync.video import FaceTrack, there_and_back

LEFT_ALONE = (
    "In some frames the face is turned away too far, or is not to be seen: MuseTalk leaves its lips as they are there."
)
TURNED_PHOTO = (
    "The face is turned away too far for MuseTalk, so its lips do not move; the engine mouth_warp can move them."
)


class MuseTalk(LipSyncEngine):
    """`weights.parts`: musetalk-v15, sd-vae-ft-mse, whisper-tiny. `rung` indexes networks.EFFORTS.

    In silence the mouth is the source's own, closed where it was open.
    """

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        self._finder = FaceFinder()
        self._listener = Listener(weights.parts["whisper-tiny"], device)
        self._painter = MouthPainter(weights, device, EFFORTS[rung], self._listener.width)

    def warm_up(self) -> None:
        """As much at once as a message will ask for: memory that does not suffice is noticed here."""
        self._finder.find(np.full((64, 64, 3), 128, np.uint8))
        batch = self._painter.effort.batch
        heard = SoundFeatures(np.zeros(RATE, np.float32), self._listener).windows([0] * batch)
        crops = np.full((batch, SIDE, SIDE, 3), 128, np.uint8)
        self._painter.paint(self._painter.latents(crops), conditions(heard))

    def leave_device(self) -> bool:
        self._painter.leave_device()
        self._listener.to("cpu")
        return True

    def enter_device(self) -> None:
        self._listener.to(self.device)
        self._painter.enter_device()

    def close(self) -> None:
        del self._painter, self._listener, self._finder

    def animate(self, request: LipSyncRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        check(request)
        cancel.check()
        face = face_of(request, self._finder)
        features = SoundFeatures(at_rate(request.sound, RATE), self._listener)
        if request.frames is None:
            return self._photo(request, features, face, cancel)
        return self._video(request, features, face, cancel)

    def _photo(
        self, request: LipSyncRequest, features: SoundFeatures, face: Face | None, cancel: CancelToken
    ) -> Iterator[np.ndarray]:
        picture = bled(request.picture)
        view = _view(picture, request, face.landmarks if face else None)
        life = Life(request, picture, view.rig, face) if request.motion > 0 and view.rig else None
        moments = ((number, view) for number in range(request.first_frame, request.frame_count))
        for number, frame in self._frames(moments, features, request, cancel):
            yield life.draw(frame, number) if life else frame

    def _video(
        self, request: LipSyncRequest, features: SoundFeatures, face: Face | None, cancel: CancelToken
    ) -> Iterator[np.ndarray]:
        track = FaceTrack(self._finder, face, float(request.fps)) if face else None
        for _, frame in self._frames(_moments(request, track, cancel), features, request, cancel):
            yield frame

    def _frames(
        self,
        moments: Iterator[tuple[int, View]],
        features: SoundFeatures,
        request: LipSyncRequest,
        cancel: CancelToken,
    ) -> Iterator[tuple[int, np.ndarray]]:
        voice, told = gate(request.speaking, request.fps), False
        while group := list(islice(moments, self._painter.effort.group)):
            cancel.check()
            spoken = [(number, view) for number, view in group if voice[number] > 0]
            told = told or _tell(spoken, request)
            paintable = [(number, view) for number, view in spoken if view.paintable]
            starts = [window_start(number, request.fps) for number, _ in paintable]
            painted = self._painted([view for _, view in paintable], features, starts)
            crops = {number: crop for (number, _), crop in zip(paintable, painted, strict=True)}
            for number, view in group:
                cancel.check()
                yield number, view.frame(float(voice[number]), crops.get(number))

    def _painted(self, views: list[View], features: SoundFeatures, starts: list[int]) -> Iterable[np.ndarray]:
        """The crop of each view, painted to what is heard from each of `starts` on."""
        if not views:
            return ()
        new = list({id(view): view for view in views if view.latents is None}.values())
        if new:
            crops = np.stack([view.crop.taken(view.source) for view in new if view.crop is not None])
            for view, latents in zip(new, self._painter.latents(crops), strict=True):
                view.latents = latents[None]
        latents = torch.cat([view.latents for view in views if view.latents is not None])
        return self._painter.paint(latents, conditions(features.windows(starts)))


def _view(source: np.ndarray, request: LipSyncRequest, points: np.ndarray | None) -> View:
    return view_of_mouth(source, request.mouth) if request.mouth else view_of_face(source, points)


def _moments(request: LipSyncRequest, track: FaceTrack | None, cancel: CancelToken) -> Iterator[tuple[int, View]]:
    """The face video's frames, each with its number, from the first that is asked for."""
    assert request.frames is not None
    for number, source in enumerate(there_and_back(request.frames, request.frame_count)):
        cancel.check()
        check_frame(source, request)
        points = track.next(source) if track else None
        if number >= request.first_frame:  # the track is steadied by every frame before
            yield number, _view(source, request, points)


def _tell(spoken: list[tuple[int, View]], request: LipSyncRequest) -> bool:
    """Whether the person was told that lips stay as they are."""
    if all(view.paintable for _, view in spoken):
        return False
    request.notify(TURNED_PHOTO if request.frames is None else LEFT_ALONE)
    return True
