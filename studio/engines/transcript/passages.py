"""Speech in passages that a recogniser hears at a time."""

from __future__ import annotations

from collections.abc import Iterable

_WINDOW = 28.0
"""Seconds: Whisper hears 30 at a time; less leaves room for the edges."""
_LONGEST_PAUSE = 4.0


def passages(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Neighbouring stretches of speech (start, end in seconds) joined into as few passages as the window allows; a
    stretch that is longer stays whole."""
    joined: list[tuple[float, float]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < _LONGEST_PAUSE and end - joined[-1][0] <= _WINDOW:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined
