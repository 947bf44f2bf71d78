"""The songs' truth is where the sound is, and the scores are what the field defines."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.songs import STYLES, make_song
from benchmarks.songs.scoring import f_measure, lateness, matched


def test_a_kick_sounds_on_every_true_beat_of_a_house_groove():
    song = make_song("house_drumless", 5)
    rate, mono = song.sample_rate, song.samples.mean(axis=1)
    groove = [b for b in song.truth.beats if song.truth.borders[1] <= b < song.truth.borders[2]]
    assert len(groove) == 32
    rises = []
    for beat in groove:
        at = int(beat * rate)
        before, after = mono[at - rate // 50 : at], mono[at : at + rate // 50]
        rises.append(np.square(after).sum() > 2 * np.square(before).sum())
    assert np.mean(rises) > 0.9


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
