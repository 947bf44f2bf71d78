"""A concert stage: lamps on a truss, a wall of light behind the singer, a floor that mirrors, the crowd in front."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.glow import Beam, beams, halo
from studio.engines.image.noise import sample, smoothstep, tile
from studio.engines.image.scenery.people import crowd
from studio.engines.image.scenery.scene import Floor, Plane, Scene
from studio.engines.image.scenery.screens import light_wall
from studio.engines.image.sheet import colour4f, drawn, glow, opaque, over, tinted

FLOOR_EDGE = 0.70


def paint_stage(easel: Easel, view: np.ndarray | None = None) -> Scene:
    """`view`: another setting's picture (h, w, 3) for the wall of light; None lets it play patterns."""
    canvas, inks = easel.canvas, easel.inks
    lamps = _lamps(easel)
    air = beams(easel, lamps, 0.7)
    hall = inks.tone(np.clip(0.02 + 0.10 * np.exp(-canvas.distance(0.5, 0.45) * 1.6), 0, 1))
    wall = light_wall(easel, (0.5, 0.37, 0.62, 0.44), view)
    back = over(opaque(hall), over(wall, _side_towers(easel)))
    back = glow(back, inks.tone(0.6) * (halo(easel, (0.5, 0.4), 0.34) * 0.35)[..., None])
    floor = _floor(easel, glow(back, air * 0.8)[..., :3])
    rig = over(_truss(easel), _lamp_heads(easel, lamps))
    middle = glow(over(floor, rig), air, 0.85)
    middle = over(middle, _monitors(easel))
    rim = np.clip(inks.tone(0.66) * 0.9, 0, 1)
    joy = 0.25 + 0.7 * easel.energy
    front = over(crowd(easel, 1.00, 0.034, joy, rim), crowd(easel, 1.075, 0.052, joy * 0.8, rim * 0.6))
    spot = Floor(0.5, 0.885, 0.50, 0.5, 0.35, light_side=float(np.sign(lamps[0].x - 0.5)) * 0.4, backlit=0.9)
    return Scene(back, (Plane(middle, 0.5),), (Plane(front, 1.0),), spot, inks.tone(0.93), inks.tone(0.20), "screen")


def _lamps(easel: Easel) -> list[Beam]:
    """Lamps in a row, fanned apart at loud moments and crossed at quiet ones; one white one on the singer."""
    rng, inks = easel.rng("lamps"), easel.inks
    hues = [*inks.accents(), inks.tone(0.9)]
    count = 6 + round(5 * easel.energy)
    open_ = 0.25 + 0.75 * easel.energy
    lamps = [Beam(0.5, -0.75, 0.0, 0.085, 3.0, inks.tone(1.0), 0.34)]
    for at in range(count):
        x = 0.04 + 0.92 * at / (count - 1)
        turn = (x - 0.5) * 1.5 * open_ + rng.normal() * 0.10 if at % 2 else (0.5 - x) * 1.1 + rng.normal() * 0.08
        hue = hues[at % 3] * 0.85 + 0.15
        lamps.append(Beam(x, 0.055, float(turn), 0.045, 0.75, hue, rng.uniform(0.38, 0.62)))
    for x, turn in ((0.12, 2.65), (0.88, -2.65), (0.3, 2.95), (0.7, -2.95)):
        lamps.append(Beam(x, FLOOR_EDGE + 0.01, turn, 0.05, 0.5, hues[1] * 0.9, 0.34))
    return lamps


def _truss(easel: Easel) -> np.ndarray:
    import skia

    canvas = easel.canvas
    y, tall = canvas.py(0.02), canvas.unit * 0.032
    step = canvas.unit * 0.045

    def draw(pen: Any) -> None:
        paint = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.10)), StrokeWidth=canvas.unit * 0.0045)
        pen.drawLine(0, y, canvas.width, y, paint)
        pen.drawLine(0, y + tall, canvas.width, y + tall, paint)
        x, up = 0.0, True
        while x < canvas.width:
            pen.drawLine(x, y + (tall if up else 0), x + step, y + (0 if up else tall), paint)
            x, up = x + step, not up

    return drawn(canvas.shape, draw)


def _lamp_heads(easel: Easel, lamps: list[Beam]) -> np.ndarray:
    import skia

    canvas = easel.canvas

    def draw(pen: Any) -> None:
        for lamp in lamps[1:]:
            x, y, size = canvas.px(lamp.x), canvas.py(lamp.y), canvas.unit * 0.016
            pen.save()
            pen.translate(x, y)
            pen.rotate(float(-np.degrees(lamp.turn)))
            body = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.05)))
            pen.drawRoundRect(
                skia.Rect.MakeXYWH(-size * 0.8, -size * 1.7, size * 1.6, size * 1.9), size * 0.3, size * 0.3, body
            )
            shine = skia.Paint(AntiAlias=True, Color4f=colour4f(lamp.colour * 0.4 + 0.6))
            pen.drawOval(skia.Rect.MakeXYWH(-size * 0.7, -size * 0.25, size * 1.4, size * 0.6), shine)
            pen.restore()

    return drawn(canvas.shape, draw)


def _side_towers(easel: Easel) -> np.ndarray:
    """Speaker arrays that hang in an arc left and right."""
    import skia

    canvas = easel.canvas

    def draw(pen: Any) -> None:
        for side in (-1, 1):
            for box in range(8):
                x = canvas.px(0.5 + side * (0.435 - 0.004 * box * box * 0.35))
                y, wide, tall = canvas.py(0.10 + 0.052 * box), canvas.unit * 0.10, canvas.unit * 0.046
                face = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.06 + 0.012 * (box % 2))))
                pen.drawRoundRect(skia.Rect.MakeXYWH(x - wide / 2, y, wide, tall), 2, 2, face)
                edge = skia.Paint(
                    AntiAlias=True,
                    Color4f=colour4f(easel.inks.tone(0.34), 0.7),
                    StrokeWidth=max(1.0, canvas.unit * 0.002),
                )
                pen.drawLine(x - side * wide / 2, y + 1, x - side * wide / 2, y + tall - 1, edge)

    return drawn(canvas.shape, draw)


def _floor(easel: Easel, above: np.ndarray) -> np.ndarray:
    """The boards: they mirror the wall of light, drawn out towards the viewer."""
    import cv2

    canvas, rng = easel.canvas, easel.rng("boards")
    below = np.maximum(canvas.ys() - FLOOR_EDGE, 0.0)
    z = 0.30 / (below + 0.09)
    x = (canvas.xs() - 0.5) * canvas.aspect * z
    field = tile(256, 8, rng, 5)
    worn = sample(field, x * 0.9, np.broadcast_to(z * 0.9, canvas.shape))
    plank = 0.5 + 0.5 * np.cos(x * 26.0)
    edge = canvas.py(FLOOR_EDGE)
    rows = 2 * edge - np.arange(canvas.height, dtype=np.float32)[:, None] - (worn - 0.5) * canvas.unit * 0.03
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + (worn - 0.5) * canvas.unit * 0.02
    mirrored = cv2.remap(above, columns.astype(np.float32), np.clip(rows, 0, edge).astype(np.float32), cv2.INTER_LINEAR)
    mirrored = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=canvas.unit * 0.004, sigmaY=canvas.unit * 0.016)
    boards = easel.inks.tone(np.clip(0.06 + 0.05 * worn + 0.02 * plank, 0, 1))
    pool = np.exp(-(((canvas.xs() - 0.5) / 0.20) ** 2) - ((canvas.ys() - 0.885) / 0.045) ** 2)
    boards = boards + (easel.inks.tone(0.90) - boards) * (0.62 * pool * (0.75 + 0.4 * worn))[..., None]
    colour = boards + mirrored * (0.60 * np.exp(-below * 3.2))[..., None]
    mask = np.broadcast_to(smoothstep(FLOOR_EDGE, FLOOR_EDGE + 0.004, canvas.ys()), canvas.shape).astype(np.float32)
    return tinted(mask, np.clip(colour, 0, 1))


def _monitors(easel: Easel) -> np.ndarray:
    """Wedges at the stage's edge, dark against the floor."""
    import skia

    canvas = easel.canvas

    def draw(pen: Any) -> None:
        for x in (0.2, 0.8):
            left, y, size = canvas.px(x), canvas.py(0.915), canvas.unit * 0.055
            path = skia.Path()
            path.addPoly(
                [
                    skia.Point(left + a * size, y + b * size)
                    for a, b in ((-1, 0.55), (-0.75, -0.45), (0.75, -0.45), (1, 0.55))
                ],
                True,
            )
            pen.drawPath(path, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.035))))
            line = skia.Paint(
                AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.55), 0.8), StrokeWidth=max(1.0, canvas.unit * 0.0025)
            )
            pen.drawLine(left - 0.75 * size, y - 0.45 * size, left + 0.75 * size, y - 0.45 * size, line)

    return drawn(canvas.shape, draw)
