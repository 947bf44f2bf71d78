from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from studio.contracts import Layer, Size
from studio.media.compositing import Finisher, LayerStack, Move, compose, finish

MARGIN = 12
WIDTH, HEIGHT = 96, 64


@dataclass(frozen=True)
class Plain:
    """A look that changes nothing."""

    grain: float = 0.0
    bloom: float = 0.0
    vignette: float = 0.0
    paper: float = 0.0
    scanlines: float = 0.0
    fringe: float = 0.0


def layer(colour: tuple[int, int, int, int], box: tuple[int, int, int, int] | None = None, depth: float = 0.5) -> Layer:
    """A layer of one colour, in `box` (left, top, right, bottom in frame pixels) or everywhere."""
    picture = np.zeros((HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN, 4), np.uint8)
    left, top, right, bottom = box or (-MARGIN, -MARGIN, WIDTH + MARGIN, HEIGHT + MARGIN)
    picture[top + MARGIN : bottom + MARGIN, left + MARGIN : right + MARGIN] = colour
    return Layer(picture, depth)


BLUE = layer((20, 40, 200, 255), depth=0.0)


def test_layers_lie_back_to_front_at_their_places() -> None:
    frame = compose(
        (BLUE, layer((200, 0, 0, 255), (10, 10, 30, 30)), layer((0, 200, 0, 255), (20, 20, 40, 40))), MARGIN
    )
    assert frame.shape == (HEIGHT, WIDTH, 3)
    assert frame.dtype == np.uint8
    assert tuple(frame[0, 0]) == (20, 40, 200)
    assert tuple(frame[15, 15]) == (200, 0, 0)
    assert tuple(frame[25, 25]) == (0, 200, 0)


def test_half_clear_paint_mixes_as_straight_alpha_says() -> None:
    frame = compose((BLUE, layer((220, 240, 0, 128))), MARGIN)
    expected = np.array([20, 40, 200]) * (1 - 128 / 255) + np.array([220, 240, 0]) * 128 / 255
    assert np.abs(frame[30, 30] - expected).max() <= 2


def test_a_stack_is_not_used_up() -> None:
    stack = LayerStack((BLUE, layer((200, 0, 0, 255), (10, 10, 30, 30))), MARGIN)
    first = stack.compose()
    stack.compose([Move(3, 3, 1.1, 0.2), Move(-8, 2, 0.9)])
    assert np.array_equal(stack.compose(), first)


@pytest.mark.parametrize(("dx", "dy"), [(5, 0), (-5, 3), (MARGIN, -MARGIN)])
def test_a_shift_moves_what_is_drawn_and_shows_no_edge(dx: int, dy: int) -> None:
    stack = LayerStack((BLUE, layer((200, 0, 0, 255), (30, 20, 50, 40))), MARGIN)
    frame = stack.compose([Move(dx, dy), Move(dx, dy)])
    red = np.argwhere(frame[..., 0] > 150)
    assert tuple(red.min(axis=0)) == (20 + dy, 30 + dx)
    assert tuple(red.max(axis=0)) == (39 + dy, 49 + dx)
    assert (frame[..., 2] >= 190)[frame[..., 0] < 30].all()


def test_zoom_and_turn_are_about_the_frames_centre() -> None:
    square = layer((255, 255, 255, 255), (38, 22, 58, 42))
    stack = LayerStack((BLUE, square), MARGIN)
    grown = stack.compose([Move(), Move(zoom=2.0)])
    white = np.argwhere(grown.min(axis=2) > 128)
    assert abs(len(white) - 1600) < 90
    assert np.abs(white.mean(axis=0) - [(HEIGHT - 1) / 2, (WIDTH - 1) / 2]).max() < 0.3
    turned = stack.compose([Move(), Move(turn=np.pi / 4)])
    assert tuple(turned[HEIGHT // 2, WIDTH // 2 + 11]) == (255, 255, 255)
    assert tuple(turned[HEIGHT // 2 - 9, WIDTH // 2 + 9]) != (255, 255, 255)


def test_layers_that_are_empty_or_pushed_out_change_nothing() -> None:
    empty = layer((255, 255, 255, 0))
    out = layer((255, 0, 0, 255), (0, 0, 5, 5))
    stack = LayerStack((BLUE, empty, out), MARGIN)
    frame = stack.compose([Move(), Move(4, 4, 1.5), Move(-500, 0)])
    assert (frame == [20, 40, 200]).all()


def test_a_moved_edge_is_smooth() -> None:
    frame = compose(
        (layer((0, 0, 0, 255)), layer((255, 255, 255, 255), (30, 20, 50, 40))), MARGIN, [Move(), Move(0.5, 0)]
    )
    assert 90 < frame[30, 30, 0] < 165


# ---- finish -----------------------------------------------------------------------------------------------


GREY = np.full((128, 160, 3), 120, np.uint8)
SIZE = Size(160, 128)


def test_a_look_without_strengths_leaves_the_frame_alone() -> None:
    assert np.abs(finish(GREY, Plain()).astype(int) - 120).max() <= 1


def test_frames_of_any_content_stay_frames() -> None:
    look = Plain(1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    for level in (0, 255):
        frame = finish(np.full((64, 50, 3), level, np.uint8), look)
        assert frame.shape == (64, 50, 3)
        assert frame.dtype == np.uint8
    assert finish(np.zeros((64, 50, 3), np.uint8), look).max() == 0


def test_the_source_frame_is_not_touched_and_the_same_index_gives_the_same_frame() -> None:
    source = np.random.default_rng(1).integers(0, 255, (128, 160, 3), np.uint8)
    kept = source.copy()
    finisher = Finisher(Plain(0.8, 0.8, 0.5, 0.5, 0.5, 0.5), SIZE)
    first = finisher.apply(source, 0)
    other = finisher.apply(source, 1)
    assert np.array_equal(source, kept)
    assert np.array_equal(finisher.apply(source, 0), first)
    assert np.array_equal(Finisher(Plain(0.8, 0.8, 0.5, 0.5, 0.5, 0.5), SIZE).apply(source, 0), first)
    assert not np.array_equal(first, other)


def test_grain_is_fine_and_keeps_the_mean() -> None:
    frame = finish(GREY, Plain(grain=1.0)).astype(float)[..., 0]
    assert abs(frame.mean() - 120) < 1.5
    assert 2.0 < frame.std() < 12.0


def test_vignette_darkens_corners_not_the_middle() -> None:
    frame = finish(GREY, Plain(vignette=1.0))
    assert frame[64, 80, 0] >= 119
    assert frame[2, 2, 0] < 60


def test_bloom_spreads_highlights_only() -> None:
    dark = np.full((128, 160, 3), 30, np.uint8)
    lamp = dark.copy()
    lamp[54:74, 70:90] = 255
    assert np.array_equal(finish(dark, Plain(bloom=1.0)), finish(dark, Plain()))
    glowing = finish(lamp, Plain(bloom=1.0))
    assert glowing[64, 96, 0] > finish(lamp, Plain())[64, 96, 0] + 5
    assert glowing[10, 10, 0] <= 34
    more = Finisher(Plain(), SIZE).apply(lamp, 0, glow=1.0)
    assert more[64, 96, 0] > 35


def test_scanlines_are_rows_and_fringe_pulls_red_and_blue_apart() -> None:
    rows = finish(GREY, Plain(scanlines=1.0)).astype(int)[..., 0]
    assert rows.mean(axis=1).std() > 5
    assert rows.std(axis=1).max() < 2
    edge = np.zeros((128, 160, 3), np.uint8)
    edge[:, 80:] = 200
    fringed = finish(edge, replace(Plain(), fringe=1.0))
    assert fringed[64, 79, 2] > 100
    assert fringed[64, 80, 0] < 100
    assert fringed[64, 40].max() == 0
    assert abs(int(fringed[64, 120, 0]) - 200) <= 2
