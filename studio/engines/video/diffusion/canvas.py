"""How large the network films what is asked for."""

from __future__ import annotations

import math

from studio.contracts import Size

GRID = 64
"""Sides are multiples of it: eight pixels a latent, and three halvings in the UNet."""

LONGEST = 24
"""Of GRID."""

_ROOM = 1.1
_LOSS = 0.5
"""What a smaller picture weighs against a bent one, both as logarithms."""


def plan_canvas(size: Size, area: float) -> Size:
    """Sides for about `area` pixels, as near to the proportions of `size` as the grid allows; what is filmed is
    stretched back by the rest."""
    wanted = math.log(size.width / size.height)

    def loss(sides: tuple[int, int]) -> tuple[float, int]:
        width, height = sides
        bent = abs(math.log(width / height) - wanted)
        return bent + _LOSS * abs(math.log(width * height * GRID**2 / area)), -width

    steps = range(1, LONGEST + 1)
    fitting = [(w, h) for w in steps for h in steps if w * h * GRID**2 <= _ROOM * area]
    width, height = min(fitting or [(1, 1)], key=loss)
    return Size(width * GRID, height * GRID)
