from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from studio.models.eviction import Candidate, choose_kept
from studio.models.statistics import HALF_LIFE_SECONDS, Statistics

CANDIDATES = st.lists(
    st.builds(
        Candidate,
        key=st.text("abcdefgh", min_size=1, max_size=3),
        size=st.integers(0, 100),
        reload_seconds=st.floats(0, 100),
        frequency=st.floats(0, 100),
        wanted=st.booleans(),
    ),
    unique_by=lambda c: c.key,
)


@given(CANDIDATES, st.integers(0, 300))
def test_what_is_kept_fits_and_what_is_not_had_no_room_after_its_betters(candidates, budget):
    kept = choose_kept(candidates, budget)
    assert sum(c.size for c in candidates if c.key in kept) <= budget
    for dropped in (c for c in candidates if c.key not in kept):
        better = [c for c in candidates if c.key in kept and (c.wanted, c.value) >= (dropped.wanted, dropped.value)]
        assert sum(c.size for c in better) + dropped.size > budget


def test_often_used_slow_to_load_and_small_stays():
    usual = {"size": 10, "reload_seconds": 10.0, "frequency": 1.0}
    for better in ({"size": 9}, {"reload_seconds": 11.0}, {"frequency": 1.1}):
        rivals = [Candidate("usual", **usual), Candidate("better", **usual | better)]
        assert choose_kept(rivals, 10) == {"better"}


def test_who_somebody_waits_for_is_not_dropped_just_before():
    rivals = [Candidate("loved", 10, 100.0, 100.0), Candidate("next", 10, 1.0, 1.0, wanted=True)]
    assert choose_kept(rivals, 10) == {"next"}


def test_popularity_fades():
    statistics = Statistics()
    for _ in range(8):
        statistics.used(now=0.0, waited=0.0)
    assert statistics.frequency(0.0) == 8.0
    assert statistics.frequency(3 * HALF_LIFE_SECONDS) == 1.0
    statistics.used(now=3 * HALF_LIFE_SECONDS, waited=0.0)
    assert statistics.frequency(3 * HALF_LIFE_SECONDS) == 2.0


def test_a_restore_from_ram_does_not_make_a_model_look_cheap_to_load():
    statistics = Statistics()
    statistics.loaded(20.0, 5, restored=False)
    statistics.loaded(0.5, 5, restored=True)
    assert statistics.last_load_seconds == 20.0
    assert (statistics.loads, statistics.restores, statistics.load_seconds) == (2, 1, 20.5)
