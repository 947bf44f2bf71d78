"""What a prompt names beyond the place, and what a place likes to have: birds, lanterns, sparks."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.light import warm_lamp
from studio.engines.image.noise import Rng
from studio.engines.image.sheet import colour4f, drawn, over


def likely(settings: tuple[str, ...], shot: tuple[str, str, float], rng: Rng) -> frozenset[str]:
    """What comes along unasked. `shot`: hour, mood, intensity."""
    hour, mood, energy = shot
    found = set()
    dark = hour in ("night", "dusk")
    if "forest" in settings and dark:
        found.add("fireflies")
    if {"sea", "mountains", "road"} & set(settings) and not dark and rng.random() < 0.6:
        found.add("birds")
    if {"stage", "club"} & set(settings) and energy > 0.75:
        found.add("petals")
    if mood == "euphoric" and dark and energy > 0.8 and "city" in settings and rng.random() < 0.5:
        found.add("fireworks")
    if mood == "dreamy" and dark and {"sea", "mountains"} & set(settings) and rng.random() < 0.4:
        found.add("lanterns")
    return frozenset(found)


def in_the_sky(easel: Easel, indoors: bool) -> np.ndarray | None:
    """Things far away, as a sheet for the backdrop; None when there are none."""
    painters = {"birds": _birds, "balloon": _balloons, "fireworks": _fireworks}
    if indoors:
        return None
    return _painted(easel, [painters[name] for name in sorted(painters.keys() & easel.things)])


def in_the_air(easel: Easel, near: bool) -> np.ndarray | None:
    """Things that float: behind the figure, or `near`, before it."""
    painters = {"lanterns": _lanterns, "fireflies": _fireflies, "petals": _petals, "embers": _embers}
    return _painted(easel, [painters[name] for name in sorted(painters.keys() & easel.things)], near)


def _painted(easel: Easel, painters: list[Any], *extra: bool) -> np.ndarray | None:
    if not painters:
        return None
    sheet = None
    for paint in painters:
        made = drawn(easel.canvas.shape, lambda pen, paint=paint: paint(pen, easel, *extra))
        sheet = made if sheet is None else over(sheet, made)
    return sheet


def _glowing(pen: Any, spot: tuple[float, float, float], colour: np.ndarray, alpha: float) -> None:
    """A small light with its halo: column, row, radius in pixels."""
    import skia

    x, y, size = spot
    halo = skia.Paint(AntiAlias=True, Color4f=colour4f(colour, 0.40 * alpha))
    halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.6, size * 1.6)))
    pen.drawCircle(x, y, size * 2.1, halo)
    core = np.clip(colour * 0.4 + 0.6, 0, 1)
    pen.drawCircle(x, y, size, skia.Paint(AntiAlias=True, Color4f=colour4f(core, alpha)))


def _birds(pen: Any, easel: Easel) -> None:
    """A loose flock that flies towards the light."""
    import skia

    canvas, rng = easel.canvas, easel.rng("birds")
    x, y = 0.5 - 0.16 * np.sign(easel.light.x - 0.5), easel.light.horizon - 0.27
    dark = easel.inks.tone(0.10) * 0.8 + easel.light.haze * 0.2
    for _ in range(13):
        size = canvas.unit * rng.uniform(0.009, 0.024)
        column, row = canvas.px(x + rng.normal() * 0.13), canvas.py(y + rng.normal() * 0.055)
        beat, tilt = rng.uniform(-0.5, 0.9), rng.normal() * 0.2
        pen.save()
        pen.translate(column, row)
        pen.rotate(float(np.degrees(tilt)))
        path = skia.Path()
        path.moveTo(-size, -size * beat * 0.7)
        path.quadTo(-size * 0.45, -size * (0.42 + 0.3 * beat), 0, 0)
        path.quadTo(size * 0.45, -size * (0.42 + 0.3 * beat), size, -size * beat * 0.7)
        path.quadTo(size * 0.42, -size * (0.16 + 0.2 * beat), 0, size * 0.22)
        path.quadTo(-size * 0.42, -size * (0.16 + 0.2 * beat), -size, -size * beat * 0.7)
        pen.drawPath(path, skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(dark, 0, 1))))
        pen.restore()


def _balloons(pen: Any, easel: Easel) -> None:
    import skia

    canvas, rng, light = easel.canvas, easel.rng("balloons"), easel.light
    hues = easel.inks.accents()
    side = np.sign(0.5 - light.x)
    for at, (dx, y, size) in enumerate(((0.22, 0.22, 0.105), (-0.10, 0.34, 0.055), (0.36, 0.40, 0.036))):
        x, row, radius = canvas.px(0.5 + side * dx), canvas.py(y + rng.normal() * 0.01), size * canvas.unit
        haze = 0.15 + 0.25 * at + 0.3 * light.air
        for gore in range(7):
            low, high = -1 + 2 * gore / 7, -1 + 2 * (gore + 1) / 7
            path = skia.Path()
            path.moveTo(x, row - radius)
            path.cubicTo(
                x + low * radius * 1.35,
                row - radius * 0.95,
                x + low * radius * 1.25,
                row + radius * 0.35,
                x + low * radius * 0.22,
                row + radius * 1.12,
            )
            path.lineTo(x + high * radius * 0.22, row + radius * 1.12)
            path.cubicTo(
                x + high * radius * 1.25,
                row + radius * 0.35,
                x + high * radius * 1.35,
                row - radius * 0.95,
                x,
                row - radius,
            )
            lit = 0.62 + 0.38 * np.cos((gore / 6 - (0.78 if light.x > 0.5 else 0.22)) * 2.4)
            hue = (
                (hues[at % 3] if gore % 2 else easel.inks.tone(0.9))
                * lit
                * (0.45 + 0.55 * min(1.0, light.ambient + light.key))
            )
            pen.drawPath(
                path, skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(hue * (1 - haze) + light.haze * haze, 0, 1)))
            )
        rope = skia.Paint(
            AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.1), 0.8), StrokeWidth=max(0.6, radius * 0.02)
        )
        for end in (-0.2, 0.2):
            pen.drawLine(x + end * radius, row + radius * 1.12, x + end * radius * 0.7, row + radius * 1.42, rope)
        basket = skia.Rect.MakeXYWH(x - radius * 0.15, row + radius * 1.40, radius * 0.30, radius * 0.22)
        pen.drawRoundRect(
            basket, radius * 0.04, radius * 0.04, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.14)))
        )


def _fireworks(pen: Any, easel: Easel) -> None:
    import skia

    canvas, rng = easel.canvas, easel.rng("fireworks")
    hues = [*easel.inks.accents(), easel.inks.tone(0.97)]
    for burst in range(5):
        x, y = canvas.px(rng.uniform(0.12, 0.88)), canvas.py(rng.uniform(0.06, 0.32))
        reach, hue = canvas.unit * rng.uniform(0.07, 0.17), hues[burst % 4]
        for ray in range(46):
            turn, far = ray / 46 * 6.2832 + rng.normal() * 0.05, reach * rng.uniform(0.72, 1.05)
            tip = (x + np.cos(turn) * far, y + np.sin(turn) * far + 0.12 * far)
            path = skia.Path()
            path.moveTo(x + np.cos(turn) * far * 0.25, y + np.sin(turn) * far * 0.25)
            path.quadTo(x + np.cos(turn) * far * 0.7, y + np.sin(turn) * far * 0.7, *map(float, tip))
            stroke = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(hue, 0.8))
            stroke.setStrokeWidth(max(0.8, canvas.unit * 0.0024))
            pen.drawPath(path, stroke)
            if ray % 2:
                _glowing(pen, (float(tip[0]), float(tip[1]), canvas.unit * 0.0028), hue, 0.95)
        core = skia.Paint(AntiAlias=True, Color4f=colour4f(hue, 0.35))
        core.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, reach * 0.35))
        pen.drawCircle(x, y, reach * 0.6, core)


def _lanterns(pen: Any, easel: Easel, near: bool) -> None:
    """Paper lanterns that rise: small and many far away, a few large ones close by."""
    import skia

    canvas, rng = easel.canvas, easel.rng(f"lanterns {near}")
    lamp = warm_lamp(easel.inks)
    for _ in range(5 if near else 24):
        size = canvas.unit * (rng.uniform(0.024, 0.040) if near else rng.uniform(0.006, 0.018))
        x, y = canvas.px(rng.uniform(0.0, 1.0)), canvas.py(rng.uniform(0.03, 0.30 if near else 0.62))
        if near and abs(x - canvas.px(0.5)) < 0.2 * canvas.frame_width:
            continue
        halo = skia.Paint(AntiAlias=True, Color4f=colour4f(lamp, 0.42))
        halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, size * 1.1))
        pen.drawCircle(x, y, size * 1.5, halo)
        path = skia.Path()
        path.moveTo(x - size * 0.55, y + size * 0.8)
        path.cubicTo(x - size * 1.0, y - size * 0.2, x - size * 0.8, y - size, x, y - size)
        path.cubicTo(x + size * 0.8, y - size, x + size * 1.0, y - size * 0.2, x + size * 0.55, y + size * 0.8)
        path.close()
        ends = [skia.Point(x, y - size), skia.Point(x, y + size * 0.8)]
        stops = [colour4f(np.clip(lamp * level, 0, 1)).toColor() for level in (0.72, 1.25)]
        pen.drawPath(path, skia.Paint(AntiAlias=True, Shader=skia.GradientShader.MakeLinear(ends, stops)))


def _fireflies(pen: Any, easel: Easel, near: bool) -> None:
    canvas, rng = easel.canvas, easel.rng(f"fireflies {near}")
    hue = easel.inks.blend(0.85, "#e8f08a", 0.9)
    for _ in range(16 if near else 46):
        size = canvas.unit * (rng.uniform(0.003, 0.0065) if near else rng.uniform(0.0012, 0.0030))
        x, y = canvas.px(rng.uniform(-0.05, 1.05)), canvas.py(0.42 + 0.56 * rng.random() ** 0.8)
        _glowing(pen, (x, y, size), hue, float(rng.uniform(0.5, 1.0)))


def _petals(pen: Any, easel: Easel, near: bool) -> None:
    """Petals, leaves or confetti, turning as they fall."""
    import skia

    canvas, rng = easel.canvas, easel.rng(f"petals {near}")
    hues = [*easel.inks.accents(), easel.inks.tone(0.95)]
    paper = bool({"stage", "club"} & set(easel.request.shot.setting))
    for _ in range(26 if near else 80):
        size = canvas.unit * (rng.uniform(0.008, 0.018) if near else rng.uniform(0.003, 0.007))
        pen.save()
        pen.translate(canvas.px(rng.uniform(-0.08, 1.08)), canvas.py(rng.uniform(-0.08, 1.0)))
        pen.rotate(float(rng.uniform(0, 360)))
        pen.scale(1.0, float(rng.uniform(0.25, 1.0)))
        hue = hues[rng.integers(len(hues))] * rng.uniform(0.75, 1.1)
        paint = skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(hue, 0, 1), 0.92))
        if paper:
            pen.drawRect(skia.Rect.MakeXYWH(-size * 0.5, -size * 0.8, size, size * 1.6), paint)
        else:
            path = skia.Path()
            path.moveTo(-size, 0)
            path.quadTo(0, -size * 0.9, size, 0)
            path.quadTo(0, size * 0.6, -size, 0)
            pen.drawPath(path, paint)
        pen.restore()


def _embers(pen: Any, easel: Easel, near: bool) -> None:
    canvas, rng = easel.canvas, easel.rng(f"embers {near}")
    hue = easel.inks.blend(0.72, "#ff8a2a", 1.0)
    for _ in range(20 if near else 70):
        rise = rng.random() ** 1.6
        size = canvas.unit * (rng.uniform(0.002, 0.0042) if near else rng.uniform(0.0010, 0.0022))
        x = 0.5 + (rng.random() - 0.5) * (0.5 + 0.7 * rise)
        _glowing(pen, (canvas.px(x), canvas.py(1.0 - rise), size), hue, float(1.0 - 0.7 * rise))
