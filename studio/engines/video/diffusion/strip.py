"""Clips as something to be looked up by position, between their frames and beyond a clip's end."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from studio.contracts import Size
from studio.engines.image.diffusion.canvas import fitted
from studio.engines.video.diffusion.flow import Between

SLOWEST = 1.25
"""How much slower than filmed a clip may be shown where that saves another one behind it: each further one has gone
farther from the picture."""

_NEAR = 1e-3


def rate_for(seconds: float, fps: float, intervals: int) -> float:
    """Frames of a clip to be shown a second, so that `seconds` are filled by whole clips of `intervals` frames each:
    `fps`, or a little less."""
    clips = max(1, math.ceil(seconds * fps / (intervals * SLOWEST) - _NEAR))
    return fps if seconds <= 0 else min(fps, clips * intervals / seconds)


class Clip:
    """Frames of any size, two or more, shown at `size`."""

    def __init__(self, frames: Sequence[np.ndarray], size: Size) -> None:
        self._frames, self._size = frames, size
        self._number, self._between = -1, None

    @property
    def last(self) -> np.ndarray:
        return fitted(self._frames[-1], self._size)

    def at(self, position: float) -> np.ndarray:
        """The picture (H, W, 3) at `position`, 0 the first frame, 1 the second."""
        position = min(max(position, 0.0), len(self._frames) - 1.0)
        if abs(position - round(position)) < _NEAR:
            return fitted(self._frames[round(position)], self._size)
        number = int(position)
        if self._between is None or number != self._number:
            self._between = Between(*(fitted(frame, self._size) for frame in self._frames[number : number + 2]))
            self._number = number
        return self._between.at(position - number)


class Chain:
    """Clips one behind the other, each set off from the last picture of the one before and made when its turn comes;
    one of them is held at a time, so positions must not go back.

    `make` gets the picture to set in motion and the clip's number, from 0; `intervals`: frames of a clip less one.
    """

    def __init__(self, picture: np.ndarray, intervals: int, make: Callable[[np.ndarray, int], Clip]) -> None:
        self._picture, self._intervals, self._make = picture, intervals, make
        self._clip: Clip | None = None
        self._made = 0

    def at(self, position: float) -> np.ndarray:
        if position <= _NEAR:
            return self._picture
        number = max(0, math.ceil((position - _NEAR) / self._intervals) - 1)
        while self._clip is None or self._made <= number:
            start = self._picture if self._clip is None else self._clip.last
            self._clip = None  # before the next is made: a clip is large
            self._clip = self._make(start, self._made)
            self._made += 1
        return self._clip.at(position - number * self._intervals)
