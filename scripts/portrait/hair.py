"""Hair, strand by strand: locks that fall from a parting in waves, each strand lit where it turns to the window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import skia
from characters.doll import Points, curve
from portrait.canvas import Paper
from scipy.interpolate import CubicSpline

DARK, MIDDLE_TONE, LIGHT = np.array([30, 15, 12]), np.array([88, 46, 29]), np.array([200, 128, 78])
STEPS = 44


@dataclass(frozen=True)
class Fall:
    """Hair between an inner guide curve (by the face) and an outer one (the silhouette); `light` is where on its
    length (0..1) the window's sheen lies, `tone` its overall brightness."""

    inner: tuple[tuple[float, float], ...]
    outer: tuple[tuple[float, float], ...]
    light: float
    tone: float
    seed: int


LEFT = Fall(
    ((404, 264), (376, 280), (332, 330), (309, 420), (302, 540), (288, 660), (312, 776)),
    ((408, 175), (336, 182), (258, 272), (232, 420), (216, 580), (192, 700), (232, 812)), 0.24, 1.08, 1,
)  # fmt: skip
RIGHT = Fall(
    ((404, 264), (470, 264), (554, 322), (590, 420), (599, 540), (614, 660), (588, 784)),
    ((404, 175), (526, 180), (636, 272), (668, 420), (684, 580), (710, 700), (668, 818)), 0.26, 0.86, 2,
)  # fmt: skip
BACK_LEFT = Fall(
    ((430, 300), (420, 400), (410, 520), (402, 620), (392, 690), (384, 740), (370, 780)),
    ((420, 230), (330, 300), (280, 420), (262, 560), (252, 660), (250, 730), (276, 796)), 0.9, 0.42, 3,
)  # fmt: skip
BACK_RIGHT = Fall(
    ((470, 300), (480, 400), (490, 520), (498, 620), (508, 690), (516, 740), (530, 780)),
    ((480, 230), (570, 300), (620, 420), (638, 560), (648, 660), (650, 730), (624, 800)), 0.9, 0.36, 4,
)  # fmt: skip


def back_hair(paper: Paper) -> None:
    outer: Points = [(630, 420), (652, 640), (640, 782), (450, 770), (262, 782), (248, 640), (270, 420)]
    mass: Points = [(420, 260), (520, 260), *outer]
    paper.fill(curve(mass), "#1f100c")
    for fall in (BACK_LEFT, BACK_RIGHT):
        draw(paper, fall, 900, 3.4)


def front_hair(paper: Paper) -> None:
    crown: Points = [(330, 204), (366, 180), (406, 172), (452, 173), (506, 188), (406, 240)]
    paper.fill(curve(crown), "#55301f", 1.0, 0.8)  # the parting is no gap in the outline
    for fall in (RIGHT, LEFT):
        draw(paper, fall, 1300, 4.2)
        draw(paper, fall, 900, 2.4)
        draw(paper, fall, 1700, 1.3)
        _loose(paper, fall)
        _hairline(paper, fall)


def draw(paper: Paper, fall: Fall, count: int, width: float) -> None:
    rng = np.random.default_rng(fall.seed * 100 + round(width * 10))
    order = np.argsort(rng.random(count) + (0.0 if width > 2 else 0.3))
    for share in rng.random(count)[order]:
        points = strand(fall, share, rng, 0.05 if width > 3 else 0.26)
        tones = _tones(fall, points, share, rng, fine=width < 2)
        thin = width * rng.uniform(0.6, 1.15)
        end = STEPS - int(rng.integers(3, 7)) if width > 3 else STEPS  # tips are fine
        _line(paper, points[:end], tones[:end], thin)


def strand(fall: Fall, share: float, rng: np.random.Generator, clump: float = 0.4) -> np.ndarray:
    """(STEPS, 2): a strand `share` of the way from the inner to the outer guide, drawn by `clump` to the middle of
    its lock."""
    locks = 11
    lock = np.floor(share * locks)
    t = np.linspace(0, 1, STEPS)
    centre = (lock + 0.5) / locks
    place = share + (centre - share) * clump * t**1.5
    knots = np.linspace(0, 1, len(fall.inner))
    inner, outer = CubicSpline(knots, np.array(fall.inner))(t), CubicSpline(knots, np.array(fall.outer))(t)
    points = inner + (outer - inner) * place[:, None]
    phase = lock * 1.9 + fall.seed
    size = 19.0 * np.clip((t - 0.28) / 0.42, 0, 1)
    sway = np.sin(2 * np.pi * 1.75 * t + 0.32 * phase) * size * (0.8 + 0.2 * np.sin(lock * 2.3))
    points[:, 0] += sway + rng.normal() * 1.6 * t + rng.normal() * 0.8
    # inner hair is cut shorter, and none ends where its neighbour does
    points[:, 1] += (rng.normal() * 15 - 26 * rng.random() ** 2 - 14 * (1 - share) ** 2) * t**3
    points[:, 0] += rng.normal() * 3.5 * t**4
    return points


def _tones(fall: Fall, points: np.ndarray, share: float, rng: np.random.Generator, fine: bool) -> np.ndarray:
    """(STEPS, 3) colours: dark roots and hollows, sheen where the hair turns, edges of locks darker."""
    t = np.linspace(0, 1, STEPS)
    lock = np.floor(share * 11)
    across = share * 11 - lock
    jitter = rng.normal() * 0.035
    sheen = np.exp(-(((t - fall.light - 0.03 * np.sin(share * 9) - jitter) / 0.10) ** 2))
    slope = np.gradient(points[:, 0]) / np.maximum(np.abs(np.gradient(points[:, 1])), 1.0)
    turned = np.clip(0.5 + 0.9 * slope, 0, 1) * np.clip((t - 0.3) / 0.2, 0, 1)
    body = 0.42 + 0.22 * np.sin(np.pi * across) + 0.20 * turned + rng.normal() * 0.10
    body -= 0.20 * np.exp(-((t / 0.05) ** 2)) + 0.14 * np.exp(-((share / 0.10) ** 2))
    bright = fall.tone * (body + (0.52 if fine else 0.29) * sheen * (0.65 + 0.5 * rng.random()))
    bright += fall.tone * 0.20 * turned * (0.5 + rng.random() * 0.5) * fine
    bright = np.clip(bright, 0, 1.25)[:, None]
    low = DARK + (MIDDLE_TONE - DARK) * np.clip(bright / 0.6, 0, 1)
    return low + (LIGHT - MIDDLE_TONE) * np.clip((bright - 0.6) / 0.65, 0, 1)


def _line(paper: Paper, points: np.ndarray, tones: np.ndarray, width: float) -> None:
    brush = skia.Paint(AntiAlias=True, StrokeCap=skia.Paint.kRound_Cap, Style=skia.Paint.kStroke_Style)
    t = np.linspace(0, 1, len(points))
    widths = width * np.clip(np.minimum(t / 0.04 + 0.4, 1), 0, 1) * (1 - 0.75 * np.clip((t - 0.72) / 0.28, 0, 1))
    for at in range(len(points) - 1):
        red, green, blue = (int(value) for value in np.clip(tones[at], 0, 255))
        brush.setColor(skia.Color(red, green, blue))
        brush.setStrokeWidth(float(widths[at]))
        paper.pen.drawLine(*points[at].tolist(), *points[at + 1].tolist(), brush)


def _loose(paper: Paper, fall: Fall) -> None:
    """A few strands that go their own way, at the silhouette."""
    rng = np.random.default_rng(fall.seed + 50)
    for share in rng.uniform(0.93, 1.0, 18):
        points = strand(fall, float(np.clip(share, 0, 0.999)), rng)
        points[:, 0] += rng.normal() * 6 * np.linspace(0, 1, STEPS)
        _line(paper, points, _tones(fall, points, 0.5, rng, fine=True) * 1.25, 0.8)


def _hairline(paper: Paper, fall: Fall) -> None:
    """Short fine hair where it grows out of the forehead."""
    rng = np.random.default_rng(fall.seed + 70)
    guide = CubicSpline(np.linspace(0, 1, len(fall.inner)), np.array(fall.inner))
    for at in rng.random(70) * 0.30 + 0.01:
        start, along = guide(at), guide(at, 1)
        along = along / np.hypot(*along)
        towards = np.array([-along[1], along[0]]) * np.sign(along[0] or 1.0)
        long = rng.uniform(14, 34)
        points = [start - 3 * towards]
        points += [start + along * long * part + towards * rng.uniform(1.0, 8.0) * part for part in (0.5, 1.0)]
        tone = ("#4a291b", "#6b3d26", "#86512f")[int(rng.integers(3))]
        paper.taper([(float(x), float(y)) for x, y in points], tone, 1.1, 0.42, 0.3)
