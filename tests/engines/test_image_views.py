"""What a film needs beyond single pictures: views of one place, roofs, exposure, pictures that were never cut."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Cutout, Keyframe, PaintRequest, Size
from studio.engines.image.exposure import MOST, tone_curve
from studio.engines.image.painter import WORKING_UNIT, Painter, make_easel
from tests.engines.test_image_contract import distance, figure_of, request_for, silent, somebody

PAINTER = Painter("painter", "cpu")


def paint(request: PaintRequest) -> Keyframe:
    return PAINTER.paint(request, silent, CancelToken())


@pytest.mark.parametrize("setting", ["mountains", "city", "room", "stage", "road"])
@pytest.mark.parametrize("peopled", [True, False])
def test_views_of_one_place_differ_and_hang_together(setting: str, peopled: bool) -> None:
    cast = (0,) if peopled else ()
    views = [
        paint(request_for(side=128, setting=(setting,), framing=framing, seed=seed, characters=cast)).image
        for framing, seed in (("wide", 1), ("medium", 2), ("close", 3))
    ]
    elsewhere = paint(request_for("neon-night", side=128, setting=(setting,), hour="night", characters=cast)).image
    light = [view.reshape(-1, 3).mean(axis=0) for view in (*views, elsewhere)]
    for one, other in combinations(range(3), 2):
        assert distance(views[one], views[other]) > 6
        assert np.abs(light[one] - light[other]).max() < np.abs(light[one] - light[3]).max()


def test_a_close_figure_is_not_always_in_the_middle() -> None:
    middles = []
    for seed in range(6):
        request = replace(request_for(setting=("stage",), framing="medium", seed=seed), size=Size(256, 144))
        keyframe = paint(request)
        columns = np.nonzero(figure_of(keyframe)[: keyframe.layers[0].picture.shape[0] // 2] > 128)[1]
        middles.append(columns.mean() / keyframe.layers[0].picture.shape[1])
    assert max(middles) - min(middles) > 0.12


@pytest.mark.parametrize("setting", ["room", "club", "stage"])
@pytest.mark.parametrize("weather", ["rain", "snow"])
def test_nothing_falls_under_a_roof(setting: str, weather: str) -> None:
    def near(sky: str) -> np.ndarray:
        layer = paint(request_for(setting=(setting,), weather=sky, intensity=0.3, characters=())).layers[-1]
        return layer.picture[..., 3]

    # weather may dim the light, so only what covers something is compared
    assert np.mean(near(weather) > 128) == pytest.approx(np.mean(near("clear") > 128), abs=0.002)


def test_it_falls_outside() -> None:
    dry = paint(request_for(setting=("sea",), weather="clear", characters=())).image.astype(int)
    wet = paint(request_for(setting=("sea",), weather="snow", characters=())).image.astype(int)
    assert (np.abs(dry - wet).max(axis=2) > 40).mean() > 0.01


def test_the_tone_curve_helps_only_where_it_must() -> None:
    easel = make_easel(request_for(hour="day"))
    assert tone_curve(easel, np.linspace(0, 1, 1000)) is None
    for murky in (np.linspace(0.0, 0.2, 1000), np.linspace(0.5, 0.7, 1000)):
        curve = tone_curve(easel, murky)
        assert curve is not None
        assert (np.diff(curve.astype(int)) >= 0).all()
        assert curve[255] == 255
        assert curve.astype(int).max() - curve.astype(int).min() == 255
    gloomy = tone_curve(easel, np.linspace(0.0, 0.05, 1000))
    assert gloomy is not None
    assert gloomy[1] <= np.ceil(MOST)


def test_night_may_stay_dark() -> None:
    luma = np.linspace(0.02, 0.6, 1000)
    night, day = make_easel(request_for(hour="night")), make_easel(request_for(hour="day"))
    assert tone_curve(night, luma) is None
    assert tone_curve(day, luma) is not None


def test_a_picture_that_was_never_cut_hangs_in_a_frame() -> None:
    plate = np.zeros((200, 160, 4), np.uint8)
    plate[..., :3], plate[..., 3] = (40, 220, 90), 255
    keyframe = paint(replace(request_for(side=200, setting=("room",)), characters=(Cutout(plate, 0.95),)))
    alpha = figure_of(keyframe)
    assert (alpha[-1] > 128).sum() == 0, "it stands on the ground like a board"
    pasted = paint(replace(request_for(side=200, setting=("room",), framing="close"), characters=(somebody(),)))
    assert (figure_of(pasted)[-1] > 128).sum() > 20


def test_large_pictures_show_what_small_ones_do() -> None:
    assert WORKING_UNIT < 1080
    small, large = (
        paint(replace(request_for("oil-painting", setting=("city",)), size=size))
        for size in (Size(480, 270), Size(1920, 1080))
    )
    shrunk = cv2.resize(large.image, (480, 270), interpolation=cv2.INTER_AREA)
    assert distance(small.image, shrunk) < 5
    assert large.layers[0].picture.shape[0] == 1080 + 2 * large.margin


def test_paper_shadows_do_not_come_round_the_edge() -> None:
    keyframe = paint(request_for("paper-cut", side=256, setting=("mountains",), hour="dawn", characters=(), seed=4))
    for layer in keyframe.layers[1:]:
        cover = (layer.picture[..., 3] > 8).mean(axis=1)
        first = int(np.argmax(cover > 0))
        assert cover[first] < 0.95, "a ruled line across the layer's top"
