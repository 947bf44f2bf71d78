"""What stands in a room."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.light import warm_lamp
from studio.engines.image.noise import blur, smoothstep, wave
from studio.engines.image.sheet import colour4f, drawn, over, tinted


def curtains(easel: Easel, box: tuple[float, float, float, float], day: float) -> np.ndarray:
    """Two curtains with folds beside the window. `box`: left, top, right, bottom in frame coordinates."""
    canvas, rng = easel.canvas, easel.rng("curtains")
    left, top, right, bottom = box
    folds = wave(canvas.width, 14, rng, 3)
    ripple = 0.5 + 0.5 * np.sin(canvas.xs() * canvas.aspect * 95 + folds * 7 + (canvas.ys() - top) * 2.0)
    sheet = np.zeros((*canvas.shape, 4), np.float32)
    ramp = easel.inks.ramp
    for inner, outer in ((left + 0.02, left - 0.11), (right - 0.02, right + 0.11)):
        sweep = 0.025 * np.sin(np.clip((canvas.ys() - top) / (bottom - top), 0, 1) * np.pi) * np.sign(outer - inner)
        low, high = min(inner, outer), max(inner, outer)
        mask = smoothstep(low - 0.003, low + 0.003, canvas.xs() - sweep * (inner < outer)) * smoothstep(
            high + 0.003, high - 0.003, canvas.xs() - sweep
        )
        mask = (
            mask
            * smoothstep(top - 0.035, top - 0.03, canvas.ys())
            * smoothstep(bottom + 0.004, bottom, canvas.ys() + 0.012 * folds)
        )
        level = 0.10 + 0.42 * day + (0.08 + 0.22 * day) * ripple * np.exp(-np.abs(canvas.xs() - inner) * 5)
        sheet = over(
            sheet, tinted(mask.astype(np.float32), look_up(ramp, np.clip(level * (0.65 + 0.45 * ripple), 0, 1)))
        )
    rod = (
        smoothstep(0.006, 0.004, np.abs(canvas.ys() - top + 0.036))
        * (canvas.xs() > left - 0.13)
        * (canvas.xs() < right + 0.13)
    )
    return over(sheet, tinted(rod.astype(np.float32), easel.inks.tone(0.15)))


def wall_pictures(easel: Easel, x: float, level: float) -> np.ndarray:
    """Three framed prints in the palette."""
    import skia

    canvas, rng = easel.canvas, easel.rng("wall pictures")
    spots = ((x - 0.02, 0.27, 0.13, 0.18), (x + 0.12, 0.23, 0.09, 0.09), (x + 0.12, 0.36, 0.09, 0.12))
    bright = min(1.0, level + 0.15)

    def draw(pen: Any) -> None:
        for mx, my, wide, tall in spots:
            w, h = wide * canvas.unit, tall * canvas.unit
            box = skia.Rect.MakeXYWH(canvas.px(mx) - w / 2, canvas.py(my) - h / 2, w, h)
            shade = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(0, 0, 0, 0.35))
            shade.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, canvas.unit * 0.006))
            pen.drawRect(box.makeOffset(canvas.unit * 0.006, canvas.unit * 0.009), shade)
            pen.drawRect(box, skia.Paint(Color4f=colour4f(easel.inks.tone(0.10))))
            inner = box.makeInset(w * 0.07, w * 0.07)
            pen.drawRect(inner, skia.Paint(Color4f=colour4f(easel.inks.tone(0.9) * bright)))
            art = inner.makeInset(w * 0.09, w * 0.09)
            pen.save()
            pen.clipRect(art)
            pen.drawRect(art, skia.Paint(Color4f=colour4f(easel.inks.tone(0.65) * bright)))
            hues = easel.inks.accents()
            sun = skia.Paint(AntiAlias=True, Color4f=colour4f(hues[0] * bright))
            pen.drawCircle(
                art.left() + art.width() * rng.uniform(0.3, 0.7), art.top() + art.height() * 0.42, w * 0.2, sun
            )
            for hill in range(2):
                path = skia.Path()
                y = art.top() + art.height() * (0.6 + 0.2 * hill)
                path.moveTo(art.left() - 2, art.bottom() + 2)
                path.lineTo(art.left() - 2, y)
                path.cubicTo(
                    art.left() + w * 0.3,
                    y - h * rng.uniform(0.05, 0.2),
                    art.right() - w * 0.3,
                    y + h * 0.1,
                    art.right() + 2,
                    y - h * 0.05,
                )
                path.lineTo(art.right() + 2, art.bottom() + 2)
                pen.drawPath(
                    path, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.40 - 0.22 * hill) * bright))
                )
            pen.restore()

    return drawn(canvas.shape, draw)


def furniture(easel: Easel, side: float, level: float) -> np.ndarray:
    """A low shelf under the pictures with books, records and a plant; a bed's or sofa's back under the window."""
    sheet = drawn(easel.canvas.shape, lambda pen: _shelf(pen, easel, side, level))
    return over(sheet, drawn(easel.canvas.shape, lambda pen: _sofa(pen, easel, side, level)))


def _shelf(pen: Any, easel: Easel, side: float, level: float) -> None:
    import skia

    canvas, rng = easel.canvas, easel.rng("shelf")
    left, right = sorted((canvas.px(0.5 - side * 0.12), canvas.px(0.5 - side * 0.46)))
    top, bottom = canvas.py(0.56), canvas.py(0.755)
    wood = easel.inks.local("#7a4a2a", 0.8)
    pen.drawRect(
        skia.Rect.MakeLTRB(left, top, right, bottom),
        skia.Paint(AntiAlias=True, Color4f=colour4f(look_up(wood, 0.10 + 0.15 * level))),
    )
    inset = canvas.unit * 0.010
    pen.drawRect(
        skia.Rect.MakeLTRB(left + inset, top + inset, right - inset, bottom - inset),
        skia.Paint(Color4f=colour4f(look_up(wood, 0.03 + 0.05 * level))),
    )
    for row in range(2):
        shelf_top = top + inset + row * (bottom - top - inset) / 2
        shelf_bottom = shelf_top + (bottom - top - inset) / 2 - inset
        x = left + inset * 1.5
        while x < right - inset * 2.5:
            wide = canvas.unit * rng.uniform(0.006, 0.018)
            tall = (shelf_bottom - shelf_top) * rng.uniform(0.62, 0.93)
            hue = easel.inks.tone(rng.uniform(0.15, 0.85)) * (0.30 + 0.75 * level)
            pen.drawRect(
                skia.Rect.MakeLTRB(x, shelf_bottom - tall, x + wide, shelf_bottom),
                skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(hue, 0, 1))),
            )
            x += wide + canvas.unit * 0.0012 + (rng.random() < 0.08) * canvas.unit * 0.03
        pen.drawRect(
            skia.Rect.MakeLTRB(left, shelf_bottom, right, shelf_bottom + inset),
            skia.Paint(Color4f=colour4f(look_up(wood, 0.10 + 0.18 * level))),
        )
    pen.drawRect(
        skia.Rect.MakeLTRB(left - inset, top - inset * 0.6, right + inset, top + inset * 0.6),
        skia.Paint(AntiAlias=True, Color4f=colour4f(look_up(wood, 0.16 + 0.32 * level))),
    )


def _sofa(pen: Any, easel: Easel, side: float, level: float) -> None:
    import skia

    canvas = easel.canvas
    left, right = sorted((canvas.px(0.5 + side * 0.02), canvas.px(0.5 + side * 0.50)))
    top, seat, bottom = canvas.py(0.60), canvas.py(0.70), canvas.py(0.80)
    cloth = easel.inks.accents()[1] * 0.55 + easel.inks.tone(0.3) * 0.45
    radius = canvas.unit * 0.03
    shade = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(0, 0, 0, 0.4))
    shade.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, canvas.unit * 0.014))
    pen.drawOval(skia.Rect.MakeLTRB(left - radius, bottom - radius * 0.6, right + radius, bottom + radius * 0.8), shade)

    def block(box: Any, bright: float) -> None:
        ends = [skia.Point(0, box.top()), skia.Point(0, box.bottom())]
        colours = [colour4f(np.clip(cloth * bright * k, 0, 1)).toColor() for k in (1.0, 0.6)]
        pen.drawRoundRect(
            box, radius, radius, skia.Paint(AntiAlias=True, Shader=skia.GradientShader.MakeLinear(ends, colours))
        )

    base = 0.28 + 0.85 * level
    block(skia.Rect.MakeLTRB(left, top, right, bottom), base)
    middle = (left + right) / 2
    for a, b in ((left + radius * 1.4, middle - 2), (middle + 2, right - radius * 1.4)):
        block(skia.Rect.MakeLTRB(a, top + radius * 0.5, b, seat + radius), base * 1.08)
        block(skia.Rect.MakeLTRB(a, seat, b, bottom - radius * 0.6), base * 1.22)
    for arm in (left - radius * 0.6, right - radius * 1.4):
        block(skia.Rect.MakeLTRB(arm, top + radius * 1.6, arm + radius * 2.0, bottom), base * 1.05)
    cushion = skia.Rect.MakeXYWH(left + (right - left) * 0.2, seat - radius * 1.6, radius * 3.4, radius * 2.4)
    pen.drawRoundRect(
        cushion,
        radius * 0.7,
        radius * 0.7,
        skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(easel.inks.accents()[0] * (0.35 + 0.7 * level), 0, 1))),
    )


def floor_lamp(easel: Easel, head: tuple[float, float], foot: float, power: float) -> np.ndarray:
    import skia

    canvas = easel.canvas
    x, y, base = canvas.px(head[0]), canvas.py(head[1]), canvas.py(foot)
    size = canvas.unit * 0.075

    def draw(pen: Any) -> None:
        metal = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.12)), StrokeWidth=canvas.unit * 0.008)
        pen.drawLine(x, y, x, base, metal)
        pen.drawOval(skia.Rect.MakeXYWH(x - size * 0.6, base - size * 0.1, size * 1.2, size * 0.28), metal)
        shade = skia.Path()
        shade.addPoly(
            [
                skia.Point(x + a * size, y + b * size)
                for a, b in ((-0.55, -0.75), (0.55, -0.75), (0.95, 0.55), (-0.95, 0.55))
            ],
            True,
        )
        lamp = warm_lamp(easel.inks)
        ends = [skia.Point(x, y - size), skia.Point(x, y + size * 0.6)]
        low, high = lamp * (0.30 + 0.5 * power), np.clip(lamp * (0.45 + 0.75 * power), 0, 1)
        shader = skia.GradientShader.MakeLinear(ends, [colour4f(c).toColor() for c in (low, high)])
        pen.drawPath(shade, skia.Paint(AntiAlias=True, Shader=shader))

    return drawn(canvas.shape, draw)


def plant(easel: Easel, side: float) -> np.ndarray:
    """Broad leaves at the frame's edge, close and out of focus."""
    import skia

    canvas, rng = easel.canvas, easel.rng("plant")
    ramp = easel.inks.local("#3f6f3a")
    x, y = canvas.px(0.5 + side * 0.60), canvas.py(1.08)

    def draw(pen: Any) -> None:
        for at in range(11):
            turn = -np.pi / 2 - side * (0.15 + 0.10 * at) + rng.normal() * 0.22
            size = canvas.unit * rng.uniform(0.24, 0.46)
            tip = (x + np.cos(turn) * size, y + np.sin(turn) * size)
            bend = canvas.unit * 0.055 * rng.uniform(0.7, 1.3)
            normal = (-np.sin(turn) * bend, np.cos(turn) * bend)
            middle = (x + (tip[0] - x) * 0.62, y + (tip[1] - y) * 0.62)
            tone = look_up(ramp, 0.05 + (0.10 + 0.12 * easel.light.ambient) * rng.random())
            leaf = skia.Path()
            leaf.moveTo(x, y)
            leaf.quadTo(middle[0] + normal[0], middle[1] + normal[1], *tip)
            leaf.quadTo(middle[0] - normal[0], middle[1] - normal[1], x, y)
            pen.drawPath(leaf, skia.Paint(AntiAlias=True, Color4f=colour4f(tone)))
            vein = skia.Paint(
                AntiAlias=True, Color4f=colour4f(np.clip(tone * 1.5, 0, 1)), StrokeWidth=canvas.unit * 0.002
            )
            pen.drawLine(x, y, *map(float, tip), vein)

    return blur(cv2.GaussianBlur(drawn(canvas.shape, draw), (0, 0), 0.6), canvas.unit * 0.003)
