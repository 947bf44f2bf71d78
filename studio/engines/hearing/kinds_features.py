"""What tells music from speech and noise, every 32 ms: level, how steady the tones are, how sudden."""

from __future__ import annotations

import numpy as np

from studio.engines.hearing.activity import FRAME, RATE

TRANSFORM = 2048
"""Samples at 16 kHz: 128 ms, 7.8 Hz a bin. Steady tones stand still in it, a voice's partials glide."""
_LOW, _HIGH = 80.0, 6000.0
_PEAK_DB, _NEIGHBOURS = 9.0, 12
_HELD_FRAMES = 6
FLOOR = -100.0


def levels(samples: np.ndarray) -> np.ndarray:
    """(n,) dBFS (RMS) of whole frames of 512 samples, not below -100."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    power = np.square(frames - frames.mean(axis=1, keepdims=True)).mean(axis=1)
    return np.maximum(FLOOR, 10 * np.log10(power + 1e-20))


def spectra(samples: np.ndarray) -> np.ndarray:
    """(n, bins) power between 80 and 6000 Hz, a row for each whole frame after the first 1536 samples, which are only
    what lies before."""
    count = (len(samples) - (TRANSFORM - FRAME)) // FRAME
    if count < 1:
        return np.zeros((0, _band().stop - _band().start), np.float32)
    window = np.hanning(TRANSFORM).astype(np.float32)
    rows = np.lib.stride_tricks.sliding_window_view(samples, TRANSFORM)[: count * FRAME : FRAME]
    power = [
        np.square(np.abs(np.fft.rfft(rows[first : first + 256] * window, axis=1)))[:, _band()].astype(np.float32)
        for first in range(0, count, 256)
    ]
    return np.concatenate(power)


def steadiness(power: np.ndarray) -> np.ndarray:
    """(n,) 0..1: of each row's power, what lies in tones that stood still for a fifth of a second around it."""
    from scipy.ndimage import maximum_filter1d, median_filter, minimum_filter1d

    if not len(power):
        return np.zeros(0, np.float32)
    decibels = 10 * np.log10(power + 1e-12)
    ground = median_filter(decibels, size=(1, 2 * _NEIGHBOURS + 1))
    peaks = (decibels >= maximum_filter1d(decibels, 3, axis=1)) & (decibels > ground + _PEAK_DB)
    near = maximum_filter1d(peaks.astype(np.uint8), 3, axis=1)
    held = maximum_filter1d(minimum_filter1d(near, _HELD_FRAMES, axis=0), _HELD_FRAMES, axis=0)
    # a peak's power lies in the bins of the window's main lobe
    around = maximum_filter1d(np.minimum(held, near), 3, axis=1)
    return ((power * around).sum(axis=1) / np.maximum(power.sum(axis=1), 1e-12)).astype(np.float32)


def onsets(power: np.ndarray) -> np.ndarray:
    """(n,) how much louder the bands got since the row before, mean decibels over 16 of them; 0 for the first."""
    edges = np.unique(np.geomspace(1, power.shape[1], 17).astype(int))
    bands = np.add.reduceat(power, np.concatenate([[0], edges[:-1]]), axis=1) if len(power) else power
    decibels = 10 * np.log10(bands + 1e-6)
    rises = np.maximum(0, np.diff(decibels, axis=0, prepend=decibels[:1])).mean(axis=1)
    return rises.astype(np.float32)


def pulse(rises: np.ndarray) -> float:
    """0..1: how regularly a stretch of onsets repeats, at 60 to 200 a minute: the best autocorrelation of the lag and
    of its double, since a beat goes on where a chance doesn't."""
    centred = rises - rises.mean()
    energy = float((centred * centred).sum())
    if len(rises) < 96 or energy < 1e-6:
        return 0.0
    full = np.correlate(centred, centred, "full")[len(rises) - 1 :] / energy
    full = full * len(rises) / np.arange(len(rises), 0, -1)
    lags = range(round(0.3 * RATE / FRAME), min(round(1.0 * RATE / FRAME), len(rises) // 3))
    return max((float(min(full[lag], full[2 * lag - 1 : 2 * lag + 2].max())) for lag in lags), default=0.0)


def _band() -> slice:
    return slice(round(_LOW * TRANSFORM / RATE), round(_HIGH * TRANSFORM / RATE))
