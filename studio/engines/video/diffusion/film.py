"""A segment filled with clips: one or more a camera shot, colours held, brought to the project's rate, and landed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, SegmentRequest
from studio.engines.video.diffusion.colour import steadied
from studio.engines.video.diffusion.flow import Between
from studio.engines.video.diffusion.landing import Landing, LastShot, plan_landing
from studio.engines.video.diffusion.options import Sampling
from studio.engines.video.diffusion.pulse import Glow
from studio.engines.video.diffusion.sampling import Filmer, Watch
from studio.engines.video.diffusion.strip import SLOWEST, Chain, Clip, rate_for
from studio.engines.video.direction import CameraShot, Director
from studio.engines.video.parallax import check_keyframe
from studio.engines.video.relief import FlatScene

_BACKWARDS = 0xE4D
"""Stands for the clip run backwards where shots stand for theirs."""


class Film:
    """One segment being made. Layers of its pictures are not used."""

    def __init__(self, request: SegmentRequest, filmer: Filmer, sampling: Sampling) -> None:
        self._request, self._filmer, self._sampling = request, filmer, sampling
        self._fps, self._last = float(request.fps), request.frame_count - 1
        self._intervals = filmer.frames - 1
        self._pictures = _Pictures(request)
        self._glow = Glow(request, sampling.pulse)

    def frames(self, cancel: CancelToken) -> Iterator[np.ndarray]:
        cancel.check()
        if self._last > 0:
            director = Director(self._request)
            for shot in director.shots(self._pictures.scene):
                yield from self._shot(shot, cancel)
        cancel.check()
        yield self._request.end.image.copy()

    def _shot(self, shot: CameraShot, cancel: CancelToken) -> Iterator[np.ndarray]:
        still, landing = self._still(shot), Landing(self._last, self._last)
        end = min(shot.first + shot.count, self._last)
        if end == self._last:
            of_end = shot.scene == self._pictures.last
            reach = self._intervals / self._sampling.fps * SLOWEST
            landing = plan_landing(self._request, LastShot(shot.first, still, of_end), reach)
        forth, back = self._forth(shot, still, end, cancel), self._back(landing, cancel)
        picture = self._pictures.image(shot.scene)
        for frame in range(shot.first, end):
            cancel.check()
            share = landing.share(frame) if frame >= landing.first else 0.0
            shown = forth(frame) if share < 1.0 else None
            if share > 0.0:
                arriving = back(frame)
                shown = arriving if shown is None else Between(shown, arriving).at(share)
            assert shown is not None
            yield self._glow.lit(shown, picture, shot.scene, frame)

    def _still(self, shot: CameraShot) -> np.ndarray:
        """The picture that the shot sets off from, framed as its director wants it."""
        if shot.first == 0:
            return self._request.start.image
        return self._pictures.scene(shot.scene).view(shot.path).render(shot.path.start)

    def _forth(self, shot: CameraShot, still: np.ndarray, end: int, cancel: CancelToken) -> _Forth:
        # a film's frame 0 is the segment before's last one: this one is a step behind it already
        late = int(shot.first == 0)
        rate = rate_for((end - 1 + late - shot.first) / self._fps, self._sampling.fps, self._intervals)
        worth = min(end - shot.first, round(self._intervals / rate * self._fps))
        chain = Chain(still, self._intervals, partial(self._clip, (still, shot.first), worth, cancel))
        return _Forth(chain, rate / self._fps, shot.first - late)

    def _back(self, landing: Landing, cancel: CancelToken) -> _Back:
        end = self._request.end.image
        rate = rate_for((self._last - landing.first) / self._fps, self._sampling.fps, self._intervals)
        worth = self._last - landing.first if landing.alone else 0
        chain = Chain(end, self._intervals, partial(self._clip, (end, _BACKWARDS), worth, cancel))
        return _Back(chain, rate / self._fps, self._last)

    def _clip(
        self, origin: tuple[np.ndarray, int], worth: float, cancel: CancelToken, start: np.ndarray, number: int
    ) -> Clip:
        """`origin`: the picture whose colours are kept and the number of its place; `worth`: frames it stands for."""
        request = self._request
        reference, place = origin
        watch = Watch(cancel, lambda share: request.progress(share * worth) if request.progress else None, request.show)
        seed = int(np.random.SeedSequence([request.seed, request.index, place, number]).generate_state(1)[0])
        frames = steadied(self._filmer.clip(start, seed, self._sampling, watch), reference)
        # the first is the network's rendering of a picture that is there
        return Clip([start, *frames[1:]], request.size)


class _Forth:
    """A shot's pictures by the segment's frames."""

    def __init__(self, chain: Chain, step: float, first: int) -> None:
        self._chain, self._step, self._first = chain, step, first

    def __call__(self, frame: int) -> np.ndarray:
        return self._chain.at((frame - self._first) * self._step)


class _Back:
    """The same of a clip that ends where it began."""

    def __init__(self, chain: Chain, step: float, last: int) -> None:
        self._chain, self._step, self._last = chain, step, last

    def __call__(self, frame: int) -> np.ndarray:
        return self._chain.at((self._last - frame) * self._step)


class _Pictures:
    """The segment's pictures (0 start, then the views, last end), one of them made ready at a time."""

    def __init__(self, request: SegmentRequest) -> None:
        self._request, self.last = request, len(request.views) + 1
        self._ready: tuple[int, np.ndarray, FlatScene] | None = None

    def scene(self, number: int) -> FlatScene:
        return self._at(number)[2]

    def image(self, number: int) -> np.ndarray:
        return self._at(number)[1]

    def _at(self, number: int) -> tuple[int, np.ndarray, FlatScene]:
        if self._ready is None or self._ready[0] != number:
            image = self._keyframe(number).image
            self._ready = number, image, FlatScene(image, self._request.size)
        return self._ready

    def _keyframe(self, number: int) -> Keyframe:
        request = self._request
        if number in (0, self.last):
            return request.end if number else request.start
        keyframe = request.views[number - 1].load()
        check_keyframe(f"views[{number - 1}]", keyframe, request.size)
        return keyframe
