"""A road to the vanishing point, through whatever land it is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import sample, smoothstep, tile
from studio.engines.image.scenery.desert import Dunes, desert_colours, dunes
from studio.engines.image.scenery.outdoors import canvas_mask, open_floor, open_scene
from studio.engines.image.scenery.plants import Grove, grass_tufts, plant_firs
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.scenery.water import mirror
from studio.engines.image.sheet import drawn, over
from studio.engines.image.terrain import Cast, Height, View, air, cast, ground_speck, project, simplified, split

HALF_WIDTH = 0.85
SEA_LEVEL = -1.1


@dataclass(frozen=True)
class Roadside:
    """Land with a road bed cut into it. `sea` -1 or 1: the side that falls to the water, 0 for none. `aside`: how far
    right of the viewer the road runs."""

    hills: np.ndarray
    land: Dunes | None
    bend: float
    sea: int
    aside: float = 0.0

    def path(self, z: np.ndarray) -> np.ndarray:
        """The road's middle at distance z."""
        return self.aside + self.bend * (np.sin(z / 17.0) * 2.6 * smoothstep(5.0, 30.0, z))

    def profile(self, z: np.ndarray) -> np.ndarray:
        return 0.55 * np.sin(z / 8.5 + 0.6) * smoothstep(4.0, 22.0, z) + 0.5 * smoothstep(25.0, 60.0, z)

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        off = np.abs(x - self.path(z))
        rolling = (sample(self.hills, x / 30.0, z / 30.0) - 0.42) * 3.4 + (
            sample(self.hills, x / 6.0, z / 6.0) - 0.5
        ) * 0.3
        rolling = rolling * (0.35 + 0.65 * smoothstep(6.0, 30.0, z)) + 2.6 * smoothstep(45.0, 100.0, z)
        wild = rolling if self.land is None else self.land(x, z) * 0.8
        bed = self.profile(z)
        height = bed + (wild - bed) * smoothstep(HALF_WIDTH + 0.15, HALF_WIDTH + 4.5, off)
        if self.sea:
            fall = smoothstep(HALF_WIDTH + 0.9, HALF_WIDTH + 3.2, (x - self.path(z)) * self.sea)
            height = np.maximum(height - (height + 2.4) * fall, SEA_LEVEL)
        return height


def paint_road(easel: Easel, backdrop: Backdrop, company: tuple[str, ...]) -> Scene:
    """`company`: the other settings the road runs through."""
    rng = easel.rng("road")
    sandy = "desert" in company
    sea = int(np.sign(easel.light.x - 0.5)) if "sea" in company else 0
    land = Roadside(
        tile(512, 4, rng, 5),
        dunes(easel, rocky=True) if sandy else None,
        float(rng.choice((-1, 1)) * rng.uniform(0.3, 1)),
        sea,
        float(rng.uniform(-0.9, 0.9)),
    )
    view = View(eye=1.0, horizon=easel.light.horizon)
    seen = cast(easel, land, view)
    colour = desert_colours(easel, seen) if sandy else _verge(easel, seen)
    far, near = split(easel, seen, _with_road(easel, seen, land, colour), 22.0)
    woods = 320 if "forest" in company else (0 if sandy else 46)
    far = plant_firs(easel, far, Grove(_Wayside(land), view, seen, 22.0, 60.0, woods, SEA_LEVEL + 0.3))
    if sea:
        wet = canvas_mask(easel, seen, seen.height <= SEA_LEVEL + 0.004)
        near = mirror(easel, near, over(backdrop.flat(), far), view.horizon, wet)
    near = plant_firs(easel, near, Grove(_Wayside(land), view, seen, 4.5, 22.0, woods, SEA_LEVEL + 0.3))
    near = over(near, _poles(easel, land, view, -1 if sea > 0 else 1))
    front = grass_tufts(easel, easel.rng("verge")) * _open_middle(easel)
    floor = open_floor(easel, 0.95, 0.5, 0.35 if easel.weather in ("rain", "storm") else 0.0)
    return open_scene(easel, backdrop, (Plane(far, 0.25), Plane(near, 0.55)), front, floor)


@dataclass(frozen=True)
class _Wayside:
    """The land for planting: on the road itself it is far under water, so that nothing grows there."""

    road: Roadside

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        on_road = np.abs(x - self.road.path(z)) < HALF_WIDTH + 0.7
        return np.where(on_road, -9.0, self.road(x, z))


def _open_middle(easel: Easel) -> np.ndarray:
    return smoothstep(0.22, 0.5, np.abs(easel.canvas.xs() - 0.5))[..., None]


def _verge(easel: Easel, seen: Cast) -> np.ndarray:
    light, rng = easel.light, easel.rng("verge colours")
    speck = ground_speck(easel, seen, "verge", 0.26)
    level = light.ambient * (0.55 + 0.45 * seen.up) + light.key * seen.lit
    dry = sample(tile(256, 4, rng, 4), seen.x / 22.0, seen.z / 22.0)
    green = look_up(easel.inks.local("#6a8f3f"), level * (0.42 + 0.70 * speck))
    straw = look_up(easel.inks.local("#c8a85a"), level * (0.56 + 0.62 * speck))
    colour = green + (straw - green) * smoothstep(0.35, 0.7, dry)[..., None]
    if easel.weather == "snow":
        white = look_up(easel.inks.local("#eef3fb", 0.5), np.clip(level * 1.25 + 0.08, 0, 1))
        colour += (white - colour) * (0.85 * smoothstep(0.25, 0.6, speck + 0.2))[..., None]
    mist = np.clip(air(easel, seen, 66.0), 0, 0.97)
    return simplified(easel, seen, colour + (light.haze - colour) * mist[..., None])


def _with_road(easel: Easel, seen: Cast, land: Roadside, colour: np.ndarray) -> np.ndarray:
    """Asphalt with its paint; wet, it shows the sky."""
    light = easel.light
    off = seen.x - land.path(seen.z)
    soft = 0.012 + seen.z * 0.0022
    edge = smoothstep(HALF_WIDTH + soft, HALF_WIDTH - soft, np.abs(off)) * (seen.ground > 0)
    speck = ground_speck(easel, seen, "asphalt", 0.05)
    tracks = np.exp(-(((np.abs(off) - 0.42) / 0.16) ** 2))
    level = (light.ambient + light.key * seen.lit) * (0.50 + 0.16 * speck - 0.07 * tracks)
    asphalt = look_up(easel.inks.local("#5a5d66", 0.8), np.clip(level, 0, 1))
    shine = (0.55 if easel.weather in ("rain", "storm") else 0.16) * smoothstep(3.0, 26.0, seen.z)
    asphalt += (light.haze - asphalt) * (shine * (0.6 + 0.4 * tracks))[..., None]
    dash = (np.mod(seen.z + 0.4, 2.6) < 1.3) & (np.abs(off) < 0.045)
    line = np.abs(np.abs(off) - HALF_WIDTH + 0.10) < 0.035
    paint = (dash | line).astype(np.float32) * (0.55 + 0.45 * smoothstep(0.25, 0.5, speck))
    asphalt += (easel.inks.tone(min(1.0, 0.35 + light.ambient + light.key * 0.5)) - asphalt) * (0.85 * paint)[..., None]
    mist = np.clip(air(easel, seen, 60.0), 0, 0.97)
    asphalt += (light.haze - asphalt) * mist[..., None]
    return colour + (asphalt - colour) * edge[..., None]


def _poles(easel: Easel, land: Height, view: View, side: int) -> np.ndarray:
    """Telegraph poles with sagging wires, from the distance to the frame's edge."""
    import skia

    assert isinstance(land, Roadside)
    z = np.array([60.0, 44.0, 32.0, 23.0, 16.0, 11.0, 7.4, 4.8])
    x = land.path(z) + side * 2.4
    ground = land(x.astype(np.float32)[None], z.astype(np.float32)[None])[0]
    column, foot, scale = project(easel, view, x, ground, z)
    colours = [
        easel.inks.tone(easel.light.ambient * 0.7) * (1 - haze) + easel.light.haze * haze
        for haze in 1.0 - np.exp(-((z / 60.0) ** 1.2) * 0.8)
    ]

    def draw(pen: Any) -> None:
        tips = []
        for at in range(len(z)):
            top, arm = foot[at] - scale[at] * 1.7, scale[at] * 0.30
            paint = skia.Paint(
                AntiAlias=True,
                Color4f=skia.Color4f(*map(float, colours[at]), 1.0),
                StrokeWidth=max(0.8, scale[at] * 0.045),
            )
            pen.drawLine(column[at], foot[at], column[at], top, paint)
            pen.drawLine(column[at] - arm, top + arm * 0.35, column[at] + arm, top + arm * 0.35, paint)
            tips.append((column[at], top + arm * 0.35, arm))
        for (x0, y0, a0), (x1, y1, a1), colour in zip(tips, tips[1:], colours, strict=False):
            paint = skia.Paint(
                AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=skia.Color4f(*map(float, colour), 0.8)
            )
            paint.setStrokeWidth(max(0.6, a1 * 0.03))
            for end in (-0.9, 0.9):
                path = skia.Path()
                path.moveTo(x0 + end * a0, y0)
                path.quadTo((x0 + x1) / 2, (y0 + y1) / 2 + a1 * 0.9, x1 + end * a1, y1)
                pen.drawPath(path, paint)

    return drawn(easel.canvas.shape, draw)
