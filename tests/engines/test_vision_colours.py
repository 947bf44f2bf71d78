"""Colours have the names that people give them."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engines.vision.colours import NAMES, ColourNamer, main_colours

NAMER = ColourNamer()
NAMED = {
    (0, 0, 0): "black", (12, 14, 16): "black", (255, 255, 255): "white", (240, 242, 240): "white",
    (128, 128, 128): "grey", (90, 92, 95): "grey", (230, 20, 25): "red", (150, 10, 10): "red", (255, 140, 10): "orange",
    (250, 235, 20): "yellow", (10, 130, 20): "green", (20, 240, 40): "green", (170, 230, 160): "green",
    (10, 230, 240): "cyan", (20, 30, 220): "blue", (10, 10, 90): "blue", (120, 180, 240): "blue",
    (120, 20, 150): "purple", (250, 10, 240): "magenta", (255, 170, 190): "pink", (110, 65, 25): "brown",
    (235, 215, 180): "beige",
}  # fmt: skip


@pytest.mark.parametrize("colour", NAMED)
def test_a_colour_has_its_name(colour: tuple[int, int, int]) -> None:
    shares = NAMER.shares(np.full((4, 4, 3), colour, np.uint8))
    assert NAMES[int(shares.argmax())] == NAMED[colour]
    assert shares.sum() == pytest.approx(1)


def test_shares_are_of_the_picture_the_largest_first() -> None:
    picture = np.zeros((10, 10, 3), np.uint8)
    picture[:, :6], picture[:, 6:9] = (20, 30, 220), (230, 20, 25)
    assert main_colours(NAMER.shares(picture)) == (("blue", 0.6), ("red", 0.3), ("black", 0.1))
