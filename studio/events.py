"""What a job tells the world: numbered events, the same for tab, command line and WebSocket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

EventKind = Literal["progress", "preview", "artifact", "notice", "text", "done", "failed", "cancelled"]


def now_utc() -> str:
    """The current time as ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Event:
    """One line of a job's story. `seq` rises by one from 1; `data` is JSON-ready, by kind:

    progress  stage, label, done, total, eta_seconds (None when unknown)
    preview   stage, path (a small picture, replaced as work goes on)
    artifact  role (analysis, keyframe, segment, video, report), path
    notice    text (what was changed for the user, in words)
    text      text (a piece of an answer), at (how many characters stand before it: fewer than were told begin anew)
    done      result {role: path or figure}
    failed    error {kind, message, ...}
    cancelled (nothing)
    """

    job: str
    seq: int
    kind: EventKind
    data: Mapping[str, Any] = field(default_factory=dict)
    time: str = field(default_factory=now_utc)

    def to_json(self) -> dict[str, Any]:
        return {"seq": self.seq, "job": self.job, "time": self.time, "kind": self.kind, **self.data}
