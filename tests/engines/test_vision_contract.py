"""What every vision engine promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from studio.cancellation import CancelToken
from studio.contracts import VisionEngine, WatchRequest, Weights
from studio.engines.vision.embedded import EmbeddedVision
from studio.engines.vision.qwen_vl import QwenVl
from studio.errors import BadInput, Cancelled
from tests.engines.tiny_qwen_vl import BLUE, RED
from tests.engines.vision_samples import film, read, scenes_of

SMALL_PICTURES = 3


@pytest.fixture(scope="module", params=["embedded", "qwen-vl"])
def engine(request: pytest.FixtureRequest) -> Iterator[VisionEngine]:
    if request.param == "embedded":
        yield EmbeddedVision("embedded", "cpu")
        return
    folder: Path = request.getfixturevalue("tiny_qwen_vl")
    made = QwenVl("qwen-vl", "cpu", SMALL_PICTURES, Weights({folder.name: folder}, folder.parent))
    made.warm_up()
    yield made
    assert made.residue() == ""
    made.close()


def test_scenes_cover_the_video_and_are_handed_out_once(engine: VisionEngine) -> None:
    readings = read(engine, film([(RED, 5), (BLUE, 6), (RED, 3)]), batch=4)
    scenes = scenes_of(readings)
    assert [scene.start for scene in scenes] == [0.0, 5.0, 11.0]
    assert scenes[-1].end == 14.0
    assert all(one.end == other.start for one, other in pairwise(scenes))
    assert readings[-1].open_scenes == ()
    assert [reading.until for reading in readings] == [3.0, 7.0, 11.0, 13.0]


@pytest.mark.parametrize("batch", [4])
def test_broken_off_anywhere_and_gone_on_with_it_finds_the_same(engine: VisionEngine, batch: int) -> None:
    samples = film([(RED, 4), (BLUE, 12), (RED, 2)])
    whole = read(engine, samples, batch=batch)
    for at, reading in enumerate(whole[:-1]):
        state = json.loads(json.dumps(reading.state))
        assert len(json.dumps(state)) < 600_000
        assert reading.until is not None
        rest = [each for each in samples if each.time > reading.until]
        again = read(engine, rest, state, batch=batch, duration=18.0)
        assert scenes_of(whole) == scenes_of(whole[: at + 1]) + scenes_of(again)


def test_the_same_twice_and_the_batch_makes_no_difference(engine: VisionEngine) -> None:
    samples = film([(RED, 4), (BLUE, 4)])
    assert scenes_of(read(engine, samples)) == scenes_of(read(engine, samples, batch=2))


def test_a_cancel_ends_it_at_the_next_sample(engine: VisionEngine) -> None:
    cancel = CancelToken()
    samples = film([(RED, 6)])

    def watched() -> Iterator:
        for sample in samples:
            if sample.time == 2.0:
                cancel.cancel()
            assert sample.time < 4.0
            yield sample

    with pytest.raises(Cancelled):
        list(engine.read(WatchRequest(watched(), 6.0), cancel))


def test_nothing_to_see_and_a_batch_of_nothing(engine: VisionEngine) -> None:
    (reading,) = read(engine, [])
    assert (reading.scenes, reading.open_scenes, reading.until) == ((), (), None)
    with pytest.raises(BadInput, match="batch"):
        read(engine, [], batch=0)
