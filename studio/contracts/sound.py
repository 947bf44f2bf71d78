"""What engines that hear and speak promise, and those that move lips to it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from studio.cancellation import CancelToken
from studio.contracts.engine import Engine
from studio.contracts.footage import unheard

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts.sound import Sound
    from studio.speech.timing import TimedPhoneme, TimedWord


# ---- sound ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sound:
    """Mono. `samples` (n,) float32 in -1..1; `sample_rate` in Hz."""

    samples: np.ndarray
    sample_rate: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


# ---- transcript: what is said in a sound ------------------------------------------------------------------


@dataclass(frozen=True)
class Transcript:
    """`words` in time order; `confidence` 0..1, how far the engine trusts itself; `language` that was heard, "" where
    nothing was or the engine knows one only."""

    text: str
    words: tuple[TimedWord, ...]
    confidence: float
    language: str = ""


class TranscriptEngine(Engine):
    task = "transcript"
    languages: ClassVar[tuple[str, ...]]
    """Two-letter codes it understands."""

    finds_language: ClassVar[bool] = False
    """Whether it may be asked for the language "": then it finds out by itself."""

    @abstractmethod
    def transcribe(self, sound: Sound, language: str, cancel: CancelToken) -> Transcript:
        """An empty transcript where nothing is said. Raises BadInput for a language it doesn't know, Cancelled."""


# ---- speech: a sentence, said -----------------------------------------------------------------------------


@dataclass(frozen=True)
class VoiceReference:
    """Whom to sound like: at least 3 s of clean speech, its language (two letters) and, where known, its words.

    cache  a folder in which an engine may keep what it made of it, made when first needed; None where nothing is kept
    """

    sound: Sound
    language: str
    transcript: str = ""
    cache: Path | None = None


@dataclass(frozen=True)
class SpeechRequest:
    """One sentence, as studio.speech.sentences cuts a text.

    language  two letters;  voice  whom to sound like, None for the engine's own voice;  speed  a factor, 0.5..2;
    pitch  semitones, -12..12, after the voice was matched;  options  an engine's own, such as {"speaker": "3"}
    """

    text: str
    language: str = "en"
    voice: VoiceReference | None = None
    speed: float = 1.0
    pitch: float = 0.0
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Speech:
    """What was said. `words` and `phonemes` are () where the engine doesn't know its times. `voice` says for a person
    whose voice is heard and how it came about; `kind`: "own" voice, "matched" or "cloned" to the reference."""

    sound: Sound
    words: tuple[TimedWord, ...]
    phonemes: tuple[TimedPhoneme, ...]
    voice: str
    kind: str = "own"


class SpeechEngine(Engine):
    task = "speech"
    languages: ClassVar[tuple[str, ...]]
    """Two-letter codes it speaks."""

    @abstractmethod
    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Speech:
        """Same request, same sound; never empty, silent or far longer than its text.

        Raises BadInput for a language it doesn't speak or a text without a word; EngineUnavailable when what it relies
        on has gone; OutOfMemory, Cancelled.
        """

    def prepare(self, voice: VoiceReference, language: str, cancel: CancelToken) -> None:
        """Makes what speaking as `voice` needs and keeps it in `voice.cache`, so that its first sentence comes soon.
        Raises BadInput for a language it doesn't speak, Cancelled."""

    def speakers(self) -> tuple[tuple[str, str], ...]:
        """(id, name) of the fixed voices that options["speaker"] may name; () where there is none to choose."""
        return ()


# ---- lip_sync: a face that says it ------------------------------------------------------------------------


Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True)
class LipSyncRequest:
    """A face and the sound it is to say, for `frame_count` frames at `fps`, from `first_frame` on: those before it are
    finished already.

    picture    (H, W, 3), or (H, W, 4) with straight alpha; a face video's first frame
    frames     the face video from its first frame, at `fps`, each shaped as `picture`; None for a photo. One shorter
               than the sound is played there and back
    face       the chosen face's box in `picture`; None where there is none to find, then `mouth` says where it speaks
    mouth      the mouth's box in `picture`, as a person placed it; it goes before a found one
    phonemes   () where they aren't known: the sound's loudness must do
    speaking   (frame_count,) 0..1: whether a voice is heard; the mouth is closed at 0
    motion     0..1: how much a still photo blinks, breathes and moves its head
    notify     told in words where an engine leaves frames as they are
    """

    picture: np.ndarray
    sound: Sound
    fps: Fraction
    frame_count: int
    speaking: np.ndarray
    phonemes: tuple[TimedPhoneme, ...] = ()
    frames: Callable[[], Iterator[np.ndarray]] | None = None
    face: Box | None = None
    mouth: Box | None = None
    motion: float = 1.0
    first_frame: int = 0
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    notify: Callable[[str], None] = unheard


class LipSyncEngine(Engine):
    task = "lip_sync"

    @abstractmethod
    def animate(self, request: LipSyncRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Yields exactly `frame_count - first_frame` frames shaped as `picture`, one at a time; memory does not grow
        with their number. Each depends on its number alone, wherever the first one is. Raises BadInput where it finds
        neither face nor mouth; OutOfMemory, Cancelled."""
