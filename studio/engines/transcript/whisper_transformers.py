"""What is said, in a hundred languages, by Whisper's published weights: large-v3-turbo or small."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, TranscriptEngine, Weights
from studio.engines.hearing.activity import RATE, VoiceActivity
from studio.engines.hearing.resampling import at_rate
from studio.engines.loading import torch_dtype
from studio.engines.transcript.passages import passages
from studio.engines.transcript.whisper_decoding import WINDOW_SECONDS, Heard, HeardWord, WhisperNetwork
from studio.errors import BadInput, LoadFailed
from studio.speech.timing import TimedWord

if TYPE_CHECKING:
    Hearing = Callable[[float, float], Heard]
    """What is heard from one time to another, at most 30 s later; words' times from the first."""

_CODES = (
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml "
    "cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am "
    "yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt ln ha ba su"
)
"""Those of Whisper's languages that have two letters."""

ON_CPU = 1
_EDGE = 0.2
"""Seconds heard around speech: a word's first sound is soft."""

SEAM_SECONDS = 1.0
"""What ends nearer than this to a window's end may be cut off: it is heard again in the next."""

_LEAST_STEP = 2.0
_MARKS = ' .,;:!?…"“”«»„()[]-–—。，、！？；：「」『』《》·'


class WhisperTransformers(TranscriptEngine):
    """Unsampled unless what is heard looks made up, and then with the same draws: the same sound says the same."""

    languages = tuple(_CODES.split())
    finds_language = True

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        self._place = "cpu" if rung >= ON_CPU else device
        # CPUs compute float32 fastest
        dtype = torch_dtype("float32" if self._place == "cpu" else weights.precision)
        (folder,) = weights.parts.values()
        self._loaded: WhisperNetwork | None = WhisperNetwork(folder, dtype)
        if "en" not in self._loaded.languages:
            raise LoadFailed(f"{folder} is a Whisper that does not know English")
        self._loaded.model.to(self._place)
        self._activity = VoiceActivity()

    def close(self) -> None:
        self._loaded = None

    def leave_device(self) -> bool:
        self._network.model.to("cpu")
        return True

    def enter_device(self) -> None:
        self._network.model.to(self._place)

    @property
    def _network(self) -> WhisperNetwork:
        if self._loaded is None:
            raise RuntimeError(f"{self.name} is closed")
        return self._loaded

    def transcribe(self, sound: Sound, language: str, cancel: CancelToken) -> Transcript:
        if language and (language not in self.languages or language not in self._network.languages):
            raise BadInput("language", language, ", ".join(self.languages))
        samples = at_rate(sound, RATE)
        spans = passages(self._activity.speech_spans(Sound(samples, RATE)))
        cancel.check()
        if not spans:
            return Transcript("", (), 0.0)
        language = language or self._found(samples, spans)

        def hear(start: float, end: float) -> Heard:
            return self._network.hear(samples[round(start * RATE) : round(end * RATE)], language, cancel)

        heard: list[Heard] = []
        for start, end in spans:
            cancel.check()
            around = (max(0.0, start - _EDGE), min(len(samples) / RATE, end + _EDGE))
            heard += stitched(hear, *around)
        return _transcript(heard, sound.seconds, language)

    def _found(self, samples: np.ndarray, spans: list[tuple[float, float]]) -> str:
        """The language of the longest passage's start."""
        start, end = max(spans, key=lambda span: span[1] - span[0])
        first = samples[round(start * RATE) : round(min(end, start + WINDOW_SECONDS) * RATE)]
        return self._network.language(self._network.encoded(first))


def stitched(hear: Hearing, start: float, end: float) -> Iterator[Heard]:
    """What is said from `start` to `end`, heard in windows; words' times from the sound's start. A word at a window's
    end may be cut off, so the next window begins where that one does, and only that one hears it."""
    at = start
    while at < end:
        stop = min(at + WINDOW_SECONDS, end)
        heard = hear(at, stop)
        words = heard.words
        following = stop
        if stop < end:
            cut = next((n for n, word in enumerate(words) if word.end > stop - at - SEAM_SECONDS), len(words))
            following = at + words[cut].start if cut < len(words) else stop - SEAM_SECONDS
            if following < at + _LEAST_STEP:  # no pause to be found: better a word cut off than one said twice
                cut, following = len(words), stop
            words = words[:cut]
        yield Heard(tuple(HeardWord(word.text, at + word.start, at + word.end) for word in words), heard.trust)
        at = following


def _transcript(heard: list[Heard], seconds: float, language: str) -> Transcript:
    said = [window for window in heard if window.words]
    words = tuple(
        TimedWord(text, min(word.start, seconds), min(word.end, seconds))
        for window in said
        for word in window.words
        if (text := word.text.strip(_MARKS))
    )
    if not words:
        return Transcript("", (), 0.0)
    text = " ".join("".join(word.text for word in window.words).strip() for window in said)
    weights = [max(0.1, window.words[-1].end - window.words[0].start) for window in said]
    trust = float(np.average([window.trust for window in said], weights=weights))
    return Transcript(text, words, min(1.0, trust), language)
