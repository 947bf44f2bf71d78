"""Seconds and frames. A frame's number comes from its absolute time, so that no rounding error ever adds up."""

from __future__ import annotations

from fractions import Fraction


def frame_at(seconds: float, fps: Fraction | int) -> int:
    """The frame nearest to `seconds`: round(t * fps). Film lengths and cuts are counted with this and nothing else."""
    return round(seconds * fps)


def seconds_at(frame: int, fps: Fraction | int) -> float:
    """The time at which `frame` is first shown; `frame_at(seconds_at(n, fps), fps) == n`."""
    return float(frame / Fraction(fps))


def format_timestamp(seconds: float) -> str:
    """`1:02.345`, or `1:00:02.345` from an hour on; rounded to the millisecond before it is cut into fields."""
    millis = round(abs(seconds) * 1000)
    minutes, rest = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    tail = f"{rest // 1000:02d}.{rest % 1000:03d}"
    sign = "-" if seconds < 0 and millis else ""
    return f"{sign}{hours}:{minutes:02d}:{tail}" if hours else f"{sign}{minutes}:{tail}"
