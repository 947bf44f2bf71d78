"""Mountains: ranges of crests over a valley, snow on top, a lake or a meadow below, firs on the slopes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import Rng, fbm, sample, smoothstep, tile
from studio.engines.image.scenery.outdoors import canvas_mask, open_floor, open_scene
from studio.engines.image.scenery.plants import Grove, grass_tufts, plant_firs
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.scenery.water import mirror
from studio.engines.image.sheet import over
from studio.engines.image.terrain import Cast, View, air, cast, ground_speck, simplified, split

LAKE = -0.55
"""Height of a lake's surface under the meadow's zero."""


@dataclass(frozen=True)
class Massif:
    """The height of a mountain valley: crests that rise with distance, one great peak, soft ground in front."""

    crests: np.ndarray
    hills: np.ndarray
    peak: tuple[float, float, float]
    lake: bool
    rise: float

    def __call__(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        bend = sample(self.hills, x / 90.0, z / 90.0) - 0.5
        crest = sample(self.crests, x / 58.0 + bend * 0.35, z / 58.0 + bend * 0.25)
        fine = sample(self.crests, x / 13.0, z / 13.0)
        valley = smoothstep(3.0, 24.0, np.abs(x - 4.0 * bend) + (z - 30.0) * 0.10)
        ranges = (crest * 0.82 + fine * 0.14) * self.rise * smoothstep(16.0, 52.0, z) * (0.22 + 0.78 * valley)
        px, pz, top = self.peak
        away = np.sqrt((x - px) ** 2 + ((z - pz) * 0.8) ** 2)
        cone = top * np.exp(-((away / 11.5) ** 1.25)) * (0.62 + 0.55 * crest + 0.10 * fine)
        hills = (sample(self.hills, x / 19.0, z / 19.0) - 0.5) * 2.4 * smoothstep(4.0, 18.0, z)
        near = (sample(self.hills, x / 5.0, z / 5.0) - 0.5) * 0.22
        basin = -1.5 * smoothstep(3.4, 7.0, z) * smoothstep(44.0, 22.0, z) if self.lake else 0.0
        height = ranges + cone + hills * (0.4 if self.lake else 1.0) + near + basin
        return np.maximum(height, LAKE) if self.lake else height


def paint_mountains(easel: Easel, backdrop: Backdrop, with_sea: bool = False) -> Scene:
    rng = easel.rng("mountains")
    lake = with_sea or rng.random() < 0.55
    land = massif(easel, lake)
    view = View(eye=1.0, horizon=easel.light.horizon)
    seen = cast(easel, land, view)
    far, near = split(easel, seen, _colours(easel, seen, rng), 26.0)
    far = plant_firs(easel, far, Grove(land, view, seen, 26.0, 60.0, 190, LAKE + 0.1))
    if lake:
        wet = canvas_mask(easel, seen, seen.height <= LAKE + 0.004)
        near = mirror(easel, near, over(backdrop.flat(), far), view.horizon, wet)
    near = plant_firs(easel, near, Grove(land, view, seen, 7.0, 26.0, 110, LAKE + 0.12))
    front = grass_tufts(easel, easel.rng("tufts"))
    return open_scene(easel, backdrop, (Plane(far, 0.25), Plane(near, 0.55)), front, open_floor(easel))


def massif(easel: Easel, lake: bool) -> Massif:
    """This shot's valley: its great peak stands opposite the light."""
    rng = easel.rng("massif")
    side = 1.0 if easel.light.x < 0.5 else -1.0
    peak = (side * rng.uniform(7.0, 14.0), rng.uniform(52.0, 66.0), rng.uniform(15.0, 22.0))
    return Massif(tile(512, 3, rng, 7, ridged=True), tile(256, 4, rng, 5), peak, lake, rng.uniform(11.0, 17.0))


def distant_range(easel: Easel) -> np.ndarray:
    """Only the far range, as a sheet, for settings that have mountains behind them."""
    land, view = massif(easel, lake=False), View(eye=1.0, horizon=easel.light.horizon)
    seen = cast(easel, land, view)
    return split(easel, seen, _colours(easel, seen, easel.rng("range")), 3.0)[0]


def _colours(easel: Easel, seen: Cast, rng: Rng) -> np.ndarray:
    """Rock, snow and meadow by height and steepness, then the air."""
    inks, light = easel.inks, easel.light
    speck = fbm(seen.z.shape, 26, rng, 5)
    turf = ground_speck(easel, seen, "meadow", 0.30)
    level = light.ambient * (0.50 + 0.50 * seen.up) + light.key * np.clip(seen.lit * 1.35 - 0.10, 0, 1.1)
    snow_line = {"snow": 0.0}.get(easel.weather, 6.2)
    snow = smoothstep(snow_line - 1.0, snow_line + 2.4, seen.height + (speck - 0.5) * 5.0)
    snow *= smoothstep(0.38, 0.66, seen.up + (speck - 0.5) * 0.25)
    grass = smoothstep(3.2, 0.4, seen.height + (speck - 0.5) * 3) * smoothstep(0.5, 0.85, seen.up) * (1 - snow)
    rock = look_up(inks.local("#77706c", 0.5), level * (0.62 + 0.30 * speck))
    meadow = look_up(inks.local("#5f8a3c"), level * (0.48 + 0.62 * turf))
    white = look_up(inks.local("#eef3fb", 0.5), np.clip(level * 1.28 + 0.10, 0, 1))
    colour = rock + (meadow - rock) * grass[..., None]
    colour += (white - colour) * snow[..., None]
    mist = air(easel, seen, 64.0)
    low = smoothstep(5.0, -0.5, seen.height) * smoothstep(12.0, 40.0, seen.z) * (0.42 + 0.3 * light.air)
    mist = np.clip(mist + low * (1 - mist), 0, 0.97)
    return simplified(easel, seen, colour + (light.haze - colour) * mist[..., None])
