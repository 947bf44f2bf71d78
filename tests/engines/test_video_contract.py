"""What every video engine promises (contracts.VideoEngine), and what the embedded one adds to it."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, Size, VideoEngine, Weights
from studio.engines.video.parallax import Parallax
from studio.errors import BadInput, Cancelled
from studio.music.shots import CAMERAS
from tests.engines.video_samples import SMALL, STYLE, apart, frames, keyframe, painted, pulse, request, shot

ENGINES = {"parallax": lambda: Parallax("parallax", "cpu")}


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[VideoEngine]:
    made = ENGINES[request.param]()
    made.warm_up()
    yield made
    made.close()


@pytest.fixture(scope="module")
def parallax() -> VideoEngine:
    return Parallax("parallax", "cpu")


@pytest.fixture(scope="module")
def stable_video(stable_video_checkpoint: Path) -> VideoEngine:
    """Stable Video Diffusion at tiny size."""
    from studio.engines.video.stable_video import StableVideo

    weights = Weights({"stable-video-diffusion": stable_video_checkpoint}, stable_video_checkpoint.parent)
    return StableVideo("stable-video", "cpu", 0, weights)


@pytest.fixture(params=["parallax", "stable_video"])
def any_engine(request: pytest.FixtureRequest) -> VideoEngine:
    """What is promised of every video engine is shown with this one."""
    return request.getfixturevalue(request.param)


QUICK = {"parallax": {}, "stable-video": {"steps": 1}}
"""Options by engine."""


@pytest.mark.parametrize("kind", ["layers", "flat"])
@pytest.mark.parametrize("count", [1, 2, 3, 17, 41])
def test_exactly_the_frames_asked_for_ending_on_the_last_picture(
    any_engine: VideoEngine, kind: str, count: int
) -> None:
    asked = request(kind, count, options=QUICK[any_engine.name])
    made = frames(asked, any_engine)
    assert len(made) == count
    assert all(f.shape == (SMALL.height, SMALL.width, 3) and f.dtype == np.uint8 for f in made)
    assert np.array_equal(made[-1], asked.end.image)


@pytest.mark.parametrize("kind", ["layers", "flat"])
@pytest.mark.parametrize("size", [Size(128, 128), Size(18, 64), Size(256, 16)])
@pytest.mark.parametrize("fps", [8, 60])
def test_odd_shapes_and_rates(engine: VideoEngine, kind: str, size: Size, fps: int) -> None:
    shots = (shot(1, setting=("stage",), time=0.0), shot(2, weather="rain", time=40 / fps))
    ends = {"start": keyframe(kind, 0, size), "end": keyframe(kind, 1, size)}
    made = frames(request(kind, 40, size=size, fps=Fraction(fps), shots=shots, cuts=(8, 20), **ends), engine)
    assert len(made) == 40
    assert all(f.shape == (size.height, size.width, 3) for f in made)


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_it_leaves_from_the_start_picture_without_a_jump(engine: VideoEngine, kind: str) -> None:
    asked = request(kind)
    made = frames(asked, engine)
    step = np.median([apart(a, b) for a, b in itertools.pairwise(made)])
    assert apart(made[0], asked.start.image) < 3 * step
    assert apart(made[0], asked.start.image) < 0.25 * apart(asked.start.image, asked.end.image)


@pytest.mark.parametrize("kind", ["layers", "flat"])
@pytest.mark.parametrize("camera", CAMERAS)
def test_no_frame_stands_still(engine: VideoEngine, kind: str, camera: str) -> None:
    shots = (shot(1, camera=camera, time=4.0), shot(2, camera=camera, time=9.0))
    asked = request(kind, 120, shots=shots, cuts=(), pulse=pulse(120, 0.1), style=replace(STYLE, grain=0.0))
    made = frames(asked, engine)
    steps = [apart(a, b) for a, b in itertools.pairwise(made)]
    assert min(steps) > 0.03
    # the camera really goes somewhere, sway and light aside
    assert apart(cv2.blur(made[0], (9, 9)), cv2.blur(made[90], (9, 9))) > 1.5


@pytest.mark.parametrize("kind", ["layers", "flat"])
@pytest.mark.parametrize("seed", range(6))
def test_every_cut_is_seen_as_one(engine: VideoEngine, kind: str, seed: int) -> None:
    asked = request(kind, 144, cuts=(24, 48, 60, 72, 96), seed=seed, pulse=pulse(144, 0.75))
    made = frames(asked, engine)
    steps = np.array([0.0] + [apart(a, b) for a, b in itertools.pairwise(made)])
    for cut in asked.cuts:
        around = np.median(np.r_[steps[cut - 6 : cut], steps[cut + 1 : cut + 7]])
        assert steps[cut] > 3 * around


def test_same_request_same_frames_and_another_seed_another_film(engine: VideoEngine) -> None:
    asked = request()
    first, again, other = frames(asked, engine), frames(asked, engine), frames(replace(asked, seed=6), engine)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert np.mean([apart(a, b) for a, b in zip(first, other, strict=True)]) > 1


def test_cancelled_between_two_frames(any_engine: VideoEngine) -> None:
    cancel = CancelToken()
    film = any_engine.animate(request(options=QUICK[any_engine.name]), cancel)
    for _ in range(10):
        next(film)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(film)


def test_memory_does_not_grow_with_the_length(engine: VideoEngine) -> None:
    size = Size(96, 64)
    cuts = tuple(range(24, 2000, 24))
    asked = request(
        count=2020, cuts=cuts, pulse=pulse(2020), size=size,
        start=keyframe("layers", 0, size), end=keyframe("layers", 1, size),
    )  # fmt: skip
    held = []
    tracemalloc.start()
    for number, _ in enumerate(engine.animate(asked, CancelToken())):
        if number in (200, 1990):
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    assert held[1] - held[0] < 500_000


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_beats_are_seen(engine: VideoEngine, kind: str) -> None:
    count = 120
    beaten = pulse(count, 0.8)
    shots = (shot(1, camera="drift", time=4.0), shot(2, time=9.0))
    asked = request(kind, count, cuts=(), shots=shots, pulse=beaten)
    silent = replace(asked, pulse=replace(beaten, beat=np.zeros(count, np.float32)))
    moved = [apart(a, b) for a, b in zip(frames(asked, engine), frames(silent, engine), strict=True)]
    assert np.corrcoef(moved[12:96], beaten.beat[12:96])[0, 1] > 0.8


def test_loudness_brings_light(engine: VideoEngine) -> None:
    loud, quiet = (frames(request(count=60, cuts=(), pulse=pulse(60, level, 100)), engine) for level in (1.0, 0.05))
    assert np.mean(loud[20:40]) > np.mean(quiet[20:40]) + 2


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"end": keyframe("flat", 1, Size(96, 96))}, "end.image"),
        ({"start": Keyframe(keyframe("flat", 0).image.astype(np.float32))}, "start.image"),
        ({"start": replace(painted(SMALL, 0), margin=3)}, "start.layers[0]"),
        ({"cuts": (40, 30)}, "cuts"),
        ({"cuts": (0,)}, "cuts"),
        ({"cuts": (96,)}, "cuts"),
        ({"pulse": pulse(95)}, "pulse.intensity"),
        ({"frame_count": 0, "cuts": ()}, "frame_count"),
    ],
)
def test_what_does_not_fit_is_named_at_once(any_engine: VideoEngine, change: dict[str, object], parameter: str) -> None:
    with pytest.raises(BadInput) as refused:
        any_engine.animate(request(**change), CancelToken())  # pyright: ignore[reportArgumentType]
    assert refused.value.parameter == parameter
