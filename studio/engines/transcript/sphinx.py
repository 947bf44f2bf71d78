"""What is said, in English, by PocketSphinx: small, quick, and weak: one word in five wrong on clear speech, most in
noise. For machines that lack the better recogniser; what it says is a draft, and its confidence says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, TranscriptEngine
from studio.engines.hearing.activity import RATE, VoiceActivity
from studio.engines.hearing.resampling import at_rate
from studio.engines.transcript.passages import passages
from studio.errors import BadInput
from studio.speech.timing import TimedWord

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_FRAME = 0.01
_EDGE = 0.2
_BOUNDS = {"maxhmmpf": 3000, "maxwpf": 20}
"""States and words it follows at a time: in noise it would follow ten times as many, and be no more right."""
_PEAK, _DITHER = 0.8, 1e-4


class SphinxTranscript(TranscriptEngine):
    """Stateless: each call has a decoder of its own; threads may share it."""

    languages = ("en",)

    def __init__(self, name: str = "sphinx", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self._activity = VoiceActivity()

    def transcribe(self, sound: Sound, language: str, cancel: CancelToken) -> Transcript:
        import pocketsphinx

        if language not in self.languages:
            raise BadInput("language", language, ", ".join(self.languages))
        samples = at_rate(sound, RATE)
        spans = self._activity.speech_spans(Sound(samples, RATE))
        decoder = pocketsphinx.Decoder(samprate=RATE, loglevel="FATAL", **_BOUNDS) if spans else None
        words: list[TimedWord] = []
        marks: list[float] = []
        for start, end in passages(spans):
            cancel.check()
            assert decoder is not None
            first = max(0, round((start - _EDGE) * RATE))
            decoder.start_utt()
            decoder.process_raw(_pcm(samples[first : round((end + _EDGE) * RATE)]), full_utt=True)
            decoder.end_utt()
            found = _words(decoder, first / RATE, sound.seconds)
            words += found
            marks += [_trust(decoder, len(found))] * len(found)
        return Transcript(" ".join(word.text for word in words), tuple(words), float(np.mean(marks)) if marks else 0.0)


def _words(decoder: Decoder, offset: float, seconds: float) -> list[TimedWord]:
    """The words of the last passage, which began at `offset` of a sound of so many seconds."""
    words: list[TimedWord] = []
    for segment in decoder.seg() or ():
        if segment.word.startswith(("<", "[", "+")):
            continue
        start, end = offset + segment.start_frame * _FRAME, offset + (segment.end_frame + 1) * _FRAME
        words.append(TimedWord(segment.word.partition("(")[0], min(max(start, 0.0), seconds), min(end, seconds)))
    return words


def _trust(decoder: Decoder, count: int) -> float:
    """The probability of the passage's path among all in its lattice, a word: .7 where all is right, .2 and less
    where half is wrong."""
    found = decoder.hyp()
    return float(np.clip(found.prob, 0, 1)) ** (1 / count) if found and count else 0.0


def _pcm(samples: np.ndarray) -> bytes:
    peak = float(np.max(np.abs(samples), initial=0.0)) or 1.0
    faint = np.random.default_rng(0).normal(0, _DITHER, len(samples))
    return (np.clip(samples * (_PEAK / peak) + faint, -1, 1) * 32767).astype("<i2").tobytes()
