"""What the analysis promises of any recording, and what it makes of simple ones whose answer is plain."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.songs import NEGATIVES, make_negative, make_song
from benchmarks.songs.scoring import f_measure
from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled
from studio.music.analysis import analyse_song
from studio.music.song import SongAnalysis


def clicks(tempo: float, seconds: float, rate: int = 44100, start: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """(samples, beat times) of bursts with a deeper one on the first of four."""
    rng = np.random.default_rng(1)
    samples, beats = np.zeros((int(seconds * rate), 2), np.float32), np.arange(start, seconds - 0.1, 60 / tempo)
    t = np.arange(int(0.05 * rate)) / rate
    for i, beat in enumerate(beats):
        tone = np.sin(2 * np.pi * (70 if i % 4 == 0 else 900) * t) + 0.3 * rng.standard_normal(len(t))
        at = int(beat * rate)
        samples[at : at + len(t)] += (0.4 * tone * np.exp(-t / 0.012))[:, None].astype(np.float32)
    return samples, beats


def check_promises(song: SongAnalysis, n: int, rate: int) -> None:
    duration = n / rate
    assert song.duration == duration
    assert song.sample_rate == rate
    assert len(song.key_moments) == 7
    moments = [m.timestamp for m in song.key_moments]
    assert all(a < b for a, b in pairwise(moments))
    assert 0 <= moments[0] <= 0.1 * duration
    assert 0.85 * duration <= moments[-1] < duration
    assert all(0 <= m.intensity <= 1 and m.description for m in song.key_moments)
    assert song.sections[0].start == 0
    assert song.sections[-1].end == pytest.approx(duration)
    assert all(a.end == b.start and a.start < a.end for a, b in pairwise(song.sections))
    assert [t for t, _ in song.intensity_curve] == [float(i) for i in range(int(np.ceil(duration)))]
    assert all(0 <= v <= 1 for _, v in song.intensity_curve)
    for times in (song.beat_times, song.downbeat_times, song.accents):
        assert all(0 <= t < duration for t in times)
        assert all(a < b for a, b in pairwise(times))
    assert set(song.downbeat_times) <= set(song.beat_times)
    assert 0 <= song.tempo_confidence <= 1
    json.dumps(song.to_json(), allow_nan=False)
    assert SongAnalysis.from_json(json.loads(json.dumps(song.to_json()))) == song


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 192000])
@pytest.mark.parametrize("seconds", [0.2, 1.0, 3.3])
@pytest.mark.parametrize("tempo", [None, 97.0])
def test_promises_hold_for_short_and_odd_recordings(rate, seconds, tempo):
    n, rng = int(seconds * rate), np.random.default_rng(7)
    square = np.sign(np.sin(np.arange(n) * 2 * np.pi * 440 / rate))
    for samples in (np.zeros(n), np.full((n, 2), 0.8), square, rng.standard_normal((n, 6)) * 0.1):
        check_promises(analyse_song(samples.astype(np.float32), rate, tempo), n, rate)


@pytest.mark.parametrize("kind", NEGATIVES)
def test_no_beat_is_an_answer(kind):
    song = make_negative(kind, 301)
    heard = analyse_song(song.samples, song.sample_rate)
    check_promises(heard, len(song.samples), song.sample_rate)
    assert heard.tempo_confidence < 0.2
    assert heard.beat_times == ()


@pytest.mark.parametrize(("tempo", "rate"), [(75, 44100), (100, 22050), (120, 48000), (133.3, 16000), (90, 96000)])
def test_clicks_are_found_where_they_are(tempo, rate):
    samples, beats = clicks(tempo, 20, rate)
    heard = analyse_song(samples, rate)
    assert heard.tempo == pytest.approx(tempo, rel=0.005)
    assert f_measure(np.array(heard.beat_times), beats, 0.012) > 0.97
    assert heard.metre == 4
    assert f_measure(np.array(heard.downbeat_times), beats[::4], 0.02) > 0.95
    assert f_measure(np.array(heard.accents), beats, 0.02) > 0.95


def test_the_same_sound_gives_the_same_answer_whatever_its_level_offset_or_phase():
    song = make_song("rock", 301)
    first = analyse_song(song.samples, song.sample_rate)
    assert analyse_song(song.samples.copy(), song.sample_rate) == first
    quiet = analyse_song(song.samples * np.float32(0.02) + np.float32(0.1), song.sample_rate)
    inverted = analyse_song(song.samples[:, :1] * np.array([1, -1], np.float32), song.sample_rate)
    for other in (quiet, inverted):
        assert other.tempo == pytest.approx(first.tempo, rel=0.002)
        assert f_measure(np.array(other.beat_times), np.array(first.beat_times), 0.015) > 0.97


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.0])
def test_a_typed_tempo_is_kept(factor):
    song = make_song("pop", 301)
    typed = song.truth.tempo * factor
    heard = analyse_song(song.samples, song.sample_rate, tempo=typed)
    assert heard.tempo == pytest.approx(typed, rel=0.04)
    assert 60 / np.diff(heard.beat_times).mean() == pytest.approx(typed, rel=0.04)


def test_a_typed_tempo_the_song_does_not_have_is_kept_too():
    samples, _ = clicks(120, 20)
    for sound in (samples, np.zeros_like(samples) + np.float32(1e-3), make_negative("speech", 301).samples):
        heard = analyse_song(sound, 44100, tempo=93.0)
        assert 60 / np.diff(heard.beat_times).mean() == pytest.approx(93, rel=0.04)


def test_alternatives_are_half_and_double_first():
    samples, _ = clicks(110, 20)
    heard = analyse_song(samples, 44100)
    assert sorted(heard.tempo_alternatives[:2]) == pytest.approx([55, 220], rel=0.01)


def test_intensity_follows_within_a_second():
    rng, rate = np.random.default_rng(3), 44100
    gains = np.repeat([0.02, 0.5, 0.05, 0.5], 10 * rate)
    song = analyse_song((rng.standard_normal(40 * rate) * gains * 0.3).astype(np.float32), rate)
    curve = np.array([v for _, v in song.intensity_curve])
    assert curve[11:20].min() > 0.8
    assert curve[31:].min() > 0.8
    assert curve[:10].max() < 0.35
    assert curve[21:30].max() < 0.5
    assert abs(next(s.start for s in song.sections[1:]) - 10) < 1.5


def test_refusals():
    with pytest.raises(BadInput, match="samples"):
        analyse_song(np.zeros((0, 2), np.float32), 44100)
    with pytest.raises(BadInput, match=r"tempo.*20 to 400"):
        analyse_song(np.zeros(44100, np.float32), 44100, tempo=5.0)
    with pytest.raises(BadInput, match="tempo"):
        analyse_song(np.zeros(44100, np.float32), 44100, tempo=float("nan"))


def test_cancel_stops_it():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        analyse_song(np.zeros(44100, np.float32), 44100, cancel=token)


def test_importing_the_result_types_loads_nothing_heavy():
    code = "import sys, studio.music.song; print(any(m in sys.modules for m in ('numpy', 'scipy', 'librosa', 'cv2')))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_the_analysis_needs_numpy_alone():
    code = "import sys, studio.music.analysis; print([m for m in ('scipy', 'librosa', 'cv2') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
