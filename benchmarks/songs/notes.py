"""Pitched voices: `note(voice, hertz, seconds, rate, rng)` is mono float32, peak about 1, attack at sample 0."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def _harmonics(t: Array, hertz: float, amplitudes: Array, stretch: float = 0.0) -> Array:
    k = np.arange(1, len(amplitudes) + 1)
    f = hertz * k * np.sqrt(1 + stretch * k**2)
    keep = f < 11000
    return (amplitudes[keep, None] * np.sin(2 * np.pi * f[keep, None] * t)).sum(0)


def _gate(t: Array, seconds: float, attack: float, release: float) -> Array:
    return np.minimum(1, t / attack) * np.clip((seconds + release - t) / release, 0, 1)


def _span(seconds: float, rate: int) -> Array:
    return np.arange(max(8, int(seconds * rate))) / rate


def piano(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.15, rate)
    k = np.arange(1, 11)
    f = hertz * k * np.sqrt(1 + 4e-4 * k**2)
    decay = 1.8 * (261 / max(hertz, 60)) ** 0.5 / k**0.6
    parts = (k**-1.2)[:, None] * np.sin(2 * np.pi * f[:, None] * t) * np.exp(-t / decay[:, None])
    hammer = rng.standard_normal(len(t)) * np.exp(-t / 0.006) * 0.08
    return (parts[f < 11000].sum(0) + hammer) * _gate(t, seconds, 0.002, 0.15) * 0.6


def pluck(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.05, rate)
    k = np.arange(1, 16)
    parts = (k**-0.9)[:, None] * np.sin(2 * np.pi * hertz * k[:, None] * t) * np.exp(-t * (1.5 + 0.9 * k[:, None]))
    return parts[hertz * k < 11000].sum(0) * _gate(t, seconds, 0.002, 0.05) * 0.5


def strum(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    """An electric guitar's muted chop: bright, short."""
    return pluck(hertz, min(seconds, 0.14), rate, rng) * 1.1


def power(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.06, rate)
    clean = _harmonics(t, hertz, np.arange(1, 9) ** -1.0) + _harmonics(t, hertz * 1.498, np.arange(1, 7) ** -1.0)
    return np.tanh(3 * clean * (0.5 + np.exp(-t / 0.4))) * _gate(t, seconds, 0.004, 0.06) * 0.6


def bass(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.04, rate)
    return _harmonics(t, hertz, np.arange(1, 8) ** -1.4) * _gate(t, seconds, 0.004, 0.04) * np.exp(-t / 0.7) * 0.7


def sub(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.08, rate)
    return (np.sin(2 * np.pi * hertz * t) + 0.25 * np.sin(4 * np.pi * hertz * t)) * _gate(t, seconds, 0.01, 0.08) * 0.8


def growl(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.05, rate)
    wobble = 0.55 + 0.45 * np.sin(2 * np.pi * rng.choice([2.0, 3.0, 4.5]) * t)
    return np.tanh(2 * _harmonics(t, hertz, np.arange(1, 12) ** -0.7) * wobble) * _gate(t, seconds, 0.008, 0.05) * 0.6


def pad(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.5, rate)
    amplitudes = np.arange(1, 7) ** -1.5
    detuned = sum(_harmonics(t + rng.uniform(0, 1), hertz * d, amplitudes) for d in (0.996, 1.0, 1.005))
    return detuned * _gate(t, seconds, min(0.35, seconds / 3), 0.5) * 0.3


def drone(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 1.0, rate)
    slow = 0.7 + 0.3 * np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * t + rng.uniform(0, 6))
    return _harmonics(t, hertz, np.arange(1, 5) ** -1.6) * slow * _gate(t, seconds, min(1.2, seconds / 2), 1.0) * 0.5


def strings(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.2, rate)
    vibrato = t + 0.0006 * np.sin(2 * np.pi * 5.3 * t) / 5.3
    return _harmonics(vibrato, hertz, np.arange(1, 9) ** -1.1) * _gate(t, seconds, 0.09, 0.2) * 0.4


def organ(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.02, rate)
    return _harmonics(t, hertz, np.array([1, 0.7, 0.5, 0.4, 0, 0.2, 0, 0.2])) * _gate(t, seconds, 0.006, 0.02) * 0.4


def synth(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    t = _span(seconds + 0.03, rate)
    k = np.arange(1, 14)
    bright = np.exp(-t * k[:, None] * 1.8)
    parts = (1 / k)[:, None] * np.sin(2 * np.pi * hertz * k[:, None] * t) * bright
    return parts[hertz * k < 11000].sum(0) * _gate(t, seconds, 0.003, 0.03) * 0.6


def voice(hertz: float, seconds: float, rate: int, rng: np.random.Generator) -> Array:
    """Sung vowels: a slow attack, scoops and vibrato, formants; now and then a breathy consonant ahead of it."""
    t = _span(seconds + 0.08, rate)
    scoop = hertz * (1 - 0.04 * np.exp(-t / 0.05) + 0.012 * np.sin(2 * np.pi * 5.5 * t) * np.minimum(1, t / 0.4))
    phase = 2 * np.pi * np.cumsum(scoop) / rate
    k = np.arange(1, 18)
    first, second = rng.choice([300, 500, 700]), rng.choice([900, 1300, 2200])
    f = hertz * k
    gain = (np.exp(-(((f - first) / 150) ** 2)) + 0.6 * np.exp(-(((f - second) / 220) ** 2)) + 0.06) / k**0.3
    sung = (gain[:, None] * np.sin(k[:, None] * phase)).sum(0) * _gate(t, seconds, 0.07, 0.08)
    breath = rng.standard_normal(len(t)) * np.exp(-(((t - 0.03) / 0.025) ** 2)) * 0.08
    return 0.6 * (sung + breath * rng.integers(0, 2))


VOICES: dict[str, Callable[[float, float, int, np.random.Generator], Array]] = {
    f.__name__: f for f in (piano, pluck, strum, power, bass, sub, growl, pad, drone, strings, organ, synth, voice)
}
