"""How a segment of the embedded motion arrives at its last picture."""

from __future__ import annotations

import itertools
from dataclasses import replace

import cv2
import numpy as np
import pytest

from studio.contracts import Layer, Size
from studio.engines.video.direction import Director
from studio.engines.video.transitions import Morph, whip
from studio.media.compositing import Finisher, LayerStack
from tests.engines.video_samples import STYLE, apart, frames, keyframe, painted, pulse, request, shot


@pytest.mark.parametrize("level", [0.6, 0.95])
@pytest.mark.parametrize("seed", range(8))
def test_a_hard_arrival_is_seen_on_the_landing_frame(level: float, seed: int) -> None:
    """The landing stands on a beat: a cut, flash or whip whose change came earlier would be seen off it."""
    shots = (shot(1, time=4.0, intensity=level - 0.3), shot(2, time=8.0, intensity=level))
    asked = request(seed=seed, pulse=pulse(96, level), shots=shots)
    made = frames(asked)
    steps = [apart(a, b) for a, b in itertools.pairwise(made[-14:])]
    if max(steps) > 12:
        assert int(np.argmax(steps)) == len(steps) - 1


def test_a_calm_arrival_has_no_cut() -> None:
    shots = (shot(1, time=4.0, intensity=0.2, mood="calm"), shot(2, time=8.0, intensity=0.15, mood="calm"))
    made = frames(request(pulse=pulse(96, 0.15), shots=shots, cuts=()))
    assert max(apart(a, b) for a, b in itertools.pairwise(made[-40:])) < 6


def test_pictures_that_are_alike_flow_into_each_other() -> None:
    """The same place with its figure a step aside: no frame in between shows two half figures."""
    size = Size(384, 256)
    first = painted(size, 0)
    aside = Layer(np.roll(first.layers[3].picture, 20, 1), first.layers[3].depth)
    moved = replace(first, layers=(*first.layers[:3], aside, first.layers[4]))
    second = replace(moved, image=Finisher(STYLE, size).apply(LayerStack(moved.layers, moved.margin).compose(), 0))
    shots = tuple(shot(n, time=4.0 * n, setting=("sea",), characters=(0,), intensity=0.5) for n in (1, 2))
    asked = request(start=first, end=second, shots=shots, size=size, cuts=(36,), pulse=pulse(96, 0.5))
    arrival = Director(asked).arrival
    assert arrival.kind == "morph"
    made = frames(asked)
    assert max(apart(a, b) for a, b in itertools.pairwise(made[-arrival.frames :])) < 8


def test_the_films_last_picture_arrives_at_its_moment_and_stays() -> None:
    asked = request(count=144, cuts=(48, 96), shots=(shot(1, time=4.0), shot(2, time=8.05)), first_frame=97)
    made = [cv2.blur(f, (31, 31)) for f in frames(asked)]
    start, end = (cv2.blur(k.image, (31, 31)) for k in (asked.start, asked.end))
    assert apart(made[90], start) < apart(made[90], end)
    assert all(apart(f, end) < apart(f, start) for f in made[97:])
    assert apart(made[-2], made[-1]) < 4


def test_a_drop_is_not_given_away_before_it_lands() -> None:
    shots = (shot(1, time=4.0, intensity=0.3), shot(2, time=10.0, intensity=0.95))
    asked = request(count=144, cuts=(24, 48, 72, 96, 120), shots=shots, pulse=pulse(144, 0.9))
    made = [cv2.blur(f, (31, 31)) for f in frames(asked)]
    start, end = (cv2.blur(k.image, (31, 31)) for k in (asked.start, asked.end))
    assert all(apart(f, start) < apart(f, end) for f in made[:130])


def test_a_whip_ends_on_its_target_and_a_morph_only_joins_what_is_alike() -> None:
    a, b = keyframe("flat", 0).image, keyframe("flat", 1).image
    for angle in range(4):
        assert apart(whip(a, b, angle, (0.0, 0.0)), a) < 1
        assert apart(whip(a, b, angle, (1.0, 1.0)), b) < 1
    shifted = np.roll(cv2.resize(a, (384, 256)), 6, axis=1)
    near = Morph(cv2.resize(a, (384, 256)), shifted)
    assert near.similar
    assert apart(near.at(cv2.resize(a, (384, 256)), shifted, 0.5), np.roll(cv2.resize(a, (384, 256)), 3, axis=1)) < 4
    assert not Morph(a, b).similar
