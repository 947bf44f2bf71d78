"""Where sounds begin: rises of log mel energy, apart for bass drum, snare and cymbals, and changes of harmony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.music.spectrum import Spectra

Floats = NDArray[np.float32]
LAG = 2  # frames; 20 ms, a little less than the window, so a rise is seen whole
LATENCY = 0.006  # seconds from a sound's first sample to the peak of its rise, measured on clicks and struck notes


@dataclass(frozen=True)
class Onsets:
    """Onset strengths at `rate` frames a second, each (frames,), 1 being a typical strong onset of the song.

    `every` all bands; `low` under 150 Hz; `body` 150 Hz to 1.5 kHz; `snare` broad bursts; `high` over 6 kHz.
    `bands` (frames, BANDS) is the rise of each band, `change` (frames,) how much the harmony turns at a frame.
    """

    rate: float
    every: Floats
    low: Floats
    body: Floats
    snare: Floats
    high: Floats
    bands: Floats
    change: Floats


def _log_mel(spectra: Spectra) -> Floats:
    amplitude = np.sqrt(spectra.mel)
    band = amplitude.mean(axis=0)
    floor = 0.1 * float(band.mean()) + 1e-6
    return np.log1p(5 * amplitude / (band + floor))


def _rises(log_mel: Floats) -> Floats:
    """Superflux (Böck & Widmer 2013): each band against the largest of its neighbours `LAG` frames before."""
    before = np.maximum(log_mel, 0)
    widest = before.copy()
    widest[:, 1:] = np.maximum(widest[:, 1:], before[:, :-1])
    widest[:, :-1] = np.maximum(widest[:, :-1], before[:, 1:])
    rises = np.zeros_like(log_mel)
    rises[:LAG] = log_mel[:LAG]  # before the recording there is silence
    rises[LAG:] = np.maximum(0, log_mel[LAG:] - widest[:-LAG])
    return rises


def scaled(strength: Floats) -> Floats:
    """`strength` over its 98th percentile among the frames that rise at all."""
    top = float(np.percentile(strength, 98)) if strength.size else 0.0
    return strength / max(top, 1e-3)


def harmonic_change(spectra: Spectra, frames: int, span: float = 0.45) -> Floats:
    """(frames,) cosine distance between the pitches heard in the `span` seconds before and after each frame."""
    pitch = np.log1p(100 * np.sqrt(spectra.pitch / max(float(spectra.pitch.mean()), 1e-12)) / 10)
    loud = pitch.sum(axis=1)
    width = max(1, round(span * spectra.pitch_rate))
    padded = np.pad(pitch, ((width + 1, width), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    n = len(pitch)
    before = sums[width : width + n] - sums[:n]
    after = sums[2 * width : 2 * width + n] - sums[width : width + n]
    before, after = before - before.mean(1, keepdims=True), after - after.mean(1, keepdims=True)
    norm = np.sqrt((before**2).sum(1) * (after**2).sum(1))
    near = (before * after).sum(1) / np.maximum(norm, 1e-9)
    change = np.where(loud > 0.02 * loud.mean() + 1e-6, 1 - near, 0.0)
    return np.interp(np.arange(frames) / spectra.mel_rate, np.arange(n) / spectra.pitch_rate, change).astype(np.float32)


def onsets(spectra: Spectra) -> Onsets:
    rises = _rises(_log_mel(spectra))
    f = spectra.centres
    low, body = rises[:, f < 150].mean(1), rises[:, (f >= 150) & (f < 1500)].mean(1)
    presence, high = rises[:, (f >= 1500) & (f < 6000)].mean(1), rises[:, f >= 6000]
    cymbal = high.mean(1) if high.shape[1] else presence * 0
    burst = np.sqrt(np.maximum(body * presence, 0))
    return Onsets(
        spectra.mel_rate,
        scaled(rises.mean(1)),
        scaled(low),
        scaled(body),
        scaled(burst),
        scaled(cymbal),
        rises,
        harmonic_change(spectra, len(rises)),
    )
