"""Sound at the rate that a network was trained on."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.signal import butter, resample_poly, sosfiltfilt

from studio.contracts import Sound
from studio.errors import BadInput

_LARGEST_FACTOR = 1000
_RATES = (4_000, 768_000)
_SHORTEST_FILTERED = 64
_RUMBLE_HZ = 70.0
"""Below the deepest voices; above mains hum, wind and steps."""


def at_rate(sound: Sound, rate: int) -> np.ndarray:
    """The samples (n,) float32 of `sound` at `rate` Hz, the same seconds long to within a sample.

    Rates without a small common ratio are off by less than a millionth. Raises BadInput for a rate outside
    4000..768000 Hz, or samples that are not one row of finite numbers.
    """
    if not _RATES[0] <= sound.sample_rate <= _RATES[1]:
        raise BadInput("sound", f"{sound.sample_rate} Hz", f"{_RATES[0]} to {_RATES[1]} samples a second")
    samples = np.asarray(sound.samples, np.float32)
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise BadInput("sound", f"samples of shape {samples.shape}", "one row of finite samples")
    if sound.sample_rate == rate or not len(samples):
        return samples
    ratio = Fraction(rate, sound.sample_rate).limit_denominator(_LARGEST_FACTOR)
    return resample_poly(samples, ratio.numerator, ratio.denominator).astype(np.float32)


def without_rumble(samples: np.ndarray, rate: int) -> np.ndarray:
    """`samples` (n,) float32 with what lies below any voice taken out, nothing shifted in time."""
    if len(samples) < _SHORTEST_FILTERED:
        return samples
    sections = butter(6, _RUMBLE_HZ, "highpass", fs=rate, output="sos")
    return sosfiltfilt(sections, samples.astype(np.float64)).astype(np.float32)
