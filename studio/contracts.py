"""What every engine of a task promises. One abstract class a task; engines/ holds the implementations.

Pictures are sRGB uint8 arrays, (height, width, 3) or (height, width, 4) with straight alpha. Engines are made and
closed by the model manager alone; each call gets a `CancelToken` and checks it between frames or steps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from studio.cancellation import CancelToken

if TYPE_CHECKING:
    import numpy as np

    from studio.music.shots import Shot, Style
    from studio.speech.timing import TimedPhoneme, TimedWord

Progress = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""


@dataclass(frozen=True)
class Size:
    """Pixels. Both even: H.264 in 4:2:0 can't carry odd ones."""

    width: int
    height: int


class Engine(ABC):
    """Made by the registry for one device and rung, warmed up, leased, closed.

    `rung` counts from 0 (best) to the card's last; each lower rung needs less memory for the same request.
    """

    task: ClassVar[str]

    def __init__(self, name: str, device: str, rung: int = 0) -> None:
        self.name, self.device, self.rung = name, device, rung

    def warm_up(self) -> None:  # noqa: B027 - most embedded engines have nothing to warm
        """Run once after loading, before the engine may serve."""

    def reset(self) -> None:  # noqa: B027 - an engine that keeps nothing has nothing to undo
        """Undo what a lease may have left (an adapter, a voice, a prompt). Called after each lease of an engine that
        serves one lease at a time; raising says that it can't, and the engine is not used again."""

    def residue(self) -> str:
        """What `reset` could not undo, in words; "" when the engine is as freshly loaded. Else it isn't used again."""
        return ""

    def close(self) -> None:  # noqa: B027 - most embedded engines hold nothing
        """Give back everything held; the object is not used again."""

    def leave_device(self) -> bool:
        """Move the weights to RAM, giving back all device memory. False where that isn't offered; then it is closed."""
        return False

    def enter_device(self) -> None:  # noqa: B027 - only called after leave_device returned True
        """Move the weights back from RAM to the device."""


# ---- cutout: a picture's subject, freed from its background -----------------------------------------------


@dataclass(frozen=True)
class Cutout:
    """`picture` (h, w, 4), cropped to the subject. `confidence` 0..1: below 0.5 the edge is a guess and a
    user of it should frame the picture instead of pasting the cut. `place`: left and top of the crop, in pixels of
    the picture it was cut from."""

    picture: np.ndarray
    confidence: float
    place: tuple[int, int] = (0, 0)


class CutoutEngine(Engine):
    task = "cutout"

    @abstractmethod
    def cut_out(self, picture: np.ndarray, cancel: CancelToken) -> Cutout:
        """`picture` (h, w, 3) or (h, w, 4), any size from 16 pixels; an alpha that is there is kept."""


# ---- image: one keyframe ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """One plane of a painted picture. `picture` (H + 2 margin, W + 2 margin, 4); `depth` 0 far .. 1 near."""

    picture: np.ndarray
    depth: float


@dataclass(frozen=True)
class Keyframe:
    """A drawn moment. `image` (H, W, 3) is what is shown. `layers`, back to front, first one opaque, composed and
    finished give `image`; () when the engine paints flat. `margin`: pixels by which layers overhang each side."""

    image: np.ndarray
    layers: tuple[Layer, ...] = ()
    margin: int = 0


@dataclass(frozen=True)
class PaintRequest:
    """`characters`: the cut-outs named by `shot.characters`, in that order."""

    shot: Shot
    style: Style
    size: Size
    seed: int
    characters: tuple[Cutout, ...] = ()
    negative_prompt: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


class ImageEngine(Engine):
    task = "image"

    @abstractmethod
    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        """Same request, same picture. Raises OutOfMemory, Cancelled."""


# ---- video: from one keyframe to the next -----------------------------------------------------------------


@dataclass(frozen=True)
class Pulse:
    """What the music does in each frame of a segment; arrays of shape (frame_count,), values 0..1.

    intensity  loudness, smoothed;  beat  1 on a beat, decaying to 0;  accent  the same on strong onsets
    """

    intensity: np.ndarray
    beat: np.ndarray
    accent: np.ndarray


@dataclass(frozen=True)
class View:
    """Another picture of a segment's stretch of the film. `load` reads it when its turn comes, so that a long segment
    needs no more memory than a short one."""

    shot: Shot
    load: Callable[[], Keyframe]


@dataclass(frozen=True)
class SegmentRequest:
    """Frames `first_frame` .. `first_frame + frame_count - 1` of the film.

    start, end   the keyframes it leaves from and lands on: its last frame is `end.image`
    shots        the storyboard's shots of both keyframes
    cuts         frames, counted from the segment's first, on which a new camera shot begins (0 not included)
    views        more pictures to cut to between the two ends, in the order to be shown; () where the ends suffice
    """

    index: int
    start: Keyframe
    end: Keyframe
    shots: tuple[Shot, Shot]
    style: Style
    size: Size
    fps: Fraction
    first_frame: int
    frame_count: int
    cuts: tuple[int, ...]
    pulse: Pulse
    seed: int
    views: tuple[View, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


class VideoEngine(Engine):
    task = "video"

    @abstractmethod
    def animate(self, request: SegmentRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Yields exactly `frame_count` frames (H, W, 3), one at a time; memory does not grow with their number."""


# ---- inpaint: what is missing, filled ---------------------------------------------------------------------


class InpaintEngine(Engine):
    task = "inpaint"

    @abstractmethod
    def repair(self, picture: np.ndarray, mask: np.ndarray, cancel: CancelToken) -> np.ndarray:
        """`picture` (h, w, 3) with `mask` (h, w) bool filled from what surrounds it. Pixels outside the mask come back
        untouched; same input, same output. Raises OutOfMemory, Cancelled."""


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
    """`words` in time order; `confidence` 0..1, how far the engine trusts itself."""

    text: str
    words: tuple[TimedWord, ...]
    confidence: float


class TranscriptEngine(Engine):
    task = "transcript"
    languages: ClassVar[tuple[str, ...]]
    """Two-letter codes it understands."""

    @abstractmethod
    def transcribe(self, sound: Sound, language: str, cancel: CancelToken) -> Transcript:
        """An empty transcript where nothing is said. Raises BadInput for a language it doesn't know, Cancelled."""


# ---- speech: a sentence, said -----------------------------------------------------------------------------


@dataclass(frozen=True)
class VoiceReference:
    """Whom to sound like: at least 3 s of clean speech, its language (two letters) and, where known, its words."""

    sound: Sound
    language: str
    transcript: str = ""


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


class LipSyncEngine(Engine):
    task = "lip_sync"

    @abstractmethod
    def animate(self, request: LipSyncRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Yields exactly `frame_count - first_frame` frames shaped as `picture`, one at a time; memory does not grow
        with their number. Each depends on its number alone, wherever the first one is. Raises BadInput where it finds
        neither face nor mouth; OutOfMemory, Cancelled."""
