"""Drawings that a person steered while they were drawn: what was changed at which step, and which of them are kept.

A steered drawing is none of its settings alone, so it has a key of its own. It stands in the place of the drawing as
set, the one of key `base`, until the person takes that back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.atomic import storage_errors
from studio.errors import BadInput, StorageFailed
from studio.store.atomic import read_json, write_json


@dataclass(frozen=True)
class Turn:
    """From `step` of `steps` on, from 1, `values` held beside the settings; {} for as set again."""

    step: int
    steps: int
    values: Mapping[str, Any]


class Steered:
    """Those of the project `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, base: str, key: str, turns: Sequence[Turn], of: str = "") -> Path:
        """Notes how the drawing `key` came about and has it stand for `base` from now on; the note's file. `of`: the
        key, as set, of the keyframe that it is a further view of; "" for a keyframe."""
        note = self._note(key)
        with storage_errors(note):
            note.parent.mkdir(parents=True, exist_ok=True)
        write_json(note, {"base": base, "of": of, "turns": [asdict(turn) for turn in turns]})
        self._stand(base, key, of)
        return note

    def standing(self, base: str) -> str:
        """The key of the drawing that stands for `base`: a steered one's, or `base` itself."""
        key = _key(_read(self._place(base)), "key")
        return key if key and self.turns(key) else base

    def turns(self, key: str) -> tuple[Turn, ...]:
        """How the drawing was steered; () where it wasn't."""
        turns = _read(self._note(key)).get("turns")
        return tuple(map(_turn, turns)) if isinstance(turns, list) and all(map(_is_turn, turns)) else ()

    def views(self, of: str) -> tuple[str, ...]:
        """The keys, as set, of the further views of the keyframe `of` for which steered ones stand."""
        places = sorted((self._folder / ".studio" / "steered").glob("*.json"))
        return tuple(place.stem for place in places if _key(_read(place), "of") == of)

    def show(self, key: str) -> None:
        """Has the drawing `key`, steered or not, stand where it belongs. Raises BadInput for what is no key."""
        if not _KEY.fullmatch(key):
            raise BadInput("version", key, "a version of the shot")
        note = _read(self._note(key))
        base = _key(note, "base")
        if base:
            self._stand(base, key, _key(note, "of"))
        else:
            self.drop(key)

    def drop(self, base: str) -> None:
        """The drawing as set stands for itself again; the steered one is kept among the versions."""
        place = self._place(base)
        with storage_errors(place):
            place.unlink(missing_ok=True)

    def _stand(self, base: str, key: str, of: str) -> None:
        place = self._place(base)
        with storage_errors(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        write_json(place, {"key": key, "of": of})

    def _place(self, base: str) -> Path:
        return self._folder / ".studio" / "steered" / f"{base}.json"

    def _note(self, key: str) -> Path:
        return self._folder / ".studio" / "drawings" / key / "steered.json"


def turn_words(turn: Turn) -> str:
    """What held from there, for a person to read: "with guidance 4, LoRA noir 0.5"."""
    words = ", ".join(_words(name, value) for name, value in turn.values.items())
    return f"with {words}" if words else "as set"


def steered_words(turns: Sequence[Turn]) -> str:
    """All of it in a line."""
    return ", ".join(f"from step {turn.step} of {turn.steps} {turn_words(turn)}" for turn in turns)


_NAMES = {"loras": "LoRA", "words": "the words", "negative_prompt": "all but", "prompt": "the sentence"}


def _words(name: str, value: Any) -> str:
    title = _NAMES.get(name, name.replace("_", " "))
    if isinstance(value, Mapping):
        parts = ", ".join(f"{one} {_figure(weight)}" for one, weight in value.items())
        return f"{title} {parts}" if parts else f"no {title}"
    if isinstance(value, str):
        return f"{title} “{value}”"
    return f"{title} {_figure(value)}"


def _figure(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


_KEY = re.compile(r"[0-9a-f]{1,64}")


def _key(body: Mapping[str, Any], name: str) -> str:
    """A drawing's key; "" for anything else: a project may come from a stranger, and keys name files."""
    value = body.get(name)
    return value if isinstance(value, str) and _KEY.fullmatch(value) else ""


def _is_turn(item: object) -> bool:
    if not isinstance(item, dict) or not {"step", "steps", "values"} <= item.keys():
        return False
    return isinstance(item["step"], int) and isinstance(item["steps"], int) and isinstance(item["values"], dict)


def _turn(item: Mapping[str, Any]) -> Turn:
    return Turn(item["step"], item["steps"], item["values"])


def _read(path: Path) -> Mapping[str, Any]:
    """{} for a file that isn't there or is damaged: what it said can be chosen again."""
    if not path.is_file():
        return {}
    try:
        body = read_json(path)
    except StorageFailed:
        return {}
    return body if isinstance(body, dict) else {}
