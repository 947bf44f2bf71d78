"""Which of the pulses that fit a song is its beat: the candidates, and the evidence for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.music.beats import beat_strength, follow
from studio.music.onsets import LATENCY, Onsets
from studio.music.tempo import Pulse, even

Doubles = NDArray[np.float64]
RATIOS = (1 / 3, 1 / 2, 2 / 3, 3 / 4, 1.0, 4 / 3, 3 / 2, 2.0)
SHIFTS = (0, 1 / 4, 1 / 3, 1 / 2, 2 / 3, 3 / 4)
SLOWEST, FASTEST = 42.0, 220.0
BAR_CHANNELS = 7
PARTS = 12  # a beat, so that halves, thirds and quarters fall on the grid


@dataclass(frozen=True)
class Candidate:
    """`beats` (n,) seconds; `tempo` their median tempo; `ratio` of the period to the strongest pulse's."""

    beats: Doubles
    tempo: float
    ratio: float


def candidates(onsets: Onsets, pulse: Pulse, ratios: tuple[float, ...] = RATIOS) -> list[Candidate]:
    """Each pulse related to the strongest, and the same shifted by parts of a beat."""
    strength, out = beat_strength(onsets), []
    base = 60 / float(np.median(pulse.periods))
    octaves = -np.floor(np.log2(base / 75)) if len(ratios) > 1 else 0
    for ratio in ratios:
        periods = pulse.periods * ratio / 2**octaves
        tempo = 60 / float(np.median(periods))
        if len(ratios) > 1 and not SLOWEST <= tempo <= FASTEST:
            continue
        beats = follow(strength, periods, onsets.rate)
        if len(beats) >= 4:
            out += [Candidate(_shifted(beats, shift), tempo, ratio) for shift in SHIFTS]
    return out


def _shifted(beats: Doubles, share: float) -> Doubles:
    """`beats` moved on by a share of their gaps, from one that may fall 50 ms before the recording begins."""
    if not share:
        return beats
    around = np.concatenate([[2 * beats[0] - beats[1]], beats, [2 * beats[-1] - beats[-2]]])
    moved = around[:-1] + share * np.diff(around)
    return moved[(moved > -0.05) & (moved <= beats[-1] + 1e-9)]


def at_level(beats: Doubles, tempo: float, tolerance: float) -> list[Candidate]:
    """`beats` themselves, every second or third of them, or as many between them, where that is `tempo`; else nothing.

    `tolerance` in octaves. What a person types is mostly another level of the pulse that was found, and beats that
    were placed with the whole song's evidence keep their places on it.
    """
    found = 60 / float(np.median(np.diff(beats)))
    for count in (1, 2, 3):
        if abs(np.log2(found / count / tempo)) < tolerance:
            thinned = [beats[start::count] for start in range(count)]
            return [Candidate(b, tempo, float(count)) for b in thinned if len(b) >= 4]
        if abs(np.log2(found * count / tempo)) < tolerance:
            steps = np.arange((len(beats) - 1) * count + 1) / count
            return [Candidate(np.interp(steps, np.arange(len(beats)), beats), tempo, 1 / count)]
    return []


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
    return float((a - b) / (a + b + 0.05))


LEVEL_FEATURES = (
    "tempo", "tempo^2", "half all", "half low", "half snare", "half high", "half change", "kick and snare",
    "quarter before", "quarter after", "third before", "third after", "low quarters", "low thirds",
    "snare quarters", "high quarters", "share",
)  # fmt: skip


def level_evidence(tempo: float, cells: Doubles) -> Doubles:
    """(len(LEVEL_FEATURES),) what speaks for and against a beat, from its `cells` (channels, beats, PARTS)."""
    mean = cells.mean(axis=1)
    every, low, snare, high, _ = mean
    octave = np.log2(tempo / 115)
    halves = [_contrast(m[0], m[6]) for m in mean]

    def against(row: Doubles, *parts: int) -> float:
        return float(row[list(parts)].mean() / (row[0] + row[6] + 0.1))

    return np.array([
        octave, octave**2, *halves, min(halves[1], halves[2]),
        against(every, 3), against(every, 9), against(every, 4), against(every, 8),
        against(low, 3, 9), against(low, 4, 8), against(snare, 3, 9), against(high, 3, 9),
        every[0] / (every[[0, 3, 4, 6, 8, 9]].sum() + 0.1),
    ])  # fmt: skip


def bar_evidence(cells: Doubles, metre: int) -> Doubles:
    """(metre, BAR_CHANNELS * metre): for each beat a bar may start on, how the sounds go over the beats of such bars.

    All channels on the beat, and the low and the snare halfway to the next.
    """
    on = np.concatenate([cells[:, :, 0], cells[1:3, :, PARTS // 2]])
    mean = np.stack([on[:, i::metre].mean(axis=1) if on.shape[1] > i else on[:, 0] for i in range(metre)], axis=1)
    level = mean.mean(axis=1, keepdims=True)
    shape = np.clip((mean - level) / (level + 0.1 * (level.max() + 0.1)), -1, 3)
    return np.stack([np.roll(shape, -start, axis=1).ravel() for start in range(metre)])
