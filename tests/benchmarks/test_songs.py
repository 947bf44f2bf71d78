"""The songs' truth is where the sound is, and the scores are what the field defines."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.songs import STYLES, make_song
from benchmarks.songs.scoring import f_measure, lateness, matched


def test_every_true_beat_of_a_metronome_sounds_and_nothing_else_does():
    song = make_song("metronome", 5)
    rate, power = song.sample_rate, np.square(song.samples).sum(axis=1)
    period = 60 / song.truth.tempo
    for beat in song.truth.beats:
        at = int(beat * rate)
        after, before = power[at : at + rate // 50].mean(), power[at - rate // 50 : at].mean()
        halfway = power[at + int(period / 2 * rate) :][: rate // 50].mean()
        assert after > 10 * before
        assert after > 10 * halfway


def test_songs_repeat_and_differ_by_seed():
    first, again, other = make_song("waltz", 3), make_song("waltz", 3), make_song("waltz", 4)
    assert np.array_equal(first.samples, again.samples)
    assert first.truth == again.truth
    assert other.truth.tempo != first.truth.tempo
    assert first.truth.metre == 3
    assert first.truth.downbeats == first.truth.beats[::3]


def test_there_are_more_than_eighteen_styles():
    assert len(STYLES) >= 18


def test_scores():
    true = np.arange(0, 10, 0.5)
    assert f_measure(true + 0.03, true) == 1
    assert f_measure(true + 0.25, true) == 0
    assert f_measure(true[::2], true) == pytest.approx(2 / 3)
    assert f_measure(np.zeros(0), true) == 0
    assert lateness(true + 0.03, true) == pytest.approx(0.03)
    assert len(matched(np.array([0.0, 0.01]), np.array([0.0]))) == 1
