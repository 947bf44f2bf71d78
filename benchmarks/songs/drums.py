"""Drum voices. Each returns mono float32 starting at its attack, peak about 1, at `rate` samples a second."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def _time(seconds: float, rate: int) -> Array:
    return np.arange(int(seconds * rate)) / rate


def _noise(n: int, rng: np.random.Generator, low: float, high: float, rate: int) -> Array:
    """White noise between `low` and `high` Hz, peak 1."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    f = np.fft.rfftfreq(n, 1 / rate)
    gain = 1 / np.sqrt(1 + (low / np.maximum(f, 1)) ** 6) / np.sqrt(1 + (f / high) ** 6)
    x = np.fft.irfft(spectrum * gain, n)
    return x / np.abs(x).max()


def _swept(t: Array, base: float, sweep: float, fall: float) -> Array:
    return np.sin(2 * np.pi * (base * t + sweep * fall * (1 - np.exp(-t / fall))))


def kick(rng: np.random.Generator, rate: int, kind: str) -> Array:
    base, sweep, decay, click = {
        "acoustic": (58, 90, 0.12, 0.35),
        "house": (48, 160, 0.16, 0.2),
        "808": (42, 110, 0.45, 0.1),
        "soft": (55, 50, 0.14, 0.02),
        "tight": (62, 140, 0.09, 0.5),
    }[kind]
    base *= rng.uniform(0.9, 1.12)
    t = _time(decay * 3.5, rate)
    body = _swept(t, base, sweep, 0.025) * np.exp(-t / decay) * np.minimum(1, t / 0.0015)
    tick = _noise(len(t), rng, 1500, 6000, rate) * np.exp(-t / 0.004)
    return body + click * tick


def snare(rng: np.random.Generator, rate: int, kind: str) -> Array:
    tone, decay, wires = {
        "acoustic": (190, 0.11, 0.8),
        "tight": (230, 0.07, 0.7),
        "fat": (165, 0.16, 0.9),
        "brush": (200, 0.09, 0.9),
        "gated": (180, 0.22, 0.9),
    }[kind]
    t = _time(decay * 4, rate)
    attack = np.minimum(1, t / (0.012 if kind == "brush" else 0.001))
    body = _swept(t, tone * rng.uniform(0.9, 1.1), 80, 0.01) * np.exp(-t / (decay * 0.5))
    hiss = _noise(len(t), rng, 900, 9000, rate) * np.exp(-t / decay)
    return attack * ((0.15 if kind == "brush" else 0.5) * body + wires * hiss)


def clap(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.3, rate)
    bursts = sum(np.exp(-np.maximum(t - d, 0) / 0.006) * (t >= d) for d in (0.0, 0.009, 0.018)) + 1.2 * np.exp(
        -np.maximum(t - 0.022, 0) / 0.07
    ) * (t >= 0.022)
    return _noise(len(t), rng, 800, 5000, rate) * bursts * 0.6


def rim(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.06, rate)
    return (np.sin(2 * np.pi * 1700 * t) + 0.6 * np.sin(2 * np.pi * 2650 * t)) * np.exp(-t / 0.009) * 0.7


def _metal(rng: np.random.Generator, rate: int, decay: float, low: float) -> Array:
    t = _time(decay * 4, rate)
    tones = sum(np.sign(np.sin(2 * np.pi * f * t)) for f in low * np.array([1.0, 1.34, 1.52, 1.83, 2.17]) * 0.6)
    return (0.75 * _noise(len(t), rng, low, 14000, rate) + 0.05 * tones) * np.exp(-t / decay)


def hat(rng: np.random.Generator, rate: int, kind: str) -> Array:
    return _metal(rng, rate, 0.03, 7000)


def open_hat(rng: np.random.Generator, rate: int, kind: str) -> Array:
    return _metal(rng, rate, 0.13, 6500)


def ride(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.8, rate)
    ping = sum(np.sin(2 * np.pi * f * t) for f in (3150, 4430, 5610)) * np.exp(-t / 0.12) * 0.2
    return ping + 0.45 * _noise(len(t), rng, 5000, 13000, rate) * np.exp(-t / 0.2)


def crash(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(2.0, rate)
    return _noise(len(t), rng, 2500, 14000, rate) * np.exp(-t / 0.5) * np.minimum(1, t / 0.002)


def shaker(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.09, rate)
    return _noise(len(t), rng, 5000, 12000, rate) * np.minimum(1, t / 0.015) * np.exp(-t / 0.03)


def tom(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.45, rate)
    return _swept(t, rng.uniform(85, 150), 60, 0.03) * np.exp(-t / 0.13) * np.minimum(1, t / 0.001)


def conga(rng: np.random.Generator, rate: int, kind: str) -> Array:
    t = _time(0.3, rate)
    return _swept(t, rng.uniform(220, 330), 40, 0.01) * np.exp(-t / 0.07) * np.minimum(1, t / 0.001)


def riser(rng: np.random.Generator, rate: int, kind: str) -> Array:
    """Two seconds of rising noise; it ends where it is placed to end, so the score starts it early."""
    t = _time(2.0, rate)
    return _noise(len(t), rng, 1500, 9000, rate) * (t / 2.0) ** 2 * 0.6


DRUMS: dict[str, Callable[[np.random.Generator, int, str], Array]] = {
    "K": kick, "S": snare, "C": clap, "R": rim, "H": hat, "O": open_hat, "D": ride, "X": crash, "A": shaker,
    "T": tom, "G": conga, "U": riser,
}  # fmt: skip
