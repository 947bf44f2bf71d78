"""Which of a segment's pictures each of its camera shots shows: its start, its views, its end."""

from __future__ import annotations

import math
from collections.abc import Sequence

from studio.contracts import SegmentRequest

EARLY = 0.7
"""Seconds by which the last picture's own moment must lie before the segment's end to be shown as a shot there."""

REVEAL = 0.12
"""A rise in intensity from which the next picture is kept for its landing, as a drop's has to be."""

RISE = 0.7
"""What a rise in intensity from 0 to 1 is worth to a change of picture, in shares of a picture's own time."""


def picture_order(request: SegmentRequest, starts: Sequence[int]) -> tuple[list[int], bool]:
    """The number of the picture shown by each shot (0 start, then the views, last end), and whether the end's is
    there before the landing. `starts`: the shots' first frames.

    The end's picture comes at its own moment where that lies well before the end (the film's last), else on landing.
    Without views it is seen in passing before that, unless the music is about to rise: then it has to surprise.
    """
    fps, last = float(request.fps), len(request.views) + 1
    moment = round(request.shots[1].time * fps) - request.first_frame
    if request.frame_count - 1 - moment > EARLY * fps:
        known = [start for start in starts[1:] if start <= request.frame_count - EARLY * fps]
        if known:
            at = starts.index(min(known, key=lambda start: abs(start - moment)))
            return [*_in_turn(request, starts[:at], starts[at]), *[last] * (len(starts) - at)], True
    if request.views:
        return _in_turn(request, starts, request.frame_count), False
    order = [0] * len(starts)
    rise = request.shots[1].intensity - request.shots[0].intensity
    if rise < REVEAL and len(starts) >= 5:
        late = range(math.ceil(len(starts) * 0.55), len(starts) - 1)
        for number in late:
            order[number] = int((number - late.start) % 2 == 0)
    return order, False


def _in_turn(request: SegmentRequest, starts: Sequence[int], end: int) -> list[int]:
    """The start's picture and the views one after the other over the shots before frame `end`, each for about as long
    as the others; a change comes rather where the music rises. Of views without a shot to spare, some are left out."""
    shown = min(len(starts), len(request.views) + 1)
    pictures = [round(n * len(request.views) / max(1, shown - 1)) for n in range(shown)]
    share, changes = end / shown, [0]
    for number in range(1, shown):
        free = range(changes[-1] + 1, len(starts) - (shown - 1 - number))
        changes.append(
            min(free, key=lambda n: abs(starts[n] - number * share) / share - RISE * _rise(request, starts[n]))
        )
    return [pictures[sum(change <= n for change in changes) - 1] for n in range(len(starts))]


def _rise(request: SegmentRequest, frame: int) -> float:
    """How much louder the second after `frame` is than the second before."""
    second, track = max(1, round(request.fps)), request.pulse.intensity
    after, before = track[frame : frame + second], track[max(0, frame - second) : frame]
    return max(0.0, float(after.mean() - before.mean()))
