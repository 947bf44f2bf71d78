"""What was asked in a session and what was answered, kept in its folder."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from studio.atomic import storage_errors
from studio.errors import StorageFailed
from studio.events import now_utc
from studio.store.atomic import read_json, write_json

FILE = "conversation.json"
MOST_TURNS = 500
"""The oldest are forgotten beyond that."""


@dataclass(frozen=True)
class KeptTurn:
    """A question and its answer. `answer` as `studio.pipelines.asking` writes it; `engine` the name of what worded it;
    `notices` say what was changed for the person; `time` ISO 8601 in UTC."""

    question: str
    answer: Mapping[str, Any]
    engine: str
    notices: tuple[str, ...] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    time: str = field(default_factory=now_utc)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"notices": list(self.notices)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> KeptTurn:
        """Raises KeyError or TypeError for what is no turn."""
        texts = {name: str(body[name]) for name in ("question", "engine", "id", "time")}
        return cls(answer=dict(body["answer"]), notices=tuple(str(one) for one in body["notices"]), **texts)


def read_turns(folder: Path) -> tuple[KeptTurn, ...]:
    """The session's conversation, oldest first. Raises StorageFailed for a damaged one."""
    path = folder / FILE
    if not path.is_file():
        return ()
    body = read_json(path)
    try:
        return tuple(KeptTurn.from_json(one) for one in body["turns"])
    except (KeyError, TypeError, ValueError) as error:
        raise StorageFailed(f"{folder.name}/{FILE} is damaged: {error!r}") from error


def add_turn(folder: Path, turn: KeptTurn) -> None:
    """Keeps `turn`; several processes may do so at once. Raises StorageFailed."""
    with _alone(folder):
        turns = [*read_turns(folder), turn][-MOST_TURNS:]
        write_json(folder / FILE, {"turns": [one.to_json() for one in turns]})


def forget_turns(folder: Path) -> None:
    """The conversation is gone, a damaged one too; what was read of the videos stays."""
    with _alone(folder), storage_errors(folder / FILE):
        (folder / FILE).unlink(missing_ok=True)


def _alone(folder: Path) -> Any:
    from filelock import FileLock

    with storage_errors(folder / FILE):
        (folder / ".studio").mkdir(exist_ok=True)
    return FileLock(folder / ".studio" / "conversation.lock")
