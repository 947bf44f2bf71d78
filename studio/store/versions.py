"""The pictures a shot has had, so that a person can go back: one small list a shot, newest last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from studio.errors import StorageFailed
from studio.store.atomic import read_json, write_json

MOST = 24


@dataclass(frozen=True)
class Version:
    """`key` names the drawing; `shot` is what it was drawn from, as JSON."""

    key: str
    shot: Mapping[str, Any]


class Versions:
    """Those of shot `index`, 0.., in the project `folder`."""

    def __init__(self, folder: Path, index: int) -> None:
        self._path = folder / ".studio" / "versions" / f"{index + 1:02d}.json"

    def list(self) -> tuple[Version, ...]:
        """Oldest first; a damaged list is an empty one, since every picture can be drawn again."""
        if not self._path.is_file():
            return ()
        try:
            body = read_json(self._path)
        except StorageFailed:
            return ()
        items = body if isinstance(body, list) else []
        return tuple(Version(i["key"], i["shot"]) for i in items if isinstance(i, dict) and i.keys() >= {"key", "shot"})

    def add(self, version: Version) -> tuple[Version, ...]:
        """Notes a picture that was drawn, or drawn again; returns those that are too old to be kept."""
        known = self.list()
        if any(other.key == version.key for other in known):
            return ()
        listed = (*known, version)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_json(self._path, [asdict(one) for one in listed[-MOST:]])
        return listed[:-MOST]
