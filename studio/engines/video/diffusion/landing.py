"""How a segment comes to rest on its last picture: a clip set off from that picture, run backwards, takes over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.contracts import SegmentRequest
from studio.engines.video.diffusion.flow import Between
from studio.engines.video.order import REVEAL

ALIKE = 0.6
"""Trust of the flow between two pictures from which on the one can flow into the other."""

LONGEST, CALMER_BY = 1.0, 0.7
"""Seconds of the passage between pictures that have nothing in common, in silence, and how much less when loud."""

RISING = 0.25
"""Seconds of it where the music is about to rise: the next picture is kept for the landing."""


@dataclass(frozen=True)
class Landing:
    """From frame `first` on; at `last` stands the picture itself. `alone`: all of it is the clip run backwards."""

    first: int
    last: int
    alone: bool = False

    def share(self, frame: int) -> float:
        """0..1, how far the clip run backwards has taken over."""
        if self.alone:
            return 1.0
        way = (frame - self.first + 1) / (self.last - self.first + 1)
        return way * way * (3.0 - 2.0 * way)


@dataclass(frozen=True)
class LastShot:
    """The segment's last shot: its first frame, the picture it sets off from, and whether that is the end's."""

    first: int
    still: np.ndarray
    of_end: bool


def plan_landing(request: SegmentRequest, shot: LastShot, seconds: float) -> Landing:
    """`seconds`: what one clip fills. As long as pictures alike can be seen flowing together, short between others."""
    fps, last = float(request.fps), request.frame_count - 1
    room = last - shot.first
    if shot.of_end and shot.first > 0 and room / fps <= seconds:
        return Landing(shot.first, last, alone=True)
    most = min(room, int(seconds * fps))
    if most > 1 and Between(shot.still, request.end.image).trust >= ALIKE:
        return Landing(last - most, last)
    return Landing(last - min(most // 2, round(_passage(request) * fps)), last)


def _passage(request: SegmentRequest) -> float:
    """Seconds, by the music."""
    if request.shots[1].intensity - request.shots[0].intensity >= REVEAL:
        return RISING
    level = float(request.pulse.intensity[-max(1, round(request.fps)) :].mean())
    return LONGEST - CALMER_BY * min(1.0, max(0.0, level))
