"""Beat times along a known pulse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.music.onsets import LATENCY, Onsets
from studio.music.tempo import even

Doubles = NDArray[np.float64]
# An unwavering grid that collects this share of what a free one does is the truer of the two: less is asked of it
# where the pulse was found steady.
STEADY, MOVING = 0.75, 0.92
TIGHTNESS = 3000.0
COARSE = 4  # fine frames, 20 ms
FIRST = 8  # fine frames, 40 ms
REACH = 0.17  # a beat may be this share shorter or longer than the local period


def beat_strength(onsets: Onsets) -> Doubles:
    """What a tracker listens to: all onsets, those of the bass and the snare once more."""
    total = (
        even(onsets.every, onsets.rate) + 0.5 * even(onsets.low, onsets.rate) + 0.4 * even(onsets.snare, onsets.rate)
    )
    blurred = np.convolve(np.pad(total, 2), [0.3, 0.8, 1.0, 0.8, 0.3], "valid")
    return np.minimum(blurred / max(float(blurred.std()), 1e-9), 6.0)


def with_halfways(strength: Doubles, periods: Doubles, share: float = 0.45) -> Doubles:
    """`strength` and what sounds half a period before and after, so that a passage of off-beats can't flip the phase.

    The tracker then follows the grid of half beats; which half is the beat is decided once, for the whole song.
    """
    at = np.arange(len(strength))
    halves = [np.interp(at + sign * periods / 2, at, strength, left=0, right=0) for sign in (-1, 1)]
    return strength + share * (halves[0] + halves[1])


def track(strength: Doubles, periods: Doubles, tightness: float) -> NDArray[np.intp]:
    """Frames of the beats that collect the most strength (Ellis 2007), a gap d costing tightness * (d / p - 1)^2.

    `periods` (frames,) is p in frames, varying over time; half a frame off is free. Chunks no longer than the shortest
    gap, within which p hardly moves, are solved at once.
    """
    shortest = max(2, int(periods.min() * (1 - REACH)))
    gaps = np.arange(int(np.ceil(periods.max() * (1 + REACH))), shortest - 1, -1)
    n, pad = len(strength), int(gaps[0])
    local = periods[np.minimum(np.arange(0, n, shortest) + shortest // 2, n - 1)]
    costs = tightness * np.square(np.maximum(np.abs(gaps[:, None] - local) - 0.5, 0) / local)
    total = np.zeros(n + pad)
    reached = np.lib.stride_tricks.sliding_window_view(total, n)[: len(gaps)]
    for chunk, begin in enumerate(range(0, n, shortest)):
        end = min(n, begin + shortest)
        best = (reached[:, begin:end] - costs[:, chunk, None]).max(axis=0)
        total[begin + pad : end + pad] = strength[begin:end] + best
    tail = total[pad:][-int(np.ceil(periods[-1])) :]
    at = n - len(tail) + int(tail.argmax())
    beats = []
    while at >= 0:
        beats.append(at)
        at -= int(gaps[int((reached[:, at] - costs[:, at // shortest]).argmax())])
    return np.array(beats[::-1], np.intp)


def steady_period(strength: Doubles, rate: float, period: float) -> float:
    """The one period (s) near `period` that best explains the whole of `strength`: a peak of its Fourier transform.

    The transform is read at the beat's frequency and its second and fourth multiple, which sharpen the peak; those lie
    below 16 Hz, so that a quarter of the frames carries them.
    """
    whole = len(strength) // COARSE * COARSE
    strength, rate = strength[:whole].reshape(-1, COARSE).mean(axis=1), rate / COARSE
    size = 1 << (8 * len(strength) - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(strength - strength.mean(), size))
    step = rate / size
    first, last = int(0.97 / period / step), int(np.ceil(1.03 / period / step))
    bins = np.arange(max(1, first), max(first + 2, last))
    score = (
        spectrum[bins]
        + spectrum[np.minimum(2 * bins, len(spectrum) - 1)]
        + spectrum[np.minimum(4 * bins, len(spectrum) - 1)]
    )
    return 1 / (float(bins[int(score.argmax())]) * step)


def steady_beats(strength: Doubles, period: float) -> Doubles:
    """Frames (not whole) of an unwavering grid of `period` frames, at the phase that collects the most `strength`."""
    widened = np.max([np.roll(strength, k) for k in range(-2, 3)], axis=0)
    count = int(len(strength) / period)
    phases = np.arange(0, period, 0.5)
    at = np.round(phases[:, None] + np.arange(count) * period).astype(int)
    best = float(phases[int(widened[np.minimum(at, len(strength) - 1)].mean(axis=1).argmax())])
    # A beat on the very first sample may be heard a little before it.
    best -= period if best > period - FIRST else 0
    return np.asarray(best + period * np.arange(int((len(strength) - best) / period) + 1), np.float64)


def follow(strength: Doubles, periods: Doubles, rate: float) -> Doubles:
    """Beats (s): the unwavering grid where the song keeps it, else the path of `track`; `periods` (frames,) in s."""
    fine = 2
    at = np.arange(fine * len(strength)) / fine
    heard = np.interp(at, np.arange(len(strength)), strength)
    frames = np.interp(at, np.arange(len(strength)), periods) * rate * fine
    heard = with_halfways(heard, frames)
    free = track(heard, frames, TIGHTNESS)
    if len(free) < 8 or not heard.any():
        return free / (rate * fine) - LATENCY
    low, middle, high = np.percentile(periods, [5, 50, 95])
    period = steady_period(heard, rate * fine, float(middle)) * rate * fine
    grid = steady_beats(heard, period)
    widened = np.max([np.roll(heard, k) for k in range(-4, 5)], axis=0)
    kept = widened[np.minimum(np.round(grid).astype(int), len(widened) - 1)].mean() / widened[free].mean()
    steady = kept >= (STEADY if (high - low) / middle < 0.01 else MOVING)
    return (grid if steady else free.astype(np.float64)) / (rate * fine) - LATENCY


def refine(beats: Doubles, onsets: Onsets, reach: float = 0.035) -> tuple[Doubles, Doubles]:
    """Beats (s) moved onto the nearest rise within `reach` seconds, and how strong (0 none) that rise is."""
    strength, rate = onsets.every, onsets.rate
    width = max(1, round(reach * rate))
    offsets = np.arange(-width, width + 1)
    centre = np.round(beats * rate + LATENCY * rate).astype(int)
    index = np.clip(centre[:, None] + offsets, 1, len(strength) - 2)
    nearby = strength[index] * (1 - 0.3 * np.abs(offsets) / width)
    at = index[np.arange(len(beats)), nearby.argmax(axis=1)]
    a, b, c = (strength[at + k].astype(np.float64) for k in (-1, 0, 1))
    bend = a - 2 * b + c
    shift = np.where(bend < -1e-6, 0.5 * (a - c) / np.where(bend < -1e-6, bend, -1), 0.0)
    return (at + np.clip(shift, -0.5, 0.5)) / rate - LATENCY, b


def smooth(beats: Doubles, onsets: Onsets) -> Doubles:
    """Beat times by weighted local lines through the refined ones: steady where the song is, free where it is not."""
    found, weight = refine(beats, onsets)
    if len(beats) < 4:
        return found
    weight = np.minimum(weight, 0.5) + 1e-3
    wide = _local_lines(found, weight, 8.0)
    scatter = np.sqrt(np.average((found - wide) ** 2, weights=weight))
    narrow = _local_lines(found, weight, 1.2)
    mix = float(np.clip((scatter - 0.008) / 0.012, 0, 1))
    return np.asarray((1 - mix) * wide + mix * narrow, np.float64)


def _local_lines(times: Doubles, weight: Doubles, reach: float) -> Doubles:
    """(n,) each time replaced by a weighted straight line through its neighbours, a Gaussian of `reach` beats wide."""
    span = min(int(4 * reach) + 1, len(times) - 1)
    offsets = np.arange(-span, span + 1)
    rows = np.arange(len(times))[:, None] + offsets
    inside = (rows >= 0) & (rows < len(times))
    rows = np.clip(rows, 0, len(times) - 1)
    w = weight[rows] * np.exp(-0.5 * (offsets / reach) ** 2) * inside
    y = times[rows]
    total = w.sum(1)
    mean_x, mean_y = (w * offsets).sum(1) / total, (w * y).sum(1) / total
    dx = offsets - mean_x[:, None]
    slope = (w * dx * (y - mean_y[:, None])).sum(1) / np.maximum((w * dx**2).sum(1), 1e-12)
    return mean_y - slope * mean_x
