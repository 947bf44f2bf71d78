"""More pictures between a segment's two ends: all seen, in their order, and never all in memory."""

from __future__ import annotations

import itertools
import tracemalloc
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, SegmentRequest, Size, View
from studio.engines.video.order import picture_order
from studio.engines.video.parallax import Parallax
from studio.errors import BadInput
from tests.engines.video_samples import SMALL, apart, frames, keyframe, pulse, request, shot

SECONDS = 30
COUNT = 24 * SECONDS


def views(count: int, kind: str = "layers", size: Size = SMALL) -> tuple[View, ...]:
    return tuple(View(shot(1), lambda n=n: keyframe(kind, 2 + n, size)) for n in range(count))


def long_segment(count: int = 3, kind: str = "layers", **changes: object) -> SegmentRequest:
    """30 s with a shot every two seconds."""
    wanted: dict[str, object] = {
        "cuts": tuple(range(48, COUNT - 12, 48)), "views": views(count, kind), "seed": 9,
        "shots": (shot(1, time=4.0), shot(2, time=4.0 + SECONDS)), "pulse": pulse(COUNT, 0.5),
    }  # fmt: skip
    return request(kind, COUNT, **(wanted | changes))


def shown(asked: SegmentRequest) -> list[int]:
    return picture_order(asked, [0, *asked.cuts])[0]


def hue(picture: np.ndarray) -> np.ndarray:
    """The picture's mean colour without its brightness, which light and beats change."""
    mean = picture.reshape(-1, 3).mean(0)
    return mean / mean.sum()


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_every_view_is_seen_in_its_order_in_several_framings(kind: str) -> None:
    """Pictures of one flat colour each: what a frame shows is told by its hue."""
    tones = ((200, 40, 40), (40, 200, 40), (40, 40, 200), (200, 200, 40))

    def tinted(number: int) -> Keyframe:
        made = keyframe("layers", number)
        tone = np.asarray(tones[number]) / 255
        painted = tuple(
            replace(layer, picture=np.dstack([layer.picture[..., :3] * tone, layer.picture[..., 3]]).astype(np.uint8))
            for layer in made.layers
        )
        image = (made.image * tone).astype(np.uint8)
        return replace(made, image=image, layers=painted) if kind == "layers" else Keyframe(image)

    between = tuple(View(shot(1), lambda n=n: tinted(n)) for n in (1, 2, 3))
    asked = long_segment(3, kind, start=tinted(0), views=between)
    homes = np.array([hue(tinted(n).image) for n in range(4)])
    seen: list[int] = []
    middles = [a + 24 for a in (0, *asked.cuts)]
    for number, frame in enumerate(Parallax("parallax", "cpu").animate(asked, CancelToken())):
        if number in middles and number < COUNT - 30:
            seen.append(int(np.linalg.norm(homes - hue(frame), axis=1).argmin()))
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2, 3}
    assert min(seen.count(n) for n in range(4)) >= 3


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_it_still_leaves_from_the_start_and_lands_on_the_end(kind: str) -> None:
    asked = long_segment(2, kind)
    made = frames(asked)
    assert len(made) == COUNT
    assert apart(made[0], asked.start.image) < 6
    assert np.array_equal(made[-1], asked.end.image)
    assert min(apart(a, b) for a, b in itertools.pairwise(made)) > 0.03


def test_the_films_last_picture_still_comes_at_its_moment() -> None:
    asked = long_segment(3, shots=(shot(1, time=4.0), shot(2, time=4.0 + SECONDS - 4.2)))
    order, arrived = picture_order(asked, [0, *asked.cuts])
    first = [0, *asked.cuts][order.index(4)]
    assert arrived
    assert order == sorted(order)
    assert set(order) == {0, 1, 2, 3, 4}
    assert abs(first / 24 - (SECONDS - 4.2)) <= 1.05


def test_a_new_picture_rather_comes_where_the_music_rises() -> None:
    track = pulse(COUNT, 0.3)
    loud = np.where(np.arange(COUNT) >= 288, 0.9, 0.3).astype(np.float32)
    order = shown(long_segment(1, pulse=replace(track, intensity=loud)))
    even = shown(long_segment(1, pulse=track))
    assert order.index(1) == 288 // 48
    assert even.index(1) in {7, 8}


@pytest.mark.parametrize(("cuts", "pictures"), [((), [0]), ((300,), [0, 4]), ((200, 400), [0, 2, 4])])
def test_views_that_no_shot_can_show_are_left_out_evenly(cuts: tuple[int, ...], pictures: list[int]) -> None:
    assert shown(long_segment(4, cuts=cuts)) == pictures


def test_each_view_is_loaded_once_when_its_turn_comes_and_dropped_after() -> None:
    size, at, loaded = Size(96, 64), [0], list[int]()
    alive: list[weakref.ref[np.ndarray]] = []

    def loader(number: int) -> Callable[[], Keyframe]:
        def load() -> Keyframe:
            made = keyframe("layers", number, size)
            loaded.append(at[0])
            alive.append(weakref.ref(made.layers[0].picture))
            return made

        return load

    between = tuple(View(shot(1), loader(n)) for n in range(4))
    ends: dict[str, Any] = {"start": keyframe("layers", 8, size), "end": keyframe("layers", 9, size)}
    asked = long_segment(4, views=between, size=size, **ends)
    starts, order = [0, *asked.cuts], shown(asked)
    for number, _ in enumerate(Parallax("parallax", "cpu").animate(asked, CancelToken())):
        at[0] = number + 1
        assert sum(made() is not None for made in alive) <= 1
    assert loaded == [starts[order.index(n)] for n in (1, 2, 3, 4)]


def test_memory_does_not_grow_with_the_number_of_views() -> None:
    size = Size(256, 192)
    ends: dict[str, Any] = {"start": keyframe("layers", 8, size), "end": keyframe("layers", 9, size)}
    peaks = []
    for count in (2, 10):
        asked = long_segment(count, views=views(count, "layers", size), size=size, **ends)
        tracemalloc.start()
        for _ in itertools.islice(Parallax("parallax", "cpu").animate(asked, CancelToken()), 640):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.15


def test_a_view_of_another_size_is_named() -> None:
    wrong = (View(shot(1), lambda: keyframe("layers", 2)), View(shot(1), lambda: keyframe("flat", 3, Size(96, 96))))
    with pytest.raises(BadInput) as refused:
        frames(long_segment(views=wrong))
    assert refused.value.parameter == "views[1].image"


def test_cuts_to_a_view_are_seen_on_their_frame() -> None:
    asked = long_segment(3)
    order = shown(asked)
    changes = [cut for n, cut in enumerate(asked.cuts) if order[n] != order[n + 1]]
    made = [cv2.resize(f, (48, 32), interpolation=cv2.INTER_AREA) for f in frames(asked)]
    steps = np.array([0.0] + [apart(a, b) for a, b in itertools.pairwise(made)])
    assert len(changes) == 3
    for cut in changes:
        assert steps[cut] > 3 * np.median(steps[cut - 6 : cut + 7])
