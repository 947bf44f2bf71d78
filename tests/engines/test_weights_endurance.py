"""Engines that are loaded from weights, under the manager: one at a time, and as they were whatever happened to them.
The same promises over every engine and many more rounds: benchmarks/weights_endurance.py."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.weights_endurance import cancels, deadlines, loads, pairs, runs_out
from tests.engines.weights_roster import ROSTER, Member, Stage, cut_out, member, write_larger

QUICK = tuple(member(key) for key in ("inpaint/lama", "speech/qwen-tts-small", "transcript/whisper-small"))
MESSAGE = ("cutout/u2net", "inpaint/lama", "speech/qwen-tts", "transcript/whisper-large", "lip_sync/musetalk")
"""A message's engines in the pipeline's order, each the largest of its task."""
CEILING = 14_000_000_000


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder with what the message's engines are loaded from."""
    folder = tmp_path_factory.mktemp("models")
    for one in (*QUICK, member("lip_sync/musetalk")):
        one.write(folder)
        stage = Stage(folder)
        stage.run(one)
        assert stage.manager.close()
    gc.collect()
    gc.freeze()  # what the libraries load at their first use; each unloading collects garbage
    return write_larger(folder)


def test_a_message_never_takes_more_than_its_ceiling(models: Path) -> None:
    """Engines are charged what their cards say. All of them together would not keep to it."""
    stage = Stage(models, total=24_000_000_000)
    largest = {
        "cutout/u2net": Member("cutout/u2net", lambda _: None, cut_out),
        "inpaint/lama": member("inpaint/lama"),
        "speech/qwen-tts": replace(member("speech/qwen-tts-small"), key="speech/qwen-tts"),
        "transcript/whisper-large": replace(member("transcript/whisper-small"), key="transcript/whisper-large"),
        "lip_sync/musetalk": member("lip_sync/musetalk"),
    }
    for key in MESSAGE:
        stage.run(largest[key])
    assert stage.manager.close()
    assert stage.memory.most <= CEILING
    assert stage.engines == [(key, 0) for key in MESSAGE]
    assert stage.memory.most_resident == 1
    assert stage.memory.read().used == 0
    assert sum(stage.registry.entry(key).card.memory[0] for key in MESSAGE) > CEILING


def test_every_engine_after_every_other(models: Path) -> None:
    found = pairs(models, QUICK, passes=2)
    assert (found["pairs"], found["most_resident"]) == (6, 1)


def test_what_is_unloaded_is_gone(models: Path) -> None:
    for one in QUICK:
        assert loads(models, one, 5)["loads"] == 5


def test_memory_that_runs_out_costs_a_rung_and_nothing_else(models: Path) -> None:
    found = [runs_out(models, one, most) for one, most in zip(QUICK, (4, 3, 3), strict=True)]
    assert [each["lowered"] for each in found] == [4, 3, 3]
    assert [each["refused_after_rungs"] for each in found] == [4, 3, 2]


def test_cancelled_at_any_look_it_serves_on(models: Path) -> None:
    found = [cancels(models, one, 5) for one in QUICK]
    assert all(each["cancelled_at"] == min(5, each["looks"]) > 2 for each in found)


def test_out_of_time_at_any_stage_the_next_is_served(models: Path) -> None:
    assert deadlines(models, member("inpaint/lama"))["late"] == 3


def test_every_engine_with_weights_has_its_place_among_these() -> None:
    """But for those that differ in size alone, and rembg, whose network another runtime runs."""
    tasks = {key.partition("/")[0] for key in (one.key for one in ROSTER)}
    assert tasks == {"image", "video", "inpaint", "speech", "transcript", "lip_sync", "vision", "chat"}
