"""What a song is to the studio: the result of the analysis, and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class KeyMoment:
    """A moment worth a keyframe. `timestamp` seconds; `intensity` 0..1; `description` a director's words."""

    timestamp: float
    description: str
    intensity: float


@dataclass(frozen=True)
class Section:
    """A stretch of the song, `start` <= t < `end` in seconds. `label` such as intro, verse, build, drop, outro."""

    start: float
    end: float
    label: str


@dataclass(frozen=True)
class SongAnalysis:
    """Everything the studio knows of a song. Times in seconds from its first sample, ascending.

    tempo                beats per minute; 0 when no beat was found
    tempo_confidence     0..1; near 0 when no beat was found
    tempo_alternatives   other metrical levels worth offering (half, double, ...), best first
    metre                beats in a bar
    intensity_curve      (timestamp, value 0..1), one a second from 0 while timestamp < duration
    key_moments          exactly seven, ascending in time
    sections             cover 0..duration without gaps
    accents              strong onsets
    """

    duration: float
    sample_rate: int
    tempo: float
    tempo_confidence: float
    tempo_alternatives: tuple[float, ...]
    metre: int
    beat_times: tuple[float, ...]
    downbeat_times: tuple[float, ...]
    intensity_curve: tuple[tuple[float, float], ...]
    key_moments: tuple[KeyMoment, ...]
    sections: tuple[Section, ...]
    accents: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["intensity_curve"] = [{"timestamp": t, "value": v} for t, v in self.intensity_curve]
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> SongAnalysis:
        return cls(
            duration=float(body["duration"]),
            sample_rate=int(body["sample_rate"]),
            tempo=float(body["tempo"]),
            tempo_confidence=float(body["tempo_confidence"]),
            tempo_alternatives=tuple(body["tempo_alternatives"]),
            metre=int(body["metre"]),
            beat_times=tuple(body["beat_times"]),
            downbeat_times=tuple(body["downbeat_times"]),
            intensity_curve=tuple((p["timestamp"], p["value"]) for p in body["intensity_curve"]),
            key_moments=tuple(KeyMoment(**m) for m in body["key_moments"]),
            sections=tuple(Section(**s) for s in body["sections"]),
            accents=tuple(body["accents"]),
        )
