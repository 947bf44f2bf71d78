"""Space: nebulae, stars and planets over a cratered moon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, sample, smoothstep, tile, warp
from studio.engines.image.scenery.outdoors import open_floor, open_scene
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.sky import add_stars
from studio.engines.image.terrain import Cast, View, cast, ground_speck, simplified, split


@dataclass(frozen=True)
class Moon:
    """Plains with craters of all sizes, mountains far off."""

    craters: np.ndarray
    ridges: np.ndarray

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        large = sample(self.craters, x / 62.0 + 0.4, z / 62.0)
        small = sample(self.craters, x / 17.0, z / 17.0)
        far = sample(self.ridges, x / 70.0, z / 70.0)
        return large * 1.9 * smoothstep(3.0, 12.0, z) + small * 0.42 + far * 7.5 * smoothstep(34.0, 80.0, z)


def paint_space(easel: Easel, backdrop: Backdrop) -> Scene:
    rng = easel.rng("moon ground")
    land = Moon(crater_field(512, rng), tile(256, 4, rng, 5, ridged=True))
    view = View(eye=1.1, horizon=easel.light.horizon + 0.06)
    seen = cast(easel, land, view)
    far, near = split(easel, seen, _dust(easel, seen), 16.0)
    empty = np.zeros_like(near)
    return open_scene(easel, backdrop, (Plane(far, 0.3), Plane(near, 0.58)), empty, open_floor(easel, 0.94))


def _dust(easel: Easel, seen: Cast) -> np.ndarray:
    light = easel.light
    speck = ground_speck(easel, seen, "dust", 0.20)
    level = 0.03 + 0.07 * seen.up + 0.62 * np.clip(seen.lit * 1.5 - 0.42, 0, 1)
    colour = look_up(
        easel.inks.local("#9a94a0", 0.3), np.clip(level * (0.66 + 0.5 * speck) + light.ambient * 0.1, 0, 1)
    )
    fade = 0.45 * smoothstep(12.0, 110.0, seen.z)
    return simplified(easel, seen, colour + (easel.inks.tone(0.34) - colour) * fade[..., None])


def crater_field(size: int, rng: np.random.Generator) -> np.ndarray:
    """A seamless height map of bowls with raised rims: few large, many small."""
    field = (tile(size, 8, rng, 5) - 0.5) * 0.35
    for _ in range(90):
        radius = size * min(0.11, 0.010 + 0.012 * rng.pareto(1.6))
        x, y = rng.random(2) * size
        reach = int(radius * 1.9) + 1
        columns = np.arange(int(x) - reach, int(x) + reach)
        rows = np.arange(int(y) - reach, int(y) + reach)
        away = np.hypot(columns[None, :] - x, rows[:, None] - y) / radius
        bowl = np.where(away < 1, away**2 - 1.0, 0.0) + 0.38 * np.exp(-(((away - 1.0) / 0.28) ** 2))
        field[np.ix_(rows % size, columns % size)] += bowl * radius / size * 7.0
    return field.astype(np.float32)


def paint_cosmos(easel: Easel) -> np.ndarray:
    """A sky of nebulae, stars and one or two planets, (h, w, 3)."""
    canvas, rng, inks = easel.canvas, easel.rng("cosmos"), easel.inks
    shape = canvas.shape
    lift = {"day": 0.10, "golden": 0.08, "dawn": 0.08, "dusk": 0.04, "night": 0.0}[easel.hour]
    bend_x, bend_y = fbm(shape, 2.2, rng, 4), fbm(shape, 2.2, rng, 4)
    cloud = warp(fbm(shape, 2.6, rng, 6), (bend_x - 0.5) * canvas.unit * 0.5, (bend_y - 0.5) * canvas.unit * 0.5)
    dust = warp(fbm(shape, 4.0, rng, 6), (bend_y - 0.5) * canvas.unit * 0.4, (bend_x - 0.5) * canvas.unit * 0.4)
    slope = 0.7 if easel.light.x < 0.5 else -0.7
    across = canvas.ys() - 0.36 - slope * (canvas.xs() - 0.5)
    band = np.exp(-((across * 2.6) ** 2))
    amount = np.clip(band * 1.15 + 0.12, 0, 1) * smoothstep(0.30, 0.86, cloud)
    base = inks.tone(np.clip(0.015 + lift + 0.10 * band * bend_x, 0, 1))
    gas = inks.tone(np.clip(0.12 + lift + 0.74 * amount**1.15, 0, 1))
    first, second = inks.accents()[:2]
    hue = smoothstep(0.38, 0.62, bend_y)[..., None]
    gas = gas * 0.62 + (first + (second - first) * hue) * 0.46 * amount[..., None]
    sky = base + (gas - base) * np.clip(amount * 1.5, 0, 1)[..., None]
    sky *= (1.0 - 0.62 * smoothstep(0.52, 0.80, dust) * band)[..., None]
    core = np.exp(-((canvas.distance(easel.light.x, 0.30) * 3.2) ** 2)) * (0.35 + 0.65 * cloud)
    sky += (inks.tone(0.95) - sky) * (0.42 * core)[..., None]
    sky = add_stars(easel, np.clip(sky, 0, 1), 1.15, everywhere=True)
    return _planets(easel, sky)


def _planets(easel: Easel, sky: np.ndarray) -> np.ndarray:
    rng, light = easel.rng("planets"), easel.light
    side = 1.0 if light.x < 0.5 else -1.0
    large = (0.5 + side * rng.uniform(0.18, 0.30), rng.uniform(0.22, 0.32), rng.uniform(0.15, 0.24))
    sky = _planet(easel, sky, large, ringed=rng.random() < 0.6)
    small = (0.5 - side * rng.uniform(0.24, 0.36), rng.uniform(0.10, 0.2), rng.uniform(0.028, 0.05))
    return _planet(easel, sky, small, ringed=False)


def _planet(easel: Easel, sky: np.ndarray, place: tuple[float, float, float], ringed: bool) -> np.ndarray:
    """A ball lit from the sun's side: banded, with an atmosphere's rim, and rings that pass before and behind."""
    canvas, inks, rng = easel.canvas, easel.inks, easel.rng(f"planet {place[2]:.4f}")
    x, y, radius = place
    dx = (canvas.xs() - x) * canvas.frame_width / canvas.unit / radius
    dy = (canvas.ys() - y) * canvas.frame_height / canvas.unit / radius
    away = np.sqrt(dx * dx + dy * dy)
    z = np.sqrt(np.clip(1 - away * away, 0, 1))
    sun = np.array([np.sign(easel.light.x - x) * 0.80, -0.30, 0.52])
    lit = smoothstep(-0.15, 0.95, dx * sun[0] + dy * sun[1] + z * sun[2])
    bands = tile(256, 4, rng, 5)
    turn = 0.35
    along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    longitude = np.arctan2(along, z + 1e-4) * 0.32
    swirl = sample(bands, longitude * 0.6, across * 0.4) - 0.5
    stripe = sample(bands, longitude * 0.12, across * 1.1 + swirl * 0.16)
    surface = inks.tone(np.clip(0.04 + lit * (0.30 + 0.55 * stripe), 0, 1))
    edge = 1.5 / (canvas.unit * radius)
    disc = smoothstep(1 + edge, 1 - edge, away)
    rim = np.exp(-np.abs(away - 1.0) * 15.0) * (0.2 + 0.8 * lit) * 0.55
    out = sky + (surface - sky) * disc[..., None]
    out = out + (inks.tone(0.9) - out) * np.clip(rim, 0, 1)[..., None]
    if not ringed:
        return out
    tilt = across / 0.24
    ring = np.sqrt(along**2 + tilt**2)
    gaps = sample(bands, ring * 0.35, np.zeros_like(ring))
    veil = smoothstep(1.28, 1.36, ring) * smoothstep(2.25, 2.10, ring) * (0.25 + 0.75 * gaps)
    behind = (across < 0) & (away < 1)
    shadowed = 1.0 - 0.75 * smoothstep(0.95, 0.7, np.abs(dy)) * (np.sign(along) != np.sign(sun[0])) * (away < 1.9)
    colour = inks.tone(np.clip(0.82 * shadowed, 0, 1))
    return out + (colour - out) * np.where(behind, 0.0, veil * 0.82)[..., None]
