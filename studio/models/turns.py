"""Whose turn it is, and for what: pure functions over the tickets that wait for one lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.models.outcomes import Ticket
from studio.models.rungs import starting_rung
from studio.models.states import Build, Slot


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


def wanted(ticket: Ticket, slot: Slot, capacity: int) -> tuple[Build, str]:
    """The build `ticket` is to be served with, and why it isn't the best ("" when it is, or when the user fixed it).

    capacity  bytes the device offers models
    """
    if ticket.candidate is not None and ticket.setback is None:
        return Build(ticket.candidate, starting_rung(ticket.candidate.card, {}, capacity, 0)[0]), ""
    card, fixed = slot.entry.card, ticket.options.fixed_rung
    if fixed is not None:
        gone = "the engine was replaced and has no lower rung"
        return Build(slot.entry, min(fixed, card.last_rung)), gone if fixed > card.last_rung else ""
    floor = max(ticket.floor, slot.worked.get(ticket.options.shape, 0))
    rung, why = starting_rung(card, slot.measured, capacity, floor)
    return Build(slot.entry, rung), why or ("memory ran out before" if rung else "")


def lingers(slot: Slot, ticket: Ticket, now: float, patience: float) -> bool:
    """Whether an idle model waits a moment for its last user before it makes way for `ticket`: two jobs that lease
    shot by shot would otherwise swap models at every shot."""
    urgent = ticket.options.priority > slot.priority or now - ticket.asked > patience
    return not urgent and ticket.candidate is None and now < slot.idle_since + slot.linger
