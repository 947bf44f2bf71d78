"""The mel spectrum that the speaker encoder was trained on."""

from __future__ import annotations

import numpy as np

_LINEAR_HZ = 200 / 3
_CORNER_HZ, _CORNER_MEL = 1000.0, 15.0
_LOG_STEP = np.log(6.4) / 27


def mel_filters(rate: int, transform: int, bands: int) -> np.ndarray:
    """(bands, transform // 2 + 1) float32 triangles of equal area from 0 to `rate` / 2 Hz, on the scale of Slaney's
    Auditory Toolbox (1998): linear below 1 kHz, 27 steps for each factor of 6.4 above."""
    highest = _CORNER_MEL + np.log(rate / 2 / _CORNER_HZ) / _LOG_STEP
    mels = np.linspace(0, highest, bands + 2)
    edges = np.where(mels < _CORNER_MEL, mels * _LINEAR_HZ, _CORNER_HZ * np.exp(_LOG_STEP * (mels - _CORNER_MEL)))
    bins = np.linspace(0, rate / 2, transform // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.maximum(0, np.minimum(rising, falling)) * area[:, None]).astype(np.float32)


def mel_spectrogram(samples: np.ndarray, filters: np.ndarray, transform: int, hop: int) -> np.ndarray:
    """(1 + n // hop, bands) float32 power (not its logarithm) in frames of `transform` samples, centred on every
    `hop`-th of `samples` (n,)."""
    padded = np.pad(samples, transform // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, transform)[::hop]
    # the periodic Hann window, as spectra use it
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(transform) / transform)).astype(np.float32)
    power = np.square(np.abs(np.fft.rfft(frames * window, axis=1))).astype(np.float32)
    return power @ filters.T
