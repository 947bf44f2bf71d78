"""From sound to what a song is."""

from __future__ import annotations

import numpy as np

from studio.cancellation import CancelToken
from studio.music.beats import beat_strength, follow, smooth
from studio.music.intensity import intensity_curve
from studio.music.moments import key_moments
from studio.music.onsets import onsets
from studio.music.song import SongAnalysis
from studio.music.spectrum import spectra
from studio.music.structure import bar_edges, describe, sections
from studio.music.tempo import find_pulse


def analyse_song(
    samples: np.ndarray, sample_rate: int, tempo: float | None = None, cancel: CancelToken | None = None
) -> SongAnalysis:
    token = cancel or CancelToken()
    sound = samples[:, None] if samples.ndim == 1 else samples
    heard = spectra(sound, sample_rate, token)
    rises = onsets(heard)
    pulse = find_pulse(rises, tempo)
    beats = smooth(follow(beat_strength(rises), pulse.periods, rises.rate), rises)
    duration = len(sound) / sample_rate
    beats = beats[(beats >= 0) & (beats < duration)]
    curve = intensity_curve(heard, rises.every)
    downbeats = beats[::4]
    bars = describe(heard, rises, bar_edges(downbeats, duration))
    parts = sections(bars, curve, len(downbeats) >= 4)
    return SongAnalysis(
        duration=duration,
        sample_rate=sample_rate,
        tempo=float(60 / np.median(np.diff(beats))) if len(beats) > 2 else 0.0,
        tempo_confidence=float(pulse.strength) if len(beats) > 2 else 0.0,
        tempo_alternatives=(),
        metre=4,
        beat_times=tuple(map(float, beats)),
        downbeat_times=tuple(map(float, downbeats)),
        intensity_curve=tuple((float(i), float(v)) for i, v in enumerate(curve)),
        key_moments=key_moments(duration, curve, parts, downbeats, beats),
        sections=parts,
        accents=(),
    )
