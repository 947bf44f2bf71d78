"""What kind of sound is heard when: speech, music, silence, noise, and sudden loud events.

Speech is what the voice activity network says. Music is told from noise by tones that stand still and by a pulse that
goes on: both from what is written down for music of every kind, not from samples of it (after Scheirer and Slaney,
"Construction and Evaluation of a Robust Multifeature Speech/Music Discriminator", 1997). Every decision looks at most
4 s around itself, so that a sound of any length is heard in pieces.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound
from studio.engines.hearing.activity import FRAME, RATE, VoiceActivity
from studio.engines.hearing.kinds_features import FLOOR, TRANSFORM, levels, onsets, pulse, spectra, steadiness
from studio.engines.hearing.kinds_spans import Labels, SpanWriter, label
from studio.engines.hearing.resampling import at_rate
from studio.index.facts import SoundSpan

_AROUND = round(4.0 * RATE / FRAME)
"""Frames on both sides that a decision may depend on."""
_LEAD = RATE
"""Samples before a piece that the networks and spectra hear first: a second."""
_PULSE, _PULSE_STEP = round(6.0 * RATE / FRAME), 16


@dataclass(frozen=True)
class SoundReading:
    """What a piece brought. `spans` that ended, in order of their ends, each handed out once; `open_spans` as known so
    far; `until`: seconds decided; `state` is JSON of some hundred kilobytes at most, to go on behind this piece."""

    spans: tuple[SoundSpan, ...]
    open_spans: tuple[SoundSpan, ...]
    until: float
    state: Mapping[str, Any]


class SoundKinds:
    """Holds the voice activity network; what was heard of a sound lives in the readings' state."""

    def __init__(self, activity: VoiceActivity | None = None) -> None:
        self._activity = activity or VoiceActivity()

    def read(
        self, pieces: Iterable[Sound], cancel: CancelToken, state: Mapping[str, Any] | None = None
    ) -> Iterator[SoundReading]:
        """`pieces` follow each other without a gap, best 10 to 30 s each, at any one rate; with `state`, from the first
        one behind it. One reading a piece and a last one that leaves no span open. Spans of speech, music, silence and
        noise cover the sound and don't overlap; loud events lie over them. Raises BadInput for what is no sound."""
        hearing = _Hearing(self._activity, state)
        for piece in pieces:
            cancel.check()
            yield hearing.hear(at_rate(piece, RATE))
        yield hearing.finish()

    def spans(self, sound: Sound) -> tuple[SoundSpan, ...]:
        """Of a whole sound, in order of their starts."""
        step = 20 * sound.sample_rate
        parts = [
            Sound(sound.samples[first : first + step], sound.sample_rate)
            for first in range(0, len(sound.samples), step)
        ]
        found = [span for reading in self.read(parts, CancelToken()) for span in reading.spans]
        return tuple(sorted(found, key=lambda span: (span.start, span.end)))


class _Hearing:
    """`_tracks` (4, n): level, voice, steadiness and onsets of the frames not yet forgotten, the first of which is
    frame `_first` of the sound; `_decided`: frames whose kind is settled; `_rest`: samples of an unfinished frame,
    behind the `_lead` that was heard already."""

    def __init__(self, activity: VoiceActivity, state: Mapping[str, Any] | None) -> None:
        self._activity = activity
        body = state or {}
        self._lead = np.array(body.get("lead", []), np.float32) / 32767
        self._rest = np.array(body.get("rest", []), np.float32) / 32767
        self._tracks = np.array(body.get("tracks", [[]] * 4), np.float32)
        self._first, self._decided = int(body.get("first", 0)), int(body.get("decided", 0))
        self._writer = SpanWriter(body.get("spans"))
        self._missing = 0

    def hear(self, samples: np.ndarray) -> SoundReading:
        # In steps of a 16-bit file, as they are written down, so that going on from a state makes no difference.
        samples = np.round(np.clip(samples, -1, 1) * 32767) / np.float32(32767)
        samples = np.concatenate([self._rest, samples.astype(np.float32)])
        whole = len(samples) // FRAME * FRAME
        if whole:
            self._measure(samples[:whole])
        self._rest = samples[whole:]
        return self._decide(self._first + self._tracks.shape[1] - _AROUND, last=False)

    def finish(self) -> SoundReading:
        self._missing = -len(self._rest) % FRAME
        if len(self._rest):
            self._measure(np.pad(self._rest, (0, self._missing)))
            self._rest = self._rest[:0]
        return self._decide(self._first + self._tracks.shape[1], last=True)

    def _measure(self, samples: np.ndarray) -> None:
        lead = np.concatenate([np.zeros(max(0, _LEAD - len(self._lead)), np.float32), self._lead])[-_LEAD:]
        heard = np.concatenate([lead, samples])
        before = len(lead) // FRAME
        count = len(samples) // FRAME
        # the lead is no whole number of frames: frames are counted from where the new samples begin
        voice = self._activity.probabilities(Sound(heard[len(lead) - before * FRAME :], RATE))[-count:]
        power = spectra(heard[len(lead) - before * FRAME :])[-(count + before) + (TRANSFORM // FRAME - 1) :]
        new = np.stack([levels(samples), voice, steadiness(power)[-count:], onsets(power)[-count:]])
        self._tracks = np.hstack([self._tracks, np.round(new, 4).astype(np.float32)])
        self._lead = heard[-_LEAD:]

    def _decide(self, until: int, last: bool) -> SoundReading:
        until = max(until, self._decided)
        spans: list[SoundSpan] = []
        if until > self._decided:
            kinds = label(self._labels())
            spans = self._writer.add(kinds.part(self._decided - self._first, until - self._first), self._decided)
            self._decided = until
        forgotten = max(0, self._decided - _AROUND - self._first)
        self._tracks, self._first = self._tracks[:, forgotten:], self._first + forgotten
        if last:
            spans += self._writer.finish((self._decided * FRAME - self._missing) / RATE)
        return SoundReading(tuple(spans), self._writer.preview(), self._decided * FRAME / RATE, self._state())

    def _labels(self) -> Labels:
        level, voice, steady, rises = self._tracks
        return Labels(np.maximum(level, FLOOR), voice, steady, _pulses(rises, self._first))

    def _state(self) -> dict[str, Any]:
        return {
            "lead": np.round(self._lead * 32767).astype(int).tolist(),
            "rest": np.round(self._rest * 32767).astype(int).tolist(),
            "tracks": np.round(self._tracks.astype(np.float64), 4).tolist(),
            "first": self._first,
            "decided": self._decided,
            "spans": self._writer.state(),
        }


def _pulses(rises: np.ndarray, first: int) -> np.ndarray:
    """(n,) 0..1: how regular the onsets are in the 6 s around each frame, measured every half second."""
    found = np.zeros(len(rises), np.float32)
    begin = -first % _PULSE_STEP
    for centre in range(begin, len(rises), _PULSE_STEP):
        stretch = rises[max(0, centre - _PULSE // 2) : centre + _PULSE // 2]
        found[centre : centre + _PULSE_STEP] = pulse(stretch)
    return found
