"""What a person asks for, checked for sense before anything is touched. Files are checked by media/ at admission."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from studio.errors import BadInput

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")

GOALS = ("song", "storyboard", "film")
VISUALIZERS = ("", "spectrum", "waveform")
TITLE_CHARACTERS = 120
_SPECIAL = ("audio", "project", "characters", "shots", "captions")


@dataclass(frozen=True)
class MusicVideoRequest:
    """A music video: `audio` and `characters` are files, `project` the folder everything is left in.

    width, height  pixels, even, 128..1920;  fps  frames a second, 8..60;  tempo  beats per minute, 20..400, or None
    to find it;  engines  {task: engine name}, empty for the defaults;  substitutes  whether another engine may stand
    in, with a notice, for one that can't run
    goal           how far to go, one of GOALS: "song" listens, "storyboard" draws the keyframes too
    shots          shots the person has settled, as `music.board` writes them; the others are the storyboard's own
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
        for task, engine in self.engines.items():
            if not _NAME.fullmatch(task) or not _NAME.fullmatch(engine):
                raise BadInput("--engine", f"{task}={engine}", "TASK=NAME, as `models list` shows them")
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
    """The same two bars of `film`'s video twice: side A as `film` has it, side B with `changes` to it.

    changes  some of style, seed, width, height, fps and engines;  moment  the key moment, 1..6, the bars begin at
    """

    kind: ClassVar[str] = "comparison"

    film: MusicVideoRequest
    changes: Mapping[str, Any]
    moment: int = 4

    def __post_init__(self) -> None:
        check_integer("moment", self.moment, 1, 6)
        for name in self.changes:
            check_choice("change", name, ("style", "seed", "width", "height", "fps", "engines"))
        if self.other == self.film:
            raise BadInput("changes", dict(self.changes), "at least one setting that differs from the film's")

    @property
    def other(self) -> MusicVideoRequest:
        """Side B."""
        return replace(self.film, **self.changes)

    @property
    def project(self) -> Path:
        return self.film.project

    def to_json(self) -> dict[str, Any]:
        return {"film": self.film.to_json(), "changes": dict(self.changes), "moment": self.moment}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ComparisonRequest:
        return cls(MusicVideoRequest.from_json(body["film"]), body["changes"], body["moment"])


def fingerprint(value: object) -> str:
    """Twenty hexadecimal digits that equal JSON-ready values share, whatever the order of their keys."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def check_number(name: str, value: object, low: float, high: float, unit: str = "") -> float:
    """`value` as a float within low..high; BadInput otherwise, NaN and infinities included."""
    accepted = f"a number from {low:g} to {high:g}" + (f" {unit}" if unit else "")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(name, value, accepted)
    if not low <= value <= high:
        raise BadInput(name, value, accepted)
    return float(value)


def check_integer(name: str, value: object, low: int, high: int) -> int:
    accepted = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(name, value, accepted)
    return value


def check_choice(name: str, value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise BadInput(name, value, "one of " + ", ".join(choice or '""' for choice in choices))
    return value
