"""Woods: rows of trunks that sink into haze, leaves above, ferns below, light falling through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.glow import shafts
from studio.engines.image.noise import Rng, blur, fbm, sample, smoothstep, tile, wave
from studio.engines.image.scenery.outdoors import open_floor, open_scene
from studio.engines.image.scenery.plants import blades, flower_heads
from studio.engines.image.scenery.scene import Backdrop, Plane, Scene
from studio.engines.image.sheet import drawn, glow, over, tinted

ROWS = 5
BOLD = ("papercut", "flat", "riso")


def paint_forest(easel: Easel, backdrop: Backdrop) -> Scene:
    light = easel.light
    veil = shafts(easel, (light.x, light.y - 0.12), 0.9 * (1 - 0.7 * light.cover) * (0.55 if light.night else 1.0))
    fields = _fields(easel)
    rows = [_row(easel, index, fields) for index in range(ROWS)]
    far = over(over(_far_wall(easel), rows[0]), rows[1])
    far = glow(far, light.colour * (veil * 0.60)[..., None], 0.5)
    middle = over(_ground(easel), over(rows[2], rows[3]))
    middle = glow(middle, light.colour * (veil * 0.42)[..., None], 0.25)
    front = over(_frame_leaves(easel), _undergrowth(easel))
    planes = (Plane(far, 0.25), Plane(over(middle, rows[4]), 0.55))
    return open_scene(easel, backdrop, planes, front, open_floor(easel, 0.94))


def _haze(easel: Easel, share: float) -> float:
    if easel.medium in BOLD:
        # few tones: trunks that are nearly haze would not be cut at all
        share *= 0.72
    return float(np.clip(share * (0.82 + 0.18 * easel.light.air) + 0.35 * easel.light.air * share, 0, 0.96))


def _far_wall(easel: Easel) -> np.ndarray:
    """The wood's far side: a ragged mass of crowns, almost haze."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng("far wall")
    crowns = fbm(canvas.shape, 7, rng, 5)
    top = light.horizon - 0.30 - 0.16 * (wave(canvas.width, 8, rng, 5) - 0.3) - 0.06 * (crowns - 0.5)
    mask = smoothstep(top - 0.01, top + 0.02, canvas.ys())
    tone = look_up(easel.inks.local("#5a7a4a"), np.clip(light.ambient * 0.7 + light.key * (0.10 + 0.45 * crowns), 0, 1))
    near_sun = np.exp(-canvas.distance(light.x, light.y) * 2.4)
    tone += (light.haze - tone) * np.clip(_haze(easel, 0.74) + 0.2 * near_sun, 0, 1)[..., None]
    return tinted(np.broadcast_to(mask, canvas.shape).astype(np.float32) * 0.96, tone)


@dataclass(frozen=True)
class Fields:
    """Noise that all rows share, each at a shift of its own: clumps of leaves, single leaves, bark; (h, w) 0..1."""

    clumps: np.ndarray
    leaves: np.ndarray
    bark: np.ndarray

    def shifted(self, rng: Rng) -> Fields:
        height, width = self.clumps.shape
        move = (int(rng.integers(height)), int(rng.integers(width)))
        return Fields(*(np.roll(field, move, (0, 1)) for field in (self.clumps, self.leaves, self.bark)))


def _fields(easel: Easel) -> Fields:
    canvas, rng = easel.canvas, easel.rng("forest fields")
    bark = fbm(canvas.shape, 22, rng, 4)
    bark = cv2.resize(cv2.resize(bark, (canvas.width, max(4, canvas.height // 7))), (canvas.width, canvas.height))
    return Fields(fbm(canvas.shape, 6, rng, 4), fbm(canvas.shape, 34, rng, 3), bark)


def _row(easel: Easel, index: int, fields: Fields) -> np.ndarray:
    """One row of trees; 0 the farthest. Trunks, then the leaves that hang into the picture and bushes."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng(f"row {index}")
    near = index / (ROWS - 1)
    foot = light.horizon + 0.02 + 0.24 * near**1.5
    haze = _haze(easel, 0.82 * (1.0 - near) ** 1.1)
    trunks = _trunks(easel, rng, near, foot)
    own = fields.shifted(rng)
    # roots go down into moss and leaves, not to a ruled line
    sunk = smoothstep(foot + 0.012, foot - 0.035, canvas.ys() + (own.leaves - 0.5) * 0.07)
    trunks *= sunk[..., None]
    trunks[..., :3] *= (0.70 + 0.6 * own.bark)[..., None]
    trunks[..., :3] = np.minimum(trunks[..., :3], trunks[..., 3:])
    leaves = _leaf_mass(easel, own, near, foot)
    sheet = over(trunks, leaves)
    near_sun = 0.35 * np.exp(-canvas.distance(light.x, light.y) * 2.0) * (1.0 - near)
    amount = np.clip(haze + near_sun, 0, 0.97)[..., None]
    sheet[..., :3] += (light.haze * sheet[..., 3:] - sheet[..., :3]) * amount
    return sheet


def _trunks(easel: Easel, rng: Rng, near: float, foot: float) -> np.ndarray:
    import skia

    canvas, light = easel.canvas, easel.light
    # mediums of few shapes drop what is thin: fewer trunks there, and broader ones
    bold = easel.medium in BOLD
    count = round((15 - 10 * near) * (0.6 if bold else 1.0) * max(1.0, canvas.aspect**0.7))
    ramp = easel.inks.local("#5c4636", 0.7)
    places = []
    for at in range(count):
        x = (at + rng.uniform(0.15, 0.85)) / count * 1.16 - 0.08
        # near trees leave the middle to the figure
        if near > 0.4 and abs(x - 0.5) < 0.17 + 0.10 * near:
            continue
        places.append(x)

    def draw(pen: Any) -> None:
        for x in places:
            half = canvas.unit * (0.008 + 0.040 * near**1.4) * rng.uniform(0.6, 1.35)
            half *= 1.0 + 1.5 * (1.0 - near) * bold
            column, base = canvas.px(x), canvas.py(foot + rng.uniform(-0.01, 0.02))
            lean = rng.normal() * canvas.unit * 0.035
            lit = np.clip(0.55 - 0.35 * near + 0.3 * rng.random(), 0, 1)
            bright = look_up(ramp, light.ambient * 0.6 + light.key * 0.60 * lit)
            dark = look_up(ramp, light.ambient * 0.34)
            toward = np.sign(light.x - x)
            stops = [bright, dark, dark] if toward < 0 else [dark, dark, bright]
            ends = [skia.Point(float(column - half), 0.0), skia.Point(float(column + half), 0.0)]
            colours = [skia.Color4f(*map(float, c), 1.0).toColor() for c in stops]
            paint = skia.Paint(AntiAlias=True, Shader=skia.GradientShader.MakeLinear(ends, colours))
            path = skia.Path()
            path.moveTo(column - half * 1.9, base)
            path.quadTo(column - half * 0.9, base - half * 2.2, column - half * 0.85 + lean * 0.4, base * 0.5)
            path.lineTo(column - half * 0.6 + lean, -4)
            path.lineTo(column + half * 0.6 + lean, -4)
            path.lineTo(column + half * 0.85 + lean * 0.4, base * 0.5)
            path.quadTo(column + half * 0.9, base - half * 2.2, column + half * 1.9, base)
            path.close()
            pen.drawPath(path, paint)
            _boughs(pen, paint, (column, base, half, lean), rng)

    return drawn(canvas.shape, draw)


def _boughs(pen: Any, paint: Any, trunk: tuple[float, float, float, float], rng: Rng) -> None:
    import skia

    column, base, half, lean = trunk
    stroke = skia.Paint(paint)
    stroke.setStyle(skia.Paint.kStroke_Style)
    stroke.setStrokeCap(skia.Paint.kRound_Cap)
    for _ in range(int(rng.integers(2, 5))):
        y = base * rng.uniform(0.12, 0.62)
        x = column + lean * (1 - y / base)
        side = rng.choice((-1.0, 1.0))
        reach = half * rng.uniform(2.2, 4.6)
        stroke.setStrokeWidth(max(0.8, half * rng.uniform(0.16, 0.34)))
        path = skia.Path()
        path.moveTo(x, y)
        path.quadTo(x + side * reach * 0.5, y - reach * 0.12, x + side * reach, y - reach * rng.uniform(0.3, 0.8))
        pen.drawPath(path, stroke)


def _leaf_mass(easel: Easel, fields: Fields, near: float, foot: float) -> np.ndarray:
    """Crowns that hang in from above and bushes that stand at the foot, made of leaf-sized speckle."""
    canvas, light = easel.canvas, easel.light
    leaf = fields.leaves
    rough = fields.clumps * 0.75 + leaf * 0.5
    open_middle = 0.10 * np.exp(-(((canvas.xs() - 0.5) / 0.3) ** 2))
    crown_edge = 0.16 + 0.10 * (1 - near) - open_middle - 0.05 * near
    crowns = smoothstep(0.02, -0.02, canvas.ys() - crown_edge - (rough - 0.62) * 0.42)
    middle = np.exp(-(((canvas.xs() - 0.5) / (0.16 + 0.22 * near)) ** 2))
    bush_top = foot - (0.05 + 0.05 * near) * (1.0 - middle) + 0.03 * middle
    bushes = smoothstep(-0.02, 0.02, canvas.ys() - bush_top + (rough - 0.62) * 0.30)
    bushes *= smoothstep(foot + 0.10 + 0.1 * near, foot + 0.03, canvas.ys())
    mask = np.clip(np.maximum(crowns, bushes), 0, 1)
    soft = blur(rough, canvas.unit * 0.006)
    slope_y, slope_x = np.gradient(soft * canvas.unit * 0.10)
    lit = np.clip(0.34 + slope_y * 1.5 - slope_x * 1.2 * np.sign(light.x - 0.5) + (leaf - 0.5) * 0.5, 0, 1)
    through = 0.55 * np.exp(-canvas.distance(light.x, light.y) * 2.2)
    season = easel.inks.local("#c8742c" if "petals" in easel.things else "#4c7a34")
    level = light.ambient * (0.75 - 0.35 * near) + light.key * (0.55 - 0.30 * near) * (lit + through * leaf)
    if easel.weather == "snow":
        level = level + 0.35 * smoothstep(0.5, 0.8, lit)
    return tinted(mask.astype(np.float32), look_up(season, np.clip(level, 0, 1)))


def _ground(easel: Easel) -> np.ndarray:
    """Moss and needles, a path into the depth, dapples of light."""
    canvas, light, rng = easel.canvas, easel.light, easel.rng("forest floor")
    edge = light.horizon + 0.02
    below = np.maximum(canvas.ys() - edge + 0.02, 0.004)
    z = 0.2 / below
    x = (canvas.xs() - 0.5) * canvas.aspect * z
    field = tile(512, 6, rng, 7)
    depth = np.broadcast_to(z, canvas.shape)
    moss, fine = sample(field, x * 0.55, depth * 0.75), sample(field, x * 2.4, depth * 3.1)
    way = np.abs(x - 0.22 * np.sin(depth * 0.9)) / 0.50
    path = smoothstep(1.0, 0.45, way + (moss - 0.5) * 0.9)
    dapple = smoothstep(0.56, 0.74, sample(field, x * 0.35 + 0.4, depth * 0.5 + 0.2))
    level = light.ambient * 0.62 + light.key * (0.12 + 0.24 * fine + 0.55 * dapple * (1 - light.cover))
    green = look_up(easel.inks.local("#55743a"), np.clip(level * (0.7 + 0.5 * moss), 0, 1))
    earth = look_up(easel.inks.local("#8a6a4a", 0.8), np.clip(level * (0.85 + 0.45 * fine) + 0.03, 0, 1))
    if easel.weather == "snow":
        green = earth = look_up(easel.inks.local("#eef3fb", 0.5), np.clip(level * 1.3 + 0.22, 0, 1))
    colour = green + (earth - green) * path[..., None]
    haze = np.clip(_haze(easel, 0.85) * np.exp(-(canvas.ys() - edge) * 7.0), 0, 1)
    colour += (light.haze - colour) * haze[..., None]
    mask = np.broadcast_to(smoothstep(edge, edge + 0.02, canvas.ys()), canvas.shape)
    return tinted(mask.astype(np.float32), colour)


def _undergrowth(easel: Easel) -> np.ndarray:
    rng = easel.rng("undergrowth")
    sheet = over(_ferns(easel, rng), blades(easel, rng, 220, 0.07))
    if "flowers" in easel.things or easel.medium in ("cel", "watercolour"):
        sheet = over(sheet, flower_heads(easel, rng, 26))
    return blur(sheet, easel.canvas.unit * 0.0014)


def _ferns(easel: Easel, rng: Rng) -> np.ndarray:
    import skia

    canvas, light = easel.canvas, easel.light
    ramp = easel.inks.local("#46702f")

    def draw(pen: Any) -> None:
        for _ in range(9):
            left = rng.random() < 0.5
            x = canvas.px(rng.uniform(-0.08, 0.2) if left else rng.uniform(0.8, 1.08))
            y = canvas.py(rng.uniform(1.02, 1.09))
            for frond in range(7):
                turn = -np.pi / 2 + (frond - 3) * 0.36 + rng.normal() * 0.1
                size = canvas.unit * rng.uniform(0.10, 0.20)
                tone = look_up(ramp, light.ambient * rng.uniform(0.3, 0.6) + light.key * 0.12)
                paint = skia.Paint(
                    AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=skia.Color4f(*map(float, tone), 1.0)
                )
                paint.setStrokeWidth(canvas.unit * 0.0035)
                for step in np.linspace(0.12, 1, 16):
                    px = x + np.cos(turn) * size * step
                    py = y + np.sin(turn) * size * step + size * 0.35 * step**2
                    leaf = size * 0.24 * (1.05 - step)
                    for hand in (-1, 1):
                        pen.drawLine(
                            px,
                            py,
                            px + np.cos(turn + hand * 1.0) * leaf,
                            py + np.sin(turn + hand * 1.0) * leaf + leaf * 0.2,
                            paint,
                        )

    return drawn(canvas.shape, draw)


def _frame_leaves(easel: Easel) -> np.ndarray:
    """Dark leaves at the upper corners, out of focus: the viewer looks out from under a tree."""
    canvas, rng = easel.canvas, easel.rng("frame leaves")
    leaf = fbm(canvas.shape, 18, rng, 4)
    side = 1.0 if easel.light.x < 0.5 else -1.0
    corner = (canvas.xs() - 0.5) * side * 1.15 - canvas.ys() * 1.25 + 0.02
    mask = smoothstep(0.0, 0.05, corner - 0.34 + (leaf - 0.5) * 0.42)
    tone = look_up(easel.inks.local("#3a5a2c"), np.clip(easel.light.ambient * (0.25 + 0.4 * leaf), 0, 1))
    return blur(tinted(mask.astype(np.float32), tone), canvas.unit * 0.003)


def treeline(easel: Easel) -> np.ndarray:
    """A wood's edge at the horizon, as a sheet, for settings that have a forest behind them."""
    return _far_wall(easel)
