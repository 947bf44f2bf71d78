"""The ETA comes from what was measured: this run's progress, and earlier runs of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.pipelines.timing import Amount, Timings, paces, remaining_seconds


def test_nothing_measured_gives_no_eta() -> None:
    assert remaining_seconds({}, [Amount("a", 10)], 0.0, 0.0) is None
    assert remaining_seconds({}, [Amount("a", 10), Amount("b", 1)], 0.5, 5.0) is None


def test_progress_alone_gives_an_eta_for_the_last_stage() -> None:
    assert remaining_seconds({}, [Amount("a", 10)], 0.5, 5.0) == pytest.approx(5.0)


def test_history_is_replaced_by_progress_as_it_comes() -> None:
    rates = {"a": 1.0, "b": 2.0}
    amounts = [Amount("a", 10), Amount("b", 3)]
    assert remaining_seconds(rates, amounts, 0.0, 0.0) == pytest.approx(16.0)
    # Half done in 10 s where history said 5: the rest is judged between 5 and 10.
    assert remaining_seconds(rates, amounts, 0.5, 10.0) == pytest.approx(0.5 * (0.5 * 10 + 0.5 * 20) + 6)


def test_rates_are_kept_by_stage_and_engine_and_follow_the_machine(tmp_path: Path) -> None:
    timings = Timings(tmp_path / "timings.json")
    timings.learn(Amount("draw", 10, "painter"), 20.0)
    timings.learn(Amount("draw", 10, "painter"), 10.0)
    timings.learn(Amount("draw", 10, "sd15"), 100.0)
    rates = Timings(tmp_path / "timings.json").rates()
    assert rates == {"draw painter": pytest.approx(0.6 * 2 + 0.4 * 1), "draw sd15": pytest.approx(10.0)}


def test_a_damaged_history_costs_only_the_eta(tmp_path: Path) -> None:
    (tmp_path / "timings.json").write_text("{broken")
    timings = Timings(tmp_path / "timings.json")
    assert timings.rates() == {}
    timings.learn(Amount("a", 1), 2.0)
    assert timings.rates() == {"a": 2.0}


def test_an_engine_s_pace_is_what_its_stage_took(tmp_path):
    timings = Timings(tmp_path / "timings.json")
    assert paces(timings.rates()) == {}
    timings.learn(Amount("keyframes", 7 * 1.048576, "image/painter"), 14.0)
    timings.learn(Amount("views", 5.0, "image/painter"), 90.0)
    timings.learn(Amount("lips", 240, "lip_sync/mouth_warp"), 5.0)
    timings.learn(Amount("film", 10.0), 1.0)
    found = paces(timings.rates())
    assert set(found) == {"image/painter", "lip_sync/mouth_warp"}
    assert found["image/painter"].seconds == pytest.approx(0.5)
    assert found["image/painter"].work == "a picture of 512x512"
    assert found["lip_sync/mouth_warp"].seconds == pytest.approx(0.5)
