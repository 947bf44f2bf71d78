"""Everybody who waits: for an engine, or for equal work of another caller. Owned by the scheduler's thread."""

from __future__ import annotations

from collections.abc import Iterator

from studio.errors import Cancelled, TimedOut
from studio.models.flights import Flights
from studio.models.outcomes import Done, Failure, Granted, Ticket


class Waiting:
    """Tickets without an outcome yet. Each leaves by getting one."""

    def __init__(self) -> None:
        self.flights = Flights()
        self._queue: dict[int, Ticket] = {}

    def __len__(self) -> int:
        """How many wait for an engine."""
        return len(self._queue)

    def __iter__(self) -> Iterator[Ticket]:
        """Those who wait for an engine, oldest first."""
        return iter(tuple(self._queue.values()))

    def add(self, ticket: Ticket) -> None:
        self._queue[ticket.number] = ticket

    def of(self, key: str) -> list[Ticket]:
        """Those who wait for one model."""
        return [ticket for ticket in self if ticket.key == key]

    def resolve(self, ticket: Ticket, outcome: Granted | Done | Failure) -> None:
        if self._queue.pop(ticket.number, None) is None:
            self.flights.leave(ticket)
        ticket.resolve(outcome)

    def withdraw(self, ticket: Ticket) -> bool:
        """Ends the wait of a caller who asked to stop. False when it was over already."""
        if ticket.resolved:
            return False
        self.resolve(ticket, Failure(Cancelled.kind, "cancelled on request", ticket.key))
        return True

    def expire(self, now: float) -> bool:
        """Ends the waits whose deadline has passed. True if there was one."""
        late = [ticket for ticket in self._everyone() if ticket.expires is not None and now >= ticket.expires]
        for ticket in late:
            text = f"{ticket.key} was not free within {ticket.options.deadline:.2f} s"
            self.resolve(ticket, Failure(TimedOut.kind, text, ticket.key))
        return bool(late)

    def refuse_all(self, failure: Failure) -> None:
        for ticket in self._everyone():
            self.resolve(ticket, failure)

    def next_expiry(self) -> float | None:
        return min((t.expires for t in self._everyone() if t.expires is not None), default=None)

    def _everyone(self) -> list[Ticket]:
        return [*self, *self.flights.following()]
