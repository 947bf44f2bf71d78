"""The room behind: a bright window, plants and lamps, seen through an open lens."""

from __future__ import annotations

import cv2
import numpy as np
import skia
from characters.doll import curve
from portrait.canvas import HEIGHT, SCALE, WIDTH, Paper


def room() -> np.ndarray:
    """(h, w, 3) linear light."""
    paper = Paper()
    ends = [skia.Point(0, 0), skia.Point(WIDTH, HEIGHT)]
    wall = skia.GradientShader.MakeLinear(ends, [0xFFF0DFC4, 0xFFC9AC8B, 0xFF7C6150])
    paper.pen.drawPaint(skia.Paint(Shader=wall))
    _window(paper)
    _shelf(paper)
    _plants(paper)
    scene = (paper.pixels[..., :3].astype(np.float32) / 255.0) ** 2.2
    scene[paper.pixels[..., :3].min(axis=2) > 250] *= 1.8
    _lamps(scene)
    return _out_of_focus(scene, 17.0)


def _window(paper: Paper) -> None:
    paper.pen.drawRect(skia.Rect.MakeLTRB(-40, -40, 262, 700), skia.Paint(Color=0xFFFFFFFF))
    low = skia.GradientShader.MakeLinear([skia.Point(0, 330), skia.Point(0, 700)], [0x00BFD8B0, 0xFFA9C79C])
    paper.pen.drawRect(skia.Rect.MakeLTRB(-40, 330, 262, 700), skia.Paint(Shader=low))
    for left, top, right, bottom in ((118, -40, 136, 700), (-40, 318, 262, 334), (258, -40, 284, 724)):
        paper.pen.drawRect(skia.Rect.MakeLTRB(left, top, right, bottom), skia.Paint(Color=0xFFE6D8C2))
    paper.pen.drawRect(skia.Rect.MakeLTRB(-40, 698, 300, 730), skia.Paint(Color=0xFFD8C3A5))
    curtain = curve([(284, -60), (356, -60), (350, 300), (372, 700), (366, 1100), (296, 1100), (300, 700), (290, 300)])
    paper.fill(curtain, "#f7ecdc", 0.9)
    for x in (300, 322, 344):
        paper.stroke(curve([(x, -20), (x + 4, 400), (x + 14, 1100)], closed=False), "#d9c4a8", 7, 0.7, 3)


def _shelf(paper: Paper) -> None:
    for y in (236, 560):
        paper.pen.drawRect(skia.Rect.MakeLTRB(640, y, 960, y + 20), skia.Paint(Color=0xFF9A6B45))
    colours = (0xFF9C7A5A, 0xFF3F7480, 0xFFE2B45C, 0xFF7C4A54, 0xFFEDE2CC, 0xFF5A7F62)
    for number, colour in enumerate(colours):
        x, tall = 742 + number * 25, 96 + 37 * ((number * 5) % 3)
        paper.pen.drawRect(skia.Rect.MakeLTRB(x, 560 - tall, x + 21, 560), skia.Paint(Color=colour))
    pot = curve([(720, 160), (800, 160), (792, 236), (728, 236)])
    paper.fill(pot, "#c7764f")


def _plants(paper: Paper) -> None:
    rng = np.random.default_rng(11)
    greens = ("#3f6b45", "#5d8c4e", "#7fae62", "#2f5540", "#9cc27a")
    for x, y, count, reach in ((760, 150, 22, 120), (870, 760, 40, 250), (60, 860, 34, 220)):
        for _ in range(count):
            angle = rng.uniform(-np.pi * 1.08, 0.08 * np.pi)
            long = reach * rng.uniform(0.5, 1.0)
            tip = (x + np.cos(angle) * long, y + np.sin(angle) * long + 0.22 * long)
            middle = (x + np.cos(angle) * long * 0.55, y + np.sin(angle) * long * 0.75)
            side = 0.13 * long
            leaf = curve(
                [(x, y), (middle[0] - side, middle[1] - side * 0.4), tip, (middle[0] + side, middle[1] + side)]
            )
            paper.fill(leaf, greens[int(rng.integers(len(greens)))], 0.95)


def _lamps(scene: np.ndarray) -> None:
    """Small bright things; the lens makes discs of them."""
    rng = np.random.default_rng(4)
    for _ in range(15):
        x, y = rng.uniform(600, 890), rng.uniform(30, 720)
        centre = (round(x * SCALE), round(y * SCALE))
        warm = np.array([1.0, 0.80, 0.50]) * rng.uniform(14, 34)
        cv2.circle(scene, centre, round(2.6 * SCALE), warm.tolist(), -1)
    for _ in range(12):
        centre = (round(rng.uniform(20, 250) * SCALE), round(rng.uniform(380, 900) * SCALE))
        cv2.circle(scene, centre, round(2.6 * SCALE), (np.array([0.95, 1.0, 0.75]) * rng.uniform(12, 26)).tolist(), -1)


def _out_of_focus(scene: np.ndarray, radius: float) -> np.ndarray:
    small = cv2.resize(scene, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    reach = int(radius) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    away = np.hypot(x, y)
    disc = np.clip(radius - away + 0.5, 0, 1) * (0.8 + 0.2 * (away / radius) ** 4)
    small = cv2.filter2D(small, -1, (disc / disc.sum()).astype(np.float32), borderType=cv2.BORDER_REFLECT)
    small = cv2.GaussianBlur(small, (0, 0), 2.0) * 0.72 + 0.28 * cv2.GaussianBlur(small, (0, 0), 28)
    return cv2.resize(small, (scene.shape[1], scene.shape[0]), interpolation=cv2.INTER_CUBIC).clip(0, None)
