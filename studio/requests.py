"""What a person asks for, checked for sense before anything is touched. Files are checked by media/ at admission."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from studio.checks import NAME, check_choice, check_engine_names, check_integer, check_number, check_options
from studio.errors import BadInput

FILE_FIELDS = ("audio", "captions", "photo", "reference", "background_picture")
FILE_LIST_FIELDS = ("characters", "videos")
"""The fields of all requests that name files, by which an imported project is led to its own."""
GOALS = ("song", "storyboard", "film")
VISUALIZERS = ("", "spectrum", "waveform")
MESSAGE_GOALS = ("photo", "speech", "message")
LANGUAGES = ("en", "zh", "ja", "ko", "de", "fr", "ru", "pt", "es", "it")
"""The ten that Qwen3-TTS speaks."""
BACKGROUNDS = ("keep", "blur", "transparent", "picture")
MOST_REFERENCES = 10
MOST_VIDEOS = 8
TITLE_CHARACTERS = 120
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SPECIAL = ("audio", "project", "characters", "shots", "captions")


@dataclass(frozen=True)
class MusicVideoRequest:
    """A music video: `audio` and `characters` are files, `project` the folder everything is left in.

    width, height  pixels, even, 128..1920;  fps  frames a second, 8..60;  tempo  beats per minute, 20..400, or None
    to find it;  engines  {task: engine name}, empty for the defaults;  substitutes  whether another engine may stand
    in, with a notice, for one that can't run
    goal           how far to go, one of GOALS: "song" listens, "storyboard" draws the keyframes too
    shots          shots the person has settled, as `music.board` writes them; the others are the storyboard's own
    options        {task: {option: value}} for the engines, JSON-ready; what there is depends on the engine
    captions       an .lrc or .srt file;  title, artist  for a title card, none without;  visualizer  of VISUALIZERS
    """

    kind: ClassVar[str] = "music_video"

    audio: Path
    characters: tuple[Path, ...]
    project: Path
    prompt: str = ""
    style: str = ""
    seed: int = 0
    width: int = 512
    height: int = 512
    fps: int = 24
    tempo: float | None = None
    engines: Mapping[str, str] = field(default_factory=dict)
    substitutes: bool = True
    goal: str = "film"
    shots: tuple[Mapping[str, Any], ...] = ()
    captions: Path | None = None
    title: str = ""
    artist: str = ""
    visualizer: str = ""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_choice("goal", self.goal, GOALS)
        if not self.characters and self.goal != "song":
            raise BadInput("--character", "(none)", "at least one picture")
        for name, value in (("--width", self.width), ("--height", self.height)):
            check_integer(name, value, 128, 1920)
            if value % 2:
                raise BadInput(name, value, "an even number of pixels from 128 to 1920")
        check_integer("--fps", self.fps, 8, 60)
        check_integer("--seed", self.seed, 0, 2**31 - 1)
        if self.tempo is not None:
            check_number("--tempo", self.tempo, 20.0, 400.0, "beats per minute")
        check_engine_names(self.engines)
        check_options(self.options)
        check_choice("--visualizer", self.visualizer, VISUALIZERS)
        for name, text in (("--title", self.title), ("--artist", self.artist)):
            if not isinstance(text, str) or len(text) > TITLE_CHARACTERS:
                raise BadInput(name, text, f"at most {TITLE_CHARACTERS} characters")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.width, self.height

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file it asks for."""
        return (self.audio, *self.characters, *([self.captions] if self.captions else []))

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["audio"], body["project"] = str(self.audio), str(self.project)
        body["characters"] = [str(path) for path in self.characters]
        body["captions"] = str(self.captions) if self.captions else None
        body["engines"] = dict(self.engines)
        body["shots"] = [dict(shot) for shot in self.shots]
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> MusicVideoRequest:
        """Fields that an older version did not write have their defaults."""
        captions = body.get("captions")
        return cls(
            audio=Path(body["audio"]),
            project=Path(body["project"]),
            characters=tuple(Path(p) for p in body["characters"]),
            shots=tuple(body.get("shots", ())),
            captions=Path(captions) if captions else None,
            **{name: value for name, value in body.items() if name not in _SPECIAL},
        )


@dataclass(frozen=True)
class ComparisonRequest:
    """The same two bars of `film`'s video twice: side A with `base` changed, side B with `changes`.

    base, changes  some of style, seed, width, height, fps, engines and options; {} for as `film` has it
    moment         the key moment, 1..6, the bars begin at
    """

    kind: ClassVar[str] = "comparison"
    CHANGEABLE: ClassVar[tuple[str, ...]] = ("style", "seed", "width", "height", "fps", "engines", "options")

    film: MusicVideoRequest
    changes: Mapping[str, Any]
    moment: int = 4
    base: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_integer("moment", self.moment, 1, 6)
        for name in (*self.base, *self.changes):
            check_choice("change", name, self.CHANGEABLE)
        if self.first == self.other:
            raise BadInput("changes", dict(self.changes), "at least one setting that differs between the two sides")

    @property
    def first(self) -> MusicVideoRequest:
        """Side A."""
        return replace(self.film, **self.base)

    @property
    def other(self) -> MusicVideoRequest:
        """Side B."""
        return replace(self.film, **self.changes)

    @property
    def project(self) -> Path:
        return self.film.project

    def to_json(self) -> dict[str, Any]:
        sides = {"base": dict(self.base), "changes": dict(self.changes)}
        return {"film": self.film.to_json(), "moment": self.moment, **sides}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ComparisonRequest:
        """Without `base` where an older version wrote it."""
        return cls(MusicVideoRequest.from_json(body["film"]), body["changes"], body["moment"], body.get("base", {}))


@dataclass(frozen=True)
class MessageRequest:
    """A photo that says something: `photo` is a picture or a face video, `project` the folder everything is left in.

    text, audio    what is said: words to speak, or a file in which they are spoken; one of the two
    voice          a voice profile's id;  reference  a recording of the voice instead, reference_text  its words
    speaker        one of the speech engine's fixed voices, "" for its usual one
    language       two letters;  speed  a factor, 0.5..2;  pitch  semitones, -12..12;  volume  a linear factor, 0..4
    pause          seconds of extra silence between sentences, 0..5
    background     keep, blur, transparent, #rrggbb, or picture, which is then `background_picture`
    face           which of the faces speaks, from 0, the largest first;  mouth  where it speaks in the photo, as left,
                   top, width, height in pixels, for pictures in which no face is found
    lines          the film's height in pixels, 256..1080; None for the photo's own, at most 720
    motion         0..1: how much a still photo blinks, breathes and moves its head
    captions       whether the words are shown;  repair  whether what the cut-out damaged is mended
    goal           how far to go, one of MESSAGE_GOALS: "photo" frees and mends the person, "speech" only speaks
    """

    kind: ClassVar[str] = "video_message"
    FILES: ClassVar[tuple[str, ...]] = ("photo", "audio", "reference", "background_picture")

    project: Path
    photo: Path | None = None
    text: str = ""
    audio: Path | None = None
    voice: str = ""
    reference: Path | None = None
    reference_text: str = ""
    speaker: str = ""
    language: str = "en"
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    pause: float = 0.0
    background: str = "keep"
    background_picture: Path | None = None
    face: int = 0
    mouth: tuple[int, int, int, int] | None = None
    lines: int | None = None
    fps: int = 25
    motion: float = 1.0
    captions: bool = False
    repair: bool = True
    seed: int = 0
    engines: Mapping[str, str] = field(default_factory=dict)
    substitutes: bool = True
    goal: str = "message"

    def __post_init__(self) -> None:
        check_choice("goal", self.goal, MESSAGE_GOALS)
        check_choice("--language", self.language, LANGUAGES)
        if self.photo is None and self.goal != "speech":
            raise BadInput("--photo", "(none)", "a picture or a video of a face")
        if self.text and self.audio:
            raise BadInput("--audio", self.audio, "either --text or --audio, not both")
        if self.goal != "photo" and not self.audio and not self.text.strip():
            raise BadInput("--text", self.text, "words to say, or a recording with --audio")
        if self.voice and self.reference:
            raise BadInput("--reference", self.reference, "either --voice or --reference, not both")
        check_number("--speed", self.speed, 0.5, 2.0)
        check_number("--pitch", self.pitch, -12.0, 12.0, "semitones")
        check_number("--volume", self.volume, 0.0, 4.0)
        check_number("--pause", self.pause, 0.0, 5.0, "seconds")
        check_number("motion", self.motion, 0.0, 1.0)
        check_integer("--face", self.face, 0, 99)
        check_integer("--fps", self.fps, 8, 60)
        check_integer("--seed", self.seed, 0, 2**31 - 1)
        if self.lines is not None:
            check_integer("--lines", self.lines, 256, 1080)
        if self.background not in BACKGROUNDS and not _COLOUR.fullmatch(self.background):
            accepted = "keep, blur, transparent, a colour such as #20304a, or a picture"
            raise BadInput("--background", self.background, accepted)
        if (self.background == "picture") != (self.background_picture is not None):
            raise BadInput("--background", self.background, "a picture file")
        if self.mouth is not None and (len(self.mouth) != 4 or min(self.mouth[2:]) < 4 or min(self.mouth) < 0):
            raise BadInput("--mouth-box", self.mouth, "X,Y,W,H in pixels of the photo, at least 4 wide and high")
        check_engine_names(self.engines)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file it asks for."""
        return tuple(path for path in (getattr(self, name) for name in self.FILES) if path is not None)

    def to_json(self) -> dict[str, Any]:
        body = {name: value for name, value in asdict(self).items() if name not in self.FILES}
        body |= {name: str(path) if (path := getattr(self, name)) else None for name in self.FILES}
        mouth = list(self.mouth) if self.mouth else None
        return body | {"project": str(self.project), "engines": dict(self.engines), "mouth": mouth}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> MessageRequest:
        """Fields that an older version did not write have their defaults."""
        paths = {name: Path(body[name]) if body.get(name) else None for name in cls.FILES}
        mouth = tuple(body["mouth"]) if body.get("mouth") else None
        rest = {name: value for name, value in body.items() if name not in (*cls.FILES, "project", "mouth")}
        return cls(project=Path(body["project"]), mouth=mouth, **paths, **rest)


@dataclass(frozen=True)
class QuestionRequest:
    """A question about the videos of the session in the folder `project`, to be worded by the chat engine `engine`.

    talk  whether it is part of the session's conversation: it may lean on that, and is kept in it
    """

    kind: ClassVar[str] = "video_question"

    project: Path
    question: str
    engine: str
    substitutes: bool = True
    talk: bool = False

    def __post_init__(self) -> None:
        check_engine_names({"chat": self.engine})

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"project": str(self.project)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> QuestionRequest:
        names = ("question", "engine", "substitutes", "talk")
        return cls(Path(body["project"]), **{name: body[name] for name in names})


@dataclass(frozen=True)
class VoiceRequest:
    """A voice profile to be made from `references`, recordings of one person. `project` is a folder for the work.

    transcript  the words of the first recording, "" to have them drafted
    consent     the sentence by which the speaker, or whoever asks for them, agreed; "" where none was given
    """

    kind: ClassVar[str] = "voice_profile"

    project: Path
    name: str
    references: tuple[Path, ...]
    language: str = "en"
    transcript: str = ""
    consent: str = ""

    def __post_init__(self) -> None:
        check_choice("--language", self.language, LANGUAGES)
        if not isinstance(self.name, str) or not self.name.strip() or len(self.name) > TITLE_CHARACTERS:
            raise BadInput("NAME", self.name, f"a name of 1 to {TITLE_CHARACTERS} characters")
        if not 1 <= len(self.references) <= MOST_REFERENCES:
            raise BadInput("--reference", f"{len(self.references)} recordings", f"1 to {MOST_REFERENCES} recordings")

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"project": str(self.project), "references": [str(path) for path in self.references]}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> VoiceRequest:
        references = tuple(Path(path) for path in body["references"])
        rest = {name: value for name, value in body.items() if name not in ("project", "references")}
        return cls(project=Path(body["project"]), references=references, **rest)


@dataclass(frozen=True)
class VideoRequest:
    """Videos to be read, so that questions about them can be answered. `project` is the session's folder.

    step  seconds between the pictures that are looked at, 0.1..60
    """

    kind: ClassVar[str] = "video_index"

    project: Path
    videos: tuple[Path, ...]
    step: float = 1.0
    engines: Mapping[str, str] = field(default_factory=dict)
    substitutes: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.videos) <= MOST_VIDEOS:
            raise BadInput("FILE", f"{len(self.videos)} videos", f"1 to {MOST_VIDEOS} videos")
        check_number("step", self.step, 0.1, 60.0, "seconds")
        check_engine_names(self.engines)

    @property
    def files(self) -> tuple[Path, ...]:
        return self.videos

    def to_json(self) -> dict[str, Any]:
        videos = [str(path) for path in self.videos]
        return asdict(self) | {"project": str(self.project), "videos": videos, "engines": dict(self.engines)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> VideoRequest:
        videos = tuple(Path(path) for path in body["videos"])
        rest = {name: value for name, value in body.items() if name not in ("project", "videos")}
        return cls(project=Path(body["project"]), videos=videos, **rest)


@dataclass(frozen=True)
class FetchRequest:
    """Published weights to be fetched: `items` by name. `project` is a folder for the work's notes."""

    kind: ClassVar[str] = "fetch_weights"

    project: Path
    items: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.items:
            raise BadInput("NAME", "(none)", "the name of an engine or of weights, as `models list` shows them")
        for name in self.items:
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise BadInput("NAME", name, "the name of an engine or of weights, as `models list` shows them")

    def to_json(self) -> dict[str, Any]:
        return {"project": str(self.project), "items": list(self.items)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> FetchRequest:
        return cls(Path(body["project"]), tuple(body["items"]))


def fingerprint(value: object) -> str:
    """Twenty hexadecimal digits that equal JSON-ready values share, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
