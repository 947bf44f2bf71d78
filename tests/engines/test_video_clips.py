"""What the studio does with a network's clips: colours held, rates raised, cuts, landings. A camera that zooms stands
in for the network."""

from __future__ import annotations

import itertools
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, SegmentRequest, Size, View
from studio.engines.video.diffusion.canvas import plan_canvas
from studio.engines.video.diffusion.colour import steadied
from studio.engines.video.diffusion.film import Film
from studio.engines.video.diffusion.flow import Between
from studio.engines.video.diffusion.options import Sampling
from studio.engines.video.diffusion.strip import rate_for
from studio.errors import BadInput
from tests.engines.video_samples import SMALL, apart, keyframe, pulse, request, shot


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As engines do it; other tests may count on more."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


class Camera:
    """Zooms into a picture at a steady pace, a little darker and redder with every frame. Keeps what it was given."""

    frames = 14

    def __init__(self, drift: float = 1.0) -> None:
        self.drift, self.given, self.seeds = drift, [], []

    def clip(self, picture: np.ndarray, seed: int, _sampling: object, watch: object) -> list[np.ndarray]:
        self.given.append(picture)
        self.seeds.append(seed)
        watch.share(1.0)  # type: ignore[attr-defined]
        return list(self._frames(picture))

    def _frames(self, picture: np.ndarray) -> Iterator[np.ndarray]:
        height, width = picture.shape[:2]
        for number in range(self.frames):
            zoom = 1 + 0.01 * number
            matrix = np.array([[zoom, 0, (1 - zoom) * width / 2], [0, zoom, (1 - zoom) * height / 2]])
            frame = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101).astype(float)
            frame = frame * (1 - 0.012 * self.drift * number) + np.array([1.5, 0, 0]) * self.drift * number
            yield np.clip(frame, 0, 255).astype(np.uint8)


def clip_of(picture: np.ndarray, drift: float = 1.0) -> list[np.ndarray]:
    """What a camera makes of `picture`."""
    return list(Camera(drift)._frames(picture))


STILL = Sampling(pulse=0.0)


def filmed(asked: SegmentRequest, camera: Camera | None = None, sampling: Sampling = STILL) -> list[np.ndarray]:
    return list(Film(asked, camera or Camera(), sampling).frames(CancelToken()))  # type: ignore[arg-type]


TINY = Size(96, 64)


def segment(count: int, fps: int = 24, **changes: object) -> SegmentRequest:
    """As video_samples.request, of flat pictures and without cuts; it lands on its last frame at any rate."""
    values: dict[str, object] = {
        "size": TINY, "start": keyframe("flat", 0, TINY), "end": keyframe("flat", 1, TINY), "cuts": (),
        "fps": Fraction(fps), "first_frame": 4 * fps + 1,
        "shots": (shot(1, time=4.0), shot(2, time=4.0 + count / fps)),
    }  # fmt: skip
    return request("flat", count, **(values | changes))


def textured(seed: int, size: tuple[int, int], low: int, high: int) -> np.ndarray:
    noise = np.random.default_rng(seed).random((size[1] // 6 + 1, size[0] // 6 + 1, 3)).astype(np.float32)
    return (low + (high - low) * cv2.resize(noise, size, interpolation=cv2.INTER_LINEAR)).astype(np.uint8)


# ---- between two frames -----------------------------------------------------------------------------------


def square_at(x: int, y: int) -> np.ndarray:
    scene = textured(1, (256, 144), 20, 120)
    scene[y : y + 40, x : x + 40] = textured(2, (40, 40), 170, 250)
    return scene


@pytest.mark.parametrize("way", [(4, 2), (12, -6), (-16, 0)])
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_square_is_halfway_when_time_is_halfway(way: tuple[int, int], share: float) -> None:
    first, second = square_at(100, 50), square_at(100 + way[0], 50 + way[1])
    made = Between(first, second).at(share)
    inside = made.min(axis=2) > 140
    y, x = (values.mean() for values in np.nonzero(inside))
    assert x == pytest.approx(100 + 19.5 + share * way[0], abs=1.0)
    assert y == pytest.approx(50 + 19.5 + share * way[1], abs=1.0)
    # one square, not two fading into each other
    assert abs(int(inside.sum()) - 1600) < 130
    true = square_at(100 + round(share * way[0]), 50 + round(share * way[1]))
    assert apart(made, true) < 0.6 * apart(cv2.addWeighted(first, 1 - share, second, share, 0), true)


def test_the_ends_are_the_frames_themselves_and_any_size_will_do() -> None:
    for size in ((16, 16), (18, 64), (700, 40)):
        first, second = textured(3, size, 0, 255), textured(4, size, 0, 255)
        between = Between(first, second)
        assert np.array_equal(between.at(0.0), first)
        assert np.array_equal(between.at(1.0), second)
        assert between.at(0.4).shape == first.shape


def test_what_has_nothing_in_common_is_told_and_changes_over_fast() -> None:
    first, second = textured(5, (256, 144), 0, 120), textured(6, (256, 144), 120, 255)
    between = Between(first, second)
    assert between.trust < 0.35
    assert len(between.pairs[0]) == len(between.pairs[1]) < 0.35 * first[..., 0].size
    assert Between(first, np.roll(first, 5, axis=1)).trust > 0.8
    assert apart(between.at(0.2), first) < 0.12 * apart(first, second)
    assert apart(between.at(0.8), second) < 0.12 * apart(first, second)


# ---- colours ----------------------------------------------------------------------------------------------


def test_a_drift_is_taken_out_and_a_flash_stays() -> None:
    picture = textured(7, (192, 128), 30, 200)
    drifting = [np.clip(picture * (1 - 0.015 * n) + [2.0 * n, 0, -n], 0, 255).astype(np.uint8) for n in range(14)]
    steady = steadied(drifting, picture)
    assert max(np.abs(frame.mean((0, 1)) - picture.mean((0, 1))).max() for frame in steady) < 4
    assert np.abs(drifting[-1].mean((0, 1)) - picture.mean((0, 1))).max() > 15
    assert max(apart(frame, picture) for frame in steady) < 4.5

    zooming = clip_of(picture, 0.0)
    assert max(apart(one, other) for one, other in zip(steadied(zooming, picture), zooming, strict=True)) < 3

    flashing = [picture] * 6 + [np.clip(picture.astype(int) + 50, 0, 255).astype(np.uint8)] + [picture] * 7
    kept = steadied(flashing, picture)
    assert kept[6].mean() - kept[5].mean() > 40


def test_colours_of_a_flat_picture_and_of_another_scene_are_left_within_reason() -> None:
    grey = np.full((64, 64, 3), 90, np.uint8)
    assert apart(steadied([grey] * 4, grey)[3], grey) <= 1
    dark, bright = textured(8, (64, 64), 0, 60), textured(9, (64, 64), 180, 255)
    assert 30 < steadied([dark] * 4, bright)[2].mean() - dark.mean() < 75


def test_a_long_shot_does_not_drift_from_clip_to_clip() -> None:
    camera = Camera()
    asked = segment(48, 6, pulse=pulse(48, 0.0))
    made = filmed(asked, camera)
    assert len(camera.given) >= 4
    start = asked.start.image.mean((0, 1))
    assert max(np.abs(frame.mean((0, 1)) - start).max() for frame in made[:38]) < 12


# ---- a segment --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fps", [7, 30])
def test_it_moves_at_the_same_pace_at_any_frame_rate(fps: int) -> None:
    count = 2 * fps
    asked = segment(count, fps)
    made = filmed(asked, Camera(drift=0.0))
    assert len(made) == count
    assert np.array_equal(made[-1], asked.end.image)
    # after a second seven of the clip's frames have passed
    clip = clip_of(asked.start.image, 0.0)
    after = made[fps - 1]
    assert apart(after, clip[7]) < 2.5
    assert apart(after, clip[7]) < apart(after, clip[5])
    assert apart(after, clip[7]) < apart(after, clip[9])


def test_memory_does_not_grow_with_the_length() -> None:
    """Four clips one behind the other."""
    held = []
    film = Film(segment(56, 6), Camera(), STILL).frames(CancelToken())  # type: ignore[arg-type]
    tracemalloc.start()
    for number, _ in enumerate(film):
        if number in (20, 44):
            held.append(tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    # a clip is 14 frames of 18 kB, and the stand-in keeps the pictures it was given
    assert held[1] - held[0] < 8 * 18_432 + 100_000


def test_every_cut_is_seen_as_one_and_begins_a_clip_of_its_own() -> None:
    camera = Camera()
    asked = segment(60, 12, cuts=(12, 24, 36, 48), pulse=pulse(60, 0.4))
    made = filmed(asked, camera)
    steps = [0.0, *(apart(a, b) for a, b in itertools.pairwise(made))]
    for cut in asked.cuts:
        around = np.median([*steps[cut - 5 : cut], *steps[cut + 1 : cut + 6]])
        assert steps[cut] > 3 * around
    assert len(camera.given) == 6  # five shots and the way to the last picture
    assert len(set(camera.seeds)) == 6
    assert np.array_equal(camera.given[0], asked.start.image)
    assert np.array_equal(camera.given[-1], asked.end.image)


def test_every_view_is_shown_and_loaded_when_its_turn_comes() -> None:
    loaded: list[int] = []

    def view(number: int) -> View:
        def load() -> Keyframe:
            loaded.append(number)
            return Keyframe(np.full((TINY.height, TINY.width, 3), 60 * number, np.uint8))

        return View(shot(1), load)

    asked = segment(36, 6, cuts=(12, 24), views=(view(1), view(3)))
    film = Film(asked, Camera(0.0), STILL).frames(CancelToken())  # type: ignore[arg-type]
    made = [next(film) for _ in range(6)]
    assert loaded == []
    made += list(film)
    assert sorted(set(loaded)) == [1, 3]
    assert np.median(made[15]) == pytest.approx(60, abs=3)
    assert np.median(made[25]) == pytest.approx(180, abs=3)


def test_a_view_of_another_size_is_refused_by_name() -> None:
    views = (View(shot(1), lambda: keyframe("flat", 2, SMALL)),)
    with pytest.raises(BadInput, match=r"views\[0\]\.image"):
        filmed(segment(36, 6, cuts=(12, 24), views=views))


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_it_lands_by_a_clip_run_backwards(level: float) -> None:
    camera = Camera()
    asked = segment(48, pulse=pulse(48, level))
    made = filmed(asked, camera)
    clip = steadied(clip_of(asked.end.image), asked.end.image)
    # a seventh of a second before the end stands the second frame of the clip that sets off from the end
    assert apart(made[47 - 3], clip[1]) < 3
    assert apart(made[47 - 3], clip[1]) < apart(made[47 - 3], clip[3])
    assert np.array_equal(made[-1], asked.end.image)
    # and long before it nothing of that picture is there
    before = filmed(replace(asked, end=keyframe("flat", 4, TINY)), Camera())
    assert apart(made[20], before[20]) < 0.5


def test_the_louder_the_music_the_shorter_the_passage_and_a_rise_keeps_its_surprise() -> None:
    def passage(level: float, rise: float = 0.0) -> int:
        """Frames that already show something of the last picture."""
        shots = (shot(1, time=4.0, intensity=0.3), shot(2, time=6.0, intensity=0.3 + rise))
        asked = segment(24, 12, shots=shots, pulse=pulse(24, level))
        one, other = filmed(asked), filmed(replace(asked, end=Keyframe(255 - asked.end.image)))
        return sum(apart(a, b) > 4 for a, b in zip(one, other, strict=True))

    calm, loud, rising = passage(0.0), passage(0.95), passage(0.0, 0.5)
    assert calm > 1.5 * loud
    assert rising < 0.5 * calm
    assert rising <= 4


def test_pictures_alike_flow_into_each_other_without_ghosts() -> None:
    """The same scene a little aside: no frame shows two of its edges."""
    size = Size(256, 144)
    wide = textured(11, (320, 144), 20, 110)
    scenes = [np.ascontiguousarray(wide[:, at : at + 256]) for at in (10, 30)]
    for scene, x in zip(scenes, (120, 100), strict=True):
        scene[40:100, x : x + 50] = (230, 220, 200)
    ends = {"start": Keyframe(scenes[0]), "end": Keyframe(scenes[1])}
    made = filmed(segment(16, 10, size=size, **ends), Camera(drift=0.0))
    for frame in made:
        bright = frame.min(axis=2) > 150
        among = (frame.min(axis=2) > 125) & ~bright  # what a half-seen second square would be
        assert 2600 < bright.sum() < 4800
        assert among.sum() < 420
    assert max(apart(a, b) for a, b in itertools.pairwise(made)) < 15


def test_a_last_shot_of_the_end_s_own_picture_runs_backwards_alone() -> None:
    """The film's last picture has its moment before the segment's end."""
    camera = Camera()
    asked = segment(60, 12, cuts=(42,), shots=(shot(1, time=4.0), shot(2, time=7.6)))
    made = filmed(asked, camera)
    assert len(camera.given) == 3
    assert np.array_equal(camera.given[-1], asked.end.image)
    apart_from_end = [apart(frame, asked.end.image) for frame in made[42:]]
    assert apart_from_end == sorted(apart_from_end, reverse=True)


def test_clips_are_made_when_their_turn_comes_and_counted_beforehand() -> None:
    told: list[float] = []
    camera = Camera()
    asked = segment(60, 12, cuts=(12, 24, 36), progress=told.append)
    film = Film(asked, camera, STILL).frames(CancelToken())  # type: ignore[arg-type]
    for _ in range(10):
        next(film)
    assert len(camera.given) == 1
    assert told == [12]
    list(film)
    assert 30 < sum(told) <= 60


def test_beats_are_seen_unless_they_are_not_wanted() -> None:
    asked = segment(28, pulse=pulse(28, 0.8))
    silent = replace(asked, pulse=replace(asked.pulse, beat=np.zeros(28, np.float32)))
    for amount, seen in ((1.0, True), (0.0, False)):
        one, other = (filmed(each, sampling=Sampling(pulse=amount)) for each in (asked, silent))
        moved = [apart(a, b) for a, b in zip(one, other, strict=True)]
        assert (max(moved) > 1) == seen
        if seen:
            assert np.corrcoef(moved[6:20], asked.pulse.beat[6:20])[0, 1] > 0.8


@pytest.mark.parametrize(("seconds", "clips"), [(0.5, 1), (1.8, 1), (2.3, 1), (2.4, 2), (3.7, 2), (30.0, 13)])
def test_a_shot_a_little_too_long_is_slowed_down_instead_of_set_off_again(seconds: float, clips: int) -> None:
    rate = rate_for(seconds, 7.0, 13)
    assert 7.0 / 1.25 - 1e-9 <= rate <= 7.0
    assert seconds * rate <= clips * 13 + 1e-9
    assert seconds * rate > (clips - 1) * 13


@pytest.mark.parametrize(
    ("asked", "filmed_at"),
    [
        (Size(1920, 1080), (1024, 576)),
        (Size(640, 360), (1024, 576)),
        (Size(1080, 1920), (576, 1024)),
        (Size(720, 720), (768, 768)),
    ],
)
def test_pictures_are_filmed_as_large_as_the_network_was_trained(asked: Size, filmed_at: tuple[int, int]) -> None:
    assert plan_canvas(asked, 1024 * 576) == Size(*filmed_at)


@pytest.mark.parametrize("asked", [Size(256, 16), Size(16, 2048), Size(4096, 2160), Size(18, 64)])
def test_every_size_is_filmed_at_multiples_of_64_and_not_above_the_native_area(asked: Size) -> None:
    for share in (1.0, 0.4):
        made = plan_canvas(asked, share * 1024 * 576)
        assert made.width % 64 == made.height % 64 == 0
        assert made.width * made.height <= 1.1 * share * 1024 * 576
