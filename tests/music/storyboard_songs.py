"""Analyses made up for storyboards: only the fields that direct pictures matter."""

from __future__ import annotations

from studio.music.song import KeyMoment, Section, SongAnalysis

DIRECTED = (
    (0.0, "opening", 0.15), (12.0, "first beat", 0.45), (31.0, "build", 0.6), (44.0, "drop", 0.95), (70.0,
    "breakdown", 0.2),
    (101.0, "climax", 1.0), (118.0, "ending", 0.25),
)  # fmt: skip


def analysis(moments: tuple[tuple[float, str, float], ...] = DIRECTED) -> SongAnalysis:
    key = tuple(KeyMoment(*moment) for moment in moments)
    curve = tuple((float(t), 0.5) for t in range(120))
    return SongAnalysis(120.0, 44100, 120.0, 0.9, (), 4, (), (), curve, key, (Section(0.0, 120.0, "song"),), ())
