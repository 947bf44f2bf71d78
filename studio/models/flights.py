"""Equal work under way, so that it runs once. Owned by the scheduler's thread."""

from __future__ import annotations

from collections.abc import Iterator

from studio.models.outcomes import Done, Lead, Raised, Ticket


class Flights:
    """The first to ask for a piece of work leads; the others follow and get what the leader got."""

    def __init__(self) -> None:
        self._followers: dict[str, list[Ticket]] = {}

    def join(self, work: str, ticket: Ticket) -> None:
        if work in self._followers:
            self._followers[work].append(ticket)
        else:
            self._followers[work] = []
            ticket.resolve(Lead())

    def land(self, work: str, outcome: Done | Raised | None) -> None:
        """The leader's outcome goes to all followers. None: the leader gave up, for reasons of its own (cancelled,
        out of time), and the first follower leads now."""
        followers = self._followers.pop(work, [])
        if outcome is not None:
            for ticket in followers:
                ticket.resolve(outcome)
        elif followers:
            self._followers[work] = followers[1:]
            followers[0].resolve(Lead())

    def leave(self, ticket: Ticket) -> bool:
        """Takes a follower out, unresolved. False when it isn't one."""
        for followers in self._followers.values():
            if ticket in followers:
                followers.remove(ticket)
                return True
        return False

    def following(self) -> Iterator[Ticket]:
        return (ticket for followers in tuple(self._followers.values()) for ticket in tuple(followers))
