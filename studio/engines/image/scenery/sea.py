"""The sea from its shore: sand with foam, headlands and stacks, a boat, a lighthouse, palms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, sample, smoothstep, tile
from studio.engines.image.scenery.outdoors import canvas_mask, open_floor, open_scene
from studio.engines.image.scenery.palms import palm
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.scenery.water import reflected, ripples
from studio.engines.image.sheet import colour4f, drawn, opaque, over, tinted
from studio.engines.image.terrain import Cast, View, air, cast, ground_speck, project, simplified, split

LEVEL = 0.0


@dataclass(frozen=True)
class Coast:
    """A beach at the viewer's feet, a headland on `side`, and stacks (x, z, half width, height) in the water."""

    rock: np.ndarray
    side: float
    bold: float
    stacks: tuple[tuple[float, float, float, float], ...]

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        bay = sample(self.rock, x / 40.0, z / 40.0)
        shore = 4.6 + 0.9 * np.sin(x * 0.55 + self.side) + 0.35 * x * self.side
        beach = np.clip((shore - z) * 0.085, -1.2, 0.45) + (sample(self.rock, x / 3.0, z / 3.0) - 0.5) * 0.035
        inland = (x * self.side - 5.0 - 0.28 * z) + (bay - 0.5) * 16.0
        cliff = self.bold * smoothstep(0.0, 4.2, inland) * (0.55 + 0.75 * bay) * smoothstep(12.0, 24.0, z)
        cliff += smoothstep(0.5, 12.0, inland) * 2.2 * bay * smoothstep(14.0, 26.0, z)
        fine = sample(self.rock, x / 4.4, z / 4.4)
        height = np.maximum(beach, cliff * (0.86 + 0.28 * fine) - 0.4)
        for at_x, at_z, half, top in self.stacks:
            away = np.sqrt((x - at_x) ** 2 + (z - at_z) ** 2) * (0.75 + 0.5 * fine)
            height = np.maximum(height, (top + 0.4) * smoothstep(1.25 * half, 0.45 * half, away) - 0.4)
        return np.maximum(height, LEVEL)


def paint_sea(easel: Easel, backdrop: Backdrop, wooded: bool = False) -> Scene:
    rng = easel.rng("sea")
    side = 1.0 if easel.light.x < 0.5 else -1.0
    # beside the figure's head, never behind it: the figure stands on the same third
    far = rng.uniform(15, 34, int(rng.integers(0, 4)))
    stacks = tuple((side * z * rng.uniform(0.30, 0.46), z, rng.uniform(0.6, 1.7), rng.uniform(1.2, 4.2)) for z in far)
    land = Coast(tile(512, 4, rng, 4, ridged=True), side, rng.uniform(2.2, 5.5), stacks)
    view = View(eye=1.05, horizon=easel.light.horizon)
    seen = cast(easel, land, view)
    far, near = split(easel, seen, _shore_colours(easel, seen, wooded), 9.0)
    wet = canvas_mask(easel, seen, seen.height <= LEVEL + 0.003)
    below = smoothstep(view.horizon - 0.001, view.horizon + 0.003, easel.canvas.ys())
    dry_far = far * (1.0 - wet)[..., None]
    above = over(backdrop.flat(), dry_far)
    rough = {"storm": 1.0, "rain": 0.7, "clouds": 0.5}.get(easel.weather, 0.38)
    water = reflected(easel, above[..., :3], view.horizon, rough)
    water = _with_surf(easel, water)
    sea = opaque(water) * np.broadcast_to(below, wet.shape)[..., None]
    middle = over(over(sea, dry_far), _far_things(easel, view))
    strand = near * (1.0 - wet)[..., None]
    front = palm(easel, -side) if "palms" in easel.things else _near_rocks(easel, side)
    planes = (Plane(middle, 0.3), Plane(strand, 0.62))
    return open_scene(easel, backdrop, planes, front, open_floor(easel, 0.95, 0.5, 0.25))


def _shore_colours(easel: Easel, seen: Cast, wooded: bool) -> np.ndarray:
    light, inks, rng = easel.light, easel.inks, easel.rng("shore")
    speck = np.where(seen.z < 9, ground_speck(easel, seen, "beach", 0.10), fbm(seen.z.shape, 50, rng, 4))
    streak = fbm(seen.z.shape, 9, rng, 4, 3.0)
    level = light.ambient * (0.6 + 0.4 * seen.up) + light.key * seen.lit
    sand = look_up(inks.local("#dcbf8c"), np.clip(level * (0.82 + 0.16 * (speck - 0.5) + 0.12 * (streak - 0.5)), 0, 1))
    damp = smoothstep(0.16, 0.01, seen.height) * (seen.z < 9)
    sand = sand * (1.0 - 0.30 * damp[..., None]) + (light.haze - sand) * (0.30 * damp)[..., None]
    band = 0.5 + 0.5 * np.sin(seen.height * 7.0 + speck * 3.0)
    rock = look_up(inks.local("#6f665f", 0.7), np.clip(level * (0.45 + 0.28 * speck + 0.16 * band), 0, 1))
    green = look_up(inks.local("#587a3c"), np.clip(level * (0.5 + 0.45 * speck), 0, 1))
    top = smoothstep(0.55, 0.8, seen.up) * smoothstep(0.8, 1.8, seen.height) * (1.0 if wooded else 0.8)
    rock += (green - rock) * top[..., None]
    stony = smoothstep(8.5, 10.0, seen.z)
    colour = sand + (rock - sand) * stony[..., None]
    mist = np.clip(air(easel, seen, 58.0), 0, 0.97)
    return simplified(easel, seen, colour + (light.haze - colour) * mist[..., None])


def _with_surf(easel: Easel, water: np.ndarray) -> np.ndarray:
    """Foam where waves run out on the sand, and white caps when it blows."""
    canvas, rng = easel.canvas, easel.rng("surf")
    _, toward = ripples(easel, easel.light.horizon, 0.55, "surf")
    lace = fbm(canvas.shape, 34, rng, 4, 2.5)
    z = 1.05 * 1.05 * canvas.unit / np.maximum((canvas.ys() - easel.light.horizon) * canvas.frame_height, 1.0)
    x = (canvas.xs() - 0.5) * canvas.frame_width / (1.05 * canvas.unit) * z
    side = 1.0 if easel.light.x < 0.5 else -1.0
    off = z - (4.6 + 0.9 * np.sin(x * 0.55 + side) + 0.35 * x * side)
    foam = np.zeros(canvas.shape, np.float32)
    for place, wide in ((0.10, 0.22), (1.15, 0.18), (3.0, 0.28)):
        edge = off - place - (lace - 0.5) * 1.1 - 0.35 * np.sin(x * 1.3 + place * 5)
        foam = np.maximum(foam, np.exp(-((edge / wide) ** 2)) * (0.95 - 0.16 * place))
    foam *= 0.35 + 0.65 * smoothstep(0.30, 0.62, lace)
    caps = {"storm": 0.75, "rain": 0.3}.get(easel.weather, 0.0)
    if caps:
        foam = np.maximum(foam, caps * smoothstep(0.42, 0.72, toward) * smoothstep(0.35, 0.65, lace))
    white = easel.inks.tone(min(1.0, 0.30 + easel.light.ambient + 0.75 * easel.light.key))
    return water + (white - water) * np.clip(foam, 0, 1)[..., None]


def _far_things(easel: Easel, view: View) -> np.ndarray:
    """What the prompt names on the water: a boat, a lighthouse."""
    import skia

    canvas, light = easel.canvas, easel.light
    things = easel.things
    hull = easel.inks.tone(light.ambient * 0.8) * 0.75 + light.haze * 0.25
    sail = easel.inks.tone(min(1.0, light.ambient + light.key * 1.2)) * 0.85 + light.haze * 0.15
    x = canvas.px(0.5 + 0.22 * np.sign(light.x - 0.5))
    y, size = canvas.py(view.horizon + 0.022), canvas.unit * 0.075

    def draw(pen: Any) -> None:
        if "boat" in things:
            path = skia.Path()
            path.addPoly(
                [
                    skia.Point(x + a * size, y + b * size)
                    for a, b in ((-0.6, -0.16), (0.66, -0.2), (0.45, 0.06), (-0.45, 0.06))
                ],
                True,
            )
            pen.drawPath(path, skia.Paint(AntiAlias=True, Color4f=colour4f(hull)))
            for outline in (
                ((0.02, -1.5), (0.02, -0.24), (0.62, -0.26)),
                ((-0.05, -1.35), (-0.05, -0.24), (-0.5, -0.22)),
            ):
                cloth = skia.Path()
                tip, foot, end = (skia.Point(x + a * size, y + b * size) for a, b in outline)
                cloth.moveTo(tip)
                cloth.lineTo(foot)
                cloth.lineTo(end)
                cloth.quadTo(skia.Point((tip.x() * 0.35 + end.x() * 0.65), (tip.y() + end.y()) / 2), tip)
                pen.drawPath(cloth, skia.Paint(AntiAlias=True, Color4f=colour4f(sail)))

    sheet = drawn(canvas.shape, draw)
    if "lighthouse" in things:
        sheet = over(sheet, _lighthouse(easel, view))
    return sheet


def _lighthouse(easel: Easel, view: View) -> np.ndarray:
    import skia

    canvas, light = easel.canvas, easel.light
    side = 1.0 if light.x < 0.5 else -1.0
    x, z = side * 8.0, 26.0
    column, foot, scale = (float(v) for v in project(easel, view, np.array(x), np.array(2.2), np.array(z)))
    tall = scale * 5.2
    wall, band = easel.inks.tone(min(1.0, light.ambient + light.key)), easel.inks.accents()[0] * 0.7

    def draw(pen: Any) -> None:
        for stripe in range(5):
            low, high = stripe / 5, (stripe + 1) / 5
            points = []
            for level, sign in ((low, -1), (high, -1), (high, 1), (low, 1)):
                half = tall * (0.085 - 0.03 * level)
                points.append(skia.Point(column + sign * half, foot - tall * 0.85 * level + tall * 0.1))
            path = skia.Path()
            path.addPoly(points, True)
            colour = (wall if stripe % 2 == 0 else band) * 0.85 + light.haze * 0.15
            pen.drawPath(path, skia.Paint(AntiAlias=True, Color4f=colour4f(np.clip(colour, 0, 1))))
        cap = skia.Rect.MakeXYWH(column - tall * 0.06, foot - tall * 0.86, tall * 0.12, tall * 0.11)
        pen.drawRect(cap, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.12))))
        pen.drawCircle(
            column, foot - tall * 0.81, tall * 0.045, skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(1.0)))
        )

    sheet = drawn(canvas.shape, draw)
    if easel.hour == "day":
        return sheet
    lamp_y = (foot - tall * 0.81 - canvas.margin) / canvas.frame_height
    lamp_x = (column - canvas.margin) / canvas.frame_width
    dx, dy = canvas.xs() - lamp_x, canvas.ys() - lamp_y
    along = np.abs(dx) * canvas.aspect
    beam = np.exp(-(((dy - 0.10 * dx * side) / (0.012 + 0.10 * along)) ** 2)) * np.exp(-along * 1.7)
    halo = np.exp(-canvas.distance(lamp_x, lamp_y) * 22)
    return over(tinted(np.clip(0.38 * beam + halo, 0, 1).astype(np.float32), easel.inks.tone(1.0)), sheet)


def _near_rocks(easel: Easel, side: float) -> np.ndarray:
    """Boulders in the corner away from the figure, wet on the lit side."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng("boulders")
    rough = fbm(canvas.shape, 7, rng, 6)
    reach = (canvas.xs() - 0.5) * side
    skyline = 1.05 - 0.20 * smoothstep(0.28, 0.62, reach) - (rough - 0.45) * 0.16
    mask = smoothstep(-0.004, 0.004, canvas.ys() - skyline) * smoothstep(0.20, 0.26, reach)
    slope_y, slope_x = np.gradient(rough * canvas.unit * 0.12)
    lit = np.clip(0.35 + slope_y * 1.5 - slope_x * 1.6 * np.sign(light.x - 0.5), 0, 1)
    ramp = easel.inks.local("#6a5f58", 0.6)
    return tinted(mask, look_up(ramp, np.clip(light.ambient * 0.45 + light.key * 0.45 * lit, 0, 1)))
