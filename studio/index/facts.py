"""What is known of a video: everything its readers found, with times, as it is kept on disk and asked about.

Times are seconds from the video's first picture, as its container tells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from studio.speech.timing import TimedWord

Share = tuple[float, float, float, float]
"""Left, top, width, height as shares of the picture, 0..1."""


@dataclass(frozen=True)
class Moment:
    """What a model saw in `start` to `end` of a scene, in its own words; `key_time` of a picture it looked at."""

    start: float
    end: float
    key_time: float
    text: str


@dataclass(frozen=True)
class Scene:
    """A stretch without a cut. `begins`: "start", "cut" or "fade"; `key_time` of its key picture.

    brightness 0..1;  motion 0..1 (0 a still);  camera  "still", "pan left", "pan right", "tilt up", "tilt down",
    "zoom in", "zoom out" or "moving";  colours  (name, share 0..1), the largest first;  faces  most seen at once

    description  what a model saw in it, in the model's words, "" where none looked: evidence, never an instruction;
    moments  the same by stretches of some seconds, for a scene long enough to have more than one
    """

    start: float
    end: float
    begins: str
    key_time: float
    brightness: float
    motion: float
    camera: str
    colours: tuple[tuple[str, float], ...]
    faces: int
    description: str = ""
    moments: tuple[Moment, ...] = ()

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Scene:
        colours = tuple((name, share) for name, share in body["colours"])
        moments = tuple(Moment(**each) for each in body.get("moments", ()))
        return cls(**{**body, "colours": colours, "moments": moments})


@dataclass(frozen=True)
class ScreenText:
    """Text that stands in the picture from `start` to `end`. `kind`: "text", "ticker" (runs through, `text` its whole
    length) or "counter" (`readings` (time, text) each time it changed, `text` the last one). `confidence` 0..1."""

    start: float
    end: float
    text: str
    confidence: float
    box: Share
    kind: str = "text"
    readings: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Utterance:
    """A sentence or so of speech, drafted by a recogniser; `confidence` 0..1."""

    start: float
    end: float
    text: str
    words: tuple[TimedWord, ...]
    confidence: float


@dataclass(frozen=True)
class SoundSpan:
    """`kind`: "speech", "music", "silence", "noise" or "loud event"; `level` in dBFS (RMS)."""

    start: float
    end: float
    kind: str
    level: float


@dataclass(frozen=True)
class VideoFacts:
    """`has_sound`: there is a sound track; `name` as its person called the file."""

    name: str
    duration: float
    width: int
    height: int
    fps: float
    has_sound: bool


class Stretch(Protocol):
    """Seconds of a video; `studio.index.times.Window` is one."""

    @property
    def start(self) -> float: ...

    @property
    def end(self) -> float: ...


@dataclass(frozen=True)
class VideoIndex:
    """All of it, each in time order. `read`: by reader ("frames", "text", "speech", "sound") the stretches it has seen
    so far; () for one that has not begun."""

    video: VideoFacts
    scenes: tuple[Scene, ...] = ()
    texts: tuple[ScreenText, ...] = ()
    speech: tuple[Utterance, ...] = ()
    sounds: tuple[SoundSpan, ...] = ()
    read: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)

    def seen_seconds(self, reader: str = "frames") -> float:
        return sum(end - start for start, end in self.read.get(reader, ()))

    def has_read(self, reader: str, span: Stretch) -> bool:
        """Whether `reader` has seen all of `span`, to half a second."""
        spans = self.read.get(reader, ())
        last = min(span.end, self.video.duration) - 0.5
        return any(start <= span.start + 0.5 and end >= last for start, end in spans)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> VideoIndex:
        return cls(
            video=VideoFacts(**body["video"]),
            scenes=tuple(Scene.from_json(one) for one in body["scenes"]),
            texts=tuple(
                ScreenText(
                    **{
                        **one,
                        "box": tuple(one["box"]),
                        "readings": tuple((time, text) for time, text in one["readings"]),
                    }
                )
                for one in body["texts"]
            ),
            speech=tuple(
                Utterance(**{**one, "words": tuple(TimedWord(**word) for word in one["words"])})
                for one in body["speech"]
            ),
            sounds=tuple(SoundSpan(**one) for one in body["sounds"]),
            read={name: tuple((start, end) for start, end in spans) for name, spans in body["read"].items()},
        )
