"""Deserts: dunes with sharp crests and wind ripples, or table mountains in bands of rock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, sample, smoothstep, tile
from studio.engines.image.scenery.outdoors import open_floor, open_scene
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.sheet import drawn
from studio.engines.image.terrain import Cast, View, air, cast, ground_speck, simplified, split


@dataclass(frozen=True)
class Dunes:
    """Crests that fold like cloth; `mesas` (x, z, half width, height) stand in them."""

    folds: np.ndarray
    tall: float
    mesas: tuple[tuple[float, float, float, float], ...]

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        bend = sample(self.folds, x / 160.0 + 0.2, z / 160.0) - 0.5
        wave = sample(self.folds, x / 92.0 + bend * 0.5, z / 64.0 + bend * 0.6)
        small = sample(self.folds, x / 27.0 + bend, z / 19.0)
        # a steep lee and a gentle windward side meet in an edge
        crest = 1.0 - np.abs(2.0 * wave - 1.0)
        height = self.tall * crest**1.25 * smoothstep(4.0, 26.0, z) + 0.55 * (1.0 - np.abs(2 * small - 1)) * smoothstep(
            2.0, 9.0, z
        ) * smoothstep(70.0, 22.0, z)
        ragged = 1.0 + 0.35 * (small - 0.5) + 0.5 * bend
        for at_x, at_z, half, top in self.mesas:
            away = np.sqrt((x - at_x) ** 2 + (0.7 * (z - at_z)) ** 2) * ragged
            scree = 0.42 * top * smoothstep(2.1 * half, 0.9 * half, away)
            height = np.maximum(height, scree + 0.58 * top * smoothstep(1.12 * half, 0.94 * half, away))
        return height


def paint_desert(easel: Easel, backdrop: Backdrop) -> Scene:
    rng = easel.rng("desert")
    land = dunes(easel, rocky=rng.random() < 0.5)
    view = View(eye=1.15, horizon=easel.light.horizon)
    seen = cast(easel, land, view)
    far, near = split(easel, seen, desert_colours(easel, seen), 20.0)
    front = _stones(easel)
    return open_scene(easel, backdrop, (Plane(far, 0.25), Plane(near, 0.55)), front, open_floor(easel, 0.94))


def dunes(easel: Easel, rocky: bool) -> Dunes:
    rng = easel.rng("dunes")
    side = 1.0 if easel.light.x < 0.5 else -1.0
    mesas = []
    if rocky:
        mesas = [(side * rng.uniform(9, 15), 42.0, rng.uniform(4, 7), rng.uniform(9, 13))]
        mesas += [(-side * rng.uniform(16, 30), 66.0, rng.uniform(6, 10), rng.uniform(8, 13))]
        mesas += [(side * rng.uniform(26, 44), 88.0, 9.0, 12.0), (-side * rng.uniform(1, 6), 105.0, 5.0, 9.0)]
    return Dunes(tile(512, 3, rng, 3), 2.2 if rocky else rng.uniform(4.2, 6.5), tuple(mesas))


def desert_colours(easel: Easel, seen: Cast) -> np.ndarray:
    """Sand with ripples, rock in strata where it is steep."""
    inks, light, rng = easel.inks, easel.light, easel.rng("sand")
    speck = ground_speck(easel, seen, "sand", 0.22)
    bend = fbm(seen.z.shape, 5, rng, 3)
    ripple = np.sin((seen.z * 2.4 + seen.x * 0.7 + bend * 7.0) * 4.2) * np.exp(-seen.z / 5.5)
    lit = np.clip(seen.lit * 1.45 - 0.22 + 0.10 * ripple, 0, 1.1)
    level = light.ambient * (0.6 + 0.4 * seen.up) + light.key * lit
    sand = look_up(inks.local("#d9a566"), np.clip(level * (0.86 + 0.16 * (speck - 0.5)) + 0.02, 0, 1))
    band = 0.5 + 0.5 * np.sin(seen.height * 4.6 + bend * 2.0) * np.sin(seen.height * 1.7 + 1.0)
    rock = look_up(inks.local("#a8593a"), np.clip(level * (0.62 + 0.38 * band) * (0.85 + 0.3 * speck), 0, 1))
    steep = smoothstep(0.72, 0.42, seen.up) * smoothstep(8.0, 14.0, seen.z)
    colour = sand + (rock - sand) * steep[..., None]
    if easel.weather == "snow":
        colour += (inks.tone(np.clip(level * 1.2, 0, 1)) - colour) * (0.7 * smoothstep(0.6, 0.9, seen.up))[..., None]
    mist = np.clip(air(easel, seen, 70.0), 0, 0.97)
    return simplified(easel, seen, colour + (light.haze - colour) * mist[..., None])


def _stones(easel: Easel) -> np.ndarray:
    """Rocks and dry stalks at the frame's edge."""
    import skia

    rng, canvas = easel.rng("stones"), easel.canvas
    ramp = easel.inks.local("#8a5a3f")

    def draw(pen: object) -> None:
        for _ in range(11):
            left = rng.random() < 0.5
            x = canvas.px(rng.uniform(-0.1, 0.22) if left else rng.uniform(0.78, 1.1))
            y, size = canvas.py(rng.uniform(0.99, 1.07)), canvas.unit * rng.uniform(0.02, 0.075)
            points = []
            for step in range(9):
                turn = -np.pi + step * np.pi / 8
                reach = size * rng.uniform(0.75, 1.1)
                points.append(skia.Point(float(x + np.cos(turn) * reach * 1.4), float(y + np.sin(turn) * reach)))
            points += [
                skia.Point(float(x + size * 1.4), float(y + size)),
                skia.Point(float(x - size * 1.4), float(y + size)),
            ]
            path = skia.Path()
            path.addPoly(points, True)
            dark = look_up(ramp, easel.light.ambient * 0.5 + 0.02)
            bright = look_up(ramp, min(1.0, easel.light.ambient * 0.7 + easel.light.key * 0.55))
            ends = [
                skia.Point(float(x), float(y - size)),
                skia.Point(float(x - size * np.sign(easel.light.x - 0.5)), float(y + size * 0.4)),
            ]
            shader = skia.GradientShader.MakeLinear(
                ends, [skia.Color4f(*map(float, c), 1.0).toColor() for c in (bright, dark)]
            )
            pen.drawPath(path, skia.Paint(AntiAlias=True, Shader=shader))  # type: ignore[attr-defined]

    return drawn(canvas.shape, draw)
