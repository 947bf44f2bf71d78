"""The pulse's period over time, from local autocorrelations of the onsets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.music.onsets import Onsets

Doubles = NDArray[np.float64]
WINDOW, HOP = 9.0, 1.0  # seconds
SHORTEST, LONGEST, BINS = 60 / 230, 60 / 40, 200
TYPED = 0.05  # octaves (3.5 %) by which the song may depart from a tempo that was typed
PREFERRED, SPREAD = 60 / 115, 1.0  # log-normal prior's centre (s) and octaves, after Ellis 2007 and Moelants 2002


@dataclass(frozen=True)
class Pulse:
    """`periods` (frames,) seconds of the strongest pulse at each onset frame; `strength` 0..1 of periodicity."""

    periods: Doubles
    strength: float


def even(strength: NDArray[np.float32], rate: float, seconds: float = 5.0) -> NDArray[np.float32]:
    """`strength` over its level in the `seconds` around, so that a quiet passage counts nearly as a loud one."""
    width = max(1, int(seconds * rate)) | 1
    energy = _smooth(np.square(strength, dtype=np.float64), width)
    overall = float(energy.mean()) + 1e-9
    return (strength / np.sqrt(energy + 0.05 * overall)).astype(np.float32)


def _smooth(x: Doubles, width: int) -> Doubles:
    padded = np.pad(x, (width // 2 + 1, width // 2), mode="edge")
    sums = np.cumsum(padded)
    return (sums[width:] - sums[:-width])[: len(x)] / width


def _autocorrelations(strength: NDArray[np.float32], rate: float, lags: int) -> Doubles:
    """(windows, lags) of windows `HOP` apart, unbiased, over the song's mean energy."""
    size, hop = int(WINDOW * rate), int(HOP * rate)
    padded = np.pad(strength, (size // 2, size // 2 + hop))
    cut = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop]
    taper = np.hanning(size).astype(np.float32)
    cut = (cut - cut.mean(axis=1, keepdims=True)) * taper
    length = 1 << (size + lags).bit_length()
    spectrum = np.fft.rfft(cut, length, axis=1)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, length, axis=1)[:, :lags]
    shape = np.fft.irfft(np.abs(np.fft.rfft(taper, length)) ** 2, length)[:lags]
    return raw / np.maximum(shape, 0.02 * shape[0]) * shape[0] / max(float(raw[:, 0].mean()), 1e-9)


def _blur(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.convolve(np.pad(strength, 2), np.array([0.25, 0.7, 1.0, 0.7, 0.25], np.float32), "valid")


def tempogram(onsets: Onsets, periods: Doubles) -> Doubles:
    """(windows, periods) salience of `periods` (s), which are evenly spaced in log period."""
    lags = int(4 * float(periods.max()) * onsets.rate) + 2
    salience = 0.0
    for strength, weight in ((onsets.every, 1.0), (onsets.low, 1.0), (onsets.snare, 0.7), (onsets.high, 0.5)):
        correlation = _autocorrelations(_blur(even(strength, onsets.rate)), onsets.rate, lags)
        for multiple, share in ((1, 1.0), (2, 0.8), (3, 0.4), (4, 0.6)):
            at = periods * multiple * onsets.rate
            low = at.astype(int)
            part = at - low
            salience = salience + weight * share * (correlation[:, low] * (1 - part) + correlation[:, low + 1] * part)
    return np.asarray(salience) / 9.0


def _path(score: Doubles, stiffness: float = 0.02) -> NDArray[np.intp]:
    """Viterbi: the bins that collect the most score, a step of k bins between windows costing `stiffness` k^2."""
    reach = 6
    steps = np.arange(-reach, reach + 1)
    cost = stiffness * steps.astype(float) ** 2
    best = score[0].copy()
    back = np.zeros(score.shape, np.intp)
    bins = np.arange(score.shape[1])
    for i in range(1, len(score)):
        padded = np.pad(best, reach, constant_values=-1e9)
        options = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1) - cost
        pick = options.argmax(axis=1)
        back[i] = np.clip(bins + steps[pick], 0, len(bins) - 1)
        best = options[bins, pick] + score[i]
    path = np.zeros(len(score), np.intp)
    path[-1] = int(best.argmax())
    for i in range(len(score) - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return path


def find_pulse(onsets: Onsets, tempo: float | None) -> Pulse:
    """The period with the most evidence over the whole song, following gradual changes; near `tempo` where given."""
    if tempo:
        periods = 60 / tempo * np.exp2(np.linspace(-TYPED, TYPED, BINS // 5))
        salience = tempogram(onsets, periods)
        path = _path(salience)
    else:
        periods = SHORTEST * (LONGEST / SHORTEST) ** (np.arange(BINS) / (BINS - 1))
        salience = tempogram(onsets, periods)
        path = _path(salience - 0.075 * (np.log2(periods / PREFERRED) / SPREAD) ** 2)
    found = salience[np.arange(len(path)), path]
    refined = _parabolic(salience, periods, path)
    frames = np.arange(len(onsets.every)) / onsets.rate
    smooth = np.interp(frames, np.arange(len(path)) * int(HOP * onsets.rate) / onsets.rate, refined)
    return Pulse(smooth, float(np.clip(np.median(found), 0, 1)))


def _parabolic(salience: Doubles, periods: Doubles, path: NDArray[np.intp]) -> Doubles:
    i = np.clip(path, 1, len(periods) - 2)
    rows = np.arange(len(path))
    a, b, c = salience[rows, i - 1], salience[rows, i], salience[rows, i + 1]
    bend = a - 2 * b + c
    shift = np.where(bend < -1e-9, np.clip(0.5 * (a - c) / np.where(bend < -1e-9, bend, 1), -0.5, 0.5), 0.0)
    return periods[i] * (periods[1] / periods[0]) ** shift
