"""Sections: the cut of a song into stretches that sound alike, borders on bars, named by what they do."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.music.intensity import loudness, spans
from studio.music.onsets import Onsets
from studio.music.song import Section
from studio.music.spectrum import Spectra

Doubles = NDArray[np.float64]
LONGEST = 48  # bars
BORDER_COST = 1.0  # bars' worth of all differences that a border must explain
WITHOUT_DRUMS = {"drop": "swell", "breakdown": "interlude"}
CRISP = 0.6  # log amplitude
BARE = 0.35  # of the fullest section's drums, below which a section counts as without
LANDING = 0.6  # of the fullest section's drums, from which the rhythm is all there
LEAP = 0.25  # of intensity
USUAL = 24  # bars; a shorter piece is worth cutting finer


@dataclass(frozen=True)
class Bars:
    """The bars a song is described by: `edges` (n + 1,) seconds, `features` (n, d), `level` and `drums` (n,).

    `drums` is the mean rise of the lowest register: the bass drum's, and what falls away in a breakdown; `percussive`
    whether there are drums at all: cymbals and snares rise sharply over 5 kHz, where pianos and pads do not.
    """

    edges: Doubles
    features: Doubles
    level: Doubles
    drums: Doubles
    percussive: bool


def bar_edges(downbeats: Doubles, duration: float) -> Doubles:
    """Bars from 0 to `duration`; two-second blocks where no bars were found."""
    if len(downbeats) < 4:
        count = max(1, round(duration / 2))
        return np.linspace(0, duration, count + 1)
    bar = float(np.median(np.diff(downbeats)))
    before = np.arange(downbeats[0], 0.3 * bar, -bar)[1:][::-1]
    after = np.arange(downbeats[-1], duration - 0.3 * bar, bar)[1:]
    inner = np.concatenate([before, downbeats, after])
    inner = inner[(inner > 0.6 * bar) & (inner < duration - 0.6 * bar)]
    return np.concatenate([[0.0], inner, [duration]])


def describe(spectra: Spectra, onsets: Onsets, edges: Doubles) -> Bars:
    """What each bar sounds like: timbre, loudness, rhythm and harmony."""
    starts, ends = edges[:-1], edges[1:]

    def per_bar(values: NDArray[np.floating], rate: float) -> Doubles:
        return spans(np.asarray(values, np.float64), rate, starts, ends)

    groups = np.array_split(np.arange(spectra.mel.shape[1]), 8)
    floor = 3e-4 * float(spectra.mel.mean()) + 1e-14
    timbre = [np.log(per_bar(spectra.mel[:, g].mean(1), spectra.mel_rate) + floor) for g in groups]
    rhythm = [per_bar(x, onsets.rate) for x in (onsets.low, onsets.snare, onsets.high, onsets.every)]
    chroma = np.sqrt(spectra.pitch).reshape(len(spectra.pitch), -1, 12).sum(1)
    chroma = chroma / (chroma.sum(1, keepdims=True) + 1e-6 * float(chroma.mean()) + 1e-12)
    harmony = [0.4 * _standard(per_bar(c, spectra.pitch_rate)) for c in chroma.T]
    level = per_bar(loudness(spectra), spectra.mel_rate)
    columns = [_standard(x) for x in (*timbre, level, level)] + [0.8 * _standard(x) for x in rhythm] + harmony
    features = np.stack(columns, axis=1)
    crisp = onsets.bands[:, spectra.centres >= 5000]
    percussive = bool(crisp.size and np.percentile(crisp.mean(axis=1), 98) > CRISP)
    return Bars(edges, features, level, rhythm[0], percussive)


def _standard(x: Doubles) -> Doubles:
    """`x` about 0 with a spread of 1, by quantiles: the silence after the last chord must not flatten all else."""
    low, middle, high = np.quantile(x, [0.1, 0.5, 0.9])
    return np.clip((x - middle) / (0.4 * (high - low) + 0.05 * np.abs(x).mean() + 1e-9), -2.5, 2.5)


def _segment_costs(features: Doubles, reach: int) -> Doubles:
    """(n + 1, reach + 1): squared deviation from their mean of the k bars that end before bar i."""
    n = len(features)
    sums = np.concatenate([np.zeros((1, features.shape[1])), np.cumsum(features, axis=0)])
    squares = np.concatenate([[0.0], np.cumsum((features**2).sum(1))])
    costs = np.full((n + 1, reach + 1), np.inf)
    for k in range(1, reach + 1):
        total = sums[k:] - sums[:-k]
        costs[k:, k] = squares[k:] - squares[:-k] - (total**2).sum(1) / k
    return costs


def borders(features: Doubles, in_bars: bool) -> list[int]:
    """Indices of the bars that begin a section: the optimal partition under a price for each border.

    Phrases of four and eight bars are the habit of songs, of two in short pieces; other lengths cost a little more.
    """
    n, reach = len(features), min(LONGEST, len(features))
    unit = (float((features**2).sum(1).mean()) + 1e-6) * min(1.0, n / USUAL) ** 0.5
    costs = _segment_costs(features, reach)
    lengths = np.arange(reach + 1)
    phrase = 4 if n >= USUAL else 2
    odd = np.where(lengths % phrase == 0, 0.0, np.where(lengths % 2 == 0, 0.2, 0.4)) if in_bars else 0.0
    short = np.where(lengths < phrase, 0.6, 0.0) + np.where(lengths < 2, 0.8, 0.0)
    price = unit * (BORDER_COST + odd + short)
    best, back = np.zeros(n + 1), np.zeros(n + 1, int)
    for i in range(1, n + 1):
        k = lengths[1 : min(i, reach) + 1]
        total = best[i - k] + costs[i, k] + price[k]
        pick = int(total.argmin())
        best[i], back[i] = total[pick], i - int(k[pick])
    cuts, at = [], n
    while at > 0:
        at = back[at]
        cuts.append(at)
    return cuts[::-1]


def sections(bars: Bars, curve: Doubles, in_bars: bool) -> tuple[Section, ...]:
    cuts = [*borders(bars.features, in_bars), len(bars.edges) - 1]
    times = bars.edges[cuts]
    drums = np.array([bars.drums[a:b].mean() for a, b in pairwise(cuts)])
    level = spans(curve, 1.0, times[:-1], times[1:])
    slope = np.array([_slope(curve, a, b) for a, b in pairwise(times)])
    share = np.diff(times) / times[-1]
    drums = drums / max(float(drums.max()), 1e-9) if bars.percussive else np.ones(len(drums))
    labels = _labels(level, drums, slope, share)
    if not bars.percussive:
        labels = [WITHOUT_DRUMS.get(label, label) for label in labels]
    spans_ = zip(times, times[1:], labels, strict=False)
    return tuple(Section(float(a), float(b), label) for a, b, label in spans_)


def _slope(curve: Doubles, start: float, end: float) -> float:
    part = curve[int(start) : max(int(start) + 1, round(end))]
    half = len(part) // 2
    return float(part[half:].mean() - part[:half].mean()) if half else 0.0


def _labels(level: Doubles, drums: Doubles, slope: Doubles, share: Doubles) -> list[str]:
    """Words for sections from intensity, share of drums and of the song's length (0..1), and the rise within each."""
    n, top = len(level), float(level.max())
    bare = drums < BARE
    labels: list[str] = []
    for i in range(n):
        before = level[i - 1] if i else 0.0
        after = level[i + 1] if i + 1 < n else 0.0
        if i == 0 and n > 1 and (level[0] < 0.85 * top or bare[0]) and share[0] < 0.4:
            labels.append("intro")
        elif i == n - 1 and n > 2 and (level[i] < 0.85 * before or (bare[i] and share[i] < 0.25)):
            labels.append("outro")
        elif slope[i] > 0.12 and after > level[i] + 0.05:
            labels.append("build")
        elif i and bare[i] and not bare.all():
            labels.append("breakdown" if not bare[:i].all() and drums[i] < 0.7 * drums[i - 1] else "verse")
        elif i and labels[-1] in ("breakdown", "build") and drums[i] > LANDING:
            labels.append("drop")
        elif level[i] >= 0.8 * top:
            labels.append("drop" if i and level[i] - before > LEAP else "chorus")
        elif i and level[i] - before > LEAP and drums[i] > max(LANDING, 2 * drums[i - 1]):
            labels.append("drop")
        else:
            labels.append("breakdown" if level[i] < before - 0.3 and drums[i] < LANDING else "verse")
    return labels
