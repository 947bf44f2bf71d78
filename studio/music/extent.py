"""Where the beat begins and ends in a recording, and how sure it is that there is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from studio.music.onsets import LATENCY, Onsets

Doubles = NDArray[np.float64]
AUDIBLE = 10 ** (-45 / 10)  # power below the loud parts' from which a passage counts as silence
STRIKING = 0.12  # of a strong onset: what a beat needs to count as played


def audible_span(power: NDArray[np.float32], rate: float) -> tuple[float, float]:
    """(start, end) seconds between the first and last frame that is not silence; equal when all is silent."""
    total = power.sum(axis=1)
    loud = float(np.percentile(total, 90))
    heard = np.flatnonzero(total > max(AUDIBLE * loud, 1e-12))
    return (float(heard[0]) / rate, float(heard[-1] + 1) / rate) if len(heard) else (0.0, 0.0)


def played(beats: Doubles, onsets: Onsets) -> NDArray[np.bool_]:
    """(n,) whether something strikes on each beat (within 40 ms) and whether anything strikes until the next."""
    widened = np.max([np.roll(onsets.every, k) for k in range(-4, 5)], axis=0)
    at = np.clip(np.round((beats + LATENCY) * onsets.rate).astype(int), 0, len(widened) - 1)
    return widened[at] > STRIKING


def trim(beats: Doubles, first: int, metre: int, onsets: Onsets, span: tuple[float, float]) -> tuple[Doubles, int]:
    """`beats` from the first that is played to the end of the last played bar, within `span`, and the first downbeat.

    A lone strike before the song, such as a click or a count-in breath, does not start it: others must follow soon.
    """
    inside = (beats > span[0] - 0.06) & (beats < span[1])
    halfway = beats + 0.5 * np.diff(beats, append=2 * beats[-1] - beats[-2])
    strikes = (played(beats, onsets) | played(halfway, onsets)) & inside
    counts = np.convolve(strikes, np.ones(2 * metre), "full")[2 * metre - 1 :]
    starts = np.flatnonzero(strikes & (counts[: len(beats)] >= 2))
    if not len(starts):
        return beats[:0], 0
    begin, last = int(starts[0]), int(np.flatnonzero(strikes)[-1])
    bar_end = last + (first - last - 1) % metre
    # A song that ends on a downbeat's last chord ends there: the rest of that bar is its echo.
    stop = last + 1 if bar_end - last == metre - 1 else bar_end + 1
    kept = beats[begin:stop]
    kept = kept[kept < span[1]]
    return kept, (first - begin) % metre


def presence(onsets: Onsets, beats: Doubles, strength: float) -> float:
    """0..1 that there is a beat: sounds begin plainly, on the beats found, periodically (`strength` of the pulse)."""
    if len(beats) < 4:
        return 0.0
    rises = np.sort(onsets.bands.mean(axis=1))
    plain = float(rises[int(0.98 * len(rises))])
    on = float(played(beats, onsets).mean())
    clear = np.clip((plain - 0.05) / 0.1, 0, 1)
    return float(clear * np.clip((strength - 0.06) / 0.2, 0, 1) * np.clip(on / 0.4, 0, 1))
