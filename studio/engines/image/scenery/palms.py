"""Palms that lean into the frame."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.sheet import colour4f, drawn


def palm(easel: Easel, side: float) -> np.ndarray:
    """Two palms at the frame's `side` (-1 left, 1 right), a little out of focus."""
    import skia

    canvas, light, rng = easel.canvas, easel.light, easel.rng("palm")
    ramp = easel.inks.local("#3f6a34")

    def draw(pen: Any) -> None:
        for lean, tall in ((0.10, 0.80), (0.22, 0.62)):
            foot_x = canvas.px(0.5 + side * (0.52 - 0.06 * lean))
            top_x, top_y = foot_x - side * lean * canvas.unit, canvas.py(1.0) - tall * canvas.unit
            trunk = skia.Path()
            trunk.moveTo(foot_x, canvas.height + 4)
            trunk.quadTo(foot_x + side * 0.03 * canvas.unit, (canvas.height + top_y) / 2, top_x, top_y)
            dark = look_up(ramp, light.ambient * 0.55)
            stroke = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(dark))
            stroke.setStrokeWidth(canvas.unit * 0.024)
            pen.drawPath(trunk, stroke)
            for frond in range(11):
                _frond(pen, easel, (top_x, top_y), -np.pi * (0.04 + 0.92 * frond / 10) + rng.normal() * 0.1, ramp)

    sheet = drawn(canvas.shape, draw)
    return cv2.GaussianBlur(sheet, (0, 0), max(0.5, canvas.unit * 0.0014))


def _frond(pen: Any, easel: Easel, top: tuple[float, float], turn: float, ramp: np.ndarray) -> None:
    import skia

    size, light = easel.canvas.unit * 0.24, easel.light
    end = (top[0] + np.cos(turn) * size, top[1] + np.sin(turn) * size * 0.75 + size * 0.34)
    middle = (top[0] + np.cos(turn) * size * 0.55, top[1] + np.sin(turn) * size * 0.85 - size * 0.04)
    facing = 0.5 + 0.5 * np.cos(turn) * np.sign(light.x - 0.5)
    colour = look_up(ramp, light.ambient * 0.6 + light.key * 0.35 * facing)
    stroke = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(colour))
    stroke.setStrokeWidth(size * 0.022)
    for step in np.linspace(0.06, 1.0, 22):
        x = (1 - step) ** 2 * top[0] + 2 * step * (1 - step) * middle[0] + step**2 * end[0]
        y = (1 - step) ** 2 * top[1] + 2 * step * (1 - step) * middle[1] + step**2 * end[1]
        length = size * 0.30 * np.sin(np.pi * min(1.0, step * 0.85 + 0.12))
        for hand in (-1, 1):
            tip_x = x + np.cos(turn) * length * 0.55 + hand * length * 0.25
            path = skia.Path()
            path.moveTo(x, y)
            path.quadTo(x + (tip_x - x) * 0.7, y + length * 0.1, tip_x, y + length * 0.75)
            pen.drawPath(path, stroke)
