"""What a caller asks the scheduler for, and the one outcome it gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from studio.cancellation import CancelToken
from studio.checks import check_number
from studio.contracts import Engine
from studio.errors import Cancelled, EngineUnavailable, LoadFailed, OutOfMemory, StudioError, TimedOut
from studio.models.registry import Entry


@dataclass(frozen=True)
class LeaseOptions:
    """How an engine is asked for.

    priority    higher goes first
    deadline    seconds the caller is willing to wait for the engine, None for ever
    cancel      taking it back: a wait ends in `Cancelled`
    notify      told in words, in the caller's thread, what was changed (a lower rung)
    fixed_rung  the rung the user chose; it is never changed, memory running out is then an error
    shape       what the memory need depends on, such as "768x512x25": a rung found for it is remembered
    """

    priority: int = 0
    deadline: float | None = None
    cancel: CancelToken | None = None
    notify: Callable[[str], None] | None = None
    fixed_rung: int | None = None
    shape: str = ""

    def __post_init__(self) -> None:
        if self.deadline is not None:
            check_number("deadline", self.deadline, 0.0, 1e9, "seconds")


class Held:
    """An engine being handed over. `take` empties it, so that no forgotten message keeps an engine alive."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Engine | None = engine

    def take(self) -> Engine:
        engine, self._engine = self._engine, None
        if engine is None:
            raise RuntimeError("the engine was taken already")
        return engine


@dataclass(frozen=True)
class Granted:
    """The engine, leased. `notice` says why it is at a lower rung than the best, "" when it isn't."""

    engine: Held
    entry: Entry
    rung: int
    notice: str = ""


@dataclass(frozen=True)
class Failure:
    """Why there is no engine, as text only: an exception object would keep its traceback's tensors alive.

    `rung` is set where memory ran out while loading at that rung.
    """

    kind: str
    text: str
    subject: str = ""
    rung: int | None = None

    def error(self) -> StudioError:
        """A new exception, each time: one object raised in two threads mixes their tracebacks."""
        if self.kind == EngineUnavailable.kind:
            return EngineUnavailable(self.subject, self.text)
        return _ERRORS[self.kind](self.text)


_ERRORS: Mapping[str, Callable[[str], StudioError]] = {
    error.kind: error for error in (Cancelled, LoadFailed, OutOfMemory, StudioError, TimedOut)
}


@dataclass(frozen=True)
class Done:
    """A swap that went through, or equal work's result, with the notices that came with it; shared by all who asked."""

    value: Any = None
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Raised:
    """Equal work that failed; `error` has no traceback."""

    error: BaseException


@dataclass(frozen=True)
class Lead:
    """The first to ask for this work: do it, the others wait for it."""


Outcome = Granted | Failure | Done | Raised | Lead


@dataclass(eq=False)
class Ticket:
    """One request to the scheduler. `resolve` is called exactly once, by the scheduler's thread.

    floor      rungs above it (lower numbers) are not to be tried again
    asked      when, on the manager's clock;  expires  when the wait is over, or None
    candidate  for a swap: the entry to be put in place of the model's
    restore    for a swap: the old model was resident, and is loaded again if the candidate fails
    setback    for a swap: why the candidate failed, once it has
    """

    number: int
    key: str
    options: LeaseOptions
    asked: float
    floor: int = 0
    candidate: Entry | None = None
    restore: bool = False
    setback: Failure | None = None
    resolved: bool = False
    _outcome: SimpleQueue[Outcome] = field(default_factory=SimpleQueue)

    @property
    def expires(self) -> float | None:
        return None if self.options.deadline is None else self.asked + self.options.deadline

    def resolve(self, outcome: Outcome) -> None:
        if self.resolved:
            raise RuntimeError(f"ticket {self.number} for {self.key} has its outcome already")
        self.resolved = True
        self._outcome.put(outcome)

    def wait(self) -> Outcome:
        return self._outcome.get()
