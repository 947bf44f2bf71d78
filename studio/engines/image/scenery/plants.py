"""Firs, palms, grass and leaves: grown as outlines, then lit and sunk into the air by distance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.noise import Rng, fbm, smoothstep, wave
from studio.engines.image.sheet import drawn, image_of, over
from studio.engines.image.terrain import Cast, Height, View, project, visible

SPRITE = 160
"""Pixels of a tree's height before it is placed."""


@dataclass(frozen=True)
class Grove:
    """Trees on land between two distances, `count` tries; none below `above`."""

    land: Height
    view: View
    seen: Cast
    near: float
    far: float
    count: int
    above: float


def plant_firs(easel: Easel, sheet: np.ndarray, grove: Grove) -> np.ndarray:
    """Firs on a sheet of land, the far ones first."""
    import skia

    if grove.count == 0:
        return sheet
    rng = easel.rng(f"firs {grove.near}")
    z = np.sort(np.exp(rng.uniform(np.log(grove.near), np.log(grove.far), grove.count)))[::-1]
    spread = easel.canvas.width / easel.canvas.unit * 0.5
    x = rng.uniform(-spread, spread, grove.count) * z
    clumps = np.sin(x * 0.55 + z * 0.3) + np.sin(x * 0.21 - z * 0.17)
    height = grove.land(x.astype(np.float32)[None], z.astype(np.float32)[None])[0]
    column, row, scale = project(easel, grove.view, x, height, z)
    steep = grove.land((x + 0.6).astype(np.float32)[None], z.astype(np.float32)[None])[0] - height
    stands = visible(grove.seen, column, row, z) & (height > grove.above) & (height < 5.5) & (np.abs(steep) < 0.9)
    stands &= clumps > -0.35
    # the middle stays open, for the figure and the view
    stands &= np.abs(x) > 0.16 * z * smoothstep(26.0, 6.0, z)
    bands = [
        [image_of(fir(easel, rng, distance)) for _ in range(4)] for distance in np.linspace(grove.near, grove.far, 5)
    ]

    def draw(canvas: Any) -> None:
        sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
        for at in np.flatnonzero(stands):
            size = scale[at] * rng.uniform(0.8, 1.9)
            wide = size * rng.uniform(0.42, 0.56)
            share = (z[at] - grove.near) / (grove.far - grove.near)
            image = bands[int(np.clip(share * 4 + rng.random(), 0, 4))][rng.integers(4)]
            box = skia.Rect.MakeXYWH(column[at] - wide / 2, row[at] - size * 0.97, wide, size)
            canvas.drawImageRect(image, box, sampling, None)

    return over(sheet, drawn(easel.canvas.shape, draw))


def fir(easel: Easel, rng: Rng, distance: float) -> np.ndarray:
    """One fir as a sheet (SPRITE, SPRITE / 2, 4): tiers of drooping boughs, light on the sun's side."""
    height, width = SPRITE, SPRITE // 2
    y = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height
    x = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / width * 2 - 1
    tiers = rng.integers(7, 10)
    phase = (y * tiers + 0.35 * np.abs(x) * tiers * 0.3) % 1.0
    rough = fbm((height, width), 14, rng, 3) - 0.5
    reach = y**0.85 * (0.50 + 0.50 * phase**0.8) * 0.93 + rough * 0.30 * y
    body = smoothstep(0.05, -0.05, np.abs(x) - reach) * smoothstep(0.985, 0.955, y)
    trunk = smoothstep(0.055, 0.03, np.abs(x)) * (y > 0.9)
    light = easel.light
    lit = np.clip(0.30 + 0.45 * x * np.sign(light.x - 0.5) + 0.35 * (1 - phase) + rough * 0.9, 0, 1)
    level = light.ambient * 0.62 + light.key * 0.55 * lit
    if easel.weather == "snow":
        level = level + 0.55 * smoothstep(0.62, 0.2, phase) * smoothstep(0.1, 0.6, lit)
    colour = look_up(easel.inks.local("#2f5a37"), level)
    mist = 1.0 - np.exp(-((distance / (62.0 * (1 - 0.86 * light.air))) ** 1.4) * 0.69)
    colour = colour + (light.haze - colour) * mist
    mask = np.maximum(body, trunk)
    return np.dstack([colour * mask[..., None], mask]).astype(np.float32)


def blades(easel: Easel, rng: Rng, count: int, tall: float) -> np.ndarray:
    """Grass along the frame's bottom edge, as a sheet: tapering blades that bend one way, the near ones darker."""
    import skia

    canvas = easel.canvas
    heights = wave(canvas.width, 9, rng, 4)[0]
    wind = rng.uniform(-0.5, 0.5)
    tones = [easel.light.ambient * f + easel.light.key * 0.16 * f for f in (0.95, 0.75, 0.5)]
    ramps = easel.inks.local("#4d7a33")
    order = np.sort(rng.random(count))

    def draw(pen: Any) -> None:
        for near in order:
            x = rng.uniform(0, canvas.width)
            rise = tall * canvas.unit * (0.35 + 0.9 * heights[int(x)]) * rng.uniform(0.5, 1.1) * (0.6 + 0.4 * near)
            foot = canvas.height + 2
            top = canvas.height - canvas.margin - rise + (1 - near) * 0.02 * canvas.unit
            lean = (wind + rng.normal() * 0.35) * rise * 0.8
            half = canvas.unit * 0.0035 * (0.6 + near)
            path = skia.Path()
            path.moveTo(x - half, foot)
            path.quadTo(x - half * 0.6, (foot + top) / 2, x + lean, top)
            path.quadTo(x + half * 0.9, (foot + top) / 2, x + half, foot)
            tone = look_up(ramps, tones[int(near * 2.999)] * rng.uniform(0.75, 1.25))
            pen.drawPath(path, skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*map(float, tone), 1.0)))

    return drawn(canvas.shape, draw)


def grass_tufts(easel: Easel, rng: Rng) -> np.ndarray:
    """Foreground grass with seed heads or flowers, slightly out of focus."""
    sheet = blades(easel, rng, 420, 0.085)
    if "flowers" in easel.things or easel.request.style.medium in ("cel", "watercolour", "pastel", "oil"):
        sheet = over(sheet, flower_heads(easel, rng, 46 if "flowers" in easel.things else 18))
    sigma = easel.canvas.unit * 0.0016
    return cv2.GaussianBlur(sheet, (0, 0), sigma) if sigma > 0.4 else sheet


def flower_heads(easel: Easel, rng: Rng, count: int) -> np.ndarray:
    import skia

    canvas = easel.canvas
    hues = [*easel.inks.accents(), easel.inks.tone(0.96)]

    def draw(pen: Any) -> None:
        for _ in range(count):
            x, y = rng.uniform(0, canvas.width), canvas.py(rng.uniform(0.90, 1.04))
            size = canvas.unit * rng.uniform(0.007, 0.017)
            hue = hues[rng.integers(len(hues))] * (0.55 + 0.45 * min(1.0, easel.light.ambient + easel.light.key))
            for petal in range(5):
                turn = petal * 1.2566 + rng.uniform(-0.2, 0.2)
                shade = np.clip(hue * rng.uniform(0.8, 1.1), 0, 1)
                paint = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*map(float, shade), 1.0))
                pen.drawOval(
                    skia.Rect.MakeXYWH(
                        x + np.cos(turn) * size * 0.6 - size * 0.5,
                        y + np.sin(turn) * size * 0.35 - size * 0.35,
                        size,
                        size * 0.7,
                    ),
                    paint,
                )
            core = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(*map(float, easel.inks.tone(0.8)), 1.0))
            pen.drawCircle(x, y, size * 0.28, core)

    return drawn(canvas.shape, draw)
