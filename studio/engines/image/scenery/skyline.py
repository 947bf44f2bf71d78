"""Towers against the sky: near and far rows, each a step deeper in the air; and the roof one sees them from."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import Rng, sample, smoothstep, tile
from studio.engines.image.scenery.facades import Front, facade
from studio.engines.image.scenery.outdoors import open_floor, open_scene
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.sheet import colour4f, drawn, image_of, opaque, over
from studio.engines.image.terrain import FOCAL


def skyline(easel: Easel, base: float, scale: float) -> np.ndarray:
    """Two rows of towers as a sheet, their feet at frame y `base`; `scale` 1 fills a third of the frame."""
    sheet = _row(easel, easel.rng("skyline far"), (base, scale * 0.72, 0.72))
    return over(sheet, _row(easel, easel.rng("skyline near"), (base + 0.002, scale * 1.0, 0.42)))


def _row(easel: Easel, rng: Rng, place: tuple[float, float, float]) -> np.ndarray:
    """`place`: frame y of the feet, scale, and how much of the row is air."""
    base, scale, fog = place
    fog = min(0.96, fog + 0.5 * easel.light.air)
    canvas = easel.canvas
    towers = []
    x = -canvas.margin
    focus = canvas.px(0.5 - 0.2 * np.sign(easel.light.x - 0.5))
    while x < canvas.width + canvas.margin:
        wide = canvas.unit * scale * rng.uniform(0.045, 0.12)
        middle = np.exp(-(((x - focus) / (0.32 * canvas.frame_width)) ** 2))
        tall = canvas.unit * scale * (rng.uniform(0.08, 0.19) + middle * rng.uniform(0.05, 0.27))
        towers.append((x, wide, tall, rng.uniform(0.75, 1.2), int(rng.integers(4))))
        x += wide * rng.uniform(0.8, 1.12)
    images = []
    for _, wide, tall, tone, _ in towers:
        floors, bays = max(3, round(tall / canvas.unit / scale * 110)), max(2, round(wide / canvas.unit / scale * 75))
        level = (easel.light.ambient * 0.6 + 0.20 * easel.light.key) * tone
        images.append(image_of(opaque(facade(easel, Front(floors, bays, level), rng))))
    dark = easel.inks.tone(easel.light.ambient * 0.6 + 0.12 * easel.light.key)

    def draw(pen: Any) -> None:
        import skia

        foot = canvas.py(base)
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        for (left, wide, tall, _, crown), image in zip(towers, images, strict=True):
            box = skia.Rect.MakeLTRB(left, foot - tall, left + wide, foot)
            pen.drawImageRect(image, box, sampling, None)
            _crown(pen, (left, foot - tall, wide), crown, dark)
            _edge_light(pen, easel, (left, foot - tall, wide, tall))

    sheet = drawn(canvas.shape, draw)
    depth = np.clip(fog + 0.35 * smoothstep(base - 0.30 * scale, base, canvas.ys()), 0, 0.97) * sheet[..., 3]
    lit = np.clip(sheet[..., :3].max(axis=2) * 1.6 - 0.55, 0, 1) if easel.hour in ("night", "dusk") else 0.0
    depth = depth * (1.0 - 0.55 * lit)
    sheet[..., :3] += (easel.light.haze * sheet[..., 3:] - sheet[..., :3]) * (depth / np.maximum(sheet[..., 3], 1e-3))[
        ..., None
    ]
    return sheet


def _crown(pen: Any, roof: tuple[float, float, float], kind: int, dark: np.ndarray) -> None:
    """What ends a tower: a step, a spire, a slope, or plant on a flat roof."""
    import skia

    left, top, wide = roof
    paint = skia.Paint(AntiAlias=True, Color4f=colour4f(dark))
    if kind == 0:
        pen.drawRect(skia.Rect.MakeXYWH(left + wide * 0.18, top - wide * 0.35, wide * 0.64, wide * 0.36), paint)
        pen.drawRect(skia.Rect.MakeXYWH(left + wide * 0.36, top - wide * 0.6, wide * 0.28, wide * 0.3), paint)
    elif kind == 1:
        pen.drawRect(skia.Rect.MakeXYWH(left + wide * 0.3, top - wide * 0.25, wide * 0.4, wide * 0.26), paint)
        path = skia.Path()
        path.addPoly(
            [
                skia.Point(left + wide * 0.46, top),
                skia.Point(left + wide * 0.5, top - wide * 1.6),
                skia.Point(left + wide * 0.54, top),
            ],
            True,
        )
        pen.drawPath(path, paint)
    elif kind == 2:
        path = skia.Path()
        path.addPoly(
            [skia.Point(left, top + 1), skia.Point(left, top - wide * 0.4), skia.Point(left + wide, top + 1)], True
        )
        pen.drawPath(path, paint)
    else:
        pen.drawRect(skia.Rect.MakeXYWH(left + wide * 0.12, top - wide * 0.16, wide * 0.3, wide * 0.18), paint)


def _edge_light(pen: Any, easel: Easel, box: tuple[float, float, float, float]) -> None:
    """The side away from the light in shadow."""
    import skia

    left, top, wide, tall = box
    right_lit = easel.light.x > 0.5
    x = left if right_lit else left + wide * 0.62
    paint = skia.Paint(AntiAlias=False, Color4f=skia.Color4f(0, 0, 0, 0.30))
    pen.drawRect(skia.Rect.MakeXYWH(x, top, wide * 0.38, tall), paint)


def paint_rooftop(easel: Easel, backdrop: Backdrop) -> Scene:
    """A flat roof with a parapet, the city beyond and below it."""
    base = easel.light.horizon + 0.10
    distant = skyline(easel, base, 1.25)
    if backdrop.skyline is not None:
        distant = over(backdrop.skyline, distant)
    roof = over(_near_block(easel, base), _roof(easel))
    floor = open_floor(easel, 0.95, 0.5, 0.4 if easel.weather in ("rain", "storm") else 0.06)
    empty = np.zeros((*easel.canvas.shape, 4), np.float32)
    return open_scene(easel, Backdrop(backdrop.sky, distant), (Plane(roof, 0.6),), empty, floor)


def _near_block(easel: Easel, base: float) -> np.ndarray:
    """The block across the street, low and dark, seen over the parapet."""
    return _row(easel, easel.rng("near block"), (base + 0.13, 0.95, 0.10))


def _roof(easel: Easel) -> np.ndarray:
    canvas, light, rng = easel.canvas, easel.light, easel.rng("roof")
    edge = 0.735
    below = np.maximum((canvas.ys() - edge + 0.035) * canvas.frame_height, 1.0)
    z = 1.65 * FOCAL * canvas.unit / below * 0.22
    x = (np.arange(canvas.width, dtype=np.float32)[None, :] - canvas.width / 2) * z / (FOCAL * canvas.unit)
    field = tile(512, 8, rng, 6)
    grit = sample(field, x * 0.9, np.broadcast_to(z * 0.9, canvas.shape))
    pools = smoothstep(0.55, 0.7, sample(field, x * 0.16, np.broadcast_to(z * 0.2, canvas.shape)))
    level = (light.ambient + 0.5 * light.key) * (0.42 + 0.25 * grit)
    colour = look_up(easel.inks.local("#6a6462", 0.5), np.clip(level, 0, 1))
    wet = 0.6 if easel.weather in ("rain", "storm") else 0.22
    colour += (light.haze - colour) * (wet * pools)[..., None]
    mask = np.broadcast_to(smoothstep(edge, edge + 0.003, canvas.ys()), canvas.shape)
    sheet = np.dstack([colour * mask[..., None], mask]).astype(np.float32)
    return over(sheet, drawn(canvas.shape, lambda pen: _roof_things(pen, easel, edge)))


def _roof_things(pen: Any, easel: Easel, edge: float) -> None:
    """Parapet, a water tank, vents, a mast with its red lamp."""
    import skia

    canvas, light = easel.canvas, easel.light
    side = 1.0 if light.x < 0.5 else -1.0
    y, unit = canvas.py(edge), canvas.unit
    wall = easel.inks.tone(light.ambient * 0.75 + 0.10 * light.key)
    cap = easel.inks.tone(min(1.0, light.ambient + 0.5 * light.key))
    pen.drawRect(
        skia.Rect.MakeLTRB(0, y - unit * 0.035, canvas.width, y + unit * 0.022), skia.Paint(Color4f=colour4f(wall))
    )
    pen.drawRect(
        skia.Rect.MakeLTRB(0, y - unit * 0.042, canvas.width, y - unit * 0.034), skia.Paint(Color4f=colour4f(cap))
    )
    x = canvas.px(0.5 + side * 0.33)
    dark = easel.inks.tone(light.ambient * 0.5)
    for leg in (-0.06, 0.0, 0.06):
        pen.drawRect(
            skia.Rect.MakeXYWH(x + leg * unit - unit * 0.004, y - unit * 0.16, unit * 0.008, unit * 0.18),
            skia.Paint(AntiAlias=True, Color4f=colour4f(dark)),
        )
    tank = skia.Rect.MakeXYWH(x - unit * 0.085, y - unit * 0.32, unit * 0.17, unit * 0.17)
    ends = [skia.Point(tank.left(), 0), skia.Point(tank.right(), 0)]
    lit, shade = easel.inks.tone(min(1.0, light.ambient * 0.8 + 0.4 * light.key)), dark
    stops = [lit, shade] if light.x < 0.5 else [shade, lit]
    shader = skia.GradientShader.MakeLinear(ends, [colour4f(c).toColor() for c in stops])
    pen.drawRect(tank, skia.Paint(AntiAlias=True, Shader=shader))
    hat = skia.Path()
    hat.addPoly(
        [
            skia.Point(tank.left() - 3, tank.top()),
            skia.Point(x, tank.top() - unit * 0.08),
            skia.Point(tank.right() + 3, tank.top()),
        ],
        True,
    )
    pen.drawPath(hat, skia.Paint(AntiAlias=True, Color4f=colour4f(dark)))
    mast = canvas.px(0.5 + side * 0.44)
    pen.drawLine(
        mast, y, mast, y - unit * 0.42, skia.Paint(AntiAlias=True, Color4f=colour4f(dark), StrokeWidth=unit * 0.006)
    )
    if light.night or easel.hour == "dusk":
        lamp = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(1, 0.25, 0.2, 0.9))
        pen.drawCircle(mast, y - unit * 0.42, unit * 0.008, lamp)
