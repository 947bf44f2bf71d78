"""From what each frame of a sound is like to the spans of one kind, and the loud events over them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.ndimage import binary_closing, binary_opening, percentile_filter, uniform_filter1d

from studio.engines.hearing.activity import FRAME, RATE
from studio.index.facts import SoundSpan

KINDS = ("silence", "noise", "music", "speech")
_SILENCE, _NOISE, _MUSIC, _SPEECH = range(4)
SILENT = -55.0
"""dBFS: below what a room sounds like in a recording made to be heard."""
_STEP = FRAME / RATE
_STEADY, _BARE, _PULSED, _EVEN = 0.45, 0.08, 0.45, 3.0
"""Steadiness, mean of 3 s: speech stays below 0.4, monotone synthetic speech included; most music is above 0.6. Pulse:
chance stays below 0.2. Decibels between which a hiss stays from frame to frame, and beats don't."""
_SHORTEST = 10
"""Frames: a third of a second."""
_EVENT_ABOVE, _EVENT_LEVEL, _EVENT_RISE, _EVENT_LONGEST = 10.0, -35.0, 10.0, 1.5


@dataclass(frozen=True)
class Labels:
    """A row each for frames of 32 ms: level in dBFS, voice, steadiness and pulse 0..1."""

    level: np.ndarray
    voice: np.ndarray
    steady: np.ndarray
    pulse: np.ndarray


@dataclass(frozen=True)
class Kinds:
    """`kind` indices into KINDS, `event` bool, `level` dBFS, a value a frame."""

    kind: np.ndarray
    event: np.ndarray
    level: np.ndarray

    def part(self, begin: int, end: int) -> Kinds:
        return Kinds(self.kind[begin:end], self.event[begin:end], self.level[begin:end])


def label(frames: Labels) -> Kinds:
    """Each frame's kind depends on at most 4 s around it."""
    quiet = _bridged(_lasting(frames.level < SILENT, 0.4), 0.1)
    speech = _bridged(_lasting(frames.voice >= 0.5, 0.2), 0.7)
    loud = frames.level >= SILENT
    # Silence between the notes says nothing for or against music.
    heard = np.maximum(_mean(loud.astype(np.float32), 3.0), 1e-3)
    steady = _mean(frames.steady * loud, 3.0) / heard
    voiced = _mean(frames.voice, 3.0)
    music = (steady >= _STEADY) | ((frames.pulse >= _PULSED) & (voiced < 0.3))
    # Windows of seconds blur where it begins and ends; a second without tones and without beats is none of it.
    spread = np.sqrt(np.maximum(_mean(frames.level**2, 1.0) - _mean(frames.level, 1.0) ** 2, 0))
    bare = (_mean(frames.steady, 1.0) < _BARE) & ((frames.pulse < _PULSED) | (spread < _EVEN))
    music = _lasting(_bridged(music & ~quiet & ~bare, 1.5), 1.5)
    sung = music & (steady >= _STEADY + 0.2)
    kind = np.full(len(quiet), _NOISE)
    kind[music] = _MUSIC
    kind[speech & ~sung] = _SPEECH
    kind[quiet & ~(speech & ~sung)] = _SILENCE
    return Kinds(_settled(kind), _events(frames, speech, kind == _MUSIC), frames.level)


def _settled(kind: np.ndarray) -> np.ndarray:
    """What most of the half second around a frame is: shorter stretches are the edges of longer ones."""
    votes = np.stack([_mean((kind == each).astype(np.float32), 0.6) for each in range(len(KINDS))])
    settled = votes.argmax(axis=0)
    edges = np.flatnonzero(np.concatenate([[True], settled[1:] != settled[:-1], [True]]))
    for begin, end in pairwise(edges):
        if end - begin < _SHORTEST and (begin or end < len(settled)):
            settled[begin:end] = settled[begin - 1] if begin else settled[end]
    return settled


def _events(frames: Labels, speech: np.ndarray, music: np.ndarray) -> np.ndarray:
    """Frames of sounds that rise at once well above everything 3 s around them and are over soon."""
    level = frames.level
    width, gap = _frames(6.0), _frames(_EVENT_LONGEST)
    usual = np.maximum(percentile_filter(level, 85, width, mode="nearest"), -60.0)
    earlier = np.concatenate([np.full(3, level[0] if len(level) else 0.0), level])[: len(level)]
    starts = (level >= usual + _EVENT_ABOVE) & (level >= _EVENT_LEVEL) & (level >= earlier + _EVENT_RISE)
    # a word in silence is a word
    starts &= ~(speech & (usual < -45)) & ~(speech & (level < usual + 1.5 * _EVENT_ABOVE))
    # a drum that comes again and again is music
    starts &= ~(music & (level < percentile_filter(level, 97, width, mode="nearest") + _EVENT_ABOVE))
    found = np.zeros(len(level), bool)
    for start in np.flatnonzero(starts):
        peak = level[start : start + 4].max()
        above = level[start : start + gap + 2] >= max(peak - 20, usual[start] + 3)
        length = int(np.argmin(above)) if not above.all() else len(above)
        if length <= gap:
            found[start : start + max(length, 2)] = True
    return found


class SpanWriter:
    """Runs of equal kinds into spans. Holds the two that are open: of the kinds and of the events."""

    def __init__(self, state: Mapping[str, Any] | None) -> None:
        body = state or {}
        self._open: dict[str, list[Any]] = {name: list(row) for name, row in body.get("open", {}).items()}

    def state(self) -> dict[str, Any]:
        return {"open": {name: list(row) for name, row in self._open.items()}}

    def add(self, kinds: Kinds, first: int) -> list[SoundSpan]:
        """`kinds` from frame `first` on; the spans that ended."""
        names = np.array(KINDS)[kinds.kind]
        events = np.where(kinds.event, "loud event", "")
        beneath = np.where(kinds.event & (kinds.kind == _SILENCE), SILENT, kinds.level)
        return self._row("kind", names, beneath, first) + self._row("event", events, kinds.level, first)

    def finish(self, seconds: float) -> list[SoundSpan]:
        """What is open, up to the sound's end: its last frame may have been filled up."""
        spans = [replace(span, end=min(span.end, round(seconds, 3))) for span in self.preview()]
        self._open = {}
        return spans

    def preview(self) -> tuple[SoundSpan, ...]:
        return tuple(_span(*row) for row in self._open.values() if row[0])

    def _row(self, row: str, names: np.ndarray, level: np.ndarray, first: int) -> list[SoundSpan]:
        """An open span is its kind, first frame, end and sum of power."""
        ended = []
        edges = np.flatnonzero(np.concatenate([[True], names[1:] != names[:-1], [True]]))
        for begin, end in pairwise(edges):
            power = float(np.sum(10 ** (level[begin:end] / 10)))
            name, have = str(names[begin]), self._open.get(row)
            if have and have[0] == name:
                self._open[row] = [name, have[1], int(first + end), have[3] + power]
                continue
            if have and have[0]:
                ended.append(_span(*have))
            self._open[row] = [name, int(first + begin), int(first + end), power]
        return ended


def _span(kind: str, begin: int, end: int, power: float) -> SoundSpan:
    level = 10 * np.log10(max(power / max(1, end - begin), 1e-10))
    return SoundSpan(round(begin * _STEP, 3), round(end * _STEP, 3), kind, round(float(level), 1))


def _frames(seconds: float) -> int:
    return round(seconds / _STEP) | 1


def _mean(values: np.ndarray, seconds: float) -> np.ndarray:
    return uniform_filter1d(values.astype(np.float32), _frames(seconds), mode="nearest")


def _lasting(mask: np.ndarray, seconds: float) -> np.ndarray:
    """Without stretches shorter than `seconds`; those at an end may go on beyond it."""
    width = _frames(seconds)
    padded = np.pad(mask, width, mode="edge")
    return binary_opening(padded, np.ones(width, bool))[width:-width]


def _bridged(mask: np.ndarray, seconds: float) -> np.ndarray:
    width = _frames(seconds)
    padded = np.pad(mask, width)
    return binary_closing(padded, np.ones(width, bool))[width:-width]
