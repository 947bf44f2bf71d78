"""How intense a song feels, once a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    # Half A-weighted: at a club's level the ear hears bass more fully than the 40 phon curve says.
    weights = np.sqrt(_a_weights(spectra.centres)).astype(np.float32)
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


def intensity_curve(spectra: Spectra, every: NDArray[np.float32]) -> Doubles:
    """(ceil(duration),) 0..1: loudness of the second that begins there, and a little how much happens in it."""
    starts = np.arange(max(1, int(np.ceil(spectra.duration - 1e-9))), dtype=np.float64)
    ends = np.minimum(starts + 1, spectra.duration)
    if float(spectra.mel.mean()) < SILENCE:
        return np.zeros(len(starts))
    loud = spans(loudness(spectra), spectra.mel_rate, starts, ends)
    busy = spans(every.astype(np.float64), spectra.mel_rate, starts, ends)
    audible = loud > 0.02 * loud.max()
    level = normalised(loud, loud[audible])
    activity = np.clip(busy / max(float(np.percentile(busy[audible], 95)), 1e-9), 0, 1)
    return np.where(audible, np.clip(0.85 * level + 0.15 * activity * level, 0, 1), 0.0)
