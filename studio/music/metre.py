"""Beat, metre and first downbeat, decided together: each candidate with each bar it may keep is weighed by one model.

The model is a network of one hidden layer over the evidence of `levels`, trained by `python -m scripts.fit_metre` to
tell the true reading of a song from the others, on songs played from scores; its numbers are in metre.npz here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.music.extent import played
from studio.music.levels import BAR_CHANNELS, LEVEL_FEATURES, Candidate, bar_evidence, channels, grid, level_evidence
from studio.music.onsets import Onsets

Doubles = NDArray[np.float64]
METRES = (3, 4)
COMMON, OPENING = 0.7, 0.7
ROWS = sum(METRES)  # readings of one candidate
WIDTH = len(LEVEL_FEATURES) + 1 + BAR_CHANNELS * ROWS


@dataclass(frozen=True)
class Reading:
    """`beats` (n,) seconds, a bar beginning at beat `first` and every `metre` beats after.

    `certainty` 0..1 is the model's for this tempo; `others` are the tempi of the other readings, likeliest first.
    """

    beats: Doubles
    tempo: float
    metre: int
    first: int
    certainty: float
    others: tuple[float, ...]


def readings(candidate: Candidate, rows: Doubles, rate: float) -> Doubles:
    """(ROWS, WIDTH) evidence for a bar of three from each of its beats, then for a bar of four from each of its."""
    cells = grid(rows, candidate.beats, rate)
    level = level_evidence(candidate.tempo, cells)
    out = np.zeros((ROWS, WIDTH))
    out[:, : len(level)] = level
    at, column = 0, len(level)
    for metre in METRES:
        width = BAR_CHANNELS * metre
        out[at : at + metre, column + 1 : column + 1 + width] = bar_evidence(cells, metre)
        out[at : at + metre, column] = metre == METRES[0]
        at, column = at + metre, column + width
    return out


def weigh(evidence: Doubles, weights: dict[str, NDArray[np.float32]]) -> Doubles:
    """(n,) log odds of (n, WIDTH) readings, up to a constant."""
    x = np.clip((evidence - weights["mean"]) / weights["scale"], -4, 4)
    return np.tanh(x @ weights["hidden"] + weights["bias"]) @ weights["out"] + x @ weights["direct"]


def _habit(candidate: Candidate, onsets: Onsets) -> Doubles:
    """(ROWS,) log odds that habit adds to a reading: bars of four are commoner, and most songs open on a downbeat."""
    struck = np.flatnonzero(played(candidate.beats, onsets))
    out = np.repeat([0.0, COMMON], METRES)
    if len(struck):
        out[[int(struck[0]) % METRES[0], METRES[0] + int(struck[0]) % METRES[1]]] += OPENING
    return out


def trained_weights() -> dict[str, NDArray[np.float32]]:
    with np.load(Path(__file__).with_name("metre.npz"), allow_pickle=False) as stored:
        return {name: stored[name].astype(np.float64) for name in stored.files}


def read(found: list[Candidate], onsets: Onsets) -> Reading:
    """The likeliest reading of `found` (at least one)."""
    rows, weights = channels(onsets), trained_weights()
    scores = np.stack([weigh(readings(c, rows, onsets.rate), weights) + _habit(c, onsets) for c in found])
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    best, row = np.unravel_index(int(shares.argmax()), shares.shape)
    metre, first = (METRES[0], int(row)) if row < METRES[0] else (METRES[1], int(row) - METRES[0])
    by_tempo: dict[float, float] = {}
    for candidate, share in zip(found, shares.sum(axis=1), strict=True):
        by_tempo[candidate.tempo] = by_tempo.get(candidate.tempo, 0.0) + float(share)
    chosen = found[int(best)]
    others = sorted((t for t in by_tempo if t != chosen.tempo), key=lambda t: -by_tempo[t])
    return Reading(chosen.beats, chosen.tempo, metre, first, by_tempo[chosen.tempo], tuple(others))
