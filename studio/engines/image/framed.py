"""Characters whose outline is a guess: shown on a lit screen, in a frame or in a medallion, as part of the scene."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from studio.contracts import Cutout
from studio.engines.image.easel import Easel
from studio.engines.image.noise import blur, smoothstep
from studio.engines.image.scenery.scene import Scene
from studio.engines.image.sheet import colour4f, drawn, over, tinted


def hang(easel: Easel, scene: Scene, cutout: Cutout, x: float) -> np.ndarray:
    """The whole picture of `cutout` in the scene's device, its middle at frame x, as a sheet."""
    picture = _whole(easel, cutout.picture)
    share = {"wide": 0.46, "medium": 0.64, "close": 0.84}[easel.request.shot.framing]
    aspect = float(np.clip(picture.shape[1] / picture.shape[0], 0.62, 1.6))
    canvas = easel.canvas
    tall = min(share * canvas.frame_height, 0.86 * canvas.frame_width / aspect)
    if scene.device == "medallion":
        return _medallion(easel, _cropped(picture, 0.86), (canvas.px(x), canvas.py(0.47), tall))
    box = (canvas.px(x), canvas.py(0.44 if scene.device == "screen" else 0.42), tall * aspect, tall)
    picture = _cropped(picture, aspect)
    return _screen(easel, picture, box, scene) if scene.device == "screen" else _frame(easel, picture, box, scene)


def _whole(easel: Easel, picture: np.ndarray) -> np.ndarray:
    """The picture with its background if it still has one, else on the palette's middle tone; (h, w, 3) in 0..1."""
    colour = picture[..., :3].astype(np.float32) / 255.0
    alpha = picture[..., 3:].astype(np.float32) / 255.0
    clear = alpha[..., 0] < 0.1
    # mostly black where it is clear: the background is gone, whatever the cut's rim still has of it
    gone = clear.any() and (float(np.median(colour[clear])) < 0.02 or float(colour[clear].std()) < 0.01)
    return colour * alpha + easel.inks.tone(0.45) * (1 - alpha) if gone else colour


def _cropped(picture: np.ndarray, aspect: float) -> np.ndarray:
    """The largest part with `aspect`; heads are above the middle, so more is cut below."""
    rows, columns = picture.shape[:2]
    if columns > rows * aspect:
        wide = max(1, round(rows * aspect))
        left = (columns - wide) // 2
        return picture[:, left : left + wide]
    tall = max(1, round(columns / aspect))
    top = round((rows - tall) * 0.3)
    return picture[top : top + tall]


def _laid(easel: Easel, picture: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """`picture` scaled into the box (middle x, middle y, width, height in canvas pixels), as (h, w, 3)."""
    canvas = easel.canvas
    x, y, wide, tall = box
    size = (max(2, round(wide)), max(2, round(tall)))
    enlarge = size[0] > picture.shape[1]
    small = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC if enlarge else cv2.INTER_AREA)
    out = np.zeros((*canvas.shape, 3), np.float32)
    left, top = round(x - size[0] / 2), round(y - size[1] / 2)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + size[0], canvas.width), min(top + size[1], canvas.height)
    if x1 > x0 and y1 > y0:
        out[y0:y1, x0:x1] = np.clip(small[y0 - top : y1 - top, x0 - left : x1 - left], 0, 1)
    return out


def _toned(easel: Easel, picture: np.ndarray, share: float) -> np.ndarray:
    """The picture pulled towards the palette: its light and dark in the shot's inks."""
    luma = picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return picture + (easel.inks.tone(luma) - picture) * share


def _screen(easel: Easel, picture: np.ndarray, box: tuple[float, float, float, float], scene: Scene) -> np.ndarray:
    """A bright panel on posts, its glow in the air and on the floor."""
    import skia

    canvas = easel.canvas
    x, y, wide, tall = box
    image = _toned(easel, _laid(easel, picture, box), 0.30)
    pitch = max(3.0, canvas.unit / 170)
    dots = 0.80 + 0.20 * np.cos(2 * np.pi * (np.arange(canvas.height, dtype=np.float32) / pitch))[:, None]
    inside = _box_mask(easel, box, canvas.unit * 0.004)
    panel = tinted(inside, np.clip(image * dots[..., None] * 1.12 + 0.03, 0, 1))
    bar = canvas.unit * 0.012
    left, top, right, bottom = x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2

    def draw(pen: Any) -> None:
        metal = skia.Paint(AntiAlias=True, Color4f=colour4f(easel.inks.tone(0.05)))
        foot = canvas.py(scene.floor.y)
        for post in (left + wide * 0.2, right - wide * 0.2):
            pen.drawRect(skia.Rect.MakeLTRB(post - bar * 0.7, bottom, post + bar * 0.7, max(foot, bottom)), metal)
        pen.drawRoundRect(skia.Rect.MakeLTRB(left - bar, top - bar, right + bar, bottom + bar), bar, bar, metal)
        edge = skia.Paint(
            AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=colour4f(easel.inks.accents()[0], 0.95)
        )
        edge.setStrokeWidth(bar * 0.35)
        pen.drawRoundRect(
            skia.Rect.MakeLTRB(left - bar * 0.4, top - bar * 0.4, right + bar * 0.4, bottom + bar * 0.4), bar, bar, edge
        )

    mean = picture.reshape(-1, 3).mean(axis=0) * 0.5 + easel.inks.tone(0.8) * 0.5
    halo = np.clip(blur(inside, canvas.unit * 0.07) * 0.55, 0, 0.5)
    return over(over(tinted(halo, mean.astype(np.float32)), drawn(canvas.shape, draw)), panel)


def _frame(easel: Easel, picture: np.ndarray, box: tuple[float, float, float, float], scene: Scene) -> np.ndarray:
    """A framed print with a mount, its shadow on the wall."""
    import skia

    canvas = easel.canvas
    x, y, wide, tall = box
    image = np.clip(_toned(easel, _laid(easel, picture, box), 0.18) * (0.62 + 0.38 * scene.lamp), 0, 1)
    panel = tinted(_box_mask(easel, box, 0.8), image)
    mount, wood = canvas.unit * 0.022, canvas.unit * 0.020
    left, top, right, bottom = x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2

    def draw(pen: Any) -> None:
        outer = skia.Rect.MakeLTRB(left - mount - wood, top - mount - wood, right + mount + wood, bottom + mount + wood)
        shade = skia.Paint(AntiAlias=True, Color4f=skia.Color4f(0, 0, 0, 0.5))
        shade.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, canvas.unit * 0.018))
        pen.drawRect(outer.makeOffset(-scene.floor.light_side * canvas.unit * 0.014, canvas.unit * 0.02), shade)
        ends = [skia.Point(outer.left(), outer.top()), skia.Point(outer.right(), outer.bottom())]
        stops = [colour4f(easel.inks.tone(level)).toColor() for level in (0.40, 0.10, 0.26)]
        pen.drawRect(outer, skia.Paint(AntiAlias=True, Shader=skia.GradientShader.MakeLinear(ends, stops)))
        pen.drawRect(
            outer.makeInset(wood, wood), skia.Paint(Color4f=colour4f(easel.inks.tone(0.93) * (0.5 + 0.5 * scene.lamp)))
        )
        line = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color4f=skia.Color4f(0, 0, 0, 0.35))
        line.setStrokeWidth(max(1.0, canvas.unit * 0.0022))
        pen.drawRect(skia.Rect.MakeLTRB(left, top, right, bottom), line)
        pen.drawRect(outer.makeInset(wood, wood), line)

    return over(drawn(canvas.shape, draw), panel)


def _medallion(easel: Easel, picture: np.ndarray, place: tuple[float, float, float]) -> np.ndarray:
    """An oval like a locket's, held by rings of light, its edge melting into the sky."""
    canvas = easel.canvas
    x, y, tall = place
    wide = tall * 0.86
    image = _toned(easel, _laid(easel, picture, (x, y, wide, tall)), 0.36)
    rows = np.arange(canvas.height, dtype=np.float32)[:, None]
    columns = np.arange(canvas.width, dtype=np.float32)[None, :]
    away = np.sqrt(((columns - x) / (wide / 2)) ** 2 + ((rows - y) / (tall / 2)) ** 2)
    inner = smoothstep(0.985, 0.86, away)
    light = easel.light.colour
    image = image * (1.0 - 0.35 * smoothstep(0.55, 1.0, away))[..., None]
    halo = np.exp(-np.maximum(away - 0.94, 0) * 5.5) * 0.55
    ring = np.exp(-(((away - 0.955) / 0.016) ** 2)) + 0.6 * np.exp(-(((away - 1.045) / 0.006) ** 2))
    turn = np.arctan2(rows - y, columns - x)
    beads = np.exp(-(((away - 1.10) / 0.012) ** 2)) * smoothstep(0.80, 0.95, np.cos(turn * 48))
    sheet = tinted(np.clip(halo, 0, 1).astype(np.float32), light)
    sheet = over(sheet, tinted(inner.astype(np.float32), np.clip(image, 0, 1)))
    return over(
        sheet,
        tinted(
            np.clip(ring + 0.8 * beads, 0, 1).astype(np.float32),
            np.clip(light * 0.5 + easel.inks.tone(1.0) * 0.55, 0, 1),
        ),
    )


def _box_mask(easel: Easel, box: tuple[float, float, float, float], soft: float) -> np.ndarray:
    canvas = easel.canvas
    x, y, wide, tall = box
    rows = np.arange(canvas.height, dtype=np.float32)[:, None] + 0.5
    columns = np.arange(canvas.width, dtype=np.float32)[None, :] + 0.5
    inside = np.minimum(wide / 2 - np.abs(columns - x), tall / 2 - np.abs(rows - y))
    return smoothstep(0.0, max(1.0, soft), inside).astype(np.float32)
