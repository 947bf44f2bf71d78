from __future__ import annotations

import subprocess
import sys

import psutil
import pytest

from studio.models.devices import cpu_device
from studio.models.memory import ProcessGauge, container_limit, gauge_for, ram_budget, wait_until_returned
from studio.settings import ROOT
from tests.models.fakes import Block, FakeClock, FakeMemory

_TAKE_AND_GIVE_BACK = """
from studio.models.devices import cpu_device
from studio.models.memory import gauge_for, give_back
gauge = gauge_for(cpu_device())
before = gauge.read().used
taken = [bytearray(16_384) for _ in range(4000)]
during = gauge.read().used
survivor = bytearray(16_384)  # above the others: it keeps the C library from shrinking its heap by itself
taken.clear()
give_back()
print(during - before, gauge.read().used - during)
"""


def test_the_process_gauge_sees_memory_taken_and_given_back():
    # In a process of its own: one that has run other tests has freed memory to fill before it takes any.
    command = [sys.executable, "-c", _TAKE_AND_GIVE_BACK]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    taken, returned = map(int, result.stdout.split())
    assert 55e6 < taken < 90e6
    assert returned < -50e6


def test_the_process_gauge_counts_only_what_is_free_as_ours():
    gauge = gauge_for(cpu_device())
    assert isinstance(gauge, ProcessGauge)
    reading = gauge.read()
    assert 2**28 < reading.total <= psutil.virtual_memory().total
    assert 0 < reading.free <= reading.total - reading.used, "what other programs use is not ours to fill"


@pytest.mark.parametrize(("text", "limit"), [("1073741824\n", 2**30), ("max\n", 2**63 - 1), (None, 2**63 - 1)])
def test_a_container_limit_is_the_memory_there_is(tmp_path, text, limit):
    file = tmp_path / "memory.max"
    if text is not None:
        file.write_text(text)
    assert container_limit((file,)) == limit


def test_the_ram_budget_is_a_share_of_what_is_free():
    assert 0 < ram_budget(0.1) < ram_budget(0.5) <= psutil.virtual_memory().total


@pytest.mark.parametrize(("stays", "waited"), [(0, 0.0), (25, 0.0), (26, 5.0), (100, 5.0)])
def test_waits_until_three_quarters_are_back_or_five_seconds(stays, waited):
    clock, memory = FakeClock(), FakeMemory()
    block = Block(memory, stays) if stays else None
    began = clock.time
    assert wait_until_returned(memory, clock.clock, before=100, expected=100) == 100 - stays
    assert clock.time - began == pytest.approx(waited, abs=0.06)
    assert block is None or memory.live == stays


def test_memory_that_comes_back_late_is_waited_for():
    clock, memory = FakeClock(), FakeMemory()
    blocks = [Block(memory, 100)]

    def pass_time(seconds):
        clock.time += seconds
        if clock.time > 1001.0 and blocks:
            blocks.clear()
            memory.empty_cache()

    object.__setattr__(clock.clock, "sleep", pass_time)
    assert wait_until_returned(memory, clock.clock, before=100, expected=100) == 100
    assert 1001.0 < clock.time < 1001.2
