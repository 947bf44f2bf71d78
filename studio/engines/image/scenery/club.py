"""A club: lasers in haze, a mirror ball, neon on the wall, a floor of lit tiles, dancers."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.glow import Beam, beams, halo
from studio.engines.image.noise import blur, fbm, smoothstep
from studio.engines.image.scenery.people import crowd
from studio.engines.image.scenery.scene import Floor, Plane, Scene
from studio.engines.image.scenery.screens import light_wall
from studio.engines.image.sheet import colour4f, drawn, glow, opaque, over, tinted

FLOOR_EDGE = 0.64
BALL = (0.5, 0.13, 0.075)


def paint_club(easel: Easel, view: np.ndarray | None = None) -> Scene:
    """`view`: another setting's picture for the wall of light; None hangs neon there instead."""
    inks = easel.inks
    room = over(
        opaque(_walls(easel)), light_wall(easel, (0.5, 0.40, 0.5, 0.30), view) if view is not None else _neon(easel)
    )
    room = glow(room, inks.accents()[0] * (halo(easel, (0.5, 0.36), 0.30) * 0.35)[..., None])
    lasers = beams(easel, _lasers(easel), 0.55)
    dots = _mirror_dots(easel)
    back = glow(room, inks.tone(0.95) * (dots * 0.75)[..., None])
    middle = over(
        crowd(easel, FLOOR_EDGE - 0.045, 0.015, 0.5, inks.tone(0.55)),
        crowd(easel, FLOOR_EDGE - 0.02, 0.020, 0.6, inks.tone(0.60)),
    )
    middle = over(middle, _tiles(easel))
    middle = glow(over(middle, _ball(easel)), lasers, 0.9)
    rim = inks.accents()[1] * 0.9
    front = crowd(easel, 1.05, 0.056, 0.3 + 0.6 * easel.energy, rim)
    floor = Floor(0.5, 0.90, 0.52, 0.35, 0.3, light_side=0.3, backlit=0.85)
    return Scene(back, (Plane(middle, 0.5),), (Plane(front, 1.0),), floor, inks.tone(0.85), inks.tone(0.22), "screen")


def _walls(easel: Easel) -> np.ndarray:
    canvas, rng = easel.canvas, easel.rng("club walls")
    damp = fbm(canvas.shape, 4, rng, 5)
    light = np.exp(-canvas.distance(0.5, 0.40) * 1.9)
    brick_y = (canvas.ys() * 46) % 1.0
    shift = np.floor(canvas.ys() * 46) % 2 * 0.5
    brick_x = (canvas.xs() * canvas.aspect * 20 + shift) % 1.0
    mortar = ((brick_y < 0.12) | (brick_x < 0.05)).astype(np.float32)
    return easel.inks.tone(np.clip(0.02 + 0.16 * light * (0.6 + 0.6 * damp) - 0.03 * mortar, 0, 1))


def _neon(easel: Easel) -> np.ndarray:
    """Tubes bent to rings, a triangle or an arch."""
    import skia

    canvas, rng = easel.canvas, easel.rng("neon")
    hues = easel.inks.accents()
    x, y, size = canvas.px(0.5), canvas.py(0.36), canvas.unit * 0.22
    kind = int(rng.integers(3))
    paths = []
    for step in range(3):
        reach = size * (1.0 - 0.24 * step)
        path = skia.Path()
        if kind == 0:
            path.addCircle(x, y, reach)
        elif kind == 1:
            corners = [(-1, 0.72), (1, 0.72), (0, -1)]
            path.addPoly([skia.Point(x + a * reach, y + b * reach) for a, b in corners], True)
        else:
            path.moveTo(x - reach, y + size * 0.95)
            path.lineTo(x - reach, y)
            path.arcTo(skia.Rect.MakeXYWH(x - reach, y - reach, 2 * reach, 2 * reach), 180, 180, False)
            path.lineTo(x + reach, y + size * 0.95)
        paths.append((path, hues[step % len(hues)]))

    def draw(pen: Any) -> None:
        for path, hue in paths:
            for width, sigma, alpha, white in (
                (0.020, 0.020, 0.8, 0.0),
                (0.011, 0.004, 0.9, 0.25),
                (0.006, 0.0, 1.0, 0.75),
            ):
                paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style)
                paint.setColor4f(colour4f(hue * (1 - white) + white, alpha))
                paint.setStrokeWidth(canvas.unit * width)
                if sigma:
                    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, canvas.unit * sigma))
                pen.drawPath(path, paint)

    return drawn(canvas.shape, draw)


def _lasers(easel: Easel) -> list[Beam]:
    rng, hues = easel.rng("lasers"), easel.inks.accents()
    lights = []
    for side in (-1, 1):
        for at in range(4 + round(4 * easel.energy)):
            turn = side * (0.35 + 0.16 * at) + rng.normal() * 0.03
            lights.append(Beam(0.5 - side * 0.55, 0.05, float(turn), 0.006, 1.5, hues[at % 2] * 0.8 + 0.1, 0.55))
    for at in range(6):
        turn = np.pi + (at - 2.5) * 0.25
        lights.append(Beam(0.5, FLOOR_EDGE - 0.03, float(turn), 0.007, 0.8, hues[2] * 0.85 + 0.1, 0.5))
    lights.append(Beam(0.5, -0.75, 0.0, 0.10, 2.6, easel.inks.tone(0.9), 0.26))
    return lights


def _mirror_dots(easel: Easel) -> np.ndarray:
    """The ball's spots on the walls: rows of them, drawn out where they strike askew, (h, w)."""
    canvas = easel.canvas
    x, y, _ = BALL
    dx = (canvas.xs() - x) * canvas.aspect
    dy = canvas.ys() - y
    away = np.sqrt(dx * dx + dy * dy) + 1e-3
    turn = np.arctan2(dx, dy)
    ring = np.log(away) * 6.5
    row = np.floor(ring)
    u = (turn * 5.0 + row * 0.37) % 1.0 - 0.5
    v = ring % 1.0 - 0.5
    spot = smoothstep(0.17, 0.08, np.sqrt(u * u + v * v)) * np.exp(-away * 1.1) * (away > BALL[2] * 1.5)
    return (spot * (canvas.ys() < FLOOR_EDGE)).astype(np.float32)


def _ball(easel: Easel) -> np.ndarray:
    canvas, rng = easel.canvas, easel.rng("ball")
    x, y, radius = BALL
    dx = (canvas.xs() - x) * canvas.frame_width / canvas.unit / radius
    dy = (canvas.ys() - y) * canvas.frame_height / canvas.unit / radius
    inside = np.clip(1 - dx * dx - dy * dy, 0, 1)
    z = np.sqrt(inside)
    latitude = np.arcsin(np.clip(dy, -1, 1)) * 6.0
    longitude = np.arctan2(np.broadcast_to(dx, z.shape), z + 1e-3) * 6.0
    cell = (np.floor(latitude) * 31 + np.floor(longitude)).astype(int)
    sparkle = rng.random(997).astype(np.float32)[cell % 997]
    grout = (np.abs(latitude % 1.0 - 0.5) > 0.43) | (np.abs(longitude % 1.0 - 0.5) > 0.43)
    level = np.clip(0.12 + 0.5 * z * sparkle + 0.9 * (sparkle > 0.86), 0, 1) * (1 - 0.6 * grout)
    mask = smoothstep(0.0, 0.03, inside)
    wire = (np.abs(dx) < 0.03) & (dy < -0.95)
    return tinted(np.maximum(mask, wire.astype(np.float32)), easel.inks.tone(np.clip(level, 0, 1)))


def _tiles(easel: Easel) -> np.ndarray:
    """The dance floor: squares in perspective, some lit, their light bleeding into the gloss."""
    canvas, rng = easel.canvas, easel.rng("tiles")
    below = np.maximum(canvas.ys() - FLOOR_EDGE + 0.05, 0.01)
    z = 0.32 / below
    x = (canvas.xs() - 0.5) * canvas.aspect * z * 2.3
    z = np.broadcast_to(z * 2.6, canvas.shape)
    cell = (np.floor(x).astype(int) * 57 + np.floor(z).astype(int) * 131) % 991
    power = rng.random(991).astype(np.float32)
    hue = rng.integers(0, 3, 991)
    hues = np.stack(easel.inks.accents())[hue[cell]]
    lit = (power[cell] > 0.52 - 0.25 * easel.energy).astype(np.float32) * (0.35 + 0.65 * power[cell])
    u, v = x % 1.0 - 0.5, z % 1.0 - 0.5
    edge = np.maximum(np.abs(u), np.abs(v))
    joint = smoothstep(0.49, 0.45, edge)
    body = 0.55 + 0.45 * np.exp(-(u * u + v * v) * 5)
    colour = easel.inks.tone(0.03) + hues * (lit * joint * body * 0.85)[..., None]
    colour = np.clip(colour + blur(colour, canvas.unit * 0.02) * 0.35, 0, 1)
    fade = 0.35 + 0.65 * smoothstep(FLOOR_EDGE, 0.85, canvas.ys())
    mask = np.broadcast_to(smoothstep(FLOOR_EDGE, FLOOR_EDGE + 0.006, canvas.ys()), canvas.shape).astype(np.float32)
    return tinted(mask, colour * fade[..., None])
