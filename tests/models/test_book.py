"""What models were seen to need is remembered on disk, and decides the rung of the next start."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from studio.contracts import Engine
from studio.models.book import MemoryBook
from studio.models.devices import Device
from studio.models.manager import LeaseOptions, ManagerOptions, ModelManager
from studio.models.memory import Reading
from studio.models.mover import Outside
from studio.models.planner import Pace, prospect
from studio.models.registry import Registry
from tests.models.fakes import card

GB = 1_000_000_000
LADDER = card("big", rungs=("full", "sliced", "small"), memory=(8 * GB, 5 * GB, 3 * GB))


class Memory:
    """A gauge whose reading the test sets."""

    settle_seconds = 0.0

    def __init__(self, total: int) -> None:
        self.used, self.total = 0, total

    def read(self) -> Reading:
        return Reading(self.used, self.total)


def manager_on(total: int, book: Path | None) -> tuple[ModelManager, Memory]:
    memory = Memory(total)

    class Big(Engine):
        task = "image"

        def warm_up(self) -> None:
            memory.used += 2 * GB

        def close(self) -> None:
            memory.used -= 2 * GB

    registry = Registry("cuda")
    registry.register(LADDER, Big)
    outside = Outside(memory, book=MemoryBook(book, "card A"))
    return ModelManager(registry, Device("cuda", "card A", "float16", ""), ManagerOptions(), outside), memory


def test_a_peak_seen_at_work_lowers_the_next_start(tmp_path):
    path = tmp_path / "memory.json"
    manager, memory = manager_on(9 * GB, path)

    def peaking(engine: Engine) -> int:
        memory.used += 8 * GB
        time.sleep(0.1)  # several readings of the meter
        memory.used -= 8 * GB
        return engine.rung

    assert manager.run(LADDER.key, LeaseOptions(), peaking) == 0
    manager.close()
    assert MemoryBook(path, "card A").measured(LADDER) == {0: 10 * GB}
    said: list[str] = []
    again, _ = manager_on(9 * GB, path)
    assert again.run(LADDER.key, LeaseOptions(notify=said.append), lambda engine: engine.rung) == 1
    again.close()
    assert "sliced instead of full" in said[0]


def test_a_rung_that_worked_after_memory_ran_out_is_kept_for_next_time(tmp_path):
    path = tmp_path / "memory.json"
    manager, _ = manager_on(20 * GB, path)

    def work(engine: Engine) -> int:
        if engine.rung < 2:
            raise MemoryError("CUDA out of memory")
        return engine.rung

    assert manager.run(LADDER.key, LeaseOptions(shape="1024"), work) == 2
    manager.close()
    again, _ = manager_on(20 * GB, path)
    assert again.run(LADDER.key, LeaseOptions(shape="1024"), lambda engine: engine.rung) == 2
    assert again.run(LADDER.key, LeaseOptions(shape="512"), lambda engine: engine.rung) == 0
    again.close()


def test_another_card_and_a_damaged_book_know_nothing(tmp_path):
    path = tmp_path / "memory.json"
    book = MemoryBook(path, "card A")
    assert book.note_peak(LADDER, 1, 4 * GB)
    assert not book.note_peak(LADDER, 1, 3 * GB)
    assert MemoryBook(path, "card A").measured(LADDER) == {1: 4 * GB}
    assert MemoryBook(path, "card B").measured(LADDER) == {}
    path.write_text("{")
    assert MemoryBook(path, "card A").measured(LADDER) == {}


@pytest.mark.parametrize(
    ("capacity", "rung", "fits", "words"),
    [
        (4 * GB, 2, True, "small, not full"),
        (6 * GB, 1, True, "sliced, not full, 5.0 GB of 6.0 GB (estimated)"),
        (12 * GB, 0, True, "full, 8.0 GB"),
        (2 * GB, 2, False, "needs 3.0 GB even with small"),
    ],
)
def test_what_fits_is_told_before_the_start(capacity, rung, fits, words):
    told = prospect(LADDER, capacity, {})
    assert (told.rung, told.fits) == (rung, fits)
    assert words in str(told)
    assert told.to_json()["rung_words"] == LADDER.rungs[rung]


def test_what_was_measured_goes_before_the_estimate():
    told = prospect(LADDER, 6 * GB, {0: 5 * GB})
    assert (told.rung, told.measured) == (0, True)
    assert "measured here" in str(told)


def test_the_time_to_expect_is_told_where_it_was_seen():
    told = prospect(LADDER, 12 * GB, {}, Pace(2.153, "a picture"))
    assert str(told).endswith("; 2.2 s for a picture (measured here)")
    assert (told.to_json()["seconds"], told.to_json()["seconds_for"]) == (2.153, "a picture")
    assert prospect(LADDER, 12 * GB, {}).to_json()["seconds"] is None
