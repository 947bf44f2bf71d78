"""A knitted jumper with a ribbed neck: shoulders, folds and the stitches' fine relief."""

from __future__ import annotations

import numpy as np
from characters.doll import Points, curve
from portrait.canvas import Paper, blurred, grid, inflated, linear, mask
from portrait.light import Form

WOOL = "#2c6474"
FOLDS: tuple[tuple[Points, float, float], ...] = (
    ([(330, 850), (300, 940), (306, 1080)], 15, 1.0), ([(566, 846), (604, 930), (596, 1080)], 15, 1.0),
    ([(232, 860), (214, 960), (236, 1090)], 12, 0.9), ([(664, 858), (690, 960), (668, 1090)], 12, 0.9),
    ([(386, 940), (400, 1010), (392, 1090)], 13, 0.6), ([(520, 950), (504, 1020), (516, 1090)], 13, 0.6),
    ([(290, 1040), (240, 1010), (196, 1020)], 10, 0.8), ([(612, 1050), (660, 1014), (704, 1022)], 10, 0.8),
    ([(150, 900), (134, 980), (140, 1090)], 12, 0.7), ([(752, 900), (768, 980), (760, 1090)], 12, 0.7),
)  # fmt: skip


def jumper_form() -> Form:
    outline = curve([(332, 780), (372, 826), (450, 848), (528, 826), (568, 780), (640, 794), (738, 846), (806, 906),
                     (846, 1020), (860, 1130), (450, 1180), (40, 1130), (54, 1020), (94, 906), (162, 846),
                     (260, 794)])  # fmt: skip
    coverage = mask(outline)
    x, y = grid()
    folds = Paper()
    for points, width, alpha in FOLDS:
        folds.stroke(curve(points, closed=False), "#ffffff", width, 0.75 * alpha, width * 0.45)
    ridges = blurred(folds.pixels[..., 3].astype(np.float32) / 255.0, 7.0)
    height = inflated(coverage, 210) * 0.72 + 17 * ridges + _knit(x, y)
    height += 10 * np.exp(-(((x - 450) / 180) ** 2) - ((y - 1010) / 120) ** 2)
    colour = np.broadcast_to(linear(WOOL), (*x.shape, 3))
    return Form((height - 40).astype(np.float32), colour, coverage, skin=0.25, gloss=0.0)


def collar_form() -> Form:
    band = curve([(280, 752), (330, 764), (374, 800), (450, 820), (526, 800), (570, 764), (620, 752), (600, 792),
                  (544, 834), (450, 858), (356, 834), (300, 792)])  # fmt: skip
    coverage = mask(band)
    x, y = grid()
    angle = np.arctan2(y - 640, x - 450)
    ribs = 1.0 * np.abs(np.sin(angle * 62))
    height = 0.7 * inflated(coverage, 15) + ribs + 30
    colour = np.broadcast_to(linear("#2a636f"), (*x.shape, 3))
    return Form(height.astype(np.float32), colour, coverage, skin=0.25)


def _knit(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Columns of slanting stitches, 9 units wide."""
    bent = x + 5 * np.sin(y / 70)
    column = bent / 9.0
    slant = np.abs((column % 1.0) - 0.5)
    stitch = np.sin(2 * np.pi * (y / 8.0 + slant * 1.2))
    return 0.36 * np.abs(np.cos(np.pi * column)) * (1 + 0.45 * stitch)
