"""espeak-ng through ctypes: speech in the languages that have no better voice here, phonemes for one that has.

The C library is one global state machine: every call goes through `Espeak`, which takes turns.
Constants and structures are those of espeak-ng 1.52's speak_lib.h.
"""

from __future__ import annotations

import _ctypes
import ctypes
import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound
from studio.engines.speech.voice import Said, tidy
from studio.errors import EngineUnavailable, StudioError
from studio.speech.ipa import plain_phoneme
from studio.speech.timing import TimedPhoneme, TimedWord

SYNCHRONOUS = 2
PHONEME_EVENTS, PHONEME_IPA, DONT_EXIT = 0x0001, 0x0002, 0x8000
UTF8 = 1
EVENT_END, EVENT_WORD, EVENT_PHONEME = 0, 1, 7
RATE, VOLUME, PITCH, RANGE = 1, 2, 3, 4
POSITION_CHARACTER = 1

WORDS_A_MINUTE = 165
"""espeak-ng's own 175 sounds hurried beside the trained voices; 165 meets their pace of 14 to 15 phonemes a second."""


@dataclass(frozen=True)
class Manner:
    """How to say it: `pitch` and `range` 0..99 in espeak-ng's own scale (50 is its usual), `speed` a factor."""

    voice: str
    pitch: int = 50
    range: int = 60
    speed: float = 1.0


class _EventId(ctypes.Union):
    _fields_: ClassVar = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_: ClassVar = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Library:
    """The library, loaded afresh. Its sample rate in Hz."""

    def __init__(self) -> None:
        import espeakng_loader

        try:
            self.c: Any = ctypes.CDLL(espeakng_loader.get_library_path())
            self.c.espeak_TextToPhonemes.restype = ctypes.c_char_p
            options = PHONEME_EVENTS | PHONEME_IPA | DONT_EXIT
            self.rate = int(self.c.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), options))
        except (OSError, AttributeError) as error:
            raise EngineUnavailable("espeak-ng", f"its library does not load ({error})") from error
        if self.rate <= 0:
            raise EngineUnavailable("espeak-ng", "its data folder is missing or damaged", "reinstall espeakng-loader")

    def close(self) -> None:
        self.c.espeak_Terminate()
        release = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary")  # noqa: B009 - by platform
        release(self.c._handle)


@functools.cache
def _turn() -> threading.Lock:
    """One for the process, as is the library's state."""
    return threading.Lock()


class Espeak:
    """Thread-safe: any number of these take turns."""

    def say(self, text: str, manner: Manner, cancel: CancelToken) -> Said:
        """`text` as sound at the library's rate (22,050 Hz). Raises EngineUnavailable, Cancelled."""
        recording = _Recording(text, cancel)
        heard = _Callback(recording.hear)
        with self._library(manner.voice) as library:
            library.c.espeak_SetSynthCallback(heard)
            for parameter, value in (
                (RATE, round(WORDS_A_MINUTE * manner.speed)),
                (PITCH, manner.pitch),
                (RANGE, manner.range),
                (VOLUME, 90),
            ):
                library.c.espeak_SetParameter(parameter, value, 0)
            data = text.encode("utf-8") + b"\0"
            library.c.espeak_ng_SetRandSeed(1)  # breathy voices are partly noise: the same words, the same sound
            failed = library.c.espeak_Synth(data, len(data), 0, POSITION_CHARACTER, 0, UTF8, None, None)
            library.c.espeak_Synchronize()
            rate = library.rate
        cancel.check()
        if failed:
            raise StudioError(f"espeak-ng could not say the text (its error {failed})")
        return recording.finished(rate)

    def phonemes(self, clause: str, voice: str) -> str:
        """The IPA of a clause, stress marks included, words parted by spaces."""
        parts = []
        with self._library(voice) as library:
            data = ctypes.c_char_p(clause.encode("utf-8"))
            pointer = ctypes.cast(data, ctypes.c_void_p)
            while pointer.value:
                said = library.c.espeak_TextToPhonemes(ctypes.byref(pointer), UTF8, PHONEME_IPA)
                parts.append((said or b"").decode("utf-8", "replace").strip())
        return " ".join(part for part in parts if part)

    @contextmanager
    def _library(self, voice: str) -> Iterator[_Library]:
        """Loaded and unloaded each time, 5 ms: phases and tables that it carries from one text to the next would make
        the same text another sound."""
        with _turn():
            library = _Library()
            try:
                if library.c.espeak_SetVoiceByName(voice.encode("ascii")):
                    raise EngineUnavailable("espeak-ng", f"its voice {voice} is missing", "reinstall espeakng-loader")
                yield library
            finally:
                library.close()


class _Recording:
    """What the library calls back with: samples, and events counted in milliseconds."""

    def __init__(self, text: str, cancel: CancelToken) -> None:
        self._text, self._cancel = text, cancel
        self._parts: list[np.ndarray] = []
        self._words: list[tuple[float, int, int]] = []
        self._phonemes: list[tuple[float, str]] = []

    def hear(self, samples: Any, count: int, events: Any) -> int:
        """0 to go on, 1 to stop."""
        if samples and count > 0:
            self._parts.append(np.ctypeslib.as_array(samples, (count,)).copy())
        i = 0
        while events[i].type != EVENT_END:
            event = events[i]
            seconds = event.audio_position / 1000.0
            if event.type == EVENT_WORD:
                self._words.append((seconds, event.text_position - 1, event.length))
            elif event.type == EVENT_PHONEME:
                self._phonemes.append((seconds, event.id.string.decode("utf-8", "replace")))
            i += 1
        return int(self._cancel.cancelled)

    def finished(self, rate: int) -> Said:
        samples = np.concatenate(self._parts) if self._parts else np.zeros(0, np.int16)
        sound = Sound((samples.astype(np.float32) / 32768.0), rate)
        phonemes = self._timed_phonemes(sound.seconds)
        return Said(sound, self._timed_words(phonemes, sound.seconds), phonemes)

    def _timed_phonemes(self, end: float) -> tuple[TimedPhoneme, ...]:
        starts = [(min(start, end), plain_phoneme(symbol)) for start, symbol in self._phonemes]
        ends = [start for start, _ in starts[1:]] + [end]
        timed = [TimedPhoneme(symbol, start, stop) for (start, symbol), stop in zip(starts, ends, strict=True)]
        return tidy(timed)

    def _timed_words(self, phonemes: tuple[TimedPhoneme, ...], end: float) -> tuple[TimedWord, ...]:
        """A word lasts until the next one or the silence before it."""
        words = []
        for i, (start, position, length) in enumerate(self._words):
            text = self._text[position : position + length].strip()
            follower = self._words[i + 1][0] if i + 1 < len(self._words) else end
            spoken = [p.end for p in phonemes if p.symbol and start - 0.001 <= p.start < follower]
            if text and spoken:
                words.append(TimedWord(text, start, min(max(spoken), follower)))
        return tuple(words)
