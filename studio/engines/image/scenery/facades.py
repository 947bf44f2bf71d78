"""House fronts: floors of windows, some lit, and the signs that hang on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.light import warm_lamp
from studio.engines.image.noise import Rng
from studio.engines.image.sheet import colour4f

LIT = {"night": 0.46, "dusk": 0.40, "golden": 0.14, "dawn": 0.16, "day": 0.03}
"""How many windows have a light on."""

CELL_WIDTH, CELL_HEIGHT = 14, 18


@dataclass(frozen=True)
class Front:
    """`floors` x `bays` windows; `level`: how bright the wall is on the ramp; `shop`: the street floor is one."""

    floors: int
    bays: int
    level: float
    shop: bool = False


def facade(easel: Easel, front: Front, rng: Rng) -> np.ndarray:
    """A front as a picture (floors x CELL_HEIGHT, bays x CELL_WIDTH, 3)."""
    floors, bays = front.floors, front.bays
    height, width = floors * CELL_HEIGHT, bays * CELL_WIDTH
    wall = look_up(easel.inks.local(("#8a7468", "#6f7480", "#9a8a78", "#7c5a4c")[rng.integers(4)], 0.6), front.level)
    picture = np.broadcast_to(wall, (height, width, 3)).astype(np.float32)
    streaks = cv2.resize(rng.random((3, bays * 3), dtype=np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    worn = 0.26 if easel.medium not in ("papercut", "flat") else 0.0
    picture = picture * (1.0 - 0.5 * worn + worn * streaks)[..., None]
    kind = rng.integers(3)
    left, right, top, bottom = ((3, 11, 4, 15), (1, 13, 5, 14), (4, 10, 3, 16))[kind]
    glass = _glass(easel, floors, bays, rng)
    cells = picture.reshape(floors, CELL_HEIGHT, bays, CELL_WIDTH, 3)
    cells[:, bottom : bottom + 2, :, max(0, left - 1) : right + 1] *= 1.22
    cells[:, 0:1] *= 0.70
    pane = np.broadcast_to(glass[:, None, :, None, :], (floors, bottom - top, bays, right - left, 3)).copy()
    fall = np.linspace(1.12, 0.78, bottom - top, dtype=np.float32)[None, :, None, None, None]
    pane *= fall
    if kind != 1:
        middle = (right - left) // 2
        pane[:, :, :, middle - 1 : middle] *= 0.45
    cells[:, top:bottom, :, left:right] = pane
    if front.shop:
        _shop_floor(easel, cells[floors - 1], rng)
    return np.clip(picture, 0, 1)


def _glass(easel: Easel, floors: int, bays: int, rng: Rng) -> np.ndarray:
    """A colour a window (floors, bays, 3): sky in the dark ones, lamps of three colours in the others."""
    dark = easel.inks.tone(min(0.8, easel.light.ambient * 0.9 + 0.30 * easel.light.key))
    sky = 0.55 * dark + 0.45 * easel.light.haze * (0.35 if easel.light.night else 0.9)
    glass = sky * rng.uniform(0.65, 1.1, (floors, bays, 1)).astype(np.float32)
    lit = rng.random((floors, bays)) < LIT[easel.hour] * rng.uniform(0.5, 1.3)
    lamps = np.stack([warm_lamp(easel.inks), easel.inks.tone(0.93), easel.inks.accents()[0]])
    choice = rng.choice(3, (floors, bays), p=(0.62, 0.28, 0.10))
    glow = lamps[choice] * rng.uniform(0.45, 1.0, (floors, bays, 1))
    return np.where(lit[..., None], glow, glass).astype(np.float32)


def _shop_floor(easel: Easel, cells: np.ndarray, rng: Rng) -> None:
    """The street floor in place: bright windows under a fascia. `cells` (CELL_HEIGHT, bays, CELL_WIDTH, 3)."""
    hues = [*easel.inks.accents(), warm_lamp(easel.inks)]
    power = 1.0 if easel.hour in ("night", "dusk") else 0.55
    for bay in range(0, cells.shape[1], 3):
        hue, lamp = hues[rng.integers(len(hues))], warm_lamp(easel.inks)
        cells[:5, bay : bay + 3] = hue * power
        cells[5:16, bay : bay + 3] = lamp * power * rng.uniform(0.5, 0.95)
        cells[5:16, bay : bay + 3, 0:1] *= 0.3
        cells[16:, bay : bay + 3] *= 0.5


def neon_sign(pen: Any, easel: Easel, quad: np.ndarray, rng: Rng) -> None:
    """A hanging sign in the quad (4, 2): left top, right top, right bottom, left bottom. Its strokes spell nothing."""
    import skia

    hue = easel.inks.accents()[rng.integers(3)]
    bright = np.clip(hue * 0.55 + easel.inks.tone(1.0) * 0.5, 0, 1)
    outline = skia.Path()
    outline.addPoly([skia.Point(float(x), float(y)) for x, y in quad], True)
    size = float(np.linalg.norm(quad[3] - quad[0]))
    halo = skia.Paint(AntiAlias=True, Color4f=colour4f(hue, 0.55))
    halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.6, size * 0.10)))
    pen.drawPath(outline, halo)
    board = skia.Paint(AntiAlias=True, Color4f=colour4f(hue * 0.22))
    pen.drawPath(outline, board)
    tube = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(bright))
    tube.setStrokeWidth(max(0.7, size * 0.022))
    pen.drawPath(outline, tube)
    across, down = quad[1] - quad[0], quad[3] - quad[0]

    def at(u: float, v: float) -> tuple[float, float]:
        point = quad[0] + across * u + down * v
        return float(point[0]), float(point[1])

    glyphs = int(rng.integers(3, 6))
    for glyph in range(glyphs):
        top, step = 0.08 + 0.86 * glyph / glyphs, 0.68 / glyphs
        for _ in range(5):
            u0, v0 = rng.choice((0.22, 0.5, 0.78)), rng.choice((0.0, 0.5, 1.0))
            if rng.random() < 0.5:
                u1, v1 = rng.choice((0.22, 0.78)), v0
            else:
                u1, v1 = u0, rng.choice((0.0, 1.0))
            pen.drawLine(*at(u0, top + step * v0), *at(u1, top + step * v1), tube)
