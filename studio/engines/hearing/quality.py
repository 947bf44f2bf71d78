"""How good a recording of a voice is: its level, noise, clipping and bandwidth, and how people would rate it.

DNSMOS P.835 (Reddy, Gopal and Cutler, 2022) predicts the mean opinion of listeners: of the speech, of the background
and overall. It hears noise and damage, not whether a voice sounds natural.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.contracts import Sound
from studio.engines.hearing.activity import FRAME, RATE, VoiceActivity, spans
from studio.engines.hearing.resampling import at_rate, without_rumble
from studio.engines.networks import OnnxNetwork
from studio.errors import BadInput

_MOS_SAMPLES = 144_160
"""9.01 s at 16 kHz, the stretch that the network was trained on."""
_MOST_STRETCHES = 3
# the published mapping of the network's outputs (signal, background, overall) to the scale of P.835
_TO_MOS = (
    (-0.08397278, 1.22083953, 0.0052439),
    (-0.13166888, 1.60915514, -0.39604546),
    (-0.06766283, 1.11546468, 0.04602535),
)
_FLOOR_DB = -100.0
_HIGHEST_SNR = 80.0
_SURE_SILENCE = 0.15
_LEAST_PAUSE_FRAMES = 6
_QUIETEST_TOP = 1e-4
_BAND_FLOOR_DB = -60.0


@dataclass(frozen=True)
class Quality:
    """A recording, measured. Levels in dB relative to full scale (RMS; 0 is a full square wave).

    seconds        of sound;  `speech_seconds` of them with a voice in them
    level          of the speech; -100 where there is none
    noise          between the words, what lies below voices left out; -100 for digital silence
    snr            speech over noise in dB, 0..80; 0 where nobody speaks
    clipped_share  0..1: of the samples of speech, those cut off at the recorder's limit
    bandwidth      Hz up to which the speech reaches: about 3400 for a telephone
    """

    seconds: float
    speech_seconds: float
    level: float
    noise: float
    snr: float
    clipped_share: float
    bandwidth: float


@dataclass(frozen=True)
class Opinion:
    """What listeners would say, 1 (bad) to 5 (excellent)."""

    signal: float
    background: float
    overall: float


def measure(sound: Sound, activity: VoiceActivity) -> Quality:
    """The figures of `sound`. Raises BadInput for what is no sound."""
    chances = activity.probabilities(sound)
    speech = spans(chances, sound.seconds)
    inside = _inside(speech, sound)
    level, noise, snr = _levels(at_rate(sound, RATE), chances)
    return Quality(
        seconds=sound.seconds,
        speech_seconds=sum(end - start for start, end in speech),
        level=level if speech else _FLOOR_DB,
        noise=noise,
        snr=snr if speech else 0.0,
        clipped_share=clipped_share(sound.samples[inside]),
        bandwidth=_bandwidth(sound.samples[inside], sound.sample_rate),
    )


def _inside(speech: tuple[tuple[float, float], ...], sound: Sound) -> np.ndarray:
    mask = np.zeros(len(sound.samples), bool)
    for start, end in speech:
        mask[round(start * sound.sample_rate) : round(end * sound.sample_rate)] = True
    return mask


def _levels(samples: np.ndarray, chances: np.ndarray) -> tuple[float, float, float]:
    """Speech and noise in dBFS, and their distance, from frames of 32 ms.

    Noise is the median of frames surely without a voice; without 0.2 s of them, the quietest twentieth of all: the
    gaps between words, which may hold a little of a voice, so that the noise is rather over- than underrated.
    """
    if not len(samples):
        return _FLOOR_DB, _FLOOR_DB, 0.0
    high = without_rumble(samples, RATE)
    frames = np.zeros(len(chances) * FRAME)
    frames[: len(samples)] = high
    power = np.mean(np.square(frames.reshape(-1, FRAME)), axis=1)[: max(1, len(samples) // FRAME)]
    chances = chances[: len(power)]
    voiced = chances >= 0.5
    near = np.convolve(chances >= _SURE_SILENCE, np.ones(5), "same") > 0
    pauses = power[~near]
    noise = float(np.median(pauses)) if len(pauses) >= _LEAST_PAUSE_FRAMES else float(np.percentile(power, 5))
    speech = float(power[voiced].mean()) if voiced.any() else 0.0
    signal = max(speech - noise, 1e-12)
    snr = 10 * np.log10(signal / max(noise, 1e-12)) if speech else 0.0
    return _decibels(speech), _decibels(noise), float(np.clip(snr, 0, _HIGHEST_SNR))


def _decibels(power: float) -> float:
    return float(max(_FLOOR_DB, 10 * np.log10(max(power, 1e-12))))


def clipped_share(samples: np.ndarray) -> float:
    """The share of `samples` (n,) that the recorder cut off at its limit, wherever that lies.

    The louder, the rarer holds for every undamaged sound, also behind a limiter: counts fall as amplitudes rise.
    Where they rise again, tops pile up that were cut, even when lossy coding or a volume control moved them since;
    the share is what exceeds a falling curve. Within a third of the truth for lossless files, rather less behind
    MP3 or Opus; below 0.002 for undamaged speech of 3 s and more.
    """
    loud = np.abs(samples)
    top = float(np.percentile(loud, 99.98)) if len(samples) else 0.0
    if top < _QUIETEST_TOP:
        return 0.0
    counts, _ = np.histogram(loud, np.linspace(0.2 * top, 1.4 * top, 49))
    excess = np.maximum(0, counts - np.minimum.accumulate(counts)).sum()
    return float(excess / len(samples))


def _bandwidth(samples: np.ndarray, rate: int) -> float:
    """The highest frequency at which the speech's mean spectrum is within 60 dB of its strongest."""
    size = 1024 * max(1, round(rate / 24_000))
    if len(samples) < size:
        return 0.0
    frames = samples[: len(samples) // size * size].reshape(-1, size) * np.hanning(size)
    power = np.square(np.abs(np.fft.rfft(frames, axis=1))).mean(axis=0)
    level = 10 * np.log10(np.convolve(power, np.ones(5) / 5, "same") + 1e-20)
    return float(np.flatnonzero(level >= level.max() + _BAND_FLOOR_DB)[-1] * rate / size)


class Listener:
    """Rates speech as people would. Holds the network, read at the first sound; threads may share it."""

    def __init__(self) -> None:
        self._network = OnnxNetwork("dnsmos_sig_bak_ovr.onnx", ("Identity:0",))

    def rate(self, sound: Sound) -> Opinion:
        """Raises BadInput for an empty sound. Shorter ones than 9 s are heard repeatedly, as DNSMOS does it; of long
        ones three stretches, evenly spread."""
        samples = np.clip(at_rate(sound, RATE), -1, 1)
        if not len(samples):
            raise BadInput("sound", "0 samples", "speech")
        while len(samples) < _MOS_SAMPLES:
            samples = np.concatenate([samples, samples])
        count = min(_MOST_STRETCHES, (len(samples) - _MOS_SAMPLES) // RATE + 1)
        starts = np.linspace(0, (len(samples) - _MOS_SAMPLES) // RATE * RATE, count).astype(int)
        stretches = np.stack([samples[start : start + _MOS_SAMPLES] for start in starts])
        raw = np.concatenate([self._network({"input_1": stretch[None]})[0] for stretch in stretches])
        marks = [np.polyval(polynomial, raw[:, index]).mean() for index, polynomial in enumerate(_TO_MOS)]
        return Opinion(*(float(np.clip(mark, 1, 5)) for mark in marks))
