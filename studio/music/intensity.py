"""How intense a song feels, once a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.music.onsets import Onsets
from studio.music.spectrum import Spectra

Doubles = NDArray[np.float64]
LOUDNESS_EXPONENT = 0.3  # Stevens' power law for sones
SILENCE = 1e-9  # mean power of -90 dBFS


def _a_weights(hertz: Doubles) -> Doubles:
    """IEC 61672 A-weighting as a power factor."""
    f2 = hertz**2
    gain = 12194**2 * f2**2 / ((f2 + 20.6**2) * np.sqrt((f2 + 107.7**2) * (f2 + 737.9**2)) * (f2 + 12194**2))
    return (gain * 1.2589) ** 2


def loudness(spectra: Spectra) -> Doubles:
    """(frames,) specific loudness summed over the mel bands, in arbitrary units."""
    # A third of the A-weighting: at a club's level the ear hears bass more fully than the 40 phon curve says.
    weights = np.cbrt(_a_weights(spectra.centres)).astype(np.float32)
    return np.power(spectra.mel * weights + 1e-14, LOUDNESS_EXPONENT).sum(axis=1).astype(np.float64)


def spans(values: Doubles, rate: float, starts: Doubles, ends: Doubles) -> Doubles:
    """Mean of `values` (frames,) over each [start, end) in seconds; at least one frame each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    first = np.clip(np.floor(starts * rate).astype(int), 0, len(values) - 1)
    last = np.clip(np.ceil(ends * rate).astype(int), first + 1, len(values))
    return (sums[last] - sums[first]) / (last - first)


def normalised(values: Doubles, reference: Doubles) -> Doubles:
    """0..1 between the quiet and the loud of `reference`; what never changes comes out even, silence as 0."""
    low, high = np.percentile(reference, [4, 97])
    # The range is at least 45 % of the loudest, so a steady song isn't blown up into peaks and holes.
    low = min(low, 0.55 * high)
    scaled = (values - low) / max(high - low, 1e-9)
    return np.clip(scaled, 0, 1)


def intensity_curve(spectra: Spectra, onsets: Onsets) -> Doubles:
    """(ceil(duration),) 0..1: loudness of the second that begins there, more where much happens and drums drive."""
    starts = np.arange(max(1, int(np.ceil(spectra.duration - 1e-9))), dtype=np.float64)
    ends = np.minimum(starts + 1, spectra.duration)
    if float(spectra.mel.mean()) < SILENCE:
        return np.zeros(len(starts))
    loud = spans(loudness(spectra), spectra.mel_rate, starts, ends)
    audible = loud > 0.02 * loud.max()
    level = normalised(loud, loud[audible])

    def share(strength: NDArray[np.float32], seconds: float) -> Doubles:
        """Of the busiest seconds' onsets, over the `seconds` from each on: a bar of slow music has its beats apart."""
        mean = spans(strength.astype(np.float64), onsets.rate, starts, np.minimum(starts + seconds, spectra.duration))
        return np.clip(mean / max(float(np.percentile(mean[audible], 95)), 1e-9), 0, 1)

    driven = 0.7 + 0.15 * share(onsets.every, 1.0) + 0.15 * share(onsets.low, 2.0)
    return np.where(audible, np.clip(level * driven, 0, 1), 0.0)
