"""The embedded motion: a camera over the painted layers, cut and pulsed by the music. No weights, no GPU."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, SegmentRequest, Size, VideoEngine
from studio.engines.video.beats import Beats, exposure_room
from studio.engines.video.camera import Pose, glide
from studio.engines.video.direction import CameraShot, Director
from studio.engines.video.framing import shot_of
from studio.engines.video.light import LightField, Moment
from studio.engines.video.planes import LayeredScene, LayeredView, Path
from studio.engines.video.relief import FlatScene, FlatView
from studio.engines.video.transitions import Arrival, Morph, dissolve, flash, whip
from studio.errors import BadInput
from studio.media.compositing import Finisher

SETTLE = 0.25
"""Seconds in which light and pulse come in after a painted picture, and go before one."""


class Parallax(VideoEngine):
    def warm_up(self) -> None:
        # the encoder beside it needs the other cores; frames are too small to be worth sharing out
        cv2.setNumThreads(1)

    def animate(self, request: SegmentRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Frames (H, W, 3). The first is a step away from `start.image`, the last is `end.image`.

        Of more views than there are shots to show them, some are left out. Raises BadInput at once for ends of another
        size, and for cuts or pulses that don't fit the frames; for a view of another size when its turn comes.
        """
        check_segment(request)
        return _Film(request).frames(cancel)


class _Film:
    """One segment being made."""

    def __init__(self, request: SegmentRequest) -> None:
        self._request = request

    def frames(self, cancel: CancelToken) -> Iterator[np.ndarray]:
        cancel.check()
        request = self._request
        last = request.frame_count - 1
        if last > 0:
            yield from self._moving(cancel)
        cancel.check()
        yield request.end.image.copy()

    def _moving(self, cancel: CancelToken) -> Iterator[np.ndarray]:
        request = self._request
        pictures, director = _Pictures(request), Director(request)
        arriving = _Arriving(request, director.arrival, pictures)
        for shot in director.shots(lambda number: pictures.set(number).scene):
            cancel.check()
            view = pictures.set(shot.scene).view(shot.path)
            for frame in range(shot.first, min(shot.first + shot.count, request.frame_count - 1)):
                cancel.check()
                picture = pictures.set(shot.scene).frame(view, shot, frame)
                yield arriving.frame(picture, frame) if frame >= arriving.first else picture


class _Pictures:
    """The segment's pictures (0 start, then the views, last end), at most two of them made ready at a time."""

    def __init__(self, request: SegmentRequest) -> None:
        self._request, self.last = request, len(request.views) + 1
        self._ready: OrderedDict[int, _Set] = OrderedDict()
        self._beats = Beats(request)

    def set(self, number: int) -> _Set:
        if number not in self._ready:
            while len(self._ready) > 1:
                self._ready.popitem(last=False)
            keyframe = self._keyframe(number)
            # a flat picture was finished by whoever drew it
            finisher = self._finisher if keyframe.layers else None
            self._ready[number] = _Set(self._request, number, keyframe, _Finish(self._beats, finisher))
        self._ready.move_to_end(number)
        return self._ready[number]

    @cached_property
    def _finisher(self) -> Finisher:
        return Finisher(self._request.style, self._request.size)

    def _keyframe(self, number: int) -> Keyframe:
        request = self._request
        if number in (0, self.last):
            return request.end if number else request.start
        keyframe = request.views[number - 1].load()
        check_keyframe(f"views[{number - 1}]", keyframe, request.size)
        return keyframe


@dataclass(frozen=True)
class _Finish:
    """What all pictures of a segment share."""

    beats: Beats
    finisher: Finisher | None


class _Set:
    """One keyframe with its light and finish."""

    def __init__(self, request: SegmentRequest, number: int, keyframe: Keyframe, finish: _Finish) -> None:
        self._request, self._finisher, self._beats = request, finish.finisher, finish.beats
        self._room = exposure_room(keyframe.image)
        self.scene = make_scene(keyframe, request.size)
        style = request.style
        # a bright picture has no room for more light: it would wash out
        dark = 1.0 - float(keyframe.image.mean()) / 255.0
        strength = (0.45 + 0.55 * style.bloom) * min(1.0, max(0.15, 1.5 * dark - 0.1))
        self._light = LightField(shot_of(request, number), strength, request.size, request.seed + 7 * number)
        rng = np.random.default_rng([request.seed, number, 0x4A4D])
        self._sway = rng.uniform(0, 2 * math.pi, 4)

    def view(self, path: Path) -> LayeredView | FlatView:
        return self.scene.view(path)

    def frame(self, view: LayeredView | FlatView, shot: CameraShot, frame: int) -> np.ndarray:
        request = self._request
        share = (frame - shot.first + 1) / (shot.count + (0 if shot.anchored_end else 1))
        free = self._freedom(shot, frame)
        intensity, beat, accent = (
            float(track[frame]) for track in (request.pulse.intensity, self._beats.beat, self._beats.accent)
        )
        pose = shot.path.start.towards(shot.path.end, glide(share, 0.0 if shot.anchored_end else shot.attack))
        time = (request.first_frame + frame) / float(request.fps)
        pose = self._alive(pose, time, intensity, free)
        kick = 1.0 + free * (beat * (0.004 + 0.018 * intensity) + accent * 0.010 * intensity)
        picture = view.render(replace(pose, zoom=pose.zoom * kick))
        exposure = 1.0 + free * self._room * (beat * (0.12 + 0.56 * intensity) + 0.32 * accent * intensity)
        picture = cv2.convertScaleAbs(picture, alpha=exposure)
        picture = self._light.add(picture, Moment(time, intensity, beat, accent, free))
        if self._finisher is None:
            return picture
        return self._finisher.apply(picture, request.first_frame + frame)

    def _freedom(self, shot: CameraShot, frame: int) -> float:
        """0 at a painted picture, 1 away from it: what is added there would be seen to jump."""
        settle = SETTLE * float(self._request.fps)
        free = 1.0
        if shot.anchored_start:
            free = min(free, (frame - shot.first + 1) / settle)
        if shot.anchored_end:
            free = min(free, (shot.first + shot.count - 1 - frame) / settle)
        return max(0.0, free)

    def _alive(self, pose: Pose, time: float, intensity: float, free: float) -> Pose:
        """A hand holds the camera: two slow sways, a few pixels."""
        size, (a, b, c, d) = self._request.size, self._sway
        reach = free * min(size.width, size.height) * (0.0016 + 0.0022 * intensity)
        x = reach * (math.sin(1.9 * time + a) + 0.5 * math.sin(3.7 * time + b))
        y = reach * (math.sin(1.6 * time + c) + 0.5 * math.sin(4.1 * time + d))
        return replace(pose, x=pose.x + x, y=pose.y + y, truck_x=pose.truck_x + 0.8 * x, truck_y=pose.truck_y + 0.5 * y)


class _Arriving:
    """The last frames before the landing."""

    def __init__(self, request: SegmentRequest, arrival: Arrival, pictures: _Pictures) -> None:
        self._request, self._arrival, self._pictures = request, arrival, pictures
        self.first = request.frame_count - 1 - self._arrival.frames
        self._morph: Morph | None = None
        self._shot, self._view = None, None
        lightest = request.shots[1].palette[-1]
        self._flash = tuple(128 + int(lightest[n : n + 2], 16) // 2 for n in (1, 3, 5))

    def frame(self, picture: np.ndarray, frame: int) -> np.ndarray:
        kind, count = self._arrival.kind, self._arrival.frames
        share = (frame - self.first + 1) / (count + 1)
        end = self._request.end.image
        if kind == "morph":
            if self._morph is None:
                self._morph = Morph(self._request.start.image, end)
            return self._morph.at(picture, end, share)
        if kind == "flash":
            return flash(picture, self._flash, share)
        if kind == "whip":
            return whip(picture, end, self._arrival.angle, (share, share + 1 / (count + 1)))
        if kind == "dissolve":
            return dissolve(picture, self._settling(frame), share)
        return picture

    def _settling(self, frame: int) -> np.ndarray:
        """The last picture, its camera coming to rest: a still one would freeze half of the dissolve."""
        target = self._pictures.set(self._pictures.last)
        if self._shot is None or self._view is None:
            path = Path(Pose(zoom=1.0 + 0.0035 * (self._arrival.frames + 1)), Pose())
            self._shot = CameraShot(self.first, self._arrival.frames + 1, 1, path, 0.0, anchored_end=True)
            self._view = target.view(path)
        return target.frame(self._view, self._shot, frame)


def make_scene(keyframe: Keyframe, size: Size) -> LayeredScene | FlatScene:
    return LayeredScene(keyframe, size) if keyframe.layers else FlatScene(keyframe.image, size)


def check_keyframe(name: str, keyframe: Keyframe, size: Size) -> None:
    """Raises BadInput for a picture or layer that has not the segment's size."""
    shapes = [(f"{name}.image", keyframe.image, 0, 3)]
    for number, layer in enumerate(keyframe.layers):
        shapes.append((f"{name}.layers[{number}]", layer.picture, keyframe.margin, 4))
    for parameter, picture, margin, channels in shapes:
        wanted = (size.height + 2 * margin, size.width + 2 * margin, channels)
        if picture.shape != wanted or picture.dtype != np.uint8:
            raise BadInput(parameter, f"{picture.shape} {picture.dtype}", f"uint8 {wanted}, the segment's size")


def check_segment(request: SegmentRequest) -> None:
    """Raises BadInput for a request that no engine could film."""
    count = request.frame_count
    if count < 1:
        raise BadInput("frame_count", count, "1 frame or more")
    for name, keyframe in (("start", request.start), ("end", request.end)):
        check_keyframe(name, keyframe, request.size)
    if list(request.cuts) != sorted({c for c in request.cuts if 0 < c < count}):
        raise BadInput("cuts", request.cuts, f"ascending frames from 1 to {count - 1}")
    for name in ("intensity", "beat", "accent"):
        track = getattr(request.pulse, name)
        if track.shape != (count,):
            raise BadInput(f"pulse.{name}", track.shape, f"one value a frame, ({count},)")
