"""Who is served next, and that nobody starves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.models.outcomes import LeaseOptions, Ticket
from studio.models.registry import Entry
from studio.models.states import Build
from studio.models.turns import Turn, next_in_turn
from tests.models.fakes import card

BUILDS = {name: Build(Entry(card(name)), 0) for name in "abc"}


def serve_all(queue, patience=1000.0, seconds=1.0):
    """The order in which (name, priority, asked) are served, `seconds` a lease, a model change taking no time."""
    tickets = [Ticket(n, name, LeaseOptions(priority), asked) for n, (name, priority, asked) in enumerate(queue)]
    waiting = {ticket.number: ticket for ticket in tickets}
    now, resident, since, order = max(asked for _, _, asked in queue), None, 0.0, []
    while waiting:
        turn = Turn(BUILDS.get(resident), since, now, patience)
        ticket, build = next_in_turn([(t, BUILDS[t.key]) for t in waiting.values()], turn)
        if ticket.key != resident:
            resident, since = ticket.key, now
        assert build == BUILDS[ticket.key]
        order.append((ticket.number, now))
        del waiting[ticket.number]
        now += seconds
    return order


def names(queue, **options):
    return "".join(queue[number][0] for number, _ in serve_all(queue, **options))


def test_equals_are_grouped_by_model():
    assert names([(name, 0, 0.0) for name in "abcabc"]) == "aabbcc"


def test_priority_goes_before_the_group():
    assert names([("a", 0, 0.0), ("a", 0, 0.0), ("b", 1, 0.0), ("a", 0, 0.0)]) == "baaa"


def test_who_waited_too_long_goes_before_any_priority():
    assert names([("b", 0, 0.0), ("a", 9, 50.0), ("a", 9, 50.0)], patience=40.0) == "baa"


def test_a_model_that_stayed_too_long_loses_the_advantage_of_being_there():
    queue = [("a", 0, 0.0), ("b", 0, 0.0), *[("a", 0, 0.0)] * 6]
    assert names(queue, patience=3.5, seconds=1.0) == "aaaabaaa"


def test_nothing_waits_nothing_is_next():
    assert next_in_turn([], Turn(None, 0.0, 0.0, 1.0)) is None


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3), st.floats(0, 100)), min_size=1, max_size=30),
    st.floats(0.1, 50.0),
)
def test_everyone_is_served_and_nobody_overdue_is_overtaken_by_who_is_not(queue, patience):
    order = serve_all(queue, patience)
    assert sorted(number for number, _ in order) == list(range(len(queue)))
    served_at = dict(order)
    for number, now in order:
        for other, (_, _, asked) in enumerate(queue):
            if served_at[other] > now and now - asked > patience:
                assert now - queue[number][2] > patience
