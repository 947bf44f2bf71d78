"""No place at all: currents of colour, ridges of sound, or circles and arcs, over a floor that mirrors them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, smoothstep, warp
from studio.engines.image.scenery.scene import Floor, Plane, Scene
from studio.engines.image.sheet import colour4f, drawn, opaque, over, tinted


def paint_abstract(easel: Easel) -> Scene:
    kind = int(easel.rng("abstract").integers(3))
    field = paint_field(easel, kind)
    shapes = (_ribbons, _ridges, _circles)[kind](easel)
    floor = _mirror_floor(easel, over(opaque(field), shapes)[..., :3])
    side = float(np.sign(easel.light.x - 0.5))
    spot = Floor(0.5, 0.93, 0.56, 0.55, 0.25, light_side=side * 0.6, backlit=0.8)
    key, shade = easel.inks.tone(0.92), easel.inks.tone(0.24)
    empty = np.zeros((*easel.canvas.shape, 4), np.float32)
    motes = over(empty, _motes(easel))
    return Scene(opaque(field), (Plane(shapes, 0.3), Plane(floor, 0.55)), (Plane(motes, 1.0),), spot, key, shade)


def paint_field(easel: Easel, kind: int = 0) -> np.ndarray:
    """Colour that flows: noise bent by noise (Quilez, "domain warping", 2002), lit as if it had relief, (h, w, 3)."""
    canvas, rng, inks = easel.canvas, easel.rng("field"), easel.inks
    dark = {"night": -0.16, "dusk": -0.06, "day": 0.10, "golden": 0.06, "dawn": 0.06}[easel.hour]
    reach = canvas.unit * (0.55 if kind == 0 else 0.25)
    first = [(fbm(canvas.shape, 1.6, rng, 3) - 0.5) * reach for _ in range(2)]
    body = warp(fbm(canvas.shape, 2.2, rng, 4), first[0], first[1])
    second = (body - 0.5) * reach * 1.2
    body = warp(body, second, -second)
    slope_y, slope_x = np.gradient(body * canvas.unit)
    lit = np.clip(0.5 - 0.16 * slope_y + 0.12 * slope_x * np.sign(easel.light.x - 0.5), 0, 1)
    middle = np.exp(-canvas.distance(0.5, 0.42) * 1.5)
    level = 0.10 + dark + 0.46 * body + 0.34 * middle + 0.22 * (lit - 0.5)
    if kind != 0:
        level = 0.12 + dark * 0.8 + 0.50 * middle + 0.16 * (body - 0.5)
    return inks.tone(np.clip(level, 0.02, 1))


def _ribbons(easel: Easel) -> np.ndarray:
    """Silk bands that cross the picture, each a stack of fine strands."""
    import skia

    canvas, rng = easel.canvas, easel.rng("ribbons")
    hues = [*easel.inks.accents(), easel.inks.tone(0.95)]

    def draw(pen: Any) -> None:
        for band in range(5):
            hue = hues[band % len(hues)]
            base, swing = rng.uniform(0.12, 0.68), rng.uniform(0.08, 0.26)
            phase, rate, twist = rng.uniform(0, 6.3), rng.uniform(2.0, 4.6), rng.uniform(1.5, 4.0)
            xs = np.linspace(-0.1, 1.1, 56)
            for strand in range(34):
                s = strand / 33 - 0.5
                ys = base + swing * np.sin(xs * rate + phase) + 0.16 * s * np.sin(xs * twist + phase * 1.7) + 0.02 * s
                path = skia.Path()
                path.moveTo(canvas.px(xs[0]), canvas.py(ys[0]))
                for x, y in zip(xs[1:], ys[1:], strict=True):
                    path.lineTo(canvas.px(float(x)), canvas.py(float(y)))
                shine = 0.55 + 0.45 * np.cos(s * 6.3 + phase)
                paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style)
                paint.setColor4f(colour4f(np.clip(hue * (0.55 + 0.6 * shine), 0, 1), 0.10 + 0.22 * shine))
                paint.setStrokeWidth(canvas.unit * 0.0042)
                pen.drawPath(path, paint)

    return drawn(canvas.shape, draw)


def _ridges(easel: Easel) -> np.ndarray:
    """Lines that rise in the middle like a sound's spectrum, each hiding the ones behind."""
    import skia

    canvas, rng = easel.canvas, easel.rng("ridges")
    count = 34
    rows = fbm((count, 220), 11, rng, 4, 1.0) ** 2
    xs = np.linspace(-0.05, 1.05, 220)
    mound = np.exp(-(((xs - 0.5) / 0.19) ** 2))

    def draw(pen: Any) -> None:
        for row in range(count):
            share = row / (count - 1)
            base = 0.20 + 0.56 * share
            ys = base - mound * rows[row] * (0.17 + 0.15 * easel.energy) - 0.006 * rows[row]
            path = skia.Path()
            path.moveTo(canvas.px(-0.2), canvas.py(base))
            for x, y in zip(xs, ys, strict=True):
                path.lineTo(canvas.px(float(x)), canvas.py(float(y)))
            path.lineTo(canvas.px(1.2), canvas.py(base))
            fill = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.05 + 0.10 * share), 0.92))
            closed = skia.Path(path)
            closed.lineTo(canvas.px(1.2), canvas.py(base + 0.05))
            closed.lineTo(canvas.px(-0.2), canvas.py(base + 0.05))
            pen.drawPath(closed, fill)
            line = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style)
            line.setColor4f(colour4f(easel.inks.tone(0.95 - 0.5 * abs(share - 0.5)), 0.95))
            line.setStrokeWidth(canvas.unit * (0.0022 + 0.0016 * share))
            pen.drawPath(path, line)

    return drawn(canvas.shape, draw)


def _circles(easel: Easel) -> np.ndarray:
    """Discs, arcs and bars that lean on one another around a large sun."""
    import skia

    canvas, rng = easel.canvas, easel.rng("circles")
    hues = [*easel.inks.accents(), easel.inks.tone(0.9), easel.inks.tone(0.18)]
    side = float(np.sign(0.5 - easel.light.x))

    def draw(pen: Any) -> None:
        sun = (canvas.px(0.5 + 0.02 * side), canvas.py(0.42), canvas.unit * 0.30)
        ends = [skia.Point(0, sun[1] - sun[2]), skia.Point(0, sun[1] + sun[2])]
        shader = skia.GradientShader.MakeLinear(ends, [colour4f(hues[3]).toColor(), colour4f(hues[0]).toColor()])
        pen.drawCircle(*sun, skia.Paint(AntiAlias=True, Shader=shader))
        for at in range(13):
            turn, far = rng.uniform(0, 6.3), canvas.unit * rng.uniform(0.18, 0.52)
            x, y = sun[0] + np.cos(turn) * far, sun[1] + np.sin(turn) * far * 0.7
            size = canvas.unit * rng.uniform(0.025, 0.13)
            hue = hues[rng.integers(len(hues))]
            paint = skia.Paint(AntiAlias=True, Color4f=colour4f(hue, 0.86))
            if at % 3 == 0:
                pen.drawCircle(x, y, size, paint)
            elif at % 3 == 1:
                paint.setStyle(skia.Paint.kStroke_Style)
                for ring in range(4):
                    paint.setStrokeWidth(canvas.unit * 0.007)
                    reach = size * (0.5 + 0.3 * ring)
                    pen.drawArc(
                        skia.Rect.MakeXYWH(x - reach, y - reach, 2 * reach, 2 * reach),
                        np.degrees(turn),
                        180,
                        False,
                        paint,
                    )
            else:
                pen.save()
                pen.translate(x, y)
                pen.rotate(float(np.degrees(turn)))
                pen.drawRoundRect(
                    skia.Rect.MakeXYWH(-size * 1.6, -size * 0.13, size * 3.2, size * 0.26),
                    size * 0.13,
                    size * 0.13,
                    paint,
                )
                pen.restore()

    return drawn(canvas.shape, draw)


def _mirror_floor(easel: Easel, above: np.ndarray) -> np.ndarray:
    canvas = easel.canvas
    edge = 0.79
    row = canvas.py(edge)
    down = np.arange(canvas.height, dtype=np.float32)[:, None] - row
    bend = (fbm(canvas.shape, 30, easel.rng("floor"), 3, 4.0) - 0.5) * canvas.unit * 0.02
    y = np.clip(row - down * 1.3 + bend, 0, row)
    x = np.arange(canvas.width, dtype=np.float32)[None, :] + bend * 0.7
    mirrored = cv2.remap(
        above, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=canvas.unit * 0.003, sigmaY=canvas.unit * 0.010)
    deep = easel.inks.tone(0.06)
    fade = 0.38 + 0.5 * np.clip(down / (0.3 * canvas.frame_height), 0, 1)
    mask = np.broadcast_to(smoothstep(edge - 0.001, edge + 0.004, canvas.ys()), canvas.shape).astype(np.float32)
    return tinted(mask, mirrored + (deep - mirrored) * fade[..., None])


def _motes(easel: Easel) -> np.ndarray:
    import skia

    canvas, rng = easel.canvas, easel.rng("motes")

    def draw(pen: Any) -> None:
        for _ in range(26):
            size = canvas.unit * rng.pareto(2.5) * 0.004 + canvas.unit * 0.003
            hue = easel.inks.tone(rng.uniform(0.7, 1.0))
            paint = skia.Paint(AntiAlias=True, Color4f=colour4f(hue, float(rng.uniform(0.15, 0.5))))
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.5, size * 0.5)))
            pen.drawCircle(
                rng.uniform(0, canvas.width), rng.uniform(0, canvas.height), min(size, canvas.unit * 0.03), paint
            )

    return drawn(canvas.shape, draw)
