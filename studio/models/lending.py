"""What happens in the caller's thread while it holds an engine, and how a failure lets go of it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from studio.contracts import Engine
from studio.models.outcomes import Granted
from studio.models.rungs import is_out_of_memory

_log = logging.getLogger(__name__)
T = TypeVar("T")


class Lease:
    """An engine on loan, until the `with` block ends.

    rung    counted from 0, the best;  waited  seconds
    touch   call it as long work makes progress, so that the manager's health stays good
    """

    def __init__(self, granted: Granted, waited: float, touch: Callable[[], None]) -> None:
        self.card, self.rung, self.notice = granted.entry.card, granted.rung, granted.notice
        self.waited, self.touch = waited, touch
        self._engine: Engine | None = granted.engine.take()

    @property
    def engine(self) -> Any:
        """The engine. Raises RuntimeError once the lease has ended."""
        if self._engine is None:
            raise RuntimeError(f"the lease of {self.card.key} has ended")
        return self._engine

    def end(self) -> str:
        """Lets go of the engine; returns what the lease left in it, in words, "" if it is as freshly loaded."""
        engine, self._engine = self._engine, None
        if engine is None or self.card.concurrency > 1:
            return ""
        try:
            engine.reset()
            return engine.residue()
        except Exception as error:  # noqa: BLE001 - an engine that can't be cleaned is taken out of service
            _log.warning("resetting %s: %s", self.card.key, error)
            return f"it could not be reset: {type(error).__name__}: {error}"


@dataclass(frozen=True)
class RanOut:
    """Memory ran out at `rung`. Text only: an exception object keeps its frames' tensors alive."""

    text: str
    rung: int


def attempt(work: Callable[[Any], T], lease: Lease) -> T | RanOut:
    """`work` on the leased engine, or RanOut, by which time nothing refers to the exception any more."""
    try:
        return work(lease.engine)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        text = (
            f"{lease.card.key} ran out of memory with {lease.card.rungs[lease.rung]}: {error or type(error).__name__}"
        )
    return RanOut(text, lease.rung)


def free_frames(error: BaseException) -> None:
    """Clears the finished frames `error`, its causes and contexts passed through, so that a cancelled or failed job
    keeps no device memory; the lines of the traceback stay readable."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        current = pending.pop()
        if current is not None and id(current) not in seen:
            seen.add(id(current))
            traceback.clear_frames(current.__traceback__)
            pending += [current.__cause__, current.__context__]


def bare(error: BaseException) -> BaseException:
    """A copy of `error` without traceback, cause and context, to be raised in another thread."""
    copy = type(error).__new__(type(error), *error.args)
    copy.__dict__.update(error.__dict__)
    return copy
