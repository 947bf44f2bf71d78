"""Speech made faster or slower at its own pitch: WSOLA.

Verhelst and Roelands, "An overlap-add technique based on waveform similarity (WSOLA) for high quality time-scale
modification of speech", 1993: pieces of the sound are put together anew, each taken from where it goes on most like the
piece before it did.
"""

from __future__ import annotations

import numpy as np

from studio.contracts import Sound

PIECE_SECONDS, SEARCH_SECONDS = 0.03, 0.0075
"""Two periods of the deepest voice, and half a period either way: enough to meet the next period's start."""


def at_speed(sound: Sound, factor: float) -> Sound:
    """`factor` times as fast, to within a piece."""
    half = round(PIECE_SECONDS / 2 * sound.sample_rate)
    reach = round(SEARCH_SECONDS * sound.sample_rate)
    if factor == 1.0 or len(sound.samples) < 4 * half:
        return sound
    count = max(2, round(len(sound.samples) / factor / half))
    padded = np.pad(sound.samples.astype(np.float64), (reach + half, reach + 4 * half))
    window = 0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * half) + 0.5) / half)
    out = np.zeros((count + 2) * half)
    follows = padded[reach : reach + 2 * half]
    for number in range(count + 1):
        wanted = min(round(number * half * factor), len(sound.samples))
        near = padded[wanted : wanted + 2 * half + 2 * reach]
        start = wanted + (int(np.argmax(_likeness(near, follows))) if number else reach)
        out[number * half : (number + 2) * half] += window * padded[start : start + 2 * half]
        follows = padded[start + half : start + 3 * half]
    length = round(len(sound.samples) / factor)
    return Sound(out[half : half + length].astype(np.float32), sound.sample_rate)


def _likeness(near: np.ndarray, follows: np.ndarray) -> np.ndarray:
    """(len(near) - len(follows) + 1,) normalised correlation of `follows` with `near` at each place."""
    size = len(follows)
    transform = 1 << int(np.ceil(np.log2(len(near) + size)))
    crossed = np.fft.irfft(np.fft.rfft(near, transform) * np.conj(np.fft.rfft(follows, transform)), transform)
    energy = np.cumsum(np.pad(near**2, (1, 0)))
    power = energy[size:] - energy[:-size]
    return crossed[: len(near) - size + 1] / np.sqrt(np.maximum(power, 1e-9))
