"""Damage that removal did to body and clothes: found, measured, mended; gaps that belong there are left."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.engines.inpaint.classical import ClassicalInpaint
from studio.engines.inpaint.damage import find_damage, share_of
from studio.engines.inpaint.repair import RepairOptions, RepairResult, repair_cutout
from studio.errors import BadInput

HEIGHT, WIDTH = 420, 360
FACE = (145.0, 40.0, 70.0, 90.0)
CHIN = 130
WALL = (96, 150, 110)


def figure() -> tuple[np.ndarray, np.ndarray]:
    """(colours (h, w, 3), alpha (h, w)) of somebody in a striped shirt, one arm akimbo."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    stripe = (np.sin(columns / 3.0) > 0)[..., None]
    cloth = np.where(stripe, np.array([168, 40, 48]), np.array([206, 190, 180])).astype(np.float64)
    cloth *= (1.0 + 0.12 * np.sin((rows + columns) / 31.0))[..., None]
    body = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(body, [np.array([(110, 165), (250, 165), (262, 419), (98, 419)])], 255)
    cv2.line(body, (112, 182), (52, 270), 255, 38)
    cv2.line(body, (52, 270), (112, 330), 255, 34)
    cv2.line(body, (250, 182), (300, 419), 255, 40)
    head = np.zeros_like(body)
    cv2.ellipse(head, (180, 85), (36, 46), 0, 0, 360, 255, -1)
    cv2.rectangle(head, (165, 120), (195, 168), 255, -1)
    colours = np.where(head[..., None] > 0, np.array([222, 170, 138]), cloth)
    noise = np.random.default_rng(0).normal(0, 2, colours.shape)
    alpha = cv2.GaussianBlur(np.maximum(body, head), (0, 0), 0.7)
    return np.clip(colours + noise, 0, 255).astype(np.uint8), alpha


def photo_of(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 255.0
    wall = np.array(WALL) + np.random.default_rng(1).normal(0, 3, colours.shape)
    return np.clip(colours * share + wall * (1 - share), 0, 255).astype(np.uint8)


def holes() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (170, 230), (17, 11), 20, 0, 360, 1, -1)
    cv2.circle(mask, (215, 300), 9, 1, -1)
    cv2.circle(mask, (140, 370), 8, 1, -1)
    return mask > 0


def cut(mask: np.ndarray, *, lost: bool = False) -> np.ndarray:
    colours, alpha = figure()
    picture = np.dstack([colours, np.where(mask, 0, alpha)])
    if lost:
        picture[mask] = 0
    return picture


def mend(picture: np.ndarray, photo: np.ndarray | None, face: object = FACE, threshold: float = 0.01) -> RepairResult:
    options = RepairOptions(ClassicalInpaint().repair, threshold)
    return repair_cutout(picture, photo, face, options, CancelToken())  # type: ignore[arg-type]


def test_the_share_is_exact() -> None:
    alpha = np.zeros((100, 100), np.uint8)
    alpha[20:80, 20:80] = 255
    mask = np.zeros((100, 100), bool)
    mask[50:56, 40:50] = True
    alpha[mask] = 0
    picture = np.dstack([np.full((100, 100, 3), 90, np.uint8), alpha])
    assert share_of(mask, alpha) == 60 / 3600
    found = find_damage(picture)
    assert np.array_equal(found.mask, mask)
    assert found.share == 60 / 3600


@pytest.mark.parametrize("with_photo", [True, False], ids=["photo", "no photo"])
@pytest.mark.parametrize("face", [FACE, None], ids=["face", "no face"])
def test_holes_in_clothes_are_found_and_the_gap_beside_the_arm_is_not(with_photo: bool, face: object) -> None:
    colours, alpha = figure()
    picture, mask = cut(holes(), lost=not with_photo), holes()
    found = find_damage(picture, photo_of(colours, alpha) if with_photo else None, face)  # type: ignore[arg-type]
    assert (found.mask & mask).sum() > 0.95 * mask.sum()
    assert (found.mask & ~mask).sum() < 0.1 * mask.sum()
    assert found.share == pytest.approx(mask.sum() / (alpha > 127).sum(), rel=0.1)


@pytest.mark.parametrize("with_photo", [True, False], ids=["photo", "no photo"])
def test_an_undamaged_person_is_left_alone(with_photo: bool) -> None:
    colours, alpha = figure()
    picture = np.dstack([colours, alpha])
    result = mend(picture, photo_of(colours, alpha) if with_photo else None, threshold=0.0005)
    assert result.share_before < 0.0005
    assert not result.repaired
    assert np.array_equal(result.picture, picture)


def test_a_bite_out_of_the_side_is_found_by_its_colour() -> None:
    colours, alpha = figure()
    bite = np.zeros(alpha.shape, np.uint8)
    cv2.circle(bite, (312, 390), 14, 1, -1)
    bite = (bite > 0) & (alpha > 127)
    found = find_damage(cut(bite), photo_of(colours, alpha), FACE)
    assert (found.mask & bite).sum() > 0.7 * bite.sum()
    assert (found.mask & ~bite).sum() < 0.3 * bite.sum()


def test_a_hole_that_touches_the_bottom_border() -> None:
    colours, alpha = figure()
    hole = np.zeros(alpha.shape, np.uint8)
    cv2.circle(hole, (180, 418), 11, 1, -1)
    for photo in (photo_of(colours, alpha), None):
        found = find_damage(cut(hole > 0), photo, FACE)
        assert (found.mask & (hole > 0)).sum() > 0.9 * hole.sum()


def test_what_the_photo_still_shows_comes_back_exactly() -> None:
    colours, alpha = figure()
    result = mend(cut(holes()), photo_of(colours, alpha))
    assert result.repaired
    assert result.share_before > 0.015
    assert result.share_after < 0.001
    assert (result.picture[holes()][:, 3] == 255).all()
    assert np.abs(result.picture[holes()][:, :3].astype(int) - colours[holes()]).max() <= 1


def test_what_nothing_shows_is_filled_with_the_pattern() -> None:
    colours, _ = figure()
    mask = holes()
    result = mend(cut(mask, lost=True), None)
    assert result.repaired
    assert (result.picture[mask][:, 3] == 255).all()
    error = np.abs(result.picture[mask][:, :3].astype(float) - colours[mask]).mean()
    flat = np.abs(colours[mask] - colours[mask].mean(axis=0)).mean()
    assert error < 0.6 * flat
    # nothing of the empty pixels' black, nor of a wall, is copied in
    assert result.picture[mask][:, 0].min() > 90


def test_glimpses_through_the_shirt_become_solid() -> None:
    colours, alpha = figure()
    thin = alpha.copy()
    spot = cv2.GaussianBlur(holes().astype(np.float32), (0, 0), 2) > 0.4
    thin[spot] = 150
    picture = np.dstack([colours, thin])
    result = mend(picture, photo_of(colours, alpha))
    assert result.repaired
    assert (result.picture[..., 3][spot] > 240).mean() > 0.9


def test_the_head_is_never_touched() -> None:
    colours, alpha = figure()
    mask = holes()
    cv2.circle(hurt := mask.astype(np.uint8), (180, 80), 6, 1, -1)
    cv2.circle(hurt, (180, CHIN - 4), 5, 1, -1)
    picture = cut(hurt > 0)
    for photo in (photo_of(colours, alpha), None):
        result = mend(picture, photo)
        assert result.repaired
        assert np.array_equal(result.picture[:CHIN], picture[:CHIN])


def test_below_the_threshold_nothing_is_done() -> None:
    colours, alpha = figure()
    picture = cut(holes())
    share = find_damage(picture, photo_of(colours, alpha), FACE).share
    left = mend(picture, photo_of(colours, alpha), threshold=share)
    assert not left.repaired
    assert left.picture is picture
    assert left.share_before == left.share_after == share
    assert mend(picture, photo_of(colours, alpha), threshold=share * 0.99).repaired


def test_the_mended_edge_is_soft_where_it_meets_the_outside() -> None:
    colours, alpha = figure()
    bite = np.zeros(alpha.shape, np.uint8)
    cv2.circle(bite, (312, 390), 14, 1, -1)
    result = mend(cut((bite > 0) & (alpha > 0)), photo_of(colours, alpha), threshold=0.001)
    assert result.repaired
    there = (cv2.dilate(bite, np.ones((5, 5), np.uint8)) > 0) & (alpha > 20) & (alpha < 235)
    edge = result.picture[..., 3][there]
    assert ((edge > 10) & (edge < 250)).mean() > 0.15


def test_the_same_again_and_the_input_untouched() -> None:
    picture = cut(holes(), lost=True)
    kept = picture.copy()
    one, two = mend(picture, None), mend(picture, None)
    assert np.array_equal(one.picture, two.picture)
    assert np.array_equal(picture, kept)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (16, 16), (64, 5)])
@pytest.mark.parametrize("alpha", [0, 255])
def test_tiny_empty_and_full_cut_outs(size: tuple[int, int], alpha: int) -> None:
    picture = np.full((*size, 4), alpha, np.uint8)
    for photo in (None, np.full((*size, 3), 80, np.uint8)):
        result = mend(picture, photo, face=None)
        assert not result.repaired
        assert result.share_before == 0.0
        assert not result.mask.any()


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_survived(seed: int) -> None:
    rng = np.random.default_rng(seed)
    picture = rng.integers(0, 256, (90, 70, 4), np.uint8)
    result = mend(picture, rng.integers(0, 256, (90, 70, 3), np.uint8), face=(20.0, -30.0, 30.0, 50.0), threshold=0.0)
    assert result.picture.shape == picture.shape
    assert 0.0 <= result.share_after <= 1.0


def test_a_face_below_the_picture_leaves_nothing_to_do() -> None:
    assert not mend(cut(holes()), None, face=(100.0, 400.0, 60.0, 80.0)).repaired


@pytest.mark.parametrize(
    ("picture", "photo"),
    [
        (np.zeros((20, 20, 3), np.uint8), None),
        (np.zeros((20, 20, 4), np.float32), None),
        (np.zeros((20, 20, 4), np.uint8), np.zeros((20, 21, 3), np.uint8)),
        (np.zeros((20, 20, 4), np.uint8), np.zeros((20, 20, 4), np.uint8)),
    ],
)
def test_bad_input_is_refused(picture: np.ndarray, photo: np.ndarray | None) -> None:
    with pytest.raises(BadInput):
        mend(picture, photo)
