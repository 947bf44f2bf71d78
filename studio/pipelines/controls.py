"""What a person sets of a job while it runs: put in by the worker's loop, read by whoever works, between two steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Controls:
    """The last word counts. Usable from any thread: one name is bound anew, nothing is changed in place."""

    def __init__(self) -> None:
        self._said: Mapping[str, Any] = {}

    def put(self, said: Mapping[str, Any]) -> None:
        self._said = dict(said)

    def read(self) -> Mapping[str, Any]:
        """{} for nothing: all is as the job's request has it."""
        return self._said
