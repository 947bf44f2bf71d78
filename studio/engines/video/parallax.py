"""The embedded motion: a camera over the painted layers, cut and pulsed by the music. No weights, no GPU."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, SegmentRequest, VideoEngine
from studio.engines.video.camera import Pose, glide
from studio.engines.video.direction import CameraShot, Direction, direct
from studio.engines.video.light import LightField, Moment
from studio.engines.video.planes import LayeredScene, LayeredView, Path
from studio.engines.video.relief import FlatScene, FlatView
from studio.engines.video.transitions import Morph, dissolve, flash, whip
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

        Raises BadInput at once for keyframes of another size, and for cuts or pulses that don't fit the frames.
        """
        _check(request)
        return _Film(request).frames(cancel)


class _Film:
    """One segment being made."""

    def __init__(self, request: SegmentRequest) -> None:
        self._request = request
        self._keyframes = (request.start, request.end)

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
        scenes = tuple(_scene(keyframe, request) for keyframe in self._keyframes)
        direction = direct(request, scenes)
        sets = tuple(_Set(request, number, scenes[number]) for number in (0, 1))
        arriving = _Arriving(request, direction, sets[1])
        for shot in direction.shots:
            cancel.check()
            view = sets[shot.scene].view(shot.path)
            for frame in range(shot.first, min(shot.first + shot.count, request.frame_count - 1)):
                cancel.check()
                picture = sets[shot.scene].frame(view, shot, frame)
                yield arriving.frame(picture, frame) if frame >= arriving.first else picture


class _Set:
    """One keyframe with its light and finish."""

    def __init__(self, request: SegmentRequest, number: int, scene: LayeredScene | FlatScene) -> None:
        self._request, self._scene = request, scene
        shot, style = request.shots[number], request.style
        # a bright picture has no room for more light: it would wash out
        dark = 1.0 - float((request.start, request.end)[number].image.mean()) / 255.0
        strength = (0.45 + 0.55 * style.bloom) * min(1.0, max(0.15, 1.5 * dark - 0.1))
        self._light = LightField(shot, strength, request.size, request.seed + 7 * number)
        # a flat picture was finished by whoever drew it
        self._finisher = Finisher(style, request.size) if isinstance(scene, LayeredScene) else None
        rng = np.random.default_rng([request.seed, number, 0x4A4D])
        self._sway = rng.uniform(0, 2 * math.pi, 4)

    def view(self, path: Path) -> LayeredView | FlatView:
        return self._scene.view(path)

    def frame(self, view: LayeredView | FlatView, shot: CameraShot, frame: int) -> np.ndarray:
        request = self._request
        share = (frame - shot.first + 1) / (shot.count + (0 if shot.anchored_end else 1))
        free = self._freedom(shot, frame)
        intensity, beat, accent = (
            float(track[frame]) for track in (request.pulse.intensity, request.pulse.beat, request.pulse.accent)
        )
        pose = shot.path.start.towards(shot.path.end, glide(share, 0.0 if shot.anchored_end else shot.attack))
        time = (request.first_frame + frame) / float(request.fps)
        pose = self._alive(pose, time, intensity, free)
        kick = 1.0 + free * (beat * (0.004 + 0.022 * intensity) + accent * 0.012 * intensity)
        picture = view.render(replace(pose, zoom=pose.zoom * kick))
        exposure = 1.0 + free * (beat * (0.02 + 0.09 * intensity) + 0.05 * accent * intensity)
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

    def __init__(self, request: SegmentRequest, direction: Direction, target: _Set) -> None:
        self._request, self._arrival, self._target = request, direction.arrival, target
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
        if self._shot is None or self._view is None:
            path = Path(Pose(zoom=1.0 + 0.0035 * (self._arrival.frames + 1)), Pose())
            self._shot = CameraShot(self.first, self._arrival.frames + 1, 1, path, 0.0, anchored_end=True)
            self._view = self._target.view(path)
        return self._target.frame(self._view, self._shot, frame)


def _scene(keyframe: Keyframe, request: SegmentRequest) -> LayeredScene | FlatScene:
    return LayeredScene(keyframe, request.size) if keyframe.layers else FlatScene(keyframe.image, request.size)


def _check(request: SegmentRequest) -> None:
    size, count = request.size, request.frame_count
    if count < 1:
        raise BadInput("frame_count", count, "1 frame or more")
    for name, keyframe in (("start", request.start), ("end", request.end)):
        shapes = [(f"{name}.image", keyframe.image, 0, 3)]
        for number, layer in enumerate(keyframe.layers):
            shapes.append((f"{name}.layers[{number}]", layer.picture, keyframe.margin, 4))
        for parameter, picture, margin, channels in shapes:
            wanted = (size.height + 2 * margin, size.width + 2 * margin, channels)
            if picture.shape != wanted or picture.dtype != np.uint8:
                raise BadInput(parameter, f"{picture.shape} {picture.dtype}", f"uint8 {wanted}, the segment's size")
    if list(request.cuts) != sorted({c for c in request.cuts if 0 < c < count}):
        raise BadInput("cuts", request.cuts, f"ascending frames from 1 to {count - 1}")
    for name in ("intensity", "beat", "accent"):
        track = getattr(request.pulse, name)
        if track.shape != (count,):
            raise BadInput(f"pulse.{name}", track.shape, f"one value a frame, ({count},)")
