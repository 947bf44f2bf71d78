"""WORLD's picture of a voice: pitch, spectral envelope, aperiodicity, each 5 ms; and back to sound.

Morise, Yokomori and Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system", 2016.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from pyworld.pyworld import cheaptrick, d4c, synthesize

from studio.contracts import Sound
from studio.engines.speech.pitch import FRAME_MS, pitch_of

FLOOR = 1e-16


@dataclass(frozen=True)
class Anatomy:
    """`pitch` (frames,) Hz, 0 where unvoiced; `envelope` (frames, bins) power; `noise` (frames, bins) 0..1, the share
    of aperiodic power; bins reach from 0 to half of `sample_rate`. `length`: the sound's samples."""

    pitch: np.ndarray
    envelope: np.ndarray
    noise: np.ndarray
    sample_rate: int
    length: int

    @property
    def voiced(self) -> np.ndarray:
        return self.pitch > 0


def analysed(sound: Sound) -> Anatomy:
    """For sounds of 16 kHz and more: below, D4C has no band left to judge."""
    samples = np.ascontiguousarray(sound.samples, np.float64)
    pitch, times = pitch_of(sound)
    envelope = cheaptrick(samples, pitch, times, sound.sample_rate)
    noise = d4c(samples, pitch, times, sound.sample_rate)
    return Anatomy(pitch, envelope, noise, sound.sample_rate, len(samples))


def observed(sound: Sound) -> tuple[np.ndarray, np.ndarray]:
    """Pitch and envelope alone, at any rate."""
    pitch, times = pitch_of(sound)
    samples = np.ascontiguousarray(sound.samples, np.float64)
    return pitch, cheaptrick(samples, pitch, times, sound.sample_rate)


def sounded(anatomy: Anatomy) -> Sound:
    """As long as the sound it was taken from."""
    samples = synthesize(
        np.ascontiguousarray(anatomy.pitch),
        np.ascontiguousarray(anatomy.envelope),
        np.ascontiguousarray(anatomy.noise),
        anatomy.sample_rate,
        FRAME_MS,
    )
    samples = np.pad(samples[: anatomy.length], (0, max(0, anatomy.length - len(samples))))
    return Sound(samples.astype(np.float32), anatomy.sample_rate)


def excerpt(anatomy: Anatomy, seconds: float) -> Anatomy:
    """The first `seconds`, or all of it where that is less."""
    frames = min(len(anatomy.pitch), round(1000.0 * seconds / FRAME_MS))
    length = min(anatomy.length, round(frames * FRAME_MS / 1000.0 * anatomy.sample_rate))
    return Anatomy(
        anatomy.pitch[:frames], anatomy.envelope[:frames], anatomy.noise[:frames], anatomy.sample_rate, length
    )


def transposed(anatomy: Anatomy, semitones: float) -> Anatomy:
    """Higher or lower, the vocal tract as it is."""
    return replace(anatomy, pitch=anatomy.pitch * 2.0 ** (semitones / 12.0))


def stretched_tract(anatomy: Anatomy, factor: float) -> Anatomy:
    """Formants moved up by `factor`, as a shorter vocal tract would; above the band its edge repeats."""
    bins = anatomy.envelope.shape[1]
    source = np.clip(np.arange(bins) / factor, 0, bins - 1)
    low = np.floor(source).astype(int)
    high, share = np.minimum(low + 1, bins - 1), source - low
    log = np.log(anatomy.envelope + FLOOR)
    envelope = np.exp(log[:, low] * (1 - share) + log[:, high] * share)
    noise = anatomy.noise[:, low] * (1 - share) + anatomy.noise[:, high] * share
    return replace(anatomy, envelope=envelope, noise=np.clip(noise, 0.0, 1.0))
