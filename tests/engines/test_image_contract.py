"""What every image engine promises (contracts.ImageEngine), and what the embedded painter adds to it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Cutout, ImageEngine, Keyframe, PaintRequest, Size
from studio.engines.image.painter import Painter
from studio.errors import Cancelled, EngineUnavailable
from studio.media.compositing import Finisher, compose
from studio.music.shots import FRAMINGS, HOURS, MEDIUMS, SETTINGS, WEATHERS, Shot, Style
from studio.music.storyboard import palette_for, write_prompt
from studio.music.styles import load_styles
from tests.engines.drawn_pictures import person

ROOT = Path(__file__).parents[2]
STYLES = load_styles(ROOT / "presets" / "styles")


@pytest.fixture(scope="module")
def engine() -> ImageEngine:
    return Painter("painter", "cpu")


@pytest.fixture(scope="module")
def diffusion(diffusion_models: Path) -> ImageEngine:
    """Stable Diffusion at tiny size, characters by img2img."""
    from tests.engines.diffusion_samples import load

    return load(diffusion_models)


@pytest.fixture(params=["engine", "diffusion"])
def any_engine(request: pytest.FixtureRequest) -> ImageEngine:
    """What is promised of every image engine is shown with this one."""
    return request.getfixturevalue(request.param)


def somebody(size: tuple[int, int] = (480, 360), confidence: float = 0.95) -> Cutout:
    picture, mask = person(size)
    return Cutout(np.dstack([picture, mask]), confidence)


def shot(**changes: object) -> Shot:
    base = Shot(0, 0.0, "opening", "", (0,), ("mountains",), "dusk", "clear", "warm", (), "wide", "push_in", 0.6, 5)
    return replace(base, **changes)  # type: ignore[arg-type]


def request_for(style: str = "golden-hour", side: int = 160, words: str = "", **changes: object) -> PaintRequest:
    look = STYLES[style]
    asked = shot(**changes)
    asked = replace(asked, palette=asked.palette or palette_for(look, asked.mood))
    asked = replace(asked, prompt=write_prompt(asked, look, words))
    cast = (somebody(),) * len(asked.characters)
    return PaintRequest(asked, look, Size(side, side), 9, cast, options={"steps": 4})


def silent(done: int, total: int) -> None:
    """Progress nobody watches."""


def paint(engine: ImageEngine, request: PaintRequest) -> Keyframe:
    return engine.paint(request, silent, CancelToken())


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """How unlike two pictures are where it counts: mean difference of small blurred copies, 0..255."""
    small = [cv2.resize(picture, (16, 16), interpolation=cv2.INTER_AREA).astype(float) for picture in (one, other)]
    return float(np.abs(small[0] - small[1]).mean())


def check_image(keyframe: Keyframe, request: PaintRequest) -> None:
    assert keyframe.image.shape == (request.size.height, request.size.width, 3)
    assert keyframe.image.dtype == np.uint8
    assert keyframe.image.std() > 8
    assert keyframe.layers or keyframe.margin == 0


def check(keyframe: Keyframe, request: PaintRequest) -> None:
    """As check_image, for an engine that paints in layers."""
    check_image(keyframe, request)
    width, height, margin = request.size.width, request.size.height, keyframe.margin
    assert 0.05 * max(width, height) < margin < 0.12 * max(width, height)
    assert 2 <= len(keyframe.layers) <= 5
    for layer in keyframe.layers:
        assert layer.picture.shape == (height + 2 * margin, width + 2 * margin, 4)
        assert layer.picture.dtype == np.uint8
        assert 0.0 <= layer.depth <= 1.0
    depths = [layer.depth for layer in keyframe.layers]
    assert depths == sorted(depths)
    assert (keyframe.layers[0].picture[..., 3] == 255).all()
    # a camera may move over the margin: nothing is bare there
    finished = Finisher(request.style, request.size).apply(compose(keyframe.layers, margin), 0)
    assert np.array_equal(finished, keyframe.image)


@pytest.mark.parametrize("style", sorted(STYLES))
def test_every_style_keeps_the_contract(engine: ImageEngine, style: str) -> None:
    request = request_for(style, setting=("city", "sea"), weather="rain")
    check(paint(engine, request), request)


@pytest.mark.parametrize("setting", [*[(name,) for name in SETTINGS], *combinations(SETTINGS[::2], 2), tuple(SETTINGS)])
def test_every_setting_and_mixture_is_painted(engine: ImageEngine, setting: tuple[str, ...]) -> None:
    request = request_for(side=128, setting=setting, hour="night")
    check(paint(engine, request), request)


@pytest.mark.parametrize("size", [Size(128, 128), Size(320, 180), Size(180, 320), Size(640, 128), Size(130, 242)])
@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_shape_and_framing(engine: ImageEngine, size: Size, framing: str) -> None:
    request = replace(request_for(framing=framing, setting=("road", "desert"), weather="snow"), size=size)
    check(paint(engine, request), request)


@pytest.mark.parametrize("size", [Size(128, 128), Size(130, 242), Size(640, 128)])
def test_exactly_the_size_asked_for(any_engine: ImageEngine, size: Size) -> None:
    request = replace(request_for(framing="close"), size=size)
    check_image(paint(any_engine, request), request)


@pytest.mark.parametrize("size", [Size(1920, 1080), Size(1080, 1920)])
def test_full_size(engine: ImageEngine, size: Size) -> None:
    request = replace(request_for("neon-night", setting=("stage",)), size=size)
    check(paint(engine, request), request)


def test_same_request_same_picture_whatever_came_before(any_engine: ImageEngine) -> None:
    request = request_for("watercolour", setting=("forest",), weather="fog")
    first = paint(any_engine, request)
    paint(any_engine, request_for("woodcut", setting=("club",)))
    second = paint(any_engine, request)
    assert np.array_equal(first.image, second.image)
    for one, other in zip(first.layers, second.layers, strict=True):
        assert np.array_equal(one.picture, other.picture)
        assert one.depth == other.depth


def test_same_picture_in_another_process(engine: ImageEngine) -> None:
    here = int(paint(engine, request_for(setting=("city",))).image.astype(np.int64).sum())
    code = (
        "import sys; sys.path.insert(0, '.');"
        "from tests.engines.test_image_contract import *;"
        "print(int(paint(Painter('painter', 'cpu'), request_for(setting=('city',))).image.astype(np.int64).sum()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    assert int(done.stdout) == here


def test_another_seed_another_picture(any_engine: ImageEngine) -> None:
    one = paint(any_engine, request_for())
    other = paint(any_engine, replace(request_for(), seed=10))
    assert distance(one.image, other.image) > 4


def test_settings_look_unlike_each_other(engine: ImageEngine) -> None:
    pictures = {name: paint(engine, request_for(side=128, setting=(name,), characters=())).image for name in SETTINGS}
    for one, other in combinations(SETTINGS, 2):
        assert distance(pictures[one], pictures[other]) > 5, (one, other)


def test_mediums_look_unlike_each_other(engine: ImageEngine) -> None:
    look = STYLES["golden-hour"]
    request = request_for(side=192, setting=("mountains",))
    pictures = {}
    for medium in MEDIUMS:
        pictures[medium] = paint(engine, replace(request, style=replace(look, medium=medium))).image.astype(float)
    for one, other in combinations(MEDIUMS, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 4, (one, other)


def test_night_is_darker_than_day(engine: ImageEngine) -> None:
    for setting in ("mountains", "city", "sea", "forest", "desert", "road"):
        light = {
            hour: paint(engine, request_for(side=96, setting=(setting,), hour=hour, characters=())).image.mean()
            for hour in HOURS
        }
        assert light["night"] < 0.75 * light["day"], setting
        assert light["night"] < light["dusk"] < light["day"], setting


def test_a_room_at_night_is_lamplit_yet_darker(engine: ImageEngine) -> None:
    light = [
        paint(engine, request_for(side=96, setting=("room",), hour=hour, characters=())).image.mean()
        for hour in ("night", "day")
    ]
    assert light[0] < 0.9 * light[1]


def test_weather_is_seen(engine: ImageEngine) -> None:
    pictures = {
        sky: paint(engine, request_for(setting=("mountains",), weather=sky)).image.astype(float) for sky in WEATHERS
    }
    for one, other in combinations(WEATHERS, 2):
        assert np.abs(pictures[one] - pictures[other]).mean() > 2.5, (one, other)
    assert pictures["fog"].std() < pictures["clear"].std()


@pytest.mark.parametrize(
    ("word", "setting", "hour"),
    [("a boat", "sea", "dusk"), ("the lighthouse", "sea", "dusk"), ("palms", "sea", "dusk"), ("birds", "desert",
        "dusk"),
     ("an aurora", "mountains", "night"), ("a rainbow", "road", "dusk"), ("hot air balloon", "desert", "dawn"),
     ("fireworks", "mountains", "night"), ("lanterns", "desert", "night"), ("petals", "city", "dusk"), ("embers",
     "desert", "dusk"),
     ("fireflies", "mountains", "dusk")],
)  # fmt: skip
def test_things_that_the_prompt_names_are_drawn(engine: ImageEngine, word: str, setting: str, hour: str) -> None:
    plain = paint(engine, request_for(setting=(setting,), hour=hour, characters=())).image.astype(int)
    named = paint(engine, request_for(setting=(setting,), hour=hour, characters=(), words=word)).image.astype(int)
    assert (np.abs(plain - named).max(axis=2) > 24).sum() > 12


def test_the_palette_rules_the_picture(engine: ImageEngine) -> None:
    red = ("#1a0505", "#5a1010", "#b02020", "#f07050", "#ffe0d0")
    blue = ("#05051a", "#10105a", "#2030b0", "#5080f0", "#d0e0ff")
    means = [
        paint(engine, request_for("neon-night", palette=p, characters=())).image.reshape(-1, 3).mean(axis=0)
        for p in (red, blue)
    ]
    assert means[0][0] > means[0][2] + 25
    assert means[1][2] > means[1][0] + 25


# ---- characters -------------------------------------------------------------------------------------------


def figure_of(keyframe: Keyframe) -> np.ndarray:
    """Alpha of the layer that holds the figures: the one at the floor's depth."""
    layers = [layer for layer in keyframe.layers if 0.65 < layer.depth < 0.8]
    assert len(layers) == 1
    return layers[0].picture[..., 3]


@pytest.mark.parametrize("setting", ["mountains", "city", "room", "stage"])
def test_a_wide_shot_shows_the_whole_figure_standing(engine: ImageEngine, setting: str) -> None:
    request = request_for(side=256, setting=(setting,))
    keyframe = paint(engine, request)
    solid = figure_of(keyframe)[keyframe.margin : -keyframe.margin, keyframe.margin : -keyframe.margin] > 200
    rows, columns = np.nonzero(solid)
    height = (rows.max() - rows.min()) / 256
    assert 0.35 < height < 0.75
    assert 0.80 < rows.max() / 256 <= 1.0
    assert 0.2 < columns.mean() / 256 < 0.8


@pytest.mark.parametrize("framing", ["medium", "close"])
def test_closer_shots_are_larger_and_cropped_by_the_frame(engine: ImageEngine, framing: str) -> None:
    request = request_for(side=256, framing=framing)
    keyframe = paint(engine, request)
    alpha = figure_of(keyframe)
    assert (alpha[-1] > 128).sum() > 20, "the layer's own bottom must not show a cut edge"
    assert (alpha[keyframe.margin + 4] > 128).sum() == 0, "room above the head"
    wide = figure_of(paint(engine, request_for(side=256)))
    assert (alpha > 128).sum() > 1.8 * (wide > 128).sum()


def test_a_bust_never_floats(engine: ImageEngine) -> None:
    whole = somebody().picture
    bust = Cutout(np.ascontiguousarray(whole[:230]), 0.95)
    for framing in FRAMINGS:
        keyframe = paint(engine, replace(request_for(side=200, framing=framing), characters=(bust,)))
        assert (figure_of(keyframe)[-1] > 128).sum() > 20


def test_two_and_three_share_the_frame(engine: ImageEngine) -> None:
    areas = []
    for count in (1, 2, 3):
        request = replace(request_for(side=256, characters=tuple(range(count))), characters=(somebody(),) * count)
        keyframe = paint(engine, request)
        solid = (figure_of(keyframe) > 200).astype(np.uint8)
        areas.append(int(solid.sum()))
        inside = solid[:, keyframe.margin : -keyframe.margin].sum()
        assert inside > 0.97 * solid.sum()
    assert areas[0] < areas[1] < areas[2]


def test_the_scenes_light_falls_on_the_figure(engine: ImageEngine) -> None:
    grey = Cutout(
        np.dstack(
            [
                np.full((300, 160, 3), 128, np.uint8),
                cv2.ellipse(np.zeros((300, 160), np.uint8), (80, 150), (78, 148), 0, 0, 360, 255, -1),
            ]
        ),
        0.9,
    )
    light = {}
    for hour in ("day", "night"):
        request = replace(request_for(side=200, hour=hour, framing="medium"), characters=(grey,))
        layers = paint(engine, request).layers
        picture = next(layer.picture for layer in layers if 0.65 < layer.depth < 0.8)
        light[hour] = picture[picture[..., 3] > 200][:, :3].mean()
    assert light["night"] < 0.8 * light["day"]


@pytest.mark.parametrize("setting", ["mountains", "stage", "room"])
def test_an_uncertain_cutout_is_framed_with_its_own_background(engine: ImageEngine, setting: str) -> None:
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[..., :3] = (40, 220, 90)
    picture[60:140, 60:140, 3] = 255
    request = replace(request_for("golden-hour", side=256, setting=(setting,)), characters=(Cutout(picture, 0.2),))
    keyframe = paint(engine, request)
    figure = next(layer.picture for layer in keyframe.layers if 0.65 < layer.depth < 0.8).astype(int)
    green = (figure[..., 1] > figure[..., 0] + 20) & (figure[..., 1] > figure[..., 2] + 20) & (figure[..., 3] > 200)
    assert green.sum() > 0.5 * (0.3 * 256) ** 2


@pytest.mark.parametrize("shape", [(16, 16), (16, 900), (900, 16), (1400, 1000)])
def test_cutouts_of_any_shape(any_engine: ImageEngine, shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 4), 200, np.uint8)
    for confidence in (0.1, 0.9):
        request = replace(request_for(side=128), characters=(Cutout(picture, confidence),))
        check_image(paint(any_engine, request), request)


def test_an_empty_cutout_is_left_out(any_engine: ImageEngine) -> None:
    request = replace(request_for(side=128), characters=(Cutout(np.zeros((50, 50, 4), np.uint8), 1.0),))
    check_image(paint(any_engine, request), request)


# ---- working ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2])
def test_progress_rises_to_its_total(any_engine: ImageEngine, count: int) -> None:
    steps: list[tuple[int, int]] = []
    keyframes = any_engine.paint_many(
        [request_for(side=96)] * count, lambda done, total: steps.append((done, total)), CancelToken()
    )
    assert len(keyframes) == count
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1][0] == steps[-1][1]
    assert len({total for _, total in steps}) == 1


@pytest.mark.parametrize("at", [0, 1, 3])
def test_cancelled_at_a_step(any_engine: ImageEngine, at: int) -> None:
    token = CancelToken()

    def progress(done: int, total: int) -> None:
        if done == at:
            token.cancel()

    with pytest.raises(Cancelled):
        any_engine.paint(request_for(side=96), progress, token)


@pytest.mark.parametrize("words", ["", "\x00\x1b[31m", "{0.__class__}" * 40, "海" * 900])
def test_any_prompt(any_engine: ImageEngine, words: str) -> None:
    request = request_for(side=96)
    request = replace(request, shot=replace(request.shot, prompt=words))
    check_image(paint(any_engine, request), request)


def test_style_is_only_read(any_engine: ImageEngine) -> None:
    style: Style = STYLES["neon-night"]
    before = repr(style)
    paint(any_engine, request_for("neon-night", side=96))
    assert repr(style) == before


def test_without_its_drawing_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skia", None)
    with pytest.raises(EngineUnavailable, match=r"libegl1 libgl1"):
        Painter("painter", "cpu")
