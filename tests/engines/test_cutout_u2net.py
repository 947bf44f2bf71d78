"""The embedded cut-out where colours alone mislead, and its edge: soft, smooth at full size, free of the background."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.engines import networks
from studio.engines.cutout.edges import clean_colour, refined
from studio.engines.cutout.judge import confidence_of, solidity
from studio.engines.cutout.outline import outlined
from studio.engines.cutout.u2net import U2NetCutout
from studio.errors import EngineUnavailable
from tests.engines.drawn_pictures import backgrounds, before, person, vase

SIZE = (600, 450)


@pytest.fixture(scope="module")
def engine() -> U2NetCutout:
    return U2NetCutout()


def box(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask > 127)
    return mask[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] > 127


def overlap(found: np.ndarray, truth: np.ndarray) -> float:
    """Intersection over union of the two shapes, each within its own box, brought to one size."""
    one, two = box(found), box(truth)
    one = cv2.resize(one.astype(np.uint8), two.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    return float((one & two).sum() / (one | two).sum())


def shadowed_wall() -> np.ndarray:
    shape = person(SIZE)[1].astype(np.float32) / 255.0
    thrown = cv2.warpAffine(shape, np.array([[1, 0, 38], [0, 1, 14]], np.float32), SIZE[::-1])
    shadow = cv2.GaussianBlur(thrown, (0, 0), 9)[..., None]
    wall = np.array([228.0, 226.0, 220.0]) * (1 - 0.38 * shadow) + np.random.default_rng(0).normal(0, 2, (*SIZE, 3))
    return np.clip(wall, 0, 255).astype(np.uint8)


def test_a_shadow_on_the_wall_is_left_behind(engine: U2NetCutout) -> None:
    drawn = person(SIZE)
    found = engine.cut_out(before(drawn, shadowed_wall()), CancelToken())
    assert found.confidence >= 0.6
    assert overlap(found.picture[..., 3], drawn[1]) > 0.93


def test_a_white_shirt_before_a_white_wall_is_kept(engine: U2NetCutout) -> None:
    picture, mask = person(SIZE)
    coat = (picture[..., 0].astype(int) > 2 * picture[..., 1]) & (mask > 0)
    picture[coat] = (238, 238, 236)
    found = engine.cut_out(before((picture, mask), backgrounds(SIZE)["white"]), CancelToken())
    assert found.confidence >= 0.5
    assert overlap(found.picture[..., 3], mask) > 0.85


@pytest.mark.parametrize("kind", ["leaves", "bricks"])
@pytest.mark.parametrize("subject", [person, vase], ids=["person", "vase"])
def test_lively_backgrounds_are_no_guess(engine: U2NetCutout, subject: object, kind: str) -> None:
    drawn = subject(SIZE)  # type: ignore[operator]
    found = engine.cut_out(before(drawn, backgrounds(SIZE)[kind]), CancelToken())
    assert found.confidence >= 0.7
    assert overlap(found.picture[..., 3], drawn[1]) > 0.93


def test_alpha_is_smooth_and_soft_at_full_size(engine: U2NetCutout) -> None:
    size = (1800, 1350)
    drawn = person(size)
    alpha = engine.cut_out(before(drawn, backgrounds(size)["leaves"]), CancelToken()).picture[..., 3]
    assert alpha.shape[0] > 0.9 * box(drawn[1]).shape[0]
    assert ((alpha > 20) & (alpha < 235)).mean() > 0.002
    # an outline in blocks of the working size is longer than a smooth one
    lengths = [
        sum(cv2.arcLength(line, True) for line in cv2.findContours(m, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0])
        for m in ((alpha > 127).astype(np.uint8), box(drawn[1]).astype(np.uint8))
    ]
    assert lengths[0] < 1.1 * lengths[1]


def test_the_edge_follows_the_picture_not_the_coarse_mask() -> None:
    picture = np.full((800, 800, 3), (30, 40, 60), np.uint8)
    cv2.circle(picture, (400, 400), 250, (220, 180, 150), -1, cv2.LINE_AA)
    mask = np.zeros((200, 200), np.uint8)
    cv2.circle(mask, (100, 100), 64, 255, -1)
    alpha = refined(picture, mask)
    true = (picture[..., 0] > 125).astype(np.uint8) * 255
    assert alpha.shape == (800, 800)
    coarse = cv2.resize(mask, (800, 800), interpolation=cv2.INTER_NEAREST)
    assert np.abs(alpha.astype(int) - true).mean() < 0.85 * np.abs(coarse.astype(int) - true).mean()
    assert alpha[400, 400] == 255
    assert alpha[20, 20] == 0


def test_half_clear_pixels_get_the_subjects_own_colour() -> None:
    alpha = np.zeros((300, 300), np.uint8)
    cv2.circle(alpha, (150, 150), 90, 255, -1)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 4)
    share = alpha[..., None] / 255.0
    red, green = np.array([200.0, 40.0, 40.0]), np.array([30.0, 200.0, 60.0])
    cleaned = clean_colour((red * share + green * (1 - share)).astype(np.uint8), alpha)
    edge = (alpha > 40) & (alpha < 250)
    assert np.abs(cleaned[edge].astype(int) - red).mean() < 6
    assert np.array_equal(cleaned[alpha == 255], np.broadcast_to(red, (*alpha.shape, 3))[alpha == 255])


def test_a_rough_guess_snaps_to_the_subject_and_a_sure_word_stands() -> None:
    picture, mask = vase((300, 300))
    mixed = before((picture, mask), backgrounds((300, 300))["leaves"])
    shifted = np.roll(mask, 5, axis=1).astype(np.float32) / 255.0
    found, agreement = outlined(mixed, shifted)
    assert overlap(found, mask) > 0.97
    assert 0.7 < agreement < 1.0
    nothing, none = outlined(mixed, np.zeros((300, 300), np.float32))
    assert not nothing.any()
    assert none == 0.0


def test_how_far_an_outline_is_believed() -> None:
    one = np.zeros((200, 200), np.uint8)
    cv2.ellipse(one, (60, 100), (30, 60), 0, 0, 360, 255, -1)
    two = np.maximum(one, np.fliplr(one))
    assert confidence_of(one) == 1.0
    assert confidence_of(two) < 0.6
    assert confidence_of(two, pieces=2) == 1.0
    assert solidity(one) == 1.0
    assert solidity(one // 2) == 0.0


def test_without_the_networks_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(networks, "MODELS", tmp_path)
    with pytest.raises(EngineUnavailable, match=r"u2netp\.onnx"):
        U2NetCutout()
