"""The song analysis beside plain librosa on the same songs: `python -m benchmarks.song_analysis [seed ...]`.

Prints, per style: how often the tempo is right in its octave (within 4 %), the beats' F-measure at 70 ms, the
downbeats' (librosa has none: every fourth beat is taken), the share of found beats within 35 ms of a true one, which is
what a cut on them looks like, and how late the beats are; then the seconds both take for a song of three minutes, warm
and as a cold process, in pairs taken in turn. The model was trained on none of the default seeds.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.songs import NEGATIVES, STYLES, Song, make_negative, make_song
from benchmarks.songs.scoring import f_measure, lateness, matched, right_octave

HELD_OUT = (201, 202, 203, 204)
PAIRS = 7
Tracker = Callable[[np.ndarray, int], tuple[float, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Score:
    tempo: float
    octave: bool
    beats: float
    downbeats: float
    cuts: float
    late_ms: float


def ours(samples: np.ndarray, rate: int) -> tuple[float, np.ndarray, np.ndarray]:
    from studio.music.analysis import analyse_song

    song = analyse_song(samples, rate)
    return song.tempo, np.array(song.beat_times), np.array(song.downbeat_times)


def plain_librosa(samples: np.ndarray, rate: int) -> tuple[float, np.ndarray, np.ndarray]:
    import librosa

    mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=22050)
    tempo, beats = librosa.beat.beat_track(y=mono, sr=22050, units="time")
    return float(np.atleast_1d(tempo)[0]), beats, beats[::4]


def score(song: Song, tracker: Tracker) -> Score:
    tempo, beats, downbeats = tracker(song.samples, song.sample_rate)
    truth = song.truth
    return Score(
        tempo,
        right_octave(tempo, truth.tempo),
        f_measure(beats, np.array(truth.beats)),
        f_measure(downbeats, np.array(truth.downbeats)),
        len(matched(beats, np.array(truth.beats), 0.035)) / max(1, len(beats)),
        1000 * lateness(beats, np.array(truth.beats)),
    )


def both(job: tuple[str, int]) -> tuple[str, float, Score, Score]:
    song = make_song(*job)
    return job[0], song.truth.tempo, score(song, ours), score(song, plain_librosa)


def _line(name: str, scores: list[Score]) -> str:
    late = [s.late_ms for s in scores if np.isfinite(s.late_ms)]
    octave = sum(s.octave for s in scores)
    means = np.mean([[s.beats, s.downbeats, s.cuts] for s in scores], axis=0)
    figures = " ".join(f"{m:5.3f}" for m in means)
    return f"{name} {octave:3d}/{len(scores):<3d} {figures} {np.mean(late) if late else np.nan:6.1f}"


def quality(seeds: tuple[int, ...]) -> None:
    # Two processes that compile librosa's loops at once can leave a cache that crashes whoever reads it.
    plain_librosa(np.zeros((22050 * 10, 1), np.float32), 22050)
    with ProcessPoolExecutor(2) as pool:
        rows = list(pool.map(both, [(style, seed) for seed in seeds for style in STYLES]))
    print(f"{'':28s} octave, beat F, downbeat F, cuts on a beat, late ms: studio | librosa")
    for style in STYLES:
        mine, theirs = [r[2] for r in rows if r[0] == style], [r[3] for r in rows if r[0] == style]
        print(_line(f"{style:28s}", mine), "|", _line("", theirs))
    print(_line(f"{'all':28s}", [r[2] for r in rows]), "|", _line("", [r[3] for r in rows]))
    found = {
        kind: max(len(ours(s.samples, s.sample_rate)[1]) for s in (make_negative(kind, n) for n in seeds))
        for kind in NEGATIVES
    }
    print("beats found where there are none:", ", ".join(f"{kind} {n}" for kind, n in found.items()))


def _three_minutes() -> tuple[np.ndarray, int]:
    """At 44.1 kHz, as songs come."""
    song = next(s for s in (make_song("rock", seed) for seed in range(HELD_OUT[0], 300)) if s.sample_rate == 44100)
    rate = song.sample_rate
    times = -(-180 * rate // len(song.samples))
    return np.ascontiguousarray(np.tile(song.samples, (times, 1))[: 180 * rate]), rate


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def _cold(name: str, file: Path, rate: int) -> None:
    code = f"import numpy as np; from benchmarks.song_analysis import {name}; {name}(np.load({str(file)!r}), {rate})"
    subprocess.run([sys.executable, "-c", code], check=True)


def _in_turn(label: str, mine: Callable[[], object], theirs: Callable[[], object], count: int) -> None:
    """Medians over pairs, so that what else the machine does falls on both alike."""
    pairs = np.array([(_seconds(mine), _seconds(theirs)) for _ in range(count)])
    first, second = np.median(pairs, axis=0)
    ratio = np.median(pairs[:, 0] / pairs[:, 1])
    print(f"180 s song, {label}: studio {first:.2f} s, plain librosa {second:.2f} s, ratio {ratio:.2f}")


def speed() -> None:
    samples, rate = _three_minutes()
    ours(samples, rate)
    plain_librosa(samples, rate)
    _in_turn("warm", lambda: ours(samples, rate), lambda: plain_librosa(samples, rate), PAIRS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "song.npy"
        np.save(file, samples)
        _in_turn("cold process", lambda: _cold("ours", file, rate), lambda: _cold("plain_librosa", file, rate), 3)


if __name__ == "__main__":
    quality(tuple(map(int, sys.argv[1:])) or HELD_OUT)
    speed()
