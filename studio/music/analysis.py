"""From sound to what a song is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from studio.cancellation import CancelToken
from studio.errors import BadInput
from studio.music.beats import smooth
from studio.music.extent import audible_span, presence, trim
from studio.music.intensity import intensity_curve
from studio.music.levels import RATIOS, at_level, candidates
from studio.music.metre import Reading, read
from studio.music.moments import key_moments
from studio.music.onsets import LATENCY, Onsets, onsets
from studio.music.song import SongAnalysis
from studio.music.spectrum import Spectra, spectra
from studio.music.structure import bar_edges, describe, sections
from studio.music.tempo import TYPED, Pulse, find_pulse

Doubles = NDArray[np.float64]
THERE_IS_A_BEAT = 0.12
ACCENT, ACCENT_GAP = 0.5, 0.1  # of a strong onset; seconds
TEMPI = (20.0, 400.0)


@dataclass(frozen=True)
class _Rhythm:
    beats: Doubles
    downbeats: Doubles
    tempo: float
    confidence: float
    alternatives: tuple[float, ...]
    metre: int


def analyse_song(
    samples: NDArray[np.float32], sample_rate: int, tempo: float | None = None, cancel: CancelToken | None = None
) -> SongAnalysis:
    """Beats, bars, sections, intensity, moments and accents of a song.

    `samples` (n,) or (n, channels) finite floats at `sample_rate` a second. `tempo` in beats per minute, where a person
    knows it, fixes the metrical level: the beats then keep within 4 % of it. Deterministic. Without a beat, `tempo`
    and its confidence are 0 and there are no beats.

    Raises BadInput for an empty recording or a tempo outside 20..400, Cancelled when `cancel` is set.
    """
    sound = np.atleast_2d(np.asarray(samples, np.float32).T).T
    if not len(sound):
        raise BadInput("samples", "an empty recording", "at least one sample")
    if tempo is not None and not TEMPI[0] <= tempo <= TEMPI[1]:
        raise BadInput("tempo", tempo, f"{TEMPI[0]:.0f} to {TEMPI[1]:.0f} beats per minute")
    token = cancel or CancelToken()
    heard = spectra(sound, sample_rate, token)
    rises = onsets(heard)
    token.check()
    rhythm = _rhythm(heard, rises, tempo)
    token.check()
    duration = len(sound) / sample_rate
    curve = intensity_curve(heard, rises)
    edges = bar_edges(rhythm.downbeats, duration)
    parts = sections(describe(heard, rises, edges), curve, len(rhythm.downbeats) >= 4)
    return SongAnalysis(
        duration=duration,
        sample_rate=sample_rate,
        tempo=round(rhythm.tempo, 3),
        tempo_confidence=round(rhythm.confidence, 4),
        tempo_alternatives=rhythm.alternatives,
        metre=rhythm.metre,
        beat_times=_seconds(rhythm.beats),
        downbeat_times=_seconds(rhythm.downbeats),
        intensity_curve=tuple((float(i), round(float(v), 4)) for i, v in enumerate(curve)),
        key_moments=key_moments(duration, curve, parts, rhythm.downbeats, rhythm.beats),
        sections=parts,
        accents=_seconds(_accents(rises, duration)),
    )


def _seconds(times: Doubles) -> tuple[float, ...]:
    """Whole hundredths of a millisecond, rounded down so that none reaches the recording's end."""
    return tuple(float(np.floor(t * 1e5) / 1e5) for t in times)


def _rhythm(heard: Spectra, rises: Onsets, tempo: float | None) -> _Rhythm:
    pulse, reading = _heard_level(rises, tempo)
    start, end = audible_span(heard.mel, heard.mel_rate)
    span = (start, min(end, heard.duration))
    if reading is None:
        return _unheard(tempo, span)
    there = presence(rises, reading.beats, pulse.strength)
    beats, first = trim(reading.beats, reading.first, reading.metre, rises, span)
    if there < THERE_IS_A_BEAT or len(beats) < 4:
        return _unheard(tempo, span)
    beats = smooth(beats, rises)
    # A beat on the first sample may be placed a little before it.
    beats = np.where((beats < 0) & (beats > -0.05), 0.0, beats)
    early = int((beats < 0).sum())
    beats, first = beats[(beats >= 0) & (beats < heard.duration)], (first - early) % reading.metre
    bpm = _median_tempo(beats)
    certainty = reading.certainty if tempo is None else 1.0
    return _Rhythm(
        beats, beats[first :: reading.metre], bpm, there * certainty, _alternatives(bpm, reading.others), reading.metre
    )


def _heard_level(rises: Onsets, tempo: float | None) -> tuple[Pulse, Reading | None]:
    """The pulse and its likeliest reading; at the level of `tempo`, where one was typed."""
    pulse = find_pulse(rises, None)
    found = candidates(rises, pulse, RATIOS)
    reading = read(found, rises) if found else None
    if tempo is None:
        return pulse, reading
    level = at_level(reading.beats, tempo, TYPED) if reading else []
    if not level:
        pulse = find_pulse(rises, tempo)
        level = candidates(rises, pulse, (1.0,))
    return pulse, read(level, rises) if level else None


def _unheard(tempo: float | None, span: tuple[float, float]) -> _Rhythm:
    """No beat was found: none, or where a tempo was typed its even grid over what sounds."""
    none = _Rhythm(np.zeros(0), np.zeros(0), 0.0, 0.0, (), 4)
    if tempo is None:
        return none
    beats = np.arange(span[0], span[1], 60 / tempo)
    return replace(none, beats=beats, downbeats=beats[::4], tempo=float(tempo), alternatives=_alternatives(tempo, ()))


def _median_tempo(beats: Doubles) -> float:
    stride = max(1, min(8, len(beats) // 4))
    return float(60 * stride / np.median(beats[stride:] - beats[:-stride]))


def _alternatives(tempo: float, others: tuple[float, ...]) -> tuple[float, ...]:
    """Half and double tempo in the order the reading prefers them, then its next choice that is another pulse."""
    octaves = [t for t in (tempo / 2, tempo * 2) if 30 <= t <= 300]

    def rank(t: float) -> int:
        return next((i for i, o in enumerate(others) if abs(o / t - 1) < 0.05), len(others))

    octaves.sort(key=rank)
    further = [t for t in others if all(abs(t / o - 1) > 0.06 for o in (*octaves, tempo))][:1]
    return tuple(round(t, 3) for t in (*octaves, *further))


def _accents(rises: Onsets, duration: float) -> Doubles:
    """Times of the strong onsets, at least `ACCENT_GAP` apart, the stronger of two neighbours kept."""
    strength = rises.every
    reach = max(1, round(ACCENT_GAP * rises.rate / 2))
    padded = np.pad(strength, reach)
    highest = np.max([padded[i : i + len(strength)] for i in range(2 * reach + 1)], axis=0)
    peaks = np.flatnonzero((strength >= highest) & (strength > ACCENT) & (rises.bands.mean(axis=1) > 0.05))
    times = peaks / rises.rate - LATENCY
    kept: list[float] = []
    for time in times:
        if 0 <= time < duration and (not kept or time - kept[-1] >= ACCENT_GAP):
            kept.append(float(time))
    return np.array(kept)
