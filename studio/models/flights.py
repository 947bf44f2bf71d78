"""Equal work under way, so that it runs once. Owned by the scheduler's thread."""

from __future__ import annotations

from studio.models.outcomes import Done, Lead, Raised, Ticket


class Flights:
    """The first to ask for a piece of work leads; the others follow and get what the leader got."""

    def __init__(self) -> None:
        self._parties: dict[str, list[Ticket]] = {}
        """{work: [leader, follower, ...]}"""

    def join(self, work: str, ticket: Ticket) -> None:
        party = self._parties.setdefault(work, [])
        party.append(ticket)
        if party[0] is ticket:
            ticket.resolve(Lead())

    def land(self, work: str, outcome: Done | Raised | None) -> None:
        """The leader's outcome goes to all followers. None: the leader gave up, for reasons of its own (cancelled,
        out of time), and the first follower leads now."""
        followers = self._parties.pop(work, [])[1:]
        if outcome is not None:
            for ticket in followers:
                ticket.resolve(outcome)
        elif followers:
            self._parties[work] = followers
            followers[0].resolve(Lead())

    def leave(self, ticket: Ticket) -> None:
        """Takes a follower out, unresolved."""
        for party in self._parties.values():
            if ticket in party[1:]:
                party.remove(ticket)

    def abandon(self, ticket: Ticket) -> None:
        """A leader is gone before it began."""
        for work, party in tuple(self._parties.items()):
            if party[0] is ticket:
                self.land(work, None)

    def following(self) -> list[Ticket]:
        return [ticket for party in self._parties.values() for ticket in party[1:]]
