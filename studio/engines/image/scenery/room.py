"""A room someone lives in: a window with the world behind it, lamplight, boards, a rug, a plant, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from studio.engines.image.colour import look_up
from studio.engines.image.easel import Easel
from studio.engines.image.glow import halo
from studio.engines.image.light import warm_lamp
from studio.engines.image.noise import blur, fbm, sample, smoothstep, tile
from studio.engines.image.scenery.furniture import curtains, floor_lamp, furniture, plant, wall_pictures
from studio.engines.image.scenery.scene import Floor, Plane, Scene
from studio.engines.image.sheet import colour4f, drawn, glow, opaque, over, tinted

SKIRTING = 0.70


@dataclass(frozen=True)
class Window:
    """Frame coordinates of the glass; `side` of the room it is on."""

    left: float
    top: float
    right: float
    bottom: float
    side: float


def paint_room(easel: Easel, outside: np.ndarray) -> Scene:
    """`outside` (h, w, 3): what the window shows."""
    side = 1.0 if easel.light.x > 0.5 else -1.0
    middle = 0.5 + 0.19 * side
    window = Window(middle - 0.20, 0.13, middle + 0.20, 0.54, side)
    lamp_at = (0.5 - 0.36 * side, 0.36)
    dim = easel.hour in ("night", "dusk") or easel.light.cover > 0.7
    day = {"night": 0.10, "dusk": 0.22, "dawn": 0.45, "golden": 0.55, "day": 0.70}[easel.hour] * (
        1 - 0.4 * easel.light.cover
    )
    lamp = (0.95 if dim else 0.25, warm_lamp(easel.inks))
    walls = _walls(easel, window, day, (lamp_at, lamp[0]))
    back = over(opaque(_view(easel, outside, window)), _wall_with_hole(easel, walls, window))
    back = over(back, wall_pictures(easel, 0.5 - 0.30 * side, day + 0.5 * lamp[0] * 0.6))
    back = over(back, _frame(easel, window))
    floor = _floor(easel, window, day, (lamp_at, lamp[0]))
    things = over(
        curtains(easel, (window.left, window.top, window.right, SKIRTING + 0.02), day),
        furniture(easel, side, day + 0.3 * lamp[0]),
    )
    things = over(things, floor_lamp(easel, lamp_at, SKIRTING + 0.10, lamp[0]))
    middle_sheet = over(floor, things)
    warm = lamp[1] * (halo(easel, lamp_at, 0.16) * 0.75 * lamp[0])[..., None]
    ray = _window_light(easel, window, day)
    back = glow(back, warm + easel.light.colour * (ray * 0.35)[..., None])
    middle_sheet = glow(middle_sheet, warm * 0.8 + easel.light.colour * (ray * 0.5)[..., None], 0.4)
    front = plant(easel, -side)
    # the lamp or the window, whichever is the stronger, lights the figure
    lit_from = -side if dim else side
    key = warm_lamp(easel.inks) if dim else easel.light.colour
    spot = Floor(0.5 - 0.03 * side, 0.955, 0.60, 0.08, 0.45, light_side=lit_from * 0.8, backlit=0.45)
    shade = easel.inks.tone(0.16 + 0.3 * day)
    return Scene(back, (Plane(middle_sheet, 0.5),), (Plane(front, 1.0),), spot, key, shade, "frame")


def _walls(easel: Easel, window: Window, day: float, lamp: tuple[tuple[float, float], float]) -> np.ndarray:
    """Plaster lit by the window and the lamp, a ceiling's shadow above, faint stripes of paper."""
    canvas, rng = easel.canvas, easel.rng("walls")
    grain = fbm(canvas.shape, 5, rng, 5)
    stripe = 0.5 + 0.5 * np.cos(canvas.xs() * canvas.aspect * 70)
    corner = smoothstep(0.0, 0.42, 0.5 - np.abs(canvas.xs() - 0.5) + 0.06)
    near_window = np.exp(-canvas.distance((window.left + window.right) / 2, 0.4) * 1.7)
    near_lamp = halo(easel, lamp[0], 0.24) * lamp[1]
    level = 0.06 + 0.55 * day * (0.35 + 0.65 * near_window) + 0.50 * near_lamp
    level = level * (0.72 + 0.28 * corner) * (0.92 + 0.14 * (grain - 0.5)) * (0.97 + 0.03 * stripe)
    level *= 0.80 + 0.20 * smoothstep(-0.05, 0.25, canvas.ys())
    hue = easel.inks.local(("#c99a7a", "#8fa3a8", "#b8a07c", "#a58aa0")[rng.integers(4)], 0.7)
    return look_up(hue, np.clip(level, 0, 1))


def _wall_with_hole(easel: Easel, walls: np.ndarray, window: Window) -> np.ndarray:
    canvas = easel.canvas
    inside = ((canvas.xs() > window.left) & (canvas.xs() < window.right)) & (
        (canvas.ys() > window.top) & (canvas.ys() < window.bottom)
    )
    mask = 1.0 - cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.6)
    return tinted(mask, walls)


def _view(easel: Easel, outside: np.ndarray, window: Window) -> np.ndarray:
    """The outside shrunk into the window, behind glass with a slanting gleam."""
    canvas = easel.canvas
    left, right = canvas.px(window.left), canvas.px(window.right)
    top, bottom = canvas.py(window.top), canvas.py(window.bottom)
    scale = max((right - left) / canvas.frame_width, (bottom - top) / canvas.frame_height) * 1.02
    matrix = np.array(
        [
            [scale, 0, (left + right) / 2 - canvas.width / 2 * scale],
            [0, scale, (top + bottom) / 2 - canvas.py(0.47) * scale],
        ],
        np.float32,
    )
    picture = cv2.warpAffine(
        outside, matrix, (canvas.width, canvas.height), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REFLECT_101
    )
    gleam = (
        smoothstep(0.03, 0.0, np.abs((canvas.xs() - window.left) * 0.8 + (canvas.ys() - window.top) - 0.28) - 0.03)
        * 0.08
    )
    picture = picture + (1.0 - picture) * gleam[..., None]
    if easel.weather in ("rain", "storm"):
        drops = smoothstep(0.70, 0.80, fbm(canvas.shape, 60, easel.rng("drops"), 2))
        trails = smoothstep(0.72, 0.85, fbm(canvas.shape, 44, easel.rng("trails"), 2, 0.12))
        wet = np.clip(drops + 0.6 * trails, 0, 1)
        picture = blur(picture, canvas.unit * 0.003)
        picture = picture + (easel.inks.tone(0.85) - picture) * (0.28 * wet)[..., None]
    return picture.astype(np.float32)


def _frame(easel: Easel, window: Window) -> np.ndarray:
    import skia

    canvas = easel.canvas
    left, right = canvas.px(window.left), canvas.px(window.right)
    top, bottom = canvas.py(window.top), canvas.py(window.bottom)
    bar = canvas.unit * 0.013

    def draw(pen: Any) -> None:
        wood = easel.inks.tone(0.16 + 0.4 * easel.light.ambient)
        lit = easel.inks.tone(0.30 + 0.5 * easel.light.key)
        paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(wood))
        paint.setStrokeWidth(bar * 1.5)
        pen.drawRect(skia.Rect.MakeLTRB(left, top, right, bottom), paint)
        paint.setStrokeWidth(bar * 0.8)
        for x in np.linspace(left, right, 4)[1:-1]:
            pen.drawLine(float(x), top, float(x), bottom, paint)
        pen.drawLine(left, top + (bottom - top) * 0.36, right, top + (bottom - top) * 0.36, paint)
        edge = skia.Paint(AntiAlias=True, Color4f=colour4f(lit, 0.8), StrokeWidth=max(1.0, bar * 0.18))
        pen.drawLine(left, top + bar * 0.75, right, top + bar * 0.75, edge)
        sill = skia.Rect.MakeLTRB(left - bar * 2.4, bottom, right + bar * 2.4, bottom + bar * 1.7)
        pen.drawRect(sill, skia.Paint(AntiAlias=True, Color4f=colour4f(lit * 0.85)))
        pen.drawRect(
            skia.Rect.MakeLTRB(sill.left(), sill.bottom(), sill.right(), sill.bottom() + bar * 0.7),
            skia.Paint(AntiAlias=True, Color4f=skia.Color4f(0, 0, 0, 0.35)),
        )

    return drawn(canvas.shape, draw)


def _floor(easel: Easel, window: Window, day: float, lamp: tuple[tuple[float, float], float]) -> np.ndarray:
    """Boards in perspective with grain, a rug, the window's light lying on them."""
    canvas, rng = easel.canvas, easel.rng("floor boards")
    below = np.maximum(canvas.ys() - SKIRTING + 0.14, 0.02)
    z = 0.30 / below
    x = (canvas.xs() - 0.5) * canvas.aspect * z
    depth = np.broadcast_to(z, canvas.shape)
    board = np.floor(x * 7.0)
    field = tile(512, 8, rng, 6)
    tone = rng.random(64).astype(np.float32)[np.mod(board, 64).astype(int)]
    grain = sample(field, x * 3.1 + tone, depth * 0.35 + tone * 3)
    seam = smoothstep(0.04, 0.0, np.abs(x * 7.0 - board - 0.02))
    near_lamp = halo(easel, (lamp[0][0], SKIRTING + 0.12), 0.26) * lamp[1]
    level = 0.05 + 0.30 * day + 0.38 * near_lamp
    level = level * (0.72 + 0.32 * grain + 0.22 * (tone - 0.5)) * (1 - 0.45 * seam)
    colour = look_up(easel.inks.local("#9a6236", 0.9), np.clip(level, 0, 1))
    rug = (x / 0.62) ** 2 + ((depth - 0.86) / 0.34) ** 2
    pattern = 0.5 + 0.5 * np.cos(rug * 16.0)
    weave = look_up(easel.inks.ramp, np.clip(level * (1.25 + 0.5 * smoothstep(0.3, 0.7, pattern)) + 0.04, 0, 1))
    colour = colour + (weave - colour) * smoothstep(1.0, 0.96, rug)[..., None]
    skirt = smoothstep(SKIRTING - 0.03, SKIRTING - 0.027, canvas.ys()) * smoothstep(
        SKIRTING + 0.002, SKIRTING, canvas.ys()
    )
    mask = np.broadcast_to(smoothstep(SKIRTING - 0.001, SKIRTING + 0.002, canvas.ys()), canvas.shape).astype(np.float32)
    sheet = tinted(mask, colour)
    board_tone = easel.inks.tone(np.clip(0.14 + 0.4 * day, 0, 1))
    sheet = over(sheet, tinted(np.broadcast_to(skirt, canvas.shape).astype(np.float32), board_tone))
    return over(sheet, drawn(canvas.shape, lambda pen: _patch(pen, easel, window, day)))


def _patch(pen: Any, easel: Easel, window: Window, day: float) -> None:
    """The window's panes thrown on the floor, away from the light."""
    import skia

    canvas = easel.canvas
    paint = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.light.colour, min(0.5, 0.12 + 0.5 * day)))
    paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, canvas.unit * 0.006))
    wide = (window.right - window.left) / 3
    for row, (top, bottom) in enumerate(((0.76, 0.83), (0.84, 0.97))):
        for pane in range(3):
            points = []
            for y, at in ((top, 0.06), (top, 0.94), (bottom, 0.94), (bottom, 0.06)):
                fall = (y - SKIRTING) * 1.25
                x = window.left + (pane + at) * wide - window.side * fall * 0.8
                x = 0.5 + (x - 0.5) * (1.0 + fall * 0.5)
                points.append(skia.Point(canvas.px(x), canvas.py(y + 0.01 * row)))
            path = skia.Path()
            path.addPoly(points, True)
            pen.drawPath(path, paint)


def _window_light(easel: Easel, window: Window, day: float) -> np.ndarray:
    """The slanting beam between window and floor, with dust in it, (h, w)."""
    canvas = easel.canvas
    down = np.clip((canvas.ys() - window.top) / 0.8, 0, 1)
    middle = (window.left + window.right) / 2 - window.side * down * 0.42
    wide = (window.right - window.left) * (0.48 + 0.22 * down)
    beam = np.exp(-(((canvas.xs() - middle) / wide) ** 4)) * smoothstep(
        window.top - 0.02, window.top + 0.08, canvas.ys()
    )
    dust = fbm(canvas.shape, 4, easel.rng("dust"), 4)
    if "blinds" in easel.request.style.motifs:
        slats = np.sin((canvas.ys() - 0.35 * window.side * (canvas.xs() - 0.5)) * 105.0)
        beam = beam * (0.15 + 1.25 * smoothstep(-0.2, 0.5, slats))
    return (beam * (1.0 - 0.5 * down) * (0.5 + 0.6 * dust) * (0.18 + 0.75 * day)).astype(np.float32)
