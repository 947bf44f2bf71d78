"""Skies: gradient, sun or moon, stars, clouds in perspective and in heaps, aurora."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.colour import look_up, rgb
from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, fbm, sample, smoothstep, tile, warp, wave


def paint_sky(easel: Easel) -> np.ndarray:
    """The whole canvas as sky, (h, w, 3)."""
    sky = _gradient(easel)
    sky = _add_glow(easel, sky)
    if easel.light.night and easel.light.cover < 0.9:
        sky = add_stars(easel, sky, 1.0 - easel.light.cover * 0.8)
    if "aurora" in easel.things:
        sky = _add_aurora(easel, sky)
    if easel.light.cover < 0.8 and easel.light.air < 0.6:
        sky = _add_disc(easel, sky)
    if "rainbow" in easel.things:
        sky = _add_rainbow(easel, sky)
    if "striped_sun" in easel.request.style.motifs and easel.weather == "clear":
        return np.clip(sky, 0, 1)
    if easel.medium in ("cel", "papercut", "flat", "riso") and easel.light.cover < 0.9:
        return np.clip(_add_heaps(easel, sky), 0, 1)
    return np.clip(_add_clouds(easel, sky), 0, 1)


def _gradient(easel: Easel) -> np.ndarray:
    canvas, light = easel.canvas, easel.light
    share = np.clip((canvas.ys() + 0.08) / (light.horizon + 0.08), 0, 1)
    lean = (canvas.xs() - light.x) * 0.10
    wobble = (fbm(canvas.shape, 2.0, easel.rng("sky"), 3) - 0.5) * 0.10
    return look_up(light.sky, np.clip(share**1.15 - np.abs(lean) + wobble, 0, 1))


def _add_glow(easel: Easel, sky: np.ndarray) -> np.ndarray:
    """The air around the sun: a tight halo, a wide one, and a band along the horizon."""
    canvas, light = easel.canvas, easel.light
    away = canvas.distance(light.x, light.y)
    strength = (0.35 if light.night else 0.85) * (1.0 - 0.6 * light.cover)
    halo = strength * (0.55 * np.exp(-away * 9.0) + 0.40 * np.exp(-away * 2.6))
    band = np.exp(-np.abs(canvas.ys() - light.horizon) * 7.0) * np.exp(-np.abs(canvas.xs() - light.x) * 1.8)
    halo = np.clip(halo + 0.28 * strength * band, 0, 1)
    return sky + (light.colour - sky) * halo[..., None]


def _add_disc(easel: Easel, sky: np.ndarray) -> np.ndarray:
    canvas, light = easel.canvas, easel.light
    synth = "striped_sun" in easel.request.style.motifs
    low = easel.hour in ("golden", "dusk", "dawn")
    radius = 0.23 if synth and not light.night else (0.085 if low else 0.05)
    if light.night:
        radius = 0.12 if "moon" in easel.things else 0.055
    if easel.hour == "day":
        return sky
    away = canvas.distance(light.x, light.y)
    edge = 1.5 / canvas.unit
    disc = smoothstep(radius + edge, radius - edge, away)
    face = np.broadcast_to(easel.inks.tone(1.0), sky.shape).astype(np.float32)
    if light.night:
        seas = fbm(canvas.shape, 14, easel.rng("moon"), 4)
        round_shade = 1.0 - 0.25 * smoothstep(0.3 * radius, radius, away)
        face = face * (round_shade * (1.0 - 0.22 * smoothstep(0.5, 0.68, seas)))[..., None]
    elif synth or low:
        drop = np.clip((canvas.ys() - (light.y - radius)) / (2 * radius), 0, 1)
        warm = easel.inks.tone(0.72) if synth else easel.inks.tone(0.86)
        face = face + (warm - face) * (drop * (1.0 if synth else 0.6))[..., None]
    if synth and not light.night:
        row = (canvas.ys() - light.y) / radius
        slit = (np.sin(row * 22.0) > 0.55 - 0.55 * row) & (row > -0.1)
        disc = disc * (1.0 - slit.astype(np.float32))
    return sky + (face - sky) * disc[..., None]


def add_stars(easel: Easel, sky: np.ndarray, strength: float, everywhere: bool = False) -> np.ndarray:
    """Stars of a steep brightness law, the brightest with a cross of light, and a milky way."""
    canvas, rng = easel.canvas, easel.rng("stars")
    count = 420 if everywhere else 260
    x, y = rng.random(count), rng.random(count)
    bright = (rng.pareto(2.2, count) * 0.35 + 0.15).clip(0, 1.3)
    points = np.zeros(canvas.shape, np.float32)
    reach = canvas.height if everywhere else canvas.py(easel.light.horizon)
    rows = np.clip((y * reach).astype(int), 0, canvas.height - 1)
    columns = np.clip((x * canvas.width).astype(int), 0, canvas.width - 1)
    np.maximum.at(points, (rows, columns), bright.astype(np.float32))
    scale = canvas.unit / 512
    soft = cv2.GaussianBlur(points, (0, 0), 0.75 * scale) * (4.2 * scale * scale)
    big = np.where(points > 0.85, points, 0.0)
    halo = cv2.GaussianBlur(big, (0, 0), 3.2 * scale) * (22.0 * scale * scale)
    band = _milky_way(easel)
    fade = 1.0 if everywhere else smoothstep(easel.light.horizon, easel.light.horizon * 0.35, canvas.ys())
    lit = np.clip((soft + halo + 0.0) * strength * fade, 0, 1)[..., None]
    sky = sky + (easel.inks.tone(0.7) - sky) * (band * strength * 0.42 * fade)[..., None]
    return sky + (easel.inks.tone(1.0) - sky) * lit


def _milky_way(easel: Easel) -> np.ndarray:
    canvas = easel.canvas
    slope = -0.55 if easel.light.x > 0.5 else 0.55
    across = (canvas.ys() - 0.28) - slope * (canvas.xs() - 0.5)
    cloud = fbm(canvas.shape, 4.0, easel.rng("milky way"), 5)
    return np.exp(-((across * 5.5) ** 2)) * smoothstep(0.35, 0.85, cloud)


def _add_aurora(easel: Easel, sky: np.ndarray) -> np.ndarray:
    canvas, rng = easel.canvas, easel.rng("aurora")
    light = np.zeros(canvas.shape, np.float32)
    folds = wave(canvas.width, 5, rng, 3)
    rays = wave(canvas.width, 36, rng, 3)
    for level, weight in ((0.36, 1.0), (0.26, 0.6)):
        hem = level + (folds - 0.5) * 0.36 + 0.05 * np.sin(canvas.xs() * 9)
        above = hem - canvas.ys()
        light += weight * np.where(above > 0, np.exp(-np.maximum(above, 0) * 6.5), np.exp(above * 45)) * (0.35 + rays)
    green, violet = easel.inks.blend(0.75, "#4fe0a0", 1.0), easel.inks.blend(0.5, "#8a4fd8", 0.8)
    share = np.clip((0.30 - canvas.ys()) * 4.0, 0, 1)[..., None]
    colour = green + (violet - green) * share
    return sky + (colour - sky) * np.clip(light * 0.75, 0, 0.9)[..., None]


def _add_rainbow(easel: Easel, sky: np.ndarray) -> np.ndarray:
    away = easel.canvas.distance(1.0 - easel.light.x, easel.light.horizon + 0.25)
    share = (away - 0.62) / 0.10
    hues = np.stack([rgb(c) for c in ("#7a4fd0", "#3f7fe0", "#45b85f", "#f2d23f", "#f0803a", "#d8404a")])
    at = np.clip(share, 0, 1) * 5
    colour = np.stack([np.interp(at, range(6), hues[:, c]) for c in range(3)], axis=-1).astype(np.float32)
    band = smoothstep(0.0, 0.18, share) * smoothstep(1.0, 0.82, share) * 0.32
    return sky + (colour - sky) * band[..., None]


def _add_clouds(easel: Easel, sky: np.ndarray) -> np.ndarray:
    """One flat field of cloud seen in perspective: long at the horizon, large overhead, lit from the sun's side."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng("clouds")
    field = tile(512, 4, rng, 7)
    height = np.maximum(light.horizon + 0.03 - canvas.ys(), 0.02)
    depth = 0.22 / height
    x = (canvas.xs() - 0.5) * canvas.aspect**0.5 * depth * 0.9 + rng.random()
    y = np.broadcast_to(depth * 0.62 + rng.random(), canvas.shape)
    bend = sample(field, x * 0.7 + 0.31, y * 0.7 + 0.11) - 0.5
    density = sample(field, x + bend * 0.20, y + bend * 0.26)
    toward_x, toward_y = 0.035 * np.clip((light.x - canvas.xs()) * 6.0, -1, 1), -0.03
    beyond = sample(field, x + bend * 0.20 + toward_x, y + bend * 0.26 + toward_y)
    gate = 0.78 - 0.52 * light.cover
    amount = smoothstep(gate, gate + 0.30, density) * smoothstep(0.0, 0.10, light.horizon - canvas.ys())
    lit = np.clip(0.5 + (density - beyond) * 2.4, 0, 1)
    near_sun = np.exp(-canvas.distance(light.x, light.y) * 2.2)
    tone = _cloud_tone(easel, lit, amount, near_sun)
    colour = easel.inks.tone(tone)
    colour += (light.haze - colour) * (0.55 * np.exp(-(light.horizon - canvas.ys()) * 5.0))[..., None]
    out = sky + (colour - sky) * (amount * (0.88 if light.cover > 0.5 else 0.72))[..., None]
    if easel.weather == "storm":
        out = _add_lightning(easel, out)
    return out


def _cloud_tone(easel: Easel, lit: np.ndarray, amount: np.ndarray, near_sun: np.ndarray) -> np.ndarray:
    low, high = {
        "night": (0.05, 0.36), "dusk": (0.22, 0.80), "golden": (0.40, 0.97), "dawn": (0.52, 0.99), "day": (0.66, 1.0),
    }[easel.hour]  # fmt: skip
    heavy = easel.weather in ("rain", "storm")
    if heavy:
        low, high = low * 0.6, low + (high - low) * (0.45 if easel.weather == "storm" else 0.6)
    rim = (1.0 - amount) * near_sun
    return low + (high - low) * np.clip(lit * (0.75 + 0.4 * near_sun) + 0.5 * rim, 0, 1)


def _add_heaps(easel: Easel, sky: np.ndarray) -> np.ndarray:
    """Cumulus as a painter heaps it: round tops with a crisp edge, flat shaded bases, in banks one behind another."""
    light, rng = easel.light, easel.rng("heaps")
    out = sky
    banks = {"clear": 2, "clouds": 4, "rain": 4, "snow": 3, "fog": 2, "storm": 4}[easel.weather]
    for bank in range(banks):
        near = (bank + 1) / banks
        base = light.horizon - 0.02 - 0.30 * near * rng.uniform(0.5, 1.0)
        top = _heap_profile(easel, rng, near)
        out = _lay_heap(easel, out, (base, near), top, rng)
    return out


def _heap_profile(easel: Easel, rng: np.random.Generator, near: float) -> list[tuple[float, float, float]]:
    """Discs (x, rise, radius) in units: big ones low, small ones piled on them."""
    discs = []
    middle = rng.uniform(-0.1, 1.1) if near < 0.9 else (0.15 if easel.light.x > 0.5 else 0.85)
    spread = 0.22 + 0.3 * near
    for _ in range(34):
        x = middle + rng.normal() * spread * 0.5
        slope = max(0.0, 1.0 - abs(x - middle) / spread)
        radius = (0.03 + 0.07 * rng.random()) * (0.45 + 0.8 * near) * (0.55 + slope)
        rise = rng.random() * slope * (0.12 + 0.30 * near)
        # a ball that floats by itself is no cloud: each stands on a broader one
        discs.append((x, rise, radius))
        discs.append((x, rise * 0.5, radius * 1.2))
    return discs


def _lay_heap(
    easel: Easel,
    sky: np.ndarray,
    place: tuple[float, float],
    discs: list[tuple[float, float, float]],
    rng: np.random.Generator,
) -> np.ndarray:
    canvas, light = easel.canvas, easel.light
    base, near = place
    relief = np.zeros(canvas.shape, np.float32)
    for x, rise, radius in discs:
        column, row = canvas.px(x), canvas.py(base) - rise * canvas.unit
        size = radius * canvas.unit
        x0, x1 = max(0, int(column - size)), min(canvas.width, int(column + size) + 1)
        y0, y1 = max(0, int(row - size)), min(canvas.height, int(row + size) + 1)
        if x1 <= x0 or y1 <= y0:
            continue
        dx = (np.arange(x0, x1, dtype=np.float32)[None, :] - column) / size
        dy = (np.arange(y0, y1, dtype=np.float32)[:, None] - row) / size
        dome = np.sqrt(np.clip(1.0 - dx * dx - dy * dy, 0, 1)) * radius
        np.maximum(relief[y0:y1, x0:x1], dome, out=relief[y0:y1, x0:x1])
    wobble = 0.020 * canvas.unit
    bend = [(fbm(canvas.shape, 16, rng, 4) - 0.5) * wobble for _ in range(2)]
    relief = warp(relief, bend[0], bend[1])
    smooth = blur(relief, canvas.unit * 0.010)
    slope_y, slope_x = np.gradient(smooth * canvas.unit * 0.9)
    lit = np.clip(0.52 + 0.55 * slope_y + 0.50 * slope_x * np.sign(0.5 - light.x) * -1.0, 0, 1)
    amount = smoothstep(0.001, 0.008, relief) * smoothstep(
        base + 0.015, base - 0.012, canvas.ys() + bend[1] / canvas.unit
    )
    low = np.clip((canvas.ys() - (base - 0.14)) / 0.16, 0, 1)
    tone = _cloud_tone(easel, lit * (1.0 - 0.45 * low), amount, np.exp(-canvas.distance(light.x, light.y) * 2.0))
    colour = look_up(easel.inks.local("#f4f4fb", 0.5), tone)
    colour = colour + (light.haze - colour) * (0.55 * (1.0 - near) + 0.35 * low)[..., None]
    return sky + (colour - sky) * (amount * 0.96)[..., None]


def _add_lightning(easel: Easel, sky: np.ndarray) -> np.ndarray:
    canvas, rng = easel.canvas, easel.rng("lightning")
    x, y = 1.0 - easel.light.x + rng.uniform(-0.08, 0.08), -0.05
    bolt = np.zeros(canvas.shape, np.uint8)
    thick = max(1, round(canvas.unit / 260))
    tips = [(x, y, 1.0)]
    while tips:
        x, y, power = tips.pop()
        while y < easel.light.horizon and power > 0.12:
            nx, ny = x + rng.normal() * 0.022, y + rng.uniform(0.015, 0.05)
            ends = [(int(canvas.px(a) * 8), int(canvas.py(b) * 8)) for a, b in ((x, y), (nx, ny))]
            cv2.line(bolt, ends[0], ends[1], int(255 * power), max(1, round(thick * power)), cv2.LINE_AA, 3)
            if rng.random() < 0.16 and power > 0.4:
                tips.append((nx, ny, power * 0.5))
            x, y, power = nx, ny, power * (0.995 if power > 0.6 else 0.93)
    core = bolt.astype(np.float32) / 255.0
    halo = blur(core, canvas.unit * 0.012) * 3.0 + blur(core, canvas.unit * 0.07) * 9.0
    amount = np.clip(core + 0.55 * np.clip(halo, 0, 1), 0, 1)
    return sky + (easel.inks.tone(1.0) - sky) * amount[..., None]
