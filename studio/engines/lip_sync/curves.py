"""What the mouth does in every frame: from the phonemes where their times are known, else from the sound alone."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from studio.contracts import LipSyncRequest, Sound
from studio.speech.visemes import PARAMETERS, blend

RELEASE = 0.08
"""Seconds in which the mouth closes once nobody speaks: shorter snaps, longer hangs open."""

DYNAMIC_RANGE = 28.0
"""Decibels below the loud parts at which the mouth is shut, when only the sound is known."""

WINDOW = 0.04
SIBILANT, DARK, BRIGHT = 3800.0, 600.0, 1800.0
"""Spectral centroids in Hz: hiss lies above the first; the second and third are those of u and i in voiced speech."""


def frame_times(count: int, fps: Fraction) -> np.ndarray:
    """The middle (count,) of each frame's time on screen, seconds."""
    return (np.arange(count) + 0.5) / float(fps)


def mouth_curves(request: LipSyncRequest) -> np.ndarray:
    """Shapes (frame_count, len(PARAMETERS)) float32, columns as in visemes.MouthShape; 0 where nobody speaks."""
    loud = loudness(request.sound, request.fps, request.frame_count)
    if request.phonemes:
        shapes = blend(request.phonemes, frame_times(request.frame_count, request.fps))
        opens = [PARAMETERS.index(name) for name in ("aperture", "jaw")]
        shapes[:, opens] *= (0.5 + 0.55 * loud)[:, None]
    else:
        shapes = _from_sound(request, loud)
    return (shapes * gate(request.speaking, request.fps)[:, None]).astype(np.float32)


def loudness(sound: Sound, fps: Fraction, count: int) -> np.ndarray:
    """(count,) 0..1 for each frame: 1 as loud as the loud parts, 0 at DYNAMIC_RANGE below them or in silence."""
    if not len(sound.samples) or count == 0:
        return np.zeros(count)
    power = np.concatenate([[0.0], np.cumsum(sound.samples.astype(np.float64) ** 2)])
    middle = frame_times(count, fps) * sound.sample_rate
    half = max(1.0 / float(fps), WINDOW) * sound.sample_rate / 2
    low = np.clip(np.round(middle - half), 0, len(sound.samples)).astype(int)
    high = np.clip(np.round(middle + half), 0, len(sound.samples)).astype(int)
    mean = (power[high] - power[low]) / np.maximum(high - low, 1)
    level = 10 * np.log10(np.maximum(mean, 1e-12))
    loud = level[level > -70]
    if not len(loud):
        return np.zeros(count)
    return np.clip((level - np.percentile(loud, 92)) / DYNAMIC_RANGE + 1, 0, 1)


def gate(speaking: np.ndarray, fps: Fraction) -> np.ndarray:
    """(n,) 0..1: follows `speaking` (n,) upwards at once and downwards within RELEASE."""
    fall = 1.0 / (float(fps) * RELEASE)
    opened = np.clip(np.asarray(speaking, np.float64), 0, 1)
    for n in range(1, len(opened)):
        opened[n] = max(opened[n], opened[n - 1] - fall)
    return opened


def _from_sound(request: LipSyncRequest, loud: np.ndarray) -> np.ndarray:
    """Loudness opens the mouth, where the sound's colour lies makes it wide or round."""
    shapes = np.zeros((request.frame_count, len(PARAMETERS)))
    centre = _centroid(request.sound, request.fps, request.frame_count)
    hiss = np.clip((centre - SIBILANT) / 1500, 0, 1)
    # syllables stand out against their surroundings: the dips between them are where lips meet
    around = maximum_filter1d(loud, max(3, round(0.28 * float(request.fps)) | 1))
    dip = np.clip((around - loud) / 0.35, 0, 1)
    opened = np.clip(loud, 0, 1) ** 1.2 * (1 - 0.55 * dip) * (1 - 0.65 * hiss)
    colour = np.clip(np.log2(np.maximum(centre, 100) / DARK) / np.log2(BRIGHT / DARK) * 2 - 1, -1, 1)
    colour = gaussian_filter1d(colour * loud, 0.04 * float(request.fps), mode="nearest")
    columns = {name: n for n, name in enumerate(PARAMETERS)}
    shapes[:, columns["aperture"]] = 0.78 * opened * (1 - 0.3 * np.clip(-colour, 0, 1))
    shapes[:, columns["jaw"]] = 0.74 * gaussian_filter1d(opened, 0.02 * float(request.fps), mode="nearest")
    shapes[:, columns["wide"]] = 0.45 * np.clip(colour, -0.6, 1) + 0.2 * hiss
    shapes[:, columns["rounded"]] = 0.7 * np.clip(-colour, 0, 1) * (1 - hiss)
    return shapes


def _centroid(sound: Sound, fps: Fraction, count: int) -> np.ndarray:
    """(count,) where the middle of the spectrum's power lies, Hz; 1000 in silence."""
    size = max(64, int(2 ** np.round(np.log2(0.032 * sound.sample_rate))))
    padded = np.concatenate([np.zeros(size), sound.samples.astype(np.float64), np.zeros(size)])
    middle = np.round(frame_times(count, fps) * sound.sample_rate).astype(int) + size
    starts = np.clip(middle - size // 2, 0, len(padded) - size)
    frequencies = np.fft.rfftfreq(size, 1 / sound.sample_rate)
    window = np.hanning(size)
    centre = np.full(count, 1000.0)
    for n, start in enumerate(starts):
        power = np.abs(np.fft.rfft(padded[start : start + size] * window)) ** 2
        total = power.sum()
        if total > 1e-6:
            centre[n] = float((power * frequencies).sum() / total)
    return centre
