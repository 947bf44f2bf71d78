"""The pitch of a voice, every 5 ms: YIN's measure of periodicity, the smoothest path through it by Viterbi.

de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", 2002. WORLD's own trackers
(DIO, Harvest) take a creaky man's voice for an octave higher, and what they then make of it buzzes.
"""

from __future__ import annotations

import numpy as np
from pyworld.pyworld import stonemask

from studio.contracts import Sound
from studio.engines.hearing.resampling import at_rate

FRAME_MS = 5.0
LOWEST_HZ, HIGHEST_HZ = 55.0, 520.0
STEPS_AN_OCTAVE = 48
RATE = 12_000
WINDOW = 400
"""Samples compared at RATE: a third of a tenth of a second, two periods of the deepest voice."""

JUMP_COST = 0.7
"""What a change by an octave in 5 ms costs, in YIN's measure; speech seldom moves faster than a semitone."""

DEEP_COST = 0.04
"""An octave down costs as much as this: a period's multiple is as periodic as the period."""

PERIODIC = 0.6
"""YIN's measure below which a frame may be voiced: generous, since WORLD's D4C finds the noise in a frame by itself and
a creaky vowel taken for noise is lost. Resynthesis of four voices scored best (DNSMOS) from .55 to .8."""

QUIET_DB = 42.0


def pitch_of(sound: Sound) -> tuple[np.ndarray, np.ndarray]:
    """(frames,) float64 Hz, 0 where unvoiced, and the frames' times in seconds."""
    times = np.arange(int(1000.0 * len(sound.samples) / sound.sample_rate / FRAME_MS) + 1) * FRAME_MS / 1000.0
    samples = at_rate(sound, RATE).astype(np.float64)
    octaves = np.log2(HIGHEST_HZ / LOWEST_HZ)
    hertz = LOWEST_HZ * 2.0 ** np.linspace(0.0, octaves, round(octaves * STEPS_AN_OCTAVE) + 1)
    measure, power = _aperiodicity(samples, times, RATE / hertz)
    path = _smoothest(measure + DEEP_COST * np.log2(HIGHEST_HZ / hertz), np.log2(hertz))
    quality = measure[np.arange(len(path)), path]
    loud = power > power.max(initial=0.0) * 10.0 ** (-QUIET_DB / 10.0)
    rough = np.where((quality < PERIODIC) & loud & (power > 0), hertz[path], 0.0)
    exact = stonemask(np.ascontiguousarray(sound.samples, np.float64), rough, times, sound.sample_rate)
    # the refinement is trusted for what it is there for, the last three per cent
    off = (exact > 0) & (np.abs(exact / np.maximum(rough, 1.0) - 1.0) < 0.03)
    return np.where(off, exact, rough), times


def _aperiodicity(samples: np.ndarray, times: np.ndarray, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """YIN's cumulative mean normalised difference (frames, lags), 0 for a perfect period, and each frame's power."""
    longest = int(np.ceil(lags.max())) + 2
    size = WINDOW + longest
    padded = np.pad(samples, (size // 2, size))
    starts = np.round(times * RATE).astype(int)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts]
    transform = 1 << int(np.ceil(np.log2(size + WINDOW)))
    spectrum = np.fft.rfft(frames, transform)
    head = np.fft.rfft(frames[:, :WINDOW], transform)
    correlation = np.fft.irfft(spectrum * np.conj(head), transform)[:, :longest]
    energy = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    moved = energy[:, WINDOW : WINDOW + longest] - energy[:, :longest]
    difference = np.maximum(moved[:, :1] + moved - 2.0 * correlation, 0.0)
    mean = np.cumsum(difference[:, 1:], axis=1) / np.arange(1, longest)
    normalised = np.concatenate([np.ones((len(frames), 1)), difference[:, 1:] / np.maximum(mean, 1e-12)], axis=1)
    low = np.floor(lags).astype(int)
    share = lags - low
    return normalised[:, low] * (1 - share) + normalised[:, low + 1] * share, moved[:, 0] / WINDOW


def _smoothest(cost: np.ndarray, octave: np.ndarray) -> np.ndarray:
    """(frames,) indices of the path of least cost plus JUMP_COST an octave moved."""
    move = JUMP_COST * np.minimum(np.abs(octave[:, None] - octave[None, :]), 1.0)
    total = cost[0].copy()
    came = np.zeros(cost.shape, np.int32)
    for i in range(1, len(cost)):
        through = total[None, :] + move
        came[i] = np.argmin(through, axis=1)
        total = through[np.arange(len(octave)), came[i]] + cost[i]
    path = np.zeros(len(cost), int)
    path[-1] = int(np.argmin(total))
    for i in range(len(cost) - 1, 0, -1):
        path[i - 1] = came[i, path[i]]
    return path
