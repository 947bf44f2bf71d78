"""The face, neck and lips as forms: a head with brows, nose, lips and chin raised on it, and skin in its colours."""

from __future__ import annotations

import numpy as np
import skia
from characters.doll import Points, curve
from portrait.canvas import MIDDLE, Paper, blurred, grid, linear, mask, mirrored
from portrait.light import Form
from scipy.interpolate import PchipInterpolator

EYE_X, EYE_Y = 69.0, 434.0
OUTLINE: Points = [
    (0, 216),
    (84, 234),
    (130, 300),
    (146, 380),
    (147, 440),
    (140, 500),
    (120, 560),
    (87, 613),
    (45, 650),
    (0, 661),
]
SKIN, LIPS = "#dba181", "#bd5a55"


def seam(x: np.ndarray) -> np.ndarray:
    """Where the lips meet: y at offsets `x` from the middle; the ends rise in a slight smile."""
    part = np.clip(np.abs(x) / 51, 0, 1)
    return 579.5 - 12.5 * part**2.1 + 1.8 * np.exp(-((x / 8) ** 2)) - 1.2 * np.exp(-(((np.abs(x) - 17) / 9) ** 2))


def lip_top(x: np.ndarray) -> np.ndarray:
    part = np.clip(np.abs(x) / 51, 0, 1)
    bow = 561.5 + 3.2 * np.exp(-((x / 6.5) ** 2)) + 0.5 * part
    return bow + (seam(x) - bow) * np.clip((part - 0.2) / 0.8, 0, 1) ** 1.35


def lip_bottom(x: np.ndarray) -> np.ndarray:
    part = np.clip(np.abs(x) / 49, 0, 1)
    return np.maximum(seam(x), 600.5 - 33.0 * part**2.75)


def lips_path() -> skia.Path:
    x = np.linspace(-51, 51, 41)
    upper = [(MIDDLE + float(a), float(b)) for a, b in zip(x, lip_top(x), strict=True)]
    lower = [(MIDDLE + float(a), float(b)) for a, b in zip(x[::-1], lip_bottom(x[::-1]), strict=True)]
    return curve([*upper, *lower[1:-1]])


def neck_form() -> Form:
    outline = curve([(386, 560), (514, 560), (513, 690), (524, 742), (566, 790), (600, 900), (450, 980), (300, 900),
                     (334, 790), (376, 742), (387, 690)])  # fmt: skip
    coverage = mask(outline)
    x, y = grid()
    x = x - MIDDLE
    height = 70 * np.sqrt(np.clip(1 - (x / (72 + np.clip((y - 720) * 1.3, 0, 400))) ** 2, 0.02, 1))
    height -= np.clip((y - 700) / 10, 0, 6) * 2
    for side in (-1, 1):
        line = np.exp(-(((x - side * (46 - (y - 640) * 0.22)) / 8) ** 2)) * _smooth((y - 620) / 60)
        height += 5 * line * _smooth((810 - y) / 80)
        height += 8 * np.exp(-(((y - 806 + 0.22 * np.abs(x)) / 9) ** 2) - ((x - side * 60) / 44) ** 2)
    height -= 10 * np.exp(-((x / 15) ** 2) - ((y - 800) / 16) ** 2)
    colour = np.broadcast_to(linear("#d99c7b"), (*x.shape, 3))
    return Form(blurred(height.astype(np.float32), 2.0), colour, coverage, skin=1.0, gloss=0.04)


def face_form() -> Form:
    x, y = grid()
    x = x - MIDDLE
    height = _head(x, y) + _features(x, y) + _nose(x, y) + _mouth(x, y)
    gloss = 0.075 + 0.25 * mask(lips_path(), 1.5) * (y > 580)
    return Form(blurred(height.astype(np.float32), 0.9), _complexion(x, y), mask(mirrored(OUTLINE)), 1.0, gloss)


def _bump(x: np.ndarray, y: np.ndarray, at: tuple[float, float], size: tuple[float, float]) -> np.ndarray:
    """1 at `at`, falling off over `size` both ways; on both sides of the face where `at` isn't in its middle."""
    across = np.abs(x) - at[0] if at[0] else x
    return np.exp(-((across / size[0]) ** 2) - ((y - at[1]) / size[1]) ** 2)


def _smooth(share: np.ndarray) -> np.ndarray:
    share = np.clip(share, 0, 1)
    return share * share * (3 - 2 * share)


def _head(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    rows = np.array(OUTLINE, float)
    half = PchipInterpolator(rows[:, 1], np.maximum(rows[:, 0], 20))(np.clip(y[:, 0], 216, 661))
    # the cheeks turn away later than the jaw is wide
    half = (20 * np.logaddexp(half / 20, 92 / 20))[:, None].astype(np.float32) + 4
    round_ = np.clip(1 - np.abs(x / half) ** 2.35, 0.0, 1) ** 0.62
    height = (120 * round_).astype(np.float32)
    height -= 62 * (np.clip(372 - y, 0, None) / 150) ** 2
    return blurred(height - 26 * (np.clip(y - 618, 0, None) / 40) ** 2 + 120, 9.0)


def _features(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height = -13 * _bump(x, y, (58, EYE_Y - 6), (40, 25)) - 6 * _bump(x, y, (30, EYE_Y - 8), (14, 22))
    height += 6 * _bump(x, y, (62, 392), (52, 16)) + 5 * _bump(x, y, (0, 330), (90, 50))
    height += 9.5 * _bump(x, y, (EYE_X, EYE_Y), (32, 18))
    height += 13 * _bump(x, y, (84, 492), (36, 31)) + 4 * _bump(x, y, (108, 470), (30, 24))
    height += 15 * _bump(x, y, (0, 633), (31, 21)) - 8 * _bump(x, y, (0, 609), (30, 9))
    height -= 5 * _bump(x, y, (112, 560), (30, 40))
    fold = np.abs(x) - (30 + (y - 520) * 0.46)
    return height - 2.4 * np.exp(-((fold / 7) ** 2)) * _smooth((y - 510) / 30) * _smooth((580 - y) / 34)


def _nose(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    down = np.clip((y - 405) / 104, 0, 1.2)
    ridge = (3 + 21 * down**1.6) * np.exp(-((x / (13 + 4 * down)) ** 2))
    under = 0.5 - 0.5 * np.tanh((y - 529 + 0.0125 * np.minimum(np.abs(x), 40) ** 2) / 6.4)
    ridge += 7 * np.exp(-((x / 26) ** 2)) * _smooth((y - 420) / 90)
    height = ridge * under * _smooth((y - 380) / 60)
    height += 13 * _bump(x, y, (0, 509), (15, 13)) * under
    height += 11 * _bump(x, y, (21, 516), (9.5, 10.5))
    height += 5 * _bump(x, y, (0, 522), (10, 6))
    height -= 3 * _bump(x, y, (33, 513), (5, 13))
    return height - 6 * _bump(x, y, (11.5, 527), (6.5, 3.4))


def _mouth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height = 12 * _bump(x, y, (0, 574), (56, 40))
    height -= 2.6 * np.exp(-((x / 5.5) ** 2)) * _smooth((y - 526) / 12) * _smooth((568 - y) / 12)
    height += 2.0 * np.exp(-(((np.abs(x) - 10) / 5) ** 2)) * _smooth((y - 530) / 20) * _smooth((568 - y) / 12)
    middle, top, bottom = seam(x), lip_top(x), lip_bottom(x)
    taper = np.clip(1 - (np.abs(x) / 52) ** 2, 0, 1) ** 0.6
    up = np.clip((middle - y) / np.maximum(middle - top, 1.5), 0, 1)
    low = np.clip((y - middle) / np.maximum(bottom - middle, 1.5), 0, 1)
    height += 5.5 * taper * np.sin(np.pi * up**0.75) + 8.5 * taper * np.sin(np.pi * low**0.85)
    height -= 3.4 * np.exp(-(((y - middle) / 2.2) ** 2)) * np.clip(1.05 - (np.abs(x) / 51) ** 4, 0, 1)
    return height - 1.8 * _bump(x, y, (54, 566), (8, 8))


def _complexion(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    colour = np.broadcast_to(linear(SKIN), (*x.shape, 3)).copy()
    stains = (
        ("#d9705c", 0.32 * _bump(x, y, (86, 500), (40, 30))), ("#d4705c", 0.30 * _bump(x, y, (0, 512), (26, 16))),
        ("#e6b394", 0.40 * _bump(x, y, (0, 320), (90, 46))), ("#cf8264", 0.25 * _bump(x, y, (0, 640), (44, 20))),
        ("#b8725c", 0.34 * _bump(x, y, (62, EYE_Y - 18), (36, 12))),
        ("#b97f70", 0.28 * _bump(x, y, (58, 452), (32, 9))),
    )  # fmt: skip
    for stain, share in stains:
        colour += share[..., None] * (linear(stain) - colour)
    freckles = _freckles()[..., None]
    colour += freckles * (linear("#a8623f") - colour)
    lips = Paper()
    lips.fill(lips_path(), LIPS, 1.0, 1.1)
    share = (0.86 * lips.pixels[..., 3].astype(np.float32) / 255.0)[..., None]
    upper = (y < seam(x))[..., None]
    return (colour + share * (np.where(upper, linear("#a94c4b"), linear("#c96460")) - colour)).astype(np.float32)


def _freckles() -> np.ndarray:
    """Coverage (h, w) of a few, across nose and cheeks."""
    paper = Paper()
    rng = np.random.default_rng(21)
    for _ in range(110):
        x, y = rng.normal() * 62, 492 + rng.normal() * 17
        size = rng.uniform(0.7, 1.6)
        paper.spot(MIDDLE + x, y, (size, size * 0.85), "#ffffff", rng.uniform(0.10, 0.34), 0.5)
    return paper.pixels[..., 3].astype(np.float32) / 255.0
