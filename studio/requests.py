"""What a person asks for, checked for sense before anything is touched. Files are checked by media/ at admission."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from studio.errors import BadInput

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True)
class MusicVideoRequest:
    """A music video: `audio` and `characters` are files, `project` the folder everything is left in.

    width, height  pixels, even, 128..1920;  fps  frames a second, 8..60;  tempo  beats per minute, 20..400, or None
    to find it;  engines  {task: engine name}, empty for the defaults;  substitutes  whether another engine may stand
    in, with a notice, for one that can't run
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

    def __post_init__(self) -> None:
        if not self.characters:
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

    def to_json(self) -> dict[str, Any]:
        body = asdict(self)
        body["audio"], body["project"] = str(self.audio), str(self.project)
        body["characters"] = [str(path) for path in self.characters]
        body["engines"] = dict(self.engines)
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> MusicVideoRequest:
        paths = {"audio": Path(body["audio"]), "project": Path(body["project"])}
        return cls(**{**body, **paths, "characters": tuple(Path(p) for p in body["characters"])})


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
