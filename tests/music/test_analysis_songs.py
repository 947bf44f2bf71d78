"""Tempo, beats, bars, sections and moments against songs with known truth, none of which the model was trained on."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from benchmarks.songs import Song, make_song
from benchmarks.songs.scoring import f_measure, lateness, matched, right_octave
from studio.music.analysis import analyse_song
from studio.music.song import SongAnalysis

SEED = 302
ASKED_FOR = (
    "rock", "half_time_trap", "shuffle", "waltz", "house_drumless", "piano_ballad", "funk", "gradual_tempo",
    "drum_and_bass", "ambient", "late_start", "strong_offbeats",
)  # fmt: skip


@cache
def heard(style: str) -> tuple[Song, SongAnalysis]:
    song = make_song(style, SEED)
    return song, analyse_song(song.samples, song.sample_rate)


@pytest.mark.parametrize("style", ASKED_FOR)
def test_tempo_and_beats(style):
    song, found = heard(style)
    beats, true = np.array(found.beat_times), np.array(song.truth.beats)
    assert right_octave(found.tempo, song.truth.tempo)
    assert f_measure(beats, true) > 0.93
    assert abs(lateness(beats, true)) < 0.01


def test_bars_over_all_styles():
    scores, metres = [], []
    for style in ASKED_FOR:
        song, found = heard(style)
        scores.append(f_measure(np.array(found.downbeat_times), np.array(song.truth.downbeats)))
        metres.append(found.metre == song.truth.metre)
    assert np.mean(scores) > 0.9
    assert all(metres)


def test_beats_bridge_a_long_drumless_part():
    song, found = heard("house_drumless")
    start, end = song.truth.borders[2], song.truth.borders[3]
    assert song.truth.labels[2] == "breakdown"
    true = np.array([b for b in song.truth.beats if start <= b < end])
    inside = np.array([b for b in found.beat_times if start - 0.1 <= b < end - 0.1])
    assert f_measure(inside, true, 0.035) > 0.97


def test_beats_wait_for_a_song_that_starts_late():
    song, found = heard("late_start")
    assert song.truth.beats[0] > 5
    assert found.beat_times[0] == pytest.approx(song.truth.beats[0], abs=0.05)
    assert found.intensity_curve[1][1] < 0.1


def test_a_gradual_change_of_tempo_is_followed():
    song, found = heard("gradual_tempo")
    assert not song.truth.steady
    first, last = np.diff(found.beat_times[:9]).mean(), np.diff(found.beat_times[-9:]).mean()
    true_first, true_last = np.diff(song.truth.beats[:9]).mean(), np.diff(song.truth.beats[-9:]).mean()
    assert last / first == pytest.approx(true_last / true_first, rel=0.04)


def test_sections_begin_where_the_arrangement_changes():
    hits = found_count = true_count = 0
    for style in ASKED_FOR:
        song, found = heard(style)
        starts = np.array([s.start for s in found.sections[1:] if s.start < song.truth.beats[-1]])
        true = np.array(song.truth.borders[1:])
        hits, found_count = hits + len(matched(starts, true, 0.7)), found_count + len(starts)
        true_count += len(true)
    assert 2 * hits / (found_count + true_count) > 0.65


def test_house_is_told_as_a_house_track():
    song, found = heard("house_drumless")
    labels = [s.label for s in found.sections]
    assert "breakdown" in labels
    words = [m.description.split(":")[0].split(" ")[0] for m in found.key_moments]
    assert words[0] == "opening"
    assert words[-1] == "ending"
    assert "climax" in words
    breakdown = next(m for m in found.key_moments if m.description.startswith("breakdown"))
    assert breakdown.timestamp == pytest.approx(song.truth.borders[2], abs=2.5)


def test_moments_fall_on_bars_and_keep_apart():
    for style in ("rock", "house_drumless", "drum_and_bass"):
        _, found = heard(style)
        times = np.array([m.timestamp for m in found.key_moments])
        assert np.diff(times).min() >= found.duration / 22
        near = [min(abs(t - d) for d in found.downbeat_times) for t in times[1:]]
        assert sorted(near)[3] < 0.01


@pytest.mark.parametrize("style", ["rock", "strong_offbeats", "house_drumless", "drum_and_bass", "piano_ballad"])
@pytest.mark.parametrize(("level", "slip"), [(1.0, 1.03), (0.5, 0.98), (2.0, 1.02)])
def test_a_typed_level_keeps_the_beats_where_they_are(style, level, slip):
    song, _ = heard(style)
    found = analyse_song(song.samples, song.sample_rate, tempo=song.truth.tempo * level * slip)
    true = np.array(song.truth.beats)
    halves = np.sort(np.concatenate([true, (true[1:] + true[:-1]) / 2]))
    wanted = {1.0: [true], 0.5: [true[::2], true[1::2]], 2.0: [halves]}[level]
    assert max(f_measure(np.array(found.beat_times), w) for w in wanted) > 0.95
    assert found.tempo_confidence > 0.3


def test_half_and_double_are_always_offered():
    for style in ASKED_FOR:
        _, found = heard(style)
        for other in (found.tempo / 2, found.tempo * 2):
            if 30 <= other <= 300:
                assert min(abs(a / other - 1) for a in found.tempo_alternatives) < 0.01


def test_what_falls_away_and_lands_again_is_told_so():
    """A breakdown where the drums leave, a drop where they come back, whatever their loudness."""
    for style in ("house_drumless", "dubstep", "house_long_drumless"):
        song, found = heard(style)
        for label, start in zip(song.truth.labels, song.truth.borders, strict=True):
            if label == "breakdown":
                assert any(s.label == "breakdown" and abs(s.start - start) < 2.5 for s in found.sections), style
        returned = song.truth.borders[song.truth.labels.index("breakdown") + 1]
        assert any(s.label == "drop" and abs(s.start - returned) < 2.5 for s in found.sections), style


def test_moments_are_told_apart():
    for style in (*ASKED_FOR, "house_long_drumless"):
        _, found = heard(style)
        words = [m.description for m in found.key_moments]
        assert len(set(words)) == 7, words
        assert any(w.startswith("climax") for w in words), words
        assert np.diff([m.timestamp for m in found.key_moments]).min() >= found.duration / 30


def test_a_rhythm_that_is_waited_for_is_a_moment():
    song, found = heard("pad_first")
    entry = next(m for m in found.key_moments if m.description.startswith("first beat"))
    assert entry.timestamp == pytest.approx(song.truth.beats[0], abs=2.5)


def test_confidence_is_high_where_there_is_a_beat():
    assert np.mean([heard(style)[1].tempo_confidence for style in ASKED_FOR]) > 0.7
