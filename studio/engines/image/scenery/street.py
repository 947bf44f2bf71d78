"""A street between houses, seen down its middle, with signs, lamps and what the wet asphalt shows of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.light import warm_lamp
from studio.engines.image.noise import Rng, blur, sample, smoothstep, tile
from studio.engines.image.scenery.facades import Front, facade, neon_sign
from studio.engines.image.scenery.outdoors import open_floor, open_scene
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.scenery.skyline import skyline
from studio.engines.image.sheet import colour4f, drawn, image_of, opaque, over
from studio.engines.image.terrain import FOCAL

HALF_STREET, EYE = 7.5, 1.65


@dataclass(frozen=True)
class House:
    """One house of a row, in metres. `side` -1 left, 1 right; `front` its wall along the street, a skia image."""

    side: int
    near: float
    far: float
    height: float
    setback: float
    front: Any
    gable: Any


def paint_street(easel: Easel, backdrop: Backdrop) -> Scene:
    rng = easel.rng("street")
    horizon = easel.light.horizon + 0.06
    houses = _row(easel, rng)
    signs = [
        (house, rng.uniform(4.5, 9.0), rng.uniform(3.0, 7.0), int(rng.integers(2**31)))
        for house in houses
        if rng.random() < 0.8
    ]
    shape = easel.canvas.shape

    def street(pen: Any, flip: float) -> None:
        for house in houses:
            _draw_house(pen, easel, house, horizon, flip)
        for house, low, tall, seed in signs:
            if house.near > 7:
                _draw_sign(pen, easel, house, (low, tall, horizon, flip), np.random.default_rng(seed))
        _draw_lamps(pen, easel, horizon, flip)

    walls = drawn(shape, lambda pen: street(pen, 1.0))
    upside_down = drawn(shape, lambda pen: street(pen, -1.0))
    distant = skyline(easel, horizon, 0.5)
    behind = backdrop.flat()[..., :3]
    sky_below = cv2.flip(over(opaque(behind), distant), 0)[..., :3]
    shift = round(2 * easel.canvas.py(horizon) - easel.canvas.height)
    sky_below = np.roll(sky_below, shift, axis=0)
    ground = _asphalt(easel, over(opaque(sky_below), upside_down)[..., :3], horizon)
    road = over(ground, _traffic(easel, horizon))
    wet = easel.weather in ("rain", "storm") or "wet_streets" in easel.request.style.motifs
    floor = open_floor(easel, 0.95, 0.5, 0.5 if wet else 0.12)
    if backdrop.skyline is not None:
        distant = over(backdrop.skyline, distant)
    middle = over(walls, road)
    return open_scene(easel, Backdrop(backdrop.sky, distant), (Plane(middle, 0.5),), _wires(easel), floor)


def _row(easel: Easel, rng: Rng) -> list[House]:
    """Both sides' houses, the farthest first."""
    houses = []
    for side in (-1, 1):
        near = rng.uniform(1.1, 2.0)
        sunny = side * (easel.light.x - 0.5) < 0
        while near < 130:
            far = near + rng.uniform(9, 18)
            tall = rng.uniform(13, 26) + (rng.random() < 0.35) * rng.uniform(10, 34)
            level = easel.light.ambient * 0.75 + (0.45 if sunny else 0.12) * easel.light.key
            level *= rng.uniform(0.7, 1.15)
            front = Front(max(3, round(tall / 3.4)), max(3, round((far - near) / 2.6)), level, shop=True)
            gable = Front(max(3, round(tall / 3.4)), 6, easel.light.ambient * 0.6 + 0.10 * easel.light.key)
            images = [image_of(opaque(facade(easel, spec, rng))) for spec in (front, gable)]
            houses.append(House(side, near, far, tall, rng.uniform(0.0, 0.5), images[0], images[1]))
            near = far + (rng.uniform(3, 6) if rng.random() < 0.2 else 0.0)
    return sorted(houses, key=lambda house: -house.far)


def _viewer(easel: Easel) -> tuple[float, float]:
    """Metres right of the street's middle at which one stands, and pixels by which the far end lies right of the
    frame's middle."""
    rng = easel.rng("viewer")
    return float(rng.uniform(-3.6, 3.6)), float(rng.uniform(-0.17, 0.17)) * easel.canvas.frame_width


def _project(easel: Easel, points: np.ndarray, horizon: float, flip: float) -> np.ndarray:
    """World points (n, 3) in metres as canvas points (n, 2); `flip` -1 mirrors them in the ground."""
    canvas = easel.canvas
    scale = FOCAL * canvas.unit / points[:, 2]
    stand, look = _viewer(easel)
    x = canvas.width / 2 + look + (points[:, 0] - stand) * scale
    y = canvas.py(horizon) + (EYE - flip * points[:, 1]) * scale
    return np.stack([x, y], axis=1)


def _fog(easel: Easel, z: float) -> float:
    reach = 110.0 * (1.0 - 0.8 * easel.light.air)
    return float(min(0.97, 1.0 - np.exp(-((z / reach) ** 1.1))))


def _draw_house(pen: Any, easel: Easel, house: House, horizon: float, flip: float) -> None:
    wall, top = house.side * (HALF_STREET + house.setback), house.height
    gable = np.array([[wall, top, house.near], [wall + house.side * 14, top, house.near]])
    gable = np.concatenate([gable, gable[::-1] * [1, 0, 1]])
    _paste(pen, house.gable, _project(easel, gable, horizon, flip), (easel, _fog(easel, house.near)))
    front = np.array([[wall, top, house.near], [wall, top, house.far], [wall, 0, house.far], [wall, 0, house.near]])
    _paste(pen, house.front, _project(easel, front, horizon, flip), (easel, _fog(easel, (house.near + house.far) / 2)))


def _paste(pen: Any, image: Any, quad: np.ndarray, fogged: tuple[Easel, float]) -> None:
    """`image` stretched into a quad in perspective, then veiled by the air."""
    import skia

    width, height = image.width(), image.height()
    corners = [skia.Point(0, 0), skia.Point(width, 0), skia.Point(width, height), skia.Point(0, height)]
    matrix = skia.Matrix()
    matrix.setPolyToPoly(corners, [skia.Point(float(x), float(y)) for x, y in quad])
    pen.save()
    pen.concat(matrix)
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    pen.drawImage(image, 0, 0, sampling, skia.Paint(AntiAlias=True))
    easel, amount = fogged
    pen.drawRect(
        skia.Rect.MakeWH(width, height), skia.Paint(AntiAlias=True, Color4f=colour4f(easel.light.haze, amount))
    )
    pen.restore()


def _draw_sign(pen: Any, easel: Easel, house: House, place: tuple[float, float, float, float], rng: Rng) -> None:
    low, tall, horizon, flip = place
    outer = house.side * (HALF_STREET + house.setback)
    inner, z = outer - house.side * 1.5, house.near + 0.6
    left, right = min(inner, outer), max(inner, outer)
    quad = np.array([[left, low + tall, z], [right, low + tall, z], [right, low, z], [left, low, z]])
    if easel.hour == "day":
        return
    neon_sign(pen, easel, _project(easel, quad, horizon, flip), rng)


def _draw_lamps(pen: Any, easel: Easel, horizon: float, flip: float) -> None:
    import skia

    lamp = warm_lamp(easel.inks)
    for z in (70.0, 52.0, 38.0, 27.0, 19.0, 13.0):
        for side in (-1, 1):
            x = side * (HALF_STREET - 2.2)
            points = np.array([[x, 0, z], [x, 6.2, z], [x - side * 1.5, 6.5, z]])
            foot, top, head = _project(easel, points, horizon, flip)
            size = FOCAL * easel.canvas.unit / z
            pole = skia.Paint(
                AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.06)), StrokeWidth=max(0.7, size * 0.09)
            )
            pen.drawLine(*map(float, foot), *map(float, top), pole)
            pen.drawLine(*map(float, top), *map(float, head), pole)
            if easel.hour in ("day", "golden"):
                continue
            halo = skia.Paint(AntiAlias=True, Color4f=colour4f(lamp, 0.5))
            halo.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.8, size * 0.5)))
            pen.drawCircle(*map(float, head), size * 0.55, halo)
            pen.drawCircle(
                *map(float, head), size * 0.17, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(1.0)))
            )


def _asphalt(easel: Easel, mirrored: np.ndarray, horizon: float) -> np.ndarray:
    """The ground below the horizon: pavement, lane paint, puddles, and the mirrored street drawn out downwards."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng("asphalt")
    below = np.maximum((canvas.ys() - horizon) * canvas.frame_height, 0.6)
    z = EYE * FOCAL * canvas.unit / below
    stand, look = _viewer(easel)
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + np.float32(0.5 - canvas.width / 2 - look)
    x = columns * z / np.float32(FOCAL * canvas.unit) + np.float32(stand)
    field = tile(512, 6, rng, 6)
    rough = sample(field, x / 3.1, np.broadcast_to(z / 3.1, canvas.shape))
    pools = sample(field, x / 11.0 + 0.3, np.broadcast_to(z / 16.0, canvas.shape))
    wet = 1.0 if easel.weather in ("rain", "storm") else (0.8 if "wet_streets" in easel.request.style.motifs else 0.16)
    level = (light.ambient + 0.40 * light.key) * (0.55 + 0.35 * rough)
    level = level * np.where(np.abs(x) > HALF_STREET - 2.6, 1.25, 1.0)
    colour = look_up(easel.inks.local("#54565e", 0.6), np.clip(level, 0, 1))
    dash = (np.abs(x) < 0.09) & (np.mod(z, 6.0) < 3.0)
    kerb = np.abs(np.abs(x) - (HALF_STREET - 2.6)) < 0.07
    stripes = (z > 8.0) & (z < 11.0) & (np.mod(x + 0.45, 0.95) < 0.5) & (np.abs(x) < HALF_STREET - 2.9)
    paint = (dash | kerb | stripes).astype(np.float32) * (0.4 + 0.5 * rough)
    colour = (
        colour + (look_up(easel.inks.ramp, light.ambient + 0.6 * light.key + 0.1) - colour) * (0.6 * paint)[..., None]
    )
    long = canvas.unit * 0.020
    streaked = cv2.GaussianBlur(mirrored, (0, 0), sigmaX=max(0.6, canvas.unit * 0.0022), sigmaY=long)
    bend = ((rough - 0.5) * canvas.unit * 0.02).astype(np.float32)
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + bend
    rows = np.broadcast_to(np.arange(canvas.height, dtype=np.float32)[:, None], canvas.shape) + bend * 1.4
    streaked = cv2.remap(
        streaked, columns, rows.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    grazing = np.clip(0.30 + 0.7 * smoothstep(2.5, 30.0, z), 0, 1)
    share = np.clip(wet * grazing * (0.35 + 0.75 * smoothstep(0.35, 0.65, pools)), 0, 0.92)
    colour = colour + (streaked - colour) * share[..., None]
    fog = np.clip(1.0 - np.exp(-((z / (110.0 * (1 - 0.8 * light.air))) ** 1.1)), 0, 0.97)
    colour = colour + (light.haze - colour) * (fog * 0.8)[..., None]
    mask = np.broadcast_to(smoothstep(horizon, horizon + 0.004, canvas.ys()), canvas.shape)
    inside = smoothstep(HALF_STREET + 0.9, HALF_STREET + 0.2, np.abs(x))
    mask = mask * inside
    return np.dstack([colour * mask[..., None], mask]).astype(np.float32)


def _traffic(easel: Easel, horizon: float) -> np.ndarray:
    """Cars far down the street: two white lights that come, two red ones that go, and their long reflections."""
    import skia

    rng, canvas = easel.rng("traffic"), easel.canvas
    night = easel.hour in ("night", "dusk")
    spots = [
        (side * rng.uniform(1.4, 2.4), z, side) for z in (64.0, 44.0, 30.0) for side in (-1, 1) if rng.random() < 0.75
    ]

    def draw(pen: Any) -> None:
        for x, z, side in spots:
            size = FOCAL * canvas.unit / z
            ((column, row),) = _project(easel, np.array([[x, 0.0, z]]), horizon, 1.0)
            fog = _fog(easel, z)
            body = easel.inks.tone(easel.light.ambient * 0.8 + 0.03) * (1 - fog) + easel.light.haze * fog
            paint = skia.Paint(AntiAlias=True, Color4f=colour4f(body))
            pen.drawRoundRect(
                skia.Rect.MakeXYWH(column - size * 0.85, row - size * 0.95, size * 1.7, size * 0.85),
                size * 0.2,
                size * 0.2,
                paint,
            )
            pen.drawRoundRect(
                skia.Rect.MakeXYWH(column - size * 0.62, row - size * 1.42, size * 1.24, size * 0.7),
                size * 0.25,
                size * 0.25,
                paint,
            )
            if not night:
                continue
            hue = (
                easel.inks.tone(1.0)
                if side < 0
                else easel.inks.blend(0.5, "#ff2a2a", 1.0) * 0.4 + np.array([0.6, 0.06, 0.05])
            )
            for lamp in (-0.6, 0.6):
                glow = skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(hue, 0, 1), 0.75))
                glow.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(0.8, size * 0.22)))
                pen.drawCircle(column + lamp * size, row - size * 0.6, size * 0.26, glow)
                pen.drawRect(skia.Rect.MakeXYWH(column + lamp * size - size * 0.12, row, size * 0.24, size * 2.2), glow)
                pen.drawCircle(
                    column + lamp * size,
                    row - size * 0.6,
                    size * 0.12,
                    skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(1.0))),
                )

    return drawn(canvas.shape, draw)


def _wires(easel: Easel) -> np.ndarray:
    """Cables across the street over the viewer's head, out of focus."""
    import skia

    rng, canvas = easel.rng("wires"), easel.canvas

    def draw(pen: Any) -> None:
        paint = skia.Paint(
            AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(easel.inks.tone(0.03), 0.85)
        )
        for _ in range(4):
            left, right = canvas.py(rng.uniform(-0.1, 0.28)), canvas.py(rng.uniform(-0.1, 0.24))
            paint.setStrokeWidth(canvas.unit * rng.uniform(0.0016, 0.004))
            path = skia.Path()
            path.moveTo(-4, left)
            path.quadTo(
                canvas.width * rng.uniform(0.35, 0.65),
                max(left, right) + canvas.unit * rng.uniform(0.03, 0.10),
                canvas.width + 4,
                right,
            )
            pen.drawPath(path, paint)

    return blur(drawn(canvas.shape, draw), canvas.unit * 0.0012)
