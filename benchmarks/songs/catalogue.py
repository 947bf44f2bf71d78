"""The styles, as scores, and the recordings that have no beat."""

from __future__ import annotations

import numpy as np

from benchmarks.songs.acoustic import ACOUSTIC
from benchmarks.songs.electronic import ELECTRONIC
from benchmarks.songs.improvised import FEELS, improvise
from benchmarks.songs.score import Song, Truth, play
from benchmarks.songs.uncommon import UNCOMMON

WRITTEN = {style.name: style for style in (*ACOUSTIC, *ELECTRONIC, *UNCOMMON)}
STYLES = (*WRITTEN, *FEELS)
NEGATIVES = ("silence", "white_noise", "sine", "speech", "wind", "drone", "random_clicks")


def make_song(style: str, seed: int) -> Song:
    """About 40 to 70 s of `style`; tempo, key, sounds, balance, room and level follow from `seed`."""
    return play(WRITTEN[style] if style in WRITTEN else improvise(style, seed), seed)


def _speech(rng: np.random.Generator, rate: int, n: int) -> np.ndarray:
    """Syllables of a falling buzz at irregular times."""
    out, at = np.zeros(n), 0.3
    while at < n / rate - 0.6:
        length = rng.uniform(0.08, 0.3)
        t = np.arange(int(length * rate)) / rate
        pitch = rng.uniform(95, 150) * (1 - 0.2 * t / length)
        buzz = sum(np.sin(k * 2 * np.pi * np.cumsum(pitch) / rate) / k**0.8 for k in range(1, 14))
        i = int(at * rate)
        out[i : i + len(t)] += buzz * np.sin(np.pi * t / length) * rng.uniform(0.3, 1)
        at += length + rng.choice([0.02, 0.05, 0.12, 0.5], p=[0.4, 0.3, 0.2, 0.1]) * rng.uniform(0.6, 1.6)
    return out


def make_negative(kind: str, seed: int, seconds: float = 30.0) -> Song:
    """A recording without a beat."""
    rng, rate = np.random.default_rng([seed, sum(map(ord, kind))]), 44100
    n = int(seconds * rate)
    t = np.arange(n) / rate
    if kind == "silence":
        x = np.zeros(n)
    elif kind == "white_noise":
        x = rng.standard_normal(n) * 0.2
    elif kind == "sine":
        x = 0.5 * np.sin(2 * np.pi * rng.uniform(110, 880) * t)
    elif kind == "speech":
        x = _speech(rng, rate, n)
    elif kind == "wind":
        slow = np.interp(t, np.arange(0, seconds + 2, 0.7), rng.uniform(0.1, 1, len(np.arange(0, seconds + 2, 0.7))))
        x = np.cumsum(rng.standard_normal(n)) * 0.002
        x = (x - np.convolve(x, np.ones(2000) / 2000, "same")) * slow
    elif kind == "drone":
        x = sum(
            np.sin(2 * np.pi * f * t + rng.uniform(0, 6))
            * (0.6 + 0.4 * np.sin(2 * np.pi * rng.uniform(0.02, 0.11) * t))
            for f in rng.uniform(60, 900, 9)
        )
    else:
        x = np.zeros(n)
        for at in np.cumsum(rng.exponential(0.45, int(seconds * 2))):
            i = int(at * rate)
            if i + 2000 < n:
                x[i : i + 2000] += rng.standard_normal(2000) * np.exp(-np.arange(2000) / 300) * rng.uniform(0.2, 1)
    x = 0.7 * x / max(np.abs(x).max(), 1e-9) if kind != "white_noise" else x
    return Song(kind, seed, np.stack([x, x], 1).astype(np.float32), rate, Truth((), (), 0.0, 4, (), (), True))
