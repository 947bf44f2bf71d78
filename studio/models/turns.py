"""Whose turn it is: pure functions over the tickets that wait for one lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.models.outcomes import Ticket
from studio.models.states import Build


@dataclass(frozen=True)
class Turn:
    """What is resident, since when, and how long anything may be kept waiting. Seconds on the manager's clock."""

    build: Build | None
    since: float
    now: float
    patience: float

    @property
    def over(self) -> bool:
        return self.now - self.since > self.patience


def next_in_turn(waiting: Iterable[tuple[Ticket, Build]], turn: Turn) -> tuple[Ticket, Build] | None:
    """The ticket to serve next, with the build it wants; None when nothing waits.

    Priority first; among equals those who want what is resident (A B C A B C is served A A B B C C); then the oldest.
    Nothing starves: who has waited longer than `patience` goes before any priority, and a model that has been resident
    longer than `patience` loses the advantage of being there.
    """

    def rank(item: tuple[Ticket, Build]) -> tuple[bool, int, bool, int]:
        ticket, build = item
        overdue = turn.now - ticket.asked > turn.patience
        at_hand = build == turn.build and not turn.over
        return (not overdue, 0 if overdue else -ticket.options.priority, not at_hand, ticket.number)

    return min(waiting, key=rank, default=None)
