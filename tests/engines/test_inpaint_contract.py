"""What every repair engine promises (contracts.InpaintEngine), and how well the embedded one fills cloth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import InpaintEngine
from studio.engines.inpaint.classical import ClassicalInpaint
from studio.engines.inpaint.lama import LamaInpaint
from studio.errors import BadInput, Cancelled
from tests.engines.tiny_lama import tiny_lama


@pytest.fixture(scope="module")
def classical() -> InpaintEngine:
    return ClassicalInpaint("classical", "cpu")


@pytest.fixture(scope="module", params=["classical", "lama"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> InpaintEngine:
    if request.param == "lama":
        return LamaInpaint("lama", "cpu", 0, tiny_lama(tmp_path_factory.mktemp("models")))
    return request.getfixturevalue("classical")


def fill(engine: InpaintEngine, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return engine.repair(picture, mask, CancelToken())


def stripes(height: int = 220, width: int = 260) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    wave = np.sin((columns + 0.3 * rows) / 4.0)[..., None] * np.array([50, 40, 30])
    return np.clip(np.array([120, 100, 140]) + wave, 0, 255).astype(np.uint8)


def disc(shape: tuple[int, ...], centre: tuple[int, int], radius: int) -> np.ndarray:
    return cv2.circle(np.zeros(shape[:2], np.uint8), centre, radius, 1, -1) > 0


def damaged(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.where(mask[..., None], np.array([0, 255, 0], np.uint8), picture)


def test_a_pattern_goes_on(classical: InpaintEngine) -> None:
    truth = stripes()
    mask = disc(truth.shape, (120, 110), 22)
    filled = fill(classical, damaged(truth, mask), mask)
    error = np.abs(filled[mask].astype(float) - truth[mask]).mean()
    smeared = cv2.inpaint(damaged(truth, mask), mask.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    assert error < 0.5 * np.abs(smeared[mask].astype(float) - truth[mask]).mean()
    assert error < 14


def test_shading_goes_on(classical: InpaintEngine) -> None:
    ramp = np.linspace(60, 190, 240)[None, :, None] * np.ones((200, 1, 3))
    truth = np.clip(ramp + np.random.default_rng(0).normal(0, 3, ramp.shape), 0, 255).astype(np.uint8)
    mask = disc(truth.shape, (120, 100), 20)
    filled = fill(classical, damaged(truth, mask), mask)
    assert np.abs(filled[mask].astype(float) - truth[mask]).mean() < 9


@pytest.mark.parametrize("centre", [(0, 0), (259, 110), (130, 219), (130, 0)], ids=["corner", "right", "bottom", "top"])
def test_a_hole_at_the_border(engine: InpaintEngine, centre: tuple[int, int]) -> None:
    truth = stripes()
    mask = disc(truth.shape, centre, 18)
    filled = fill(engine, damaged(truth, mask), mask)
    assert np.abs(filled[mask].astype(float) - truth[mask]).mean() < 30
    assert np.array_equal(filled[~mask], truth[~mask])


def test_what_is_outside_the_mask_is_untouched_and_the_input_too(engine: InpaintEngine) -> None:
    truth = stripes()
    mask = disc(truth.shape, (60, 60), 12) | disc(truth.shape, (180, 150), 3) | disc(truth.shape, (200, 40), 1)
    broken = damaged(truth, mask)
    kept = broken.copy()
    filled = fill(engine, broken, mask)
    assert np.array_equal(broken, kept)
    assert np.array_equal(filled[~mask], truth[~mask])
    assert not (filled[mask] == (0, 255, 0)).all(axis=1).any()


def test_the_same_again(engine: InpaintEngine) -> None:
    truth = stripes()
    mask = disc(truth.shape, (120, 110), 22)
    assert np.array_equal(fill(engine, damaged(truth, mask), mask), fill(engine, damaged(truth, mask), mask))


@pytest.mark.parametrize("size", [(1, 2), (2, 2), (3, 40), (16, 16), (33, 21)])
def test_tiny_pictures(engine: InpaintEngine, size: tuple[int, int]) -> None:
    picture = np.full((*size, 3), (90, 120, 30), np.uint8)
    mask = np.zeros(size, bool)
    mask[0, 0] = True
    filled = fill(engine, damaged(picture, mask), mask)
    assert filled.shape == picture.shape
    assert np.abs(filled.astype(int) - picture).max() <= 2


def test_a_very_large_hole(classical: InpaintEngine) -> None:
    truth = stripes(700, 900)
    mask = np.zeros((700, 900), bool)
    mask[200:520, 300:600] = True
    filled = fill(classical, damaged(truth, mask), mask)
    assert np.array_equal(filled[~mask], truth[~mask])
    assert np.abs(filled[mask].mean(axis=0) - truth[mask].mean(axis=0)).max() < 12
    # stripes, not a smear
    assert filled[mask].std(axis=0).mean() > 0.6 * truth[mask].std(axis=0).mean()


def test_nothing_to_fill(engine: InpaintEngine) -> None:
    picture = stripes()
    assert np.array_equal(fill(engine, picture, np.zeros(picture.shape[:2], bool)), picture)


def test_nearly_all_is_missing(engine: InpaintEngine) -> None:
    picture = np.full((90, 90, 3), (200, 60, 40), np.uint8)
    mask = np.ones((90, 90), bool)
    mask[:3] = False
    filled = fill(engine, damaged(picture, mask), mask)
    assert np.abs(filled.astype(int) - picture).max() <= 3


@pytest.mark.parametrize(
    ("picture", "mask"),
    [
        (np.zeros((20, 20), np.uint8), np.zeros((20, 20), bool)),
        (np.zeros((20, 20, 4), np.uint8), np.zeros((20, 20), bool)),
        (np.zeros((20, 20, 3), np.float32), np.zeros((20, 20), bool)),
        (np.zeros((20, 20, 3), np.uint8), np.zeros((20, 21), bool)),
        (np.zeros((20, 20, 3), np.uint8), np.zeros((20, 20), np.uint8)),
        (np.zeros((20, 20, 3), np.uint8), np.ones((20, 20), bool)),
    ],
)
def test_bad_input_is_refused(engine: InpaintEngine, picture: np.ndarray, mask: np.ndarray) -> None:
    with pytest.raises(BadInput):
        fill(engine, picture, mask)


def test_cancelled(engine: InpaintEngine) -> None:
    token = CancelToken()
    token.cancel()
    picture = stripes()
    with pytest.raises(Cancelled):
        engine.repair(picture, disc(picture.shape, (60, 60), 12), token)
