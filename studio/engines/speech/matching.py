"""Bringing a base voice near to a reference: melody, vocal tract length and long-term spectrum, all within limits.

What makes a person known beyond these (how they form their sounds, their rhythm) stays the base voice's: this is
matching, not cloning. Measured by the speaker embedding on sentences that were not used to find the settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from studio.contracts import Sound
from studio.engines.hearing.resampling import at_rate
from studio.engines.hearing.similarity import SpeakerEncoder
from studio.engines.speech.world import FLOOR, Anatomy, excerpt, observed, sounded, stretched_tract
from studio.errors import BadInput

TRACTS, FINER = (0.86, 0.94, 1.02, 1.10, 1.18), 0.04
"""Formant factors tried, and how far about the best of them twice more. Between a deep man and a high woman lies about
1.2 (Peterson and Barney, 1952)."""

MELODY_RANGE = (0.7, 1.5)
"""How far the base voice's melody is flattened or widened."""

EQUALISER_DB = 9.0
"""More than this brings up the vocoder's noise."""

HEARD_SECONDS = 12.0
"""Of a reference; a voice's long-term spectrum has settled by then."""

TRIAL_SECONDS = 3.5
HIGHEST_RATE = 48_000
LEAST_VOICED = 100
"""Frames of 5 ms."""


@dataclass(frozen=True)
class Portrait:
    """What of a voice can be carried over: mean and deviation of the logarithm of its pitch in Hz, its long-term log
    spectrum (bins,) over 0..`top` Hz while voiced, and its speaker embedding (256,)."""

    pitch_mean: float
    pitch_deviation: float
    spectrum: np.ndarray
    top: float
    embedding: np.ndarray


@dataclass(frozen=True)
class Settings:
    """How a base voice is changed. `gain` (bins,) in natural-log power, at the base voice's bins."""

    source_mean: float
    target_mean: float
    melody: float
    tract: float
    gain: np.ndarray


def portrait(sound: Sound, encoder: SpeakerEncoder) -> Portrait:
    """Of a recording of speech. Raises BadInput where nothing is voiced, or all is silent."""
    embedding = encoder.embed(sound)
    if sound.sample_rate > HIGHEST_RATE:
        sound = Sound(at_rate(sound, HIGHEST_RATE), HIGHEST_RATE)
    sound = Sound(sound.samples[: round(HEARD_SECONDS * sound.sample_rate)], sound.sample_rate)
    pitch, envelope = observed(sound)
    if np.count_nonzero(pitch) < LEAST_VOICED:
        raise BadInput("voice", f"{sound.seconds:.2f} s", "a recording with at least half a second of a voice in it")
    voiced = _logarithms(pitch)
    spectrum = long_term_spectrum(pitch, envelope)
    return Portrait(float(np.mean(voiced)), float(np.std(voiced)), spectrum, sound.sample_rate / 2.0, embedding)


def matched_to(base: Anatomy, target: Portrait, encoder: SpeakerEncoder, keep_on: Callable[[], None]) -> Settings:
    """The settings that bring `base`, some seconds of the base voice, nearest to `target`.

    `keep_on` is called between trials and may raise.
    """
    voiced = _logarithms(base.pitch)
    base = excerpt(base, TRIAL_SECONDS)
    melody = float(np.clip(target.pitch_deviation / max(float(np.std(voiced)), 0.05), *MELODY_RANGE))
    plain = Settings(float(np.mean(voiced)), target.pitch_mean, melody, 1.0, np.zeros(1))

    def tried(tract: float) -> tuple[float, Settings]:
        keep_on()
        settings = replace(plain, tract=tract, gain=_gain(stretched_tract(base, tract), target))
        heard = _as_recorded(changed(base, settings), target)
        return float(encoder.embed(sounded(heard)) @ target.embedding), settings

    coarse = max((tried(tract) for tract in TRACTS), key=lambda trial: trial[0])
    fine = [tried(coarse[1].tract + step) for step in (-FINER, FINER)]
    return max(coarse, *fine, key=lambda trial: trial[0])[1]


def changed(anatomy: Anatomy, settings: Settings) -> Anatomy:
    pitch = anatomy.pitch.copy()
    voiced = anatomy.voiced
    pitch[voiced] = np.exp((np.log(pitch[voiced]) - settings.source_mean) * settings.melody + settings.target_mean)
    moved = stretched_tract(replace(anatomy, pitch=np.clip(pitch, 0.0, 700.0)), settings.tract)
    return replace(moved, envelope=moved.envelope * np.exp(settings.gain))


def long_term_spectrum(pitch: np.ndarray, envelope: np.ndarray) -> np.ndarray:
    """(bins,) mean log power of the louder voiced frames."""
    power, voiced = envelope.sum(axis=1), pitch > 0
    loud = voiced & (power >= np.median(power[voiced])) if voiced.any() else power >= 0
    return np.log(envelope[loud] + FLOOR).mean(axis=0)


def _gain(base: Anatomy, target: Portrait) -> np.ndarray:
    """(bins,) natural-log power; nothing where the reference's recording holds nothing."""
    bins = base.envelope.shape[1]
    hertz = np.linspace(0.0, base.sample_rate / 2.0, bins)
    places = np.linspace(0.0, target.top, len(target.spectrum))
    wanted = np.interp(hertz, places, target.spectrum)
    difference = _smoothed(wanted - long_term_spectrum(base.pitch, base.envelope), hertz)
    top = min(_bandwidth(target), base.sample_rate / 2.0)
    middle = (hertz > 150.0) & (hertz < min(4000.0, top))
    difference -= difference[middle].mean()
    fade = np.clip((top - hertz) / (0.15 * top), 0.0, 1.0) * np.clip(hertz / 100.0, 0.0, 1.0)
    limit = EQUALISER_DB * np.log(10.0) / 10.0
    return np.clip(difference, -limit, limit) * fade


def _as_recorded(anatomy: Anatomy, target: Portrait) -> Anatomy:
    """Through the reference's recording: a telephone's band would else be taken for a trait of the voice."""
    hertz = np.linspace(0.0, anatomy.sample_rate / 2.0, anatomy.envelope.shape[1])
    return replace(anatomy, envelope=anatomy.envelope * np.where(hertz > _bandwidth(target), 1e-5, 1.0))


def _bandwidth(target: Portrait) -> float:
    """Hz up to which the recording holds speech: telephones and codecs cut above, which is no trait of a voice."""
    hertz = np.linspace(0.0, target.top, len(target.spectrum))
    peak = target.spectrum.max()
    heard = target.spectrum > peak - np.log(10.0) * 7.5
    return float(hertz[np.flatnonzero(heard)[-1]])


def _smoothed(values: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Over a third of an octave or 200 Hz, whichever is more: formants' place is the tract's matter."""
    total = np.concatenate([[0.0], np.cumsum(values)])
    half = np.maximum(200.0, hertz * 0.23) / 2.0 / (hertz[1] - hertz[0])
    at = np.arange(len(values))
    low = np.clip(np.floor(at - half), 0, len(values) - 1).astype(int)
    high = np.clip(np.ceil(at + half) + 1, 1, len(values)).astype(int)
    return (total[high] - total[low]) / (high - low)


def _logarithms(pitch: np.ndarray) -> np.ndarray:
    """Log Hz of voiced frames, without the tracker's slips by an octave."""
    log = np.log(pitch[pitch > 0])
    if not len(log):
        return np.array([np.log(150.0)])
    return log[np.abs(log - np.median(log)) < 0.6]
