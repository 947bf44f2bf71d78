"""Hair: strands keep their alpha, the old background leaves no halo, patterns behind the head are no hair."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from studio.engines.cutout.edges import clean_colour, refined
from studio.engines.cutout.matting import GuidedFilter, matted

SIDE = 480
HEADS = ((0.36, 0.30, 0.28, 0.36),)
HAIR = np.array([52.0, 34.0, 24.0])


def strands() -> tuple[np.ndarray, np.ndarray]:
    """(true alpha (h, w) float, coarse mask (h, w) uint8) of a head with hair standing off."""
    scale = 4
    big = np.zeros((SIDE * scale, SIDE * scale), np.uint8)
    cv2.ellipse(big, (240 * scale, 230 * scale), (85 * scale, 110 * scale), 0, 0, 360, 255, -1)
    coarse = cv2.resize(big, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    rng = np.random.default_rng(6)
    for _ in range(90):
        angle = rng.uniform(np.pi, 2 * np.pi)
        foot = np.array([240 + 83 * np.cos(angle), 230 + 108 * np.sin(angle)])
        tip = foot + rng.uniform(8, 19) * np.array([np.cos(angle + rng.normal(0, 0.4)), np.sin(angle)])
        ends = [tuple(int(value) for value in end * scale) for end in (foot, tip)]
        cv2.line(big, ends[0], ends[1], 255, int(rng.integers(3, 7)), cv2.LINE_AA)
    return cv2.resize(big, (SIDE, SIDE), interpolation=cv2.INTER_AREA) / 255.0, coarse


def scene(alpha: np.ndarray, background: np.ndarray | tuple[int, int, int]) -> np.ndarray:
    rng = np.random.default_rng(1)
    hair = HAIR + rng.normal(0, 6, (SIDE, SIDE, 1))
    mixed = hair * alpha[..., None] + np.asarray(background) * (1 - alpha[..., None])
    return np.clip(mixed + rng.normal(0, 1.5, mixed.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("background", [(235, 235, 232), (60, 180, 80), (150, 170, 210)], ids=["white", "green", "sky"])
def test_strands_are_found(background: tuple[int, int, int]) -> None:
    alpha, coarse = strands()
    picture = scene(alpha, background)
    found = refined(picture, coarse, HEADS) / 255.0
    loose = (alpha > 0.3) & (coarse == 0)
    assert loose.sum() > 1000
    assert found[loose].mean() > 0.65 * alpha[loose].mean()
    blind = refined(picture, coarse) / 255.0
    assert np.abs(found - alpha).sum() < 0.6 * np.abs(blind - alpha).sum()
    assert found[:40].max() == 0.0


def test_no_halo_of_the_old_background() -> None:
    alpha, coarse = strands()
    picture = scene(alpha, (60, 180, 80))
    found = refined(picture, coarse, HEADS)
    colour = clean_colour(picture, found).astype(float)
    edge = (found > 60) & (found < 240)
    assert edge.sum() > 800
    kept = np.abs(picture[edge] - HAIR).mean()
    assert np.abs(colour[edge] - HAIR).mean() < 0.6 * kept


def test_a_pattern_behind_the_head_is_no_hair() -> None:
    _, coarse = strands()
    rows, columns = np.mgrid[0:SIDE, 0:SIDE]
    checks = np.where((rows // 9 + columns // 9) % 2 == 0, 235.0, 45.0)[..., None] * np.ones(3)
    bald = coarse / 255.0
    found = refined(scene(bald, checks), coarse, HEADS) / 255.0
    outside = cv2.dilate(coarse, np.ones((9, 9), np.uint8)) == 0
    assert found[outside].sum() < 0.01 * bald.sum()
    assert np.abs(found - bald).sum() < 0.03 * bald.sum()


@pytest.mark.parametrize("grey", [True, False])
def test_it_stays_in_range_on_hard_pictures(grey: bool) -> None:
    rng = np.random.default_rng(3)
    guide = rng.random((120, 160, 1 if grey else 3), np.float32) * np.ones(3, np.float32)
    guide[:60] = 0.5
    coarse = np.zeros((120, 160), np.float32)
    coarse[30:, 40:120] = 1.0
    found = matted(guide, coarse, ((0.3, 0.3, 0.3, 0.4),))
    assert np.isfinite(found).all()
    assert 0.0 <= found.min() <= found.max() <= 1.0
    assert found[60:110, 70:90].min() > 0.95
    assert found[:8].max() < 0.05


def test_the_filter_reproduces_what_is_linear_in_colour() -> None:
    guide = np.random.default_rng(2).random((60, 70, 3), np.float32)
    target = guide @ np.array([0.2, 0.5, 0.3], np.float32)
    assert np.abs(GuidedFilter(guide, 2, 1e-5)(target) - target).max() < 0.01


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_nothing_and_everything(value: float) -> None:
    guide = np.full((40, 50, 3), 0.3, np.float32)
    assert np.array_equal(matted(guide, np.full((40, 50), value, np.float32)), np.full((40, 50), value, np.float32))
