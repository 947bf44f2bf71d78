"""What every video engine promises, and what the embedded one promises beyond it."""

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
from studio.contracts import Keyframe, Layer, Pulse, SegmentRequest, Size, VideoEngine
from studio.engines.video.camera import Pose, held
from studio.engines.video.direction import direct
from studio.engines.video.focus import Focus, figures
from studio.engines.video.framing import with_heads_whole
from studio.engines.video.parallax import Parallax
from studio.engines.video.planes import LayeredScene, Path
from studio.engines.video.relief import FlatScene
from studio.engines.video.transitions import Morph, whip
from studio.errors import BadInput, Cancelled
from studio.media.compositing import Finisher, LayerStack
from studio.music.shots import CAMERAS, Shot, Style

FPS = Fraction(24)
SMALL = Size(192, 128)
PALETTES = (
    ("#0b1026", "#2b2d5b", "#a0416b", "#f2815a", "#ffe0a3"),
    ("#04141c", "#0f3a4a", "#1f7a8c", "#7fc8b8", "#f4f1de"),
)
STYLE = Style("test", "", "", "", {}, 0.3, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5)

ENGINES = {"parallax": lambda: Parallax("parallax", "cpu")}


def colours(seed: int) -> np.ndarray:
    return np.array([[int(c[n : n + 2], 16) for n in (1, 3, 5)] for c in PALETTES[seed % 2]], float)


def ridge(rng: np.random.Generator, shape: tuple[int, int], height: float, colour: np.ndarray) -> np.ndarray:
    rows, columns = shape
    x = np.linspace(0, 2 * np.pi, columns)
    top = height * rows + sum(rows * 0.05 / n * np.sin(n * 1.7 * x + rng.uniform(0, 6)) for n in (1, 2, 4, 7))
    alpha = np.clip(np.arange(rows)[:, None] - top + 0.5, 0, 1)
    texture = cv2.resize(rng.random((12, 18)).astype(np.float32), (columns, rows))[..., None]
    return np.dstack([np.clip(colour * (0.6 + 0.8 * texture), 0, 255), 255 * alpha]).astype(np.uint8)


def painted(size: Size, seed: int) -> Keyframe:
    """Sky, two ridges, a figure and the ground before it: layers as the painter makes them."""
    margin = max(6, min(size.width, size.height) // 12)
    rows, columns = size.height + 2 * margin, size.width + 2 * margin
    rng, tones = np.random.default_rng(seed), colours(seed)
    fall = np.linspace(0, 1, rows)[:, None, None]
    sky = np.broadcast_to(tones[1] * (1 - fall) + tones[3] * fall, (rows, columns, 3)).astype(np.uint8)
    sky = cv2.circle(sky.copy(), (round(columns * rng.uniform(0.2, 0.8)), rows // 4), rows // 12, tuple(tones[4]), -1)
    figure = np.zeros((rows, columns, 4), np.uint8)
    x = round(columns * rng.uniform(0.35, 0.65))
    cv2.ellipse(figure, (x, round(rows * 0.66)), (rows // 14, rows // 5), 0, 0, 360, (*tones[0], 255), -1)
    cv2.circle(figure, (x, round(rows * 0.45)), rows // 18, (*tones[4], 255), -1)
    layers = (
        Layer(np.dstack([sky, np.full((rows, columns), 255, np.uint8)]), 0.0),
        Layer(ridge(rng, (rows, columns), 0.5, tones[2]), 0.25),
        Layer(ridge(rng, (rows, columns), 0.65, tones[1]), 0.5),
        Layer(figure, 0.65),
        Layer(ridge(rng, (rows, columns), 0.87, tones[0]), 1.0),
    )
    image = Finisher(STYLE, size).apply(LayerStack(layers, margin).compose(), 0)
    return Keyframe(image, layers, margin)


def keyframe(kind: str, seed: int, size: Size = SMALL) -> Keyframe:
    made = painted(size, seed)
    return made if kind == "layers" else Keyframe(made.image)


def shot(index: int, **changes: object) -> Shot:
    values: dict[str, object] = {
        "index": index, "time": 4.0 * index, "description": "", "prompt": "", "characters": (), "hour": "dusk",
        "setting": ("sea",) if index % 2 else ("city",), "weather": "clear", "mood": "tense",
        "palette": PALETTES[index % 2], "framing": "wide", "camera": "push_in", "intensity": 0.6, "seed": index,
    }  # fmt: skip
    return Shot(**(values | changes))  # pyright: ignore[reportArgumentType]


def pulse(count: int, level: float = 0.6, period: int = 12) -> Pulse:
    age = np.arange(count) % period
    return Pulse(np.full(count, level, np.float32), np.exp(-age / 3.6).astype(np.float32), np.zeros(count, np.float32))


def request(kind: str = "layers", count: int = 96, **changes: object) -> SegmentRequest:
    """A segment that lands, from 4 s of the film on; its end keyframe stands on its last frame."""
    values: dict[str, object] = {
        "index": 1, "start": keyframe(kind, 0), "end": keyframe(kind, 1),
        "shots": (shot(1, time=4.0), shot(2, time=4.0 + count / 24)),
        "style": STYLE, "size": SMALL, "fps": FPS, "first_frame": 97, "frame_count": count,
        "cuts": tuple(c for c in (36, 60, 72) if c < count - 6), "pulse": pulse(count), "seed": 5,
    }  # fmt: skip
    return SegmentRequest(**(values | changes))  # pyright: ignore[reportArgumentType]


def frames(asked: SegmentRequest, engine: VideoEngine | None = None) -> list[np.ndarray]:
    return list((engine or Parallax("parallax", "cpu")).animate(asked, CancelToken()))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(cv2.absdiff(a, b).mean())


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[VideoEngine]:
    made = ENGINES[request.param]()
    made.warm_up()
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["layers", "flat"])
@pytest.mark.parametrize("count", [1, 2, 3, 5, 17, 120])
def test_exactly_the_frames_asked_for_ending_on_the_last_picture(engine: VideoEngine, kind: str, count: int) -> None:
    asked = request(kind, count)
    made = frames(asked, engine)
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


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_shots_cut_together_show_different_parts_of_their_picture(kind: str) -> None:
    """Two views that are nearly the same read as a jump in the film, not as a cut."""
    scenes = [
        FlatScene(k.image, SMALL) if kind == "flat" else LayeredScene(k, SMALL)
        for k in map(painted, [SMALL] * 2, (0, 1))
    ]
    for seed in range(12):
        asked = request(kind, 300, seed=seed, cuts=tuple(range(24, 290, 24)), pulse=pulse(300, 0.8))
        shots = direct(asked, scenes).shots
        assert len(shots) == 13
        for a, b in itertools.pairwise(shots):
            assert a.scene != b.scene or common(a.path.end, b.path.start) < 0.65


def common(a: Pose, b: Pose) -> float:
    """The share of two views that both show, measured by painting them."""
    masks = []
    for pose in (a, b):
        half = np.array([SMALL.width, SMALL.height]) / pose.zoom / 2
        (left, top), (right, bottom) = (np.array([pose.x, pose.y]) + k * half + (200, 200) for k in (-1, 1))
        mask = np.zeros((400, 400), bool)
        mask[round(top) : round(bottom), round(left) : round(right)] = True
        masks.append(mask)
    return float((masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum())


def test_no_head_is_cut_by_the_frame() -> None:
    person = Focus(12.0, 4.0, 0.6, crown=-18.0, head=11.0)
    rng = np.random.default_rng(4)
    seen_whole = 0
    for _ in range(400):
        x, y = rng.normal(0, 40, 2).tolist()
        pose = with_heads_whole(Pose(x, y, float(rng.uniform(1.0, 3.5))), (person,), SMALL)
        half_x, half_y = SMALL.width / 2 / pose.zoom, SMALL.height / 2 / pose.zoom
        across, down = abs(pose.x - person.x), -7.0 - pose.y
        whole = across + 11 <= half_x and down - 11 >= -half_y and down + 11 <= half_y
        gone = across - 11 >= half_x or abs(down) - 11 >= half_y
        assert whole or gone
        seen_whole += whole
    assert seen_whole > 250


def test_a_figure_standing_free_is_found_and_a_hill_is_not() -> None:
    made = painted(Size(384, 256), 0)
    found = figures(made, Size(384, 256))
    column = np.flatnonzero(made.layers[3].picture[..., 3].any(0)).mean() - made.layers[3].picture.shape[1] / 2
    assert len(found) == 1
    assert found[0].x == pytest.approx(column, abs=2)
    assert found[0].depth == 0.65


def test_same_request_same_frames_and_another_seed_another_film(engine: VideoEngine) -> None:
    asked = request()
    first, again, other = frames(asked, engine), frames(asked, engine), frames(replace(asked, seed=6), engine)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert np.mean([apart(a, b) for a, b in zip(first, other, strict=True)]) > 1


def test_cancelled_between_two_frames(engine: VideoEngine) -> None:
    cancel = CancelToken()
    film = engine.animate(request(), cancel)
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


def ramp(size: Size, margin: int) -> np.ndarray:
    """Red rises to the right, green downwards: a picture seen mirrored at its edge would turn round."""
    rows, columns = size.height + 2 * margin, size.width + 2 * margin
    red, green = np.meshgrid(np.linspace(0, 255, columns), np.linspace(0, 255, rows))
    return np.dstack([red, green, np.full_like(red, 90)]).astype(np.uint8)


@pytest.mark.parametrize("kind", ["layers", "flat"])
def test_no_pose_of_a_path_shows_a_pictures_edge(kind: str) -> None:
    size = Size(160, 120)
    picture = ramp(size, 12 if kind == "layers" else 0)
    opaque = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
    near = opaque.copy()
    near[: near.shape[0] // 2] = 0
    near[..., 1] = near[..., 2] = near[..., 3]
    layers = (Layer(opaque, 0.0), Layer(near, 0.9))
    scene = LayeredScene(Keyframe(picture, layers, 12), size) if kind == "layers" else FlatScene(picture, size)
    rng = np.random.default_rng(3)
    for _ in range(150):
        x, y, truck_x, truck_y = rng.normal(0, 50, 4).tolist()
        wild = Pose(x, y, rng.uniform(0.8, 1.9), truck_x, truck_y, rng.normal(0, 0.2), rng.normal(0, 0.05))
        pose = held(wild, scene.reaches, size.width, size.height, 0.0)
        seen = scene.view(Path(pose, pose)).render(pose).astype(int)
        inside = seen[:, 10:-10, 0].mean(0), seen[10:-10, :, 1].mean(1)
        assert seen[5:-5, 6, 0].mean() > seen[5:-5, 0, 0].mean()
        assert seen[5:-5, -1, 0].mean() > seen[5:-5, -7, 0].mean()
        assert all(line[-1] >= line[0] for line in inside)
        assert seen[-1, 5:-5, 1].mean() >= seen[-7, 5:-5, 1].mean()
        if kind == "layers":
            assert np.diff(seen[..., 2], axis=0).min() > -12


@pytest.mark.parametrize("level", [0.6, 0.95])
@pytest.mark.parametrize("seed", range(8))
def test_a_hard_arrival_is_seen_on_the_landing_frame(level: float, seed: int) -> None:
    """The landing stands on a beat: a cut, flash or whip whose change came earlier would be seen off it."""
    shots = (shot(1, time=4.0, intensity=level - 0.3), shot(2, time=8.0, intensity=level))
    asked = request(seed=seed, pulse=pulse(96, level), shots=shots)
    made = frames(asked)
    steps = [apart(a, b) for a, b in itertools.pairwise(made[-14:])]
    if max(steps) > 12:
        assert int(np.argmax(steps)) == len(steps) - 1


def test_a_calm_arrival_has_no_cut() -> None:
    shots = (shot(1, time=4.0, intensity=0.2, mood="calm"), shot(2, time=8.0, intensity=0.15, mood="calm"))
    made = frames(request(pulse=pulse(96, 0.15), shots=shots, cuts=()))
    assert max(apart(a, b) for a, b in itertools.pairwise(made[-40:])) < 6


def test_pictures_that_are_alike_flow_into_each_other() -> None:
    """The same place with its figure a step aside: no frame in between shows two half figures."""
    size = Size(384, 256)
    first = painted(size, 0)
    aside = Layer(np.roll(first.layers[3].picture, 20, 1), first.layers[3].depth)
    moved = replace(first, layers=(*first.layers[:3], aside, first.layers[4]))
    second = replace(moved, image=Finisher(STYLE, size).apply(LayerStack(moved.layers, moved.margin).compose(), 0))
    shots = tuple(shot(n, time=4.0 * n, setting=("sea",), characters=(0,), intensity=0.5) for n in (1, 2))
    asked = request(start=first, end=second, shots=shots, size=size, cuts=(36,), pulse=pulse(96, 0.5))
    arrival = direct(asked, [LayeredScene(keyframe, size) for keyframe in (first, second)]).arrival
    assert arrival.kind == "morph"
    made = frames(asked)
    assert max(apart(a, b) for a, b in itertools.pairwise(made[-arrival.frames :])) < 8


def test_what_a_nearer_plane_hid_is_drawn_on() -> None:
    """A camera that rises looks over the ground before a hill: there must be hill behind it, not sky."""
    size = Size(120, 120)
    plain = np.zeros((140, 140, 4), np.uint8)
    sky, hill, ground = plain.copy(), plain.copy(), plain.copy()
    sky[:] = (0, 0, 255, 255)
    hill[50:82] = (255, 0, 0, 255)
    ground[80:] = (0, 255, 0, 255)
    layers = (Layer(sky, 0.0), Layer(hill, 0.2), Layer(ground, 0.9))
    scene = LayeredScene(Keyframe(LayerStack(layers, 10).compose(), layers, 10), size)
    pose = Pose(zoom=1.2, truck_y=-10.0)
    column = scene.view(Path(pose, pose)).render(pose)[:, 60].astype(int)
    reds = np.flatnonzero(column[:, 0] > 128)
    assert column[reds[0] :, 2].max() < 140


def test_the_films_last_picture_arrives_at_its_moment_and_stays() -> None:
    asked = request(count=144, cuts=(48, 96), shots=(shot(1, time=4.0), shot(2, time=8.05)), first_frame=97)
    made = [cv2.blur(f, (31, 31)) for f in frames(asked)]
    start, end = (cv2.blur(k.image, (31, 31)) for k in (asked.start, asked.end))
    assert apart(made[90], start) < apart(made[90], end)
    assert all(apart(f, end) < apart(f, start) for f in made[97:])
    assert apart(made[-2], made[-1]) < 4


def test_a_drop_is_not_given_away_before_it_lands() -> None:
    shots = (shot(1, time=4.0, intensity=0.3), shot(2, time=10.0, intensity=0.95))
    asked = request(count=144, cuts=(24, 48, 72, 96, 120), shots=shots, pulse=pulse(144, 0.9))
    made = [cv2.blur(f, (31, 31)) for f in frames(asked)]
    start, end = (cv2.blur(k.image, (31, 31)) for k in (asked.start, asked.end))
    assert all(apart(f, start) < apart(f, end) for f in made[:130])


def test_a_whip_ends_on_its_target_and_a_morph_only_joins_what_is_alike() -> None:
    a, b = keyframe("flat", 0).image, keyframe("flat", 1).image
    for angle in range(4):
        assert apart(whip(a, b, angle, (0.0, 0.0)), a) < 1
        assert apart(whip(a, b, angle, (1.0, 1.0)), b) < 1
    shifted = np.roll(cv2.resize(a, (384, 256)), 6, axis=1)
    near = Morph(cv2.resize(a, (384, 256)), shifted)
    assert near.similar
    assert apart(near.at(cv2.resize(a, (384, 256)), shifted, 0.5), np.roll(cv2.resize(a, (384, 256)), 3, axis=1)) < 4
    assert not Morph(a, b).similar


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
def test_what_does_not_fit_is_named_at_once(change: dict[str, object], parameter: str) -> None:
    with pytest.raises(BadInput) as refused:
        Parallax("parallax", "cpu").animate(request(**change), CancelToken())  # pyright: ignore[reportArgumentType]
    assert refused.value.parameter == parameter
