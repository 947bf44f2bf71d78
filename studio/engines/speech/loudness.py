"""Level and edges of spoken sentences, alike for all voices, and what makes a sound unfit to be heard."""

from __future__ import annotations

import numpy as np

from studio.contracts import Sound
from studio.engines.speech.voice import Said, moved

LEVEL = 0.1
"""RMS of the louder half, -20 dB of full scale: room for a voice's peaks."""

LOUDEST = 0.9
EDGE_SECONDS = 0.08
FADE_SECONDS = 0.005
QUIET = 0.003
"""Share of the peak below which an edge is silence."""

SILENT = 0.001
"""Share of the peak, -60 dB."""

RUNAWAY_FACTOR, RUNAWAY_SECONDS = 2.5, 1.0


def levelled(sound: Sound) -> Sound:
    """At LEVEL, without clipping."""
    own = _loudness(sound)
    samples = sound.samples * np.float32(LEVEL / own if own > 0 else 1.0)
    peak = float(np.max(np.abs(samples), initial=0.0))
    return Sound(
        (samples * np.float32(min(1.0, LOUDEST / peak) if peak else 1.0)).astype(np.float32), sound.sample_rate
    )


def trimmed(said: Said) -> Said:
    """Silence at both edges cut to EDGE_SECONDS, times with it, and faded."""
    samples, rate = said.sound.samples, said.sound.sample_rate
    heard = np.flatnonzero(np.abs(samples) > QUIET * np.max(np.abs(samples), initial=0.0))
    if not len(heard):
        return said
    edge = round(EDGE_SECONDS * rate)
    first, last = max(0, int(heard[0]) - edge), min(len(samples), int(heard[-1]) + 1 + edge)
    kept = samples[first:last].copy()
    fade = np.linspace(0.0, 1.0, min(len(kept), round(FADE_SECONDS * rate)), dtype=np.float32)
    kept[: len(fade)] *= fade
    kept[len(kept) - len(fade) :] *= fade[::-1]
    sound = Sound(kept, rate)
    return Said(
        sound, moved(said.words, first / rate, sound.seconds), moved(said.phonemes, first / rate, sound.seconds)
    )


def hushed(sound: Sound, like: Sound) -> Sound:
    """Silent where `like`, as long as it, is: a vocoder breathes in pauses."""
    size = max(1, like.sample_rate // 100)
    count = -(-len(like.samples) // size)
    padded = np.pad(like.samples, (0, count * size - len(like.samples))).reshape(count, size)
    peaks = np.abs(padded).max(axis=1)
    # a pause's neighbours stay: the gate moves within 10 ms, and speech fades more slowly
    heard = np.convolve(peaks > SILENT * peaks.max(initial=0.0), np.ones(5), "same") > 0
    gate = np.interp(np.arange(len(like.samples)), (np.arange(count) + 0.5) * size, heard.astype(np.float32))
    return Sound((sound.samples * gate).astype(np.float32), sound.sample_rate)


def unfit(sound: Sound, expected_seconds: float) -> str:
    """Why `sound` can't be what was to be said, "" where it can."""
    samples = sound.samples
    if not len(samples):
        return "nothing came"
    if not np.isfinite(samples).all():
        return "the sound is not a number in places"
    if float(np.max(np.abs(samples))) < 1e-3:
        return "the sound is silent"
    if sound.seconds > RUNAWAY_FACTOR * expected_seconds + RUNAWAY_SECONDS:
        return f"the sound lasts {sound.seconds:.1f} s where about {expected_seconds:.1f} s were due"
    return ""


def _loudness(sound: Sound) -> float:
    """RMS of the louder half of 20 ms pieces."""
    size = max(1, sound.sample_rate // 50)
    count = len(sound.samples) // size
    if not count:
        return 0.0
    power = np.square(sound.samples[: count * size].reshape(count, size), dtype=np.float64).mean(axis=1)
    return float(np.sqrt(np.sort(power)[count // 2 :].mean()))
