"""How loud each part of the spectrum sounds at each frame of a film: what a drawn spectrum shows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LOWEST, HIGHEST = 45.0, 14_000.0  # Hz: below nothing is heard on small speakers, above little is there
RANGE = 38.0  # dB from empty to full
SILENCE = -75.0  # dB of full scale that even the loudest frame must pass to count as sound
WINDOW = 0.09  # seconds: 11 Hz wide bins, and a drum still falls on its own frame
_OWN = 0.65  # how far each band is levelled to its own loudest: music falls by some 4.5 dB an octave
_LOUD = 98.0  # percentile of a band's frames that fills the bar
_BLOCK = 256


def band_levels(samples: Floats, rate: int, fps: Fraction | int, frame_count: int, bands: int = 32) -> Floats:
    """Levels 0..1, float32 (frame_count, bands), lowest band first, at each frame's time n / fps.

    `samples` (n,) or (n, channels) finite floats at `rate` a second. Bands are as wide as the ear's (ERB-rate scale,
    Glasberg and Moore 1990). Relative to the song's own loudest, so a quiet master moves as a loud one does; silence
    is 0. Memory beside the result does not grow with the song's length.
    """
    window = 2 ** max(6, round(np.log2(rate * WINDOW)))
    project = _projection(window, rate, bands)
    shape = np.hanning(window + 1)[:-1].astype(np.float32)
    out: Floats = np.empty((frame_count, bands), np.float32)
    for first in range(0, frame_count, _BLOCK):
        last = min(first + _BLOCK, frame_count)
        centres = [round(float(number * rate / Fraction(fps))) for number in range(first, last)]
        begins = np.array(centres) - window // 2
        stretch = _mono(_stretch(samples, int(begins[0]), int(begins[-1]) + window))
        cuts = np.lib.stride_tricks.sliding_window_view(stretch, window)[begins - begins[0]]
        spectrum = np.fft.rfft(cuts * shape, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        out[first:last] = power @ project
    return _levelled(10 * np.log10(out / np.float32(shape.sum() / 2) ** 2 + np.float32(1e-12)))


def _stretch(samples: Floats, begin: int, end: int) -> Floats:
    """(end - begin, channels) of the song, zeros where it has none."""
    inside = np.asarray(samples[max(0, begin) : max(0, end)], np.float32)
    inside = inside[:, None] if inside.ndim == 1 else inside
    before = min(end - begin, max(0, -begin))
    return np.pad(inside, ((before, end - begin - before - len(inside)), (0, 0)))


def _mono(sound: Floats) -> Floats:
    """The first and last channel together; their difference where they'd cancel each other."""
    left, right = sound[:, 0], sound[:, -1]
    half = np.float32(0.5)
    middle, side = half * (left + right), half * (left - right)
    return middle if float(middle @ middle) >= float(side @ side) else side


def _projection(window: int, rate: int, bands: int) -> Floats:
    """(window // 2 + 1, bands) triangles even on the ERB-rate scale, at least one bin wide."""
    bins = np.arange(window // 2 + 1) * rate / window
    top = min(HIGHEST, 0.45 * rate)
    scale = np.linspace(np.log1p(0.00437 * LOWEST), np.log1p(0.00437 * top), bands + 2)
    edges = np.expm1(scale) / 0.00437
    low, middle, high = edges[:-2], edges[1:-1], edges[2:]
    rise = (bins[:, None] - low) / np.maximum(middle - low, rate / window)
    fall = (high - bins[:, None]) / np.maximum(high - middle, rate / window)
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


def _levelled(decibels: Floats) -> Floats:
    """dB to 0..1, each band against a mix of its own loudest and the song's."""
    if not decibels.size or float(decibels.max()) < SILENCE:
        return np.zeros_like(decibels)
    own = np.percentile(decibels, _LOUD, axis=0)
    song = float(own.max())
    full = _OWN * np.maximum(own, song - RANGE) + (1 - _OWN) * song
    return np.clip((decibels - (full - RANGE)) / RANGE, 0, 1).astype(np.float32)
