"""Eyes, brows and the fine lines of nose and lips, drawn over the lit face."""

from __future__ import annotations

import numpy as np
import skia
from characters.doll import Points, curve
from portrait.canvas import MIDDLE, Paper, hair_path
from portrait.face import EYE_X, EYE_Y, seam

UPPER: Points = [(-31, 4.5), (-26, -1.4), (-16, -8.2), (-2, -11.6), (11, -10.6), (21.5, -5.7), (28.5, 0.6)]
LOWER: Points = [(28.5, 0.6), (23.5, 4.8), (12, 7.3), (-4, 7.6), (-18, 7.4), (-26, 5.8), (-31, 4.5)]
IRIS = 14.2


def eyes(paper: Paper) -> None:
    for side in (-1, 1):
        paper.pen.save()
        paper.pen.translate(MIDDLE + side * EYE_X, EYE_Y)
        if side < 0:
            paper.pen.scale(-1, 1)  # corners mirror; the light, below, doesn't
        paper.pen.scale(1.26, 1.28)
        _ball(paper, side)
        _lids(paper)
        paper.pen.restore()


def _ball(paper: Paper, side: int) -> None:
    opening = curve([*UPPER, *LOWER[1:-1]])
    paper.pen.save()
    paper.pen.clipPath(opening, True)
    paper.fill(opening, "#ece3dc")
    paper.spot(-33, 4, (11, 12), "#c48f80", 0.6, 5)
    paper.spot(36, 4, (13, 16), "#b39a94", 0.75, 6)
    _iris(paper, side)
    shadow = curve([(-40, -30), (40, -30), *reversed([(x, y + 4.2) for x, y in UPPER])])
    paper.fill(shadow, "#2a1714", 0.80, 1.9)
    paper.stroke(curve(LOWER, closed=False), "#dba090", 2.6, 0.9, 0.5)
    paper.spot(-28.5, 4.6, (3.6, 2.8), "#d68f80", 0.9, 0.8)
    paper.spot(-27.6, 3.8, (1.0, 0.8), "#fff4ee", 0.8, 0.3)
    paper.pen.restore()
    for x, y, radii, alpha, soft in ((-4.6, -4.6, (3.2, 3.4), 1.0, 0.45), (5.0, 2.6, (1.5, 1.2), 0.45, 0.7)):
        paper.spot(side * x, y, radii, "#ffffff", alpha, soft)


def _iris(paper: Paper, side: int) -> None:
    y = -1.4
    paper.spot(0, y, (IRIS + 0.6, IRIS + 0.6), "#3b2a22", 1.0, 1.1)
    stops = [0xFF3A2012, 0xFF6E421F, 0xFF8A5829, 0xFF5B361C, 0xFF2A1811]
    shader = skia.GradientShader.MakeRadial(skia.Point(0, y), IRIS, stops, [0.25, 0.45, 0.68, 0.86, 1.0])
    paper.pen.drawCircle(0, y, IRIS - 0.3, skia.Paint(AntiAlias=True, Shader=shader))
    rng = np.random.default_rng(3)
    for angle in np.linspace(0, 2 * np.pi, 74, endpoint=False):
        turn = angle + rng.normal() * 0.05
        start, end = rng.uniform(5.5, 7.5), rng.uniform(10.0, 13.4)
        path = skia.Path()
        path.moveTo(np.cos(turn) * start, y + np.sin(turn) * start)
        path.lineTo(np.cos(turn) * end, y + np.sin(turn) * end)
        paper.stroke(path, "#d09a55" if rng.random() > 0.4 else "#2e190d", 0.55, 0.42)
    # light through the cornea gathers opposite the window
    paper.spot(side * 4.5, y + 6.5, (6.5, 4.6), "#e3a45c", 0.62, 2.6)
    paper.spot(0, y, (5.7, 5.7), "#0d0706", 1.0, 0.5)
    paper.spot(0, y - IRIS * 0.7, (IRIS, 6), "#140a08", 0.5, 3)


def _lids(paper: Paper) -> None:
    crease: Points = [(-30, -5), (-22, -14), (-8, -20), (8, -20), (22, -17), (34, -7)]
    paper.stroke(curve([(x, y - 0.5) for x, y in crease], closed=False), "#6f3a2c", 5.0, 0.50, 2.4)
    paper.fill(hair_path(np.array(crease[::-1], float), 2.0), "#6b3327", 0.75, 0.5)
    shelf: Points = [(-24, -9), (-12, -16), (2, -18.2), (15, -15.8), (26, -9.5)]
    paper.stroke(curve(shelf, closed=False), "#f2c3a4", 2.6, 0.38, 1.4)
    line = curve([*UPPER, (31.5, -2.6), (27, -5.4), (20.5, -9.9), (11, -14.2), (-3, -15.1), (-16, -10.9), (-26, -3.7)])
    paper.fill(line, "#1d100d", 0.95, 0.5)
    rng = np.random.default_rng(8)
    for share in np.linspace(0.1, 0.985, 44):
        x, y = _on(UPPER, share)
        long = 3.6 + 5.6 * share**1.4 + rng.normal() * 0.7
        lean = -0.35 + 1.3 * share + rng.normal() * 0.06
        tip = (x + long * np.sin(lean), y - 2 - long * np.cos(lean) * 0.85)
        bend = (x + long * 0.55 * np.sin(lean * 0.6) + 1.2, y - 1.2 - long * 0.38)
        paper.taper([(x, y - 0.6), bend, tip], "#170c0a", 1.6, 0.9, 0.35)
    for share in np.sort(rng.random(20)) * 0.6 + 0.05:
        x, y = _on(LOWER, share)
        long = 3.6 + rng.normal() * 0.5
        paper.taper([(x, y), (x + 0.6, y + long * 0.5), (x + 1.4 - 2.0 * share, y + long)], "#3a1f18", 0.7, 0.45, 0.3)
    under: Points = [(-20, 17), (-6, 19.5), (10, 18.5), (23, 13)]
    paper.stroke(curve(under, closed=False), "#8a4b3c", 2.4, 0.2, 2.2)
    paper.stroke(curve([(x, y - 5.5) for x, y in under], closed=False), "#f5c9ae", 3.0, 0.22, 2.0)


def _on(points: Points, share: float) -> tuple[float, float]:
    at = np.linspace(0, 1, len(points))
    rows = np.array(points, float)
    return float(np.interp(share, at, rows[:, 0])), float(np.interp(share, at, rows[:, 1]))


def brows(paper: Paper) -> None:
    rng = np.random.default_rng(2)
    spine: Points = [(-36, 6.5), (-22, 2.4), (-4, -2.5), (14, -5.5), (30, -3.5), (44, 5)]
    for side in (-1, 1):
        paper.pen.save()
        paper.pen.translate(MIDDLE + side * 68, 384)
        paper.pen.scale(side * 1.1, 1.0)
        paper.stroke(curve(spine[:-1], closed=False), "#4a271b", 9.0, 0.50, 3.2)
        for share in np.sort(rng.random(420)):
            x, y = _on(spine, share)
            thick = 8.0 * np.sin(np.pi * np.clip(0.16 + share * 0.80, 0, 1)) ** 0.7
            y += float(np.clip(rng.normal() * 0.32, -0.6, 0.8)) * thick
            lean = -0.95 + 1.5 * share + rng.normal() * 0.12
            long = 8.5 + 4.0 * share + 1.6 * rng.normal()
            tip = (x + long * np.cos(lean * 0.8), y + long * np.sin(lean * 0.8) * 0.75)
            middle = ((x + tip[0]) / 2, (y + tip[1]) / 2 - 0.5)
            paper.taper(
                [(x, y), middle, tip],
                rng.choice(["#2b1510", "#4a281b", "#6a3c26"]),
                1.0,
                0.22 + 0.34 * min(1.0, share / 0.25),
                0.25,
            )
        paper.pen.restore()


def lines(paper: Paper) -> None:
    """Nostrils and the line between the lips, with the light on the lower one."""
    for side in (-1, 1):
        path = curve(
            [(MIDDLE + side * x, y) for x, y in ((5.5, 527.2), (10, 523.6), (16, 524.4), (17.5, 527.2), (11, 528.6))]
        )
        paper.fill(path, "#4a1c15", 0.85, 1.0)
        wing: Points = [(MIDDLE + side * x, y) for x, y in ((25, 504), (30.5, 512), (30, 521), (23, 526))]
        paper.stroke(curve(wing, closed=False), "#8a4331", 2.2, 0.42, 1.5)
    x = np.linspace(-48, 48, 33)
    points = [(MIDDLE + float(a), float(b)) for a, b in zip(x, seam(x), strict=True)]
    paper.stroke(curve(points, closed=False), "#6b211f", 2.6, 0.5, 1.3)
    paper.stroke(curve(points[3:-3], closed=False), "#3d100f", 1.2, 0.8, 0.4)
    for side in (-1, 1):
        paper.spot(MIDDLE + side * 49, 567.6, (2.2, 1.6), "#7a3328", 0.40, 1.4)
    paper.spot(MIDDLE - 9, 588, (11, 2.0), "#ffe4d8", 0.34, 1.6)
    paper.spot(MIDDLE - 4, 507, (3.4, 2.8), "#fff1e2", 0.42, 1.9)
    rng = np.random.default_rng(6)
    for at in np.linspace(-30, 30, 17):
        top = float(seam(np.array(at))) + 4
        line = curve([(MIDDLE + at, top), (MIDDLE + at * 1.04, top + 5), (MIDDLE + at * 1.02, top + 10)], closed=False)
        paper.stroke(line, "#8e3a38", 0.7, 0.10 + 0.10 * rng.random(), 0.4)
