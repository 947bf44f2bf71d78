"""Crowds as silhouettes: heads, shoulders, raised arms, with the stage's light on their edges."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import Rng
from studio.engines.image.sheet import colour4f, drawn


def crowd(easel: Easel, top: float, size: float, joy: float, rim: np.ndarray) -> np.ndarray:
    """A row of people across the frame's bottom as a sheet. `top`: frame y of the shoulders; `size` of a head in
    units; `joy` 0..1: how many arms are up; `rim`: the colour of the light behind them."""
    import skia

    canvas, rng = easel.canvas, easel.rng(f"crowd {top:.3f} {size:.3f}")
    dark = easel.inks.tone(0.02)
    head = size * canvas.unit

    def draw(pen: Any) -> None:
        x = -head
        while x < canvas.width + head:
            y = canvas.py(top) + rng.normal() * head * 0.35
            pose = rng.integers(2**31)
            for offset, colour in ((-0.10, rim), (0.0, dark)):
                paint = skia.Paint(AntiAlias=True, Color4f=colour4f(colour, 0.9 if offset else 1.0))
                _person(pen, paint, (x, y + offset * head, head), np.random.default_rng(pose), joy)
            x += head * rng.uniform(2.0, 3.1)

    return drawn(canvas.shape, draw)


def _person(pen: Any, paint: Any, place: tuple[float, float, float], rng: Rng, joy: float) -> None:
    import skia

    x, y, head = place
    tilt = rng.normal() * 0.15
    pen.drawOval(skia.Rect.MakeXYWH(x - head * 0.42 + tilt * head, y - head * 1.25, head * 0.84, head * 1.08), paint)
    if rng.random() < 0.3:
        pen.drawCircle(x + tilt * head, y - head * 1.25, head * 0.30, paint)
    body = skia.Path()
    wide = head * rng.uniform(1.0, 1.25)
    body.moveTo(x - head * 0.2, y - head * 0.4)
    body.cubicTo(x - head * 0.3, y, x - wide, y - head * 0.05, x - wide, y + head * 0.9)
    body.lineTo(x - wide * 1.05, y + head * 14)
    body.lineTo(x + wide * 1.05, y + head * 14)
    body.lineTo(x + wide, y + head * 0.9)
    body.cubicTo(x + wide, y - head * 0.05, x + head * 0.3, y, x + head * 0.2, y - head * 0.4)
    body.close()
    pen.drawPath(body, paint)
    stroke = skia.Paint(paint)
    stroke.setStyle(skia.Paint.kStroke_Style)
    stroke.setStrokeCap(skia.Paint.kRound_Cap)
    stroke.setStrokeJoin(skia.Paint.kRound_Join)
    for hand in (-1, 1):
        if rng.random() > joy:
            continue
        stroke.setStrokeWidth(head * 0.34)
        elbow = (x + hand * (wide + head * rng.uniform(0.0, 0.35)), y - head * rng.uniform(0.2, 0.7))
        tip = (elbow[0] + hand * head * rng.uniform(-0.55, 0.35), elbow[1] - head * rng.uniform(1.2, 1.9))
        arm = skia.Path()
        arm.moveTo(x + hand * wide * 0.8, y + head * 0.6)
        arm.lineTo(*map(float, elbow))
        arm.lineTo(*map(float, tip))
        pen.drawPath(arm, stroke)
        pen.drawOval(skia.Rect.MakeXYWH(tip[0] - head * 0.2, tip[1] - head * 0.34, head * 0.4, head * 0.5), paint)
