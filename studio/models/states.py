"""The states of a model on the device, and the moves between them.

    ABSENT --> LOADING --> WARMING --> READY --> DRAINING --> UNLOADING --> ABSENT
       ^          |           |
       |<---------+-----------'   out of memory, or a swap's candidate that did not load
       |          v           v
       '------- FAILED <------'   try again after a pause that doubles

Only READY serves. ABSENT is absent from the device: the engine may be kept in the RAM tier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from studio.contracts import Engine
from studio.models.outcomes import Failure
from studio.models.registry import Entry
from studio.models.statistics import Statistics


class State(Enum):
    ABSENT = "absent"
    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    UNLOADING = "unloading"
    FAILED = "failed"


MOVES: Mapping[State, frozenset[State]] = {
    State.ABSENT: frozenset({State.LOADING}),
    State.LOADING: frozenset({State.WARMING, State.FAILED, State.ABSENT}),
    State.WARMING: frozenset({State.READY, State.FAILED, State.ABSENT}),
    State.READY: frozenset({State.DRAINING}),
    State.DRAINING: frozenset({State.UNLOADING}),
    State.UNLOADING: frozenset({State.ABSENT}),
    State.FAILED: frozenset({State.LOADING}),
}

DEVICE_LANE = "device"

RESIDENT = frozenset({State.LOADING, State.WARMING, State.READY, State.DRAINING, State.UNLOADING})
"""The states in which a model may hold device memory."""


@dataclass(frozen=True)
class Build:
    """What is loaded, or to be loaded: an entry's engine at one rung."""

    entry: Entry
    rung: int


@dataclass
class Slot:
    """All that is known of one model on the device. Read and written by the scheduler's thread alone.

    build       what is resident or on its way, None when ABSENT or FAILED
    leases      numbers of the tickets it serves
    measured    {rung: bytes of device memory it was seen to take, at most, its work included}
    worked      {shape of the work: rung it ran through at after memory ran out}
    doomed      why the engine is to go and not be kept: somebody asked, or a lease left it unclean; "" normally
    since       when it last became READY;  idle_since  when it last served
    priority    of the last lease it served
    retried     the build that was given a second try after memory ran out while it loaded
    retry_at    no load is tried before, after a failure
    """

    entry: Entry
    state: State = State.ABSENT
    build: Build | None = None
    engine: Engine | None = None
    leases: set[int] = field(default_factory=set)
    measured: dict[int, int] = field(default_factory=dict)
    worked: dict[str, int] = field(default_factory=dict)
    doomed: str = ""
    since: float = 0.0
    idle_since: float = 0.0
    priority: int = 0
    retried: Build | None = None
    failure: Failure | None = None
    failures_in_a_row: int = 0
    retry_at: float = 0.0
    statistics: Statistics = field(default_factory=Statistics)

    @property
    def lane(self) -> str:
        """Models of one lane exclude each other: weights share the device, an embedded engine is alone in its own."""
        return self.entry.card.key if self.entry.card.embedded else DEVICE_LANE

    @property
    def linger(self) -> float:
        """Seconds an idle model keeps the device for whoever used it last: a tenth of what loading it again costs."""
        return min(1.0, 0.1 * self.statistics.last_load_seconds)

    def move(self, state: State) -> None:
        if state not in MOVES[self.state]:
            raise RuntimeError(f"{self.entry.card.key}: {self.state.value} -> {state.value} is no move")
        self.state = state
