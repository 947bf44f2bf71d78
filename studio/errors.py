"""Every error a person may meet, as one tree.

    StudioError                 anything the studio itself refuses or reports
    ├── BadInput                a value that can't be accepted: names parameter, value, what is accepted
    │   └── NotFound            an id or name nothing is stored under
    ├── Cancelled               the person asked to stop
    ├── EngineUnavailable       an engine that can't run here, why, and what would help
    ├── LoadFailed              an engine's weights were there but did not load
    ├── OutOfMemory             the device ran out; the manager retries one rung lower
    ├── TimedOut                a deadline passed, or a stage made no progress
    └── StorageFailed           the disk is full, or a folder is gone or not writable

Each carries one sentence fit for a person. `kind` is the stable word used in events and by the API.
"""

from __future__ import annotations

from typing import Any, ClassVar


def brief(value: object, limit: int = 120) -> str:
    """`value` on one printable line of about `limit` characters, for an error message; the middle of a long one goes:
    a path is told by its end."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    half = limit // 2
    return repr(text if len(text) <= limit else f"{text[:half]}…{text[-half:]}")


class StudioError(Exception):
    kind: ClassVar[str] = "failed"

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "message": str(self)}


class BadInput(StudioError):
    """A refused value. `str()` is the one line CLI users read."""

    kind = "bad_input"

    def __init__(self, parameter: str, value: object, accepted: str, reason: str = "") -> None:
        self.parameter, self.value, self.accepted, self.reason = parameter, brief(value), accepted, reason
        why = f" {reason};" if reason else ""
        super().__init__(f"{parameter}: {self.value} is not accepted:{why} accepted is {accepted}")

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | {"parameter": self.parameter, "value": self.value, "accepted": self.accepted}


class NotFound(BadInput):
    kind = "not_found"


class Cancelled(StudioError):
    kind = "cancelled"

    def __init__(self, message: str = "cancelled on request") -> None:
        super().__init__(message)


class EngineUnavailable(StudioError):
    kind = "engine_unavailable"

    def __init__(self, engine: str, why: str, remedy: str = "") -> None:
        self.engine, self.why, self.remedy = engine, why, remedy
        super().__init__(f"{engine} can't run here: {why}" + (f"; {remedy}" if remedy else ""))


class LoadFailed(StudioError):
    kind = "load_failed"


class OutOfMemory(StudioError):
    kind = "out_of_memory"


class TimedOut(StudioError):
    kind = "timed_out"


class StorageFailed(StudioError):
    kind = "storage_failed"
