"""The order in which lines of text are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from studio.engines.vision.screen_text import Line

SAME_ROW = 0.6  # share of the lower line's height that two parts of one line have in common
SAME_HEIGHT = 1.4
GAP = 0.9  # of the line's height: words of one line stand nearer, cells of a table further apart


def in_reading_order(lines: Sequence[Line], aspect: float) -> list[Line]:
    """`lines` with the parts of one line joined, columns from left to right and each from top to bottom.

    Two lines of one column are ordered by height, and a column comes before the one to its right unless a line above
    or below spans both (Breuel, 2003, "High performance document layout analysis"). `aspect`: the picture's width
    over its height.
    """
    joined = _join(lines, aspect)
    if len(joined) < 2:
        return joined
    left, top, wide, high = np.array([line.box for line in joined]).T
    right, middle = left + wide, top + high / 2
    meet = (left[:, None] < right[None]) & (left[None] < right[:, None])
    above = middle[:, None] < middle[None]
    beside = right[:, None] <= left[None]
    before = meet & above
    for one, other in np.argwhere(beside):
        low, top_most = max(middle[one], middle[other]), min(middle[one], middle[other])
        between = (middle > top_most) & (middle < low) & meet[one] & meet[other]
        if not between.any():
            before[one, other] = True
    return [joined[each] for each in _sorted(before, np.lexsort((left, middle)))]


def _sorted(before: np.ndarray, wish: np.ndarray) -> list[int]:
    """Topological order of `before` (n, n); where several may come next, or all wait in a ring, the first in `wish`."""
    waiting, order = [int(each) for each in wish], []
    while waiting:
        free = (each for each in waiting if not before[waiting, each].any())
        chosen = next(free, waiting[0])
        waiting.remove(chosen)
        order.append(chosen)
    return order


def _join(lines: Sequence[Line], aspect: float) -> list[Line]:
    joined: list[Line] = []
    for line in sorted(lines, key=lambda each: each.box[0]):
        near = [place for place, other in enumerate(joined) if _continues(other, line, aspect)]
        if near:
            joined[near[-1]] = _as_one(joined[near[-1]], line)
        else:
            joined.append(line)
    return joined


def _continues(one: Line, other: Line, aspect: float) -> bool:
    """Whether `other` is the next part of the line that `one` begins."""
    left, top, wide, high = one.box
    next_left, next_top, next_wide, next_high = other.box
    common = min(top + high, next_top + next_high) - max(top, next_top)
    lower, higher = sorted((high, next_high))
    if min(wide, next_wide) * aspect < 0.5 * lower:  # a part narrower than a letter is a mark of its own
        return False
    gap = (next_left - left - wide) * aspect
    return common >= SAME_ROW * lower and higher <= SAME_HEIGHT * lower and -0.5 * lower <= gap <= GAP * lower


def _as_one(one: Line, other: Line) -> Line:
    left, top = min(one.box[0], other.box[0]), min(one.box[1], other.box[1])
    right = max(each.box[0] + each.box[2] for each in (one, other))
    bottom = max(each.box[1] + each.box[3] for each in (one, other))
    box = tuple(round(each, 4) for each in (left, top, right - left, bottom - top))
    confidence = round(fmean((one.confidence, other.confidence)), 3)
    return replace(one, text=f"{one.text} {other.text}", confidence=confidence, box=box)
