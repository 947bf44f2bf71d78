"""Frames by absolute times."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from studio.frames import frame_at, seconds_at

RATES = [Fraction(24), Fraction(25), Fraction(30), Fraction(60), Fraction(24000, 1001), Fraction(8)]


@pytest.mark.parametrize("fps", RATES)
def test_frames_and_seconds_are_each_other_s_inverse_for_hours(fps: Fraction):
    for number in [*range(2000), *range(10**6, 10**6 + 500)]:
        assert frame_at(seconds_at(number, fps), fps) == number


def test_absolute_times_never_drift():
    """Thirty-five shots of odd lengths: lengths counted between absolute frames add up to the film's."""
    times = [n * 180 / 35 + (n % 3) * 0.0071 for n in range(36)]
    frames = [frame_at(t, 24) for t in times]
    assert sum(b - a for a, b in pairwise(frames)) == round(times[-1] * 24) - frames[0]
    assert all(abs(seconds_at(f, 24) - t) <= 0.5 / 24 for f, t in zip(frames, times, strict=True))
