"""Seconds and frames. A frame's number comes from its absolute time, so that no rounding error ever adds up."""

from __future__ import annotations

from fractions import Fraction


def frame_at(seconds: float, fps: Fraction | int) -> int:
    """The frame nearest to `seconds`: round(t * fps). Film lengths and cuts are counted with this and nothing else."""
    return round(seconds * fps)


def seconds_at(frame: int, fps: Fraction | int) -> float:
    """The time at which `frame` is first shown; `frame_at(seconds_at(n, fps), fps) == n`."""
    return float(frame / Fraction(fps))
