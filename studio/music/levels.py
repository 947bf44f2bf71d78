"""Which of the pulses that fit a song is its beat: the candidates, and the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.music.beats import beat_strength, track, with_halfways
from studio.music.onsets import LATENCY, Onsets
from studio.music.tempo import Pulse, even

Doubles = NDArray[np.float64]
RATIOS = (1 / 3, 1 / 2, 2 / 3, 1.0, 4 / 3, 3 / 2, 2.0, 3.0)
SLOWEST, FASTEST = 42.0, 220.0
PARTS = 12  # a beat, so that halves, thirds and quarters fall on the grid


@dataclass(frozen=True)
class Candidate:
    """`beats` (n,) seconds; `tempo` their median tempo; `ratio` of the period to the strongest pulse's."""

    beats: Doubles
    tempo: float
    ratio: float


def candidates(onsets: Onsets, pulse: Pulse, ratios: tuple[float, ...] = RATIOS) -> list[Candidate]:
    """Each pulse related to the strongest, and the same shifted by half a beat."""
    strength, out = beat_strength(onsets), []
    for ratio in ratios:
        periods = pulse.periods * ratio
        tempo = 60 / float(np.median(periods))
        if len(ratios) > 1 and not SLOWEST <= tempo <= FASTEST:
            continue
        frames = periods * onsets.rate
        beats = track(with_halfways(strength, frames), frames) / onsets.rate
        if len(beats) >= 4:
            halfway = (beats[1:] + beats[:-1]) / 2
            out += [Candidate(beats, tempo, ratio), Candidate(halfway, tempo, ratio)]
    return out


def channels(onsets: Onsets) -> Doubles:
    """(5, frames): all, low, snare, high onsets, levelled and widened to 40 ms, and the change of harmony."""
    rows = [_widened(even(x, onsets.rate)) for x in (onsets.every, onsets.low, onsets.snare, onsets.high)]
    return np.stack([*rows, onsets.change]).astype(np.float64)


def _widened(x: NDArray[np.float32]) -> NDArray[np.float32]:
    padded = np.pad(x, 2)
    return np.max([padded[i : i + len(x)] for i in range(5)], axis=0)


def grid(rows: Doubles, beats: Doubles, rate: float) -> Doubles:
    """(channels, beats - 1, PARTS) of `rows` sampled along each beat."""
    steps = np.interp(np.arange((len(beats) - 1) * PARTS) / PARTS, np.arange(len(beats)), beats)
    at = np.clip(np.round((steps + LATENCY) * rate).astype(int), 0, rows.shape[1] - 1)
    return rows[:, at].reshape(len(rows), -1, PARTS)


def _contrast(a: float, b: float) -> float:
    return (a - b) / (a + b + 1e-6)


FEATURES = (
    "tempo", "tempo^2", "all", "low", "snare", "high", "change",
    "alternating all", "alternating low", "alternating snare", "alternating high", "alternating change",
    "quarters", "thirds", "high quarters", "high halves", "downbeat change", "downbeat low",
)  # fmt: skip


def evidence(candidate: Candidate, rows: Doubles, rate: float) -> Doubles:
    """(len(FEATURES),) what speaks for and against `candidate`, each about -1..1."""
    cells = grid(rows, candidate.beats, rate)
    mean = cells.mean(axis=1)
    octave = np.log2(candidate.tempo / 115)
    halves = [_contrast(m[0], m[PARTS // 2]) for m in mean]
    on = cells[:, :, 0]
    turns = [abs(_contrast(x[::2].mean(), x[1::2].mean())) for x in on]
    every, high = mean[0], mean[3]
    quarters = (every[3] + every[9]) / (every[0] + every[6] + 1e-6)
    thirds = (every[4] + every[8]) / (every[0] + every[6] + 1e-6)
    fours = [max(x[i::4].mean() for i in range(4)) / (x.mean() + 1e-6) - 1 if len(x.T) > 8 else 0.0 for x in on]
    return np.array([
        octave, octave**2, *halves, *turns, quarters, thirds,
        (high[3] + high[9]) / (high[0] + high[6] + 1e-6), high[6] / (high[0] + 1e-3) if high[0] > 0.02 else 0.0,
        fours[4], fours[1],
    ])  # fmt: skip
