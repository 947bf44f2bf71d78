"""The drawing kit of the demo characters: closed curves with soft form shadows."""

from __future__ import annotations

import numpy as np
import skia

WIDTH, HEIGHT = 600, 960
Points = list[tuple[float, float]]


class Doll:
    """A canvas that draws closed curves with soft form shadows, lit from the upper left."""

    def __init__(self) -> None:
        self.pixels = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
        info = skia.ImageInfo.Make(WIDTH, HEIGHT, skia.kRGBA_8888_ColorType, skia.kPremul_AlphaType)
        self._surface = skia.Surface.MakeRasterDirect(info, self.pixels, WIDTH * 4)
        self.pen = self._surface.getCanvas()

    def part(self, path: skia.Path, colour: str, depth: float = 1.0, end: str | None = None) -> None:
        """A solid part: gradient from `colour` to `end` downwards, shade lower right, light upper left."""
        box = path.getBounds()
        last = end or shade(colour, 0.78)
        ends = [skia.Point(box.left(), box.top()), skia.Point(box.right() * 0.4 + box.left() * 0.6, box.bottom())]
        fill = skia.GradientShader.MakeLinear(ends, [skia_colour(colour), skia_colour(last)])
        self.pen.drawPath(path, skia.Paint(AntiAlias=True, Shader=fill))
        size = min(box.width(), box.height())
        self.pen.save()
        self.pen.clipPath(path, True)
        for shift, hue, alpha in ((-1.0, shade(colour, 0.34), 0.62), (1.0, shade(colour, 1.5), 0.42)):
            rim = skia.Path(path)
            rim.offset(shift * size * 0.10 * depth, shift * size * 0.07 * depth)
            rim.toggleInverseFillType()
            paint = skia.Paint(AntiAlias=True, Color=skia_colour(hue, alpha))
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, max(1.0, size * 0.07 * depth)))
            self.pen.drawPath(rim, paint)
        self.pen.restore()

    def flat(self, path: skia.Path, colour: str, alpha: float = 1.0, soft: float = 0.0) -> None:
        paint = skia.Paint(AntiAlias=True, Color=skia_colour(colour, alpha))
        if soft:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, soft))
        self.pen.drawPath(path, paint)

    def stroke(self, path: skia.Path, colour: str, width: float, alpha: float = 1.0) -> None:
        paint = skia.Paint(AntiAlias=True, Style=skia.Paint.kStroke_Style, Color=skia_colour(colour, alpha))
        paint.setStrokeWidth(width)
        paint.setStrokeCap(skia.Paint.kRound_Cap)
        paint.setStrokeJoin(skia.Paint.kRound_Join)
        self.pen.drawPath(path, paint)

    def inside(self, path: skia.Path) -> Clip:
        return Clip(self.pen, path)


class Clip:
    def __init__(self, pen: skia.Canvas, path: skia.Path) -> None:
        self._pen, self._path = pen, path

    def __enter__(self) -> None:
        self._pen.save()
        self._pen.clipPath(self._path, True)

    def __exit__(self, *_: object) -> None:
        self._pen.restore()


def skia_colour(text: str, alpha: float = 1.0) -> int:
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return skia.Color(red, green, blue, round(alpha * 255))


def shade(colour: str, factor: float) -> str:
    return "#" + "".join(f"{min(255, round(int(colour[at : at + 2], 16) * factor)):02x}" for at in (1, 3, 5))


def curve(points: Points, closed: bool = True) -> skia.Path:
    """A smooth curve through `points` (Catmull-Rom as cubics)."""
    path = skia.Path()
    count = len(points)
    path.moveTo(*points[0])
    for at in range(count if closed else count - 1):
        before, here = points[at - 1 if closed or at else 0], points[at]
        there, after = points[(at + 1) % count], points[(at + 2) % count if closed else min(at + 2, count - 1)]
        path.cubicTo(
            here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6,
            there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6, *there,
        )  # fmt: skip
    if closed:
        path.close()
    return path


def limb(joints: Points, widths: list[float]) -> skia.Path:
    """An arm or leg: a smooth outline at half of `widths` on both sides of `joints`."""
    spine = np.array(joints, float)
    along = np.gradient(spine, axis=0)
    normal = (
        np.stack([-along[:, 1], along[:, 0]], axis=1) / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-6)[:, None]
    )
    half = np.array(widths)[:, None] / 2
    left, right = spine + normal * half, spine - normal * half
    return curve([(float(x), float(y)) for x, y in [*left, *right[::-1]]])


def strands(doll: Doll, roots: Points, tips: Points, colour: str, count: int, width: float) -> None:
    """Hair lines between two curves, lighter and darker in turn."""
    rng = np.random.default_rng(5)
    for _ in range(count):
        share = rng.random()
        at = share * (len(roots) - 1)
        low, part = int(at), at - int(at)
        high = min(low + 1, len(roots) - 1)
        x0, y0 = (roots[low][k] * (1 - part) + roots[high][k] * part for k in (0, 1))
        x1, y1 = (tips[low][k] * (1 - part) + tips[high][k] * part for k in (0, 1))
        sway = rng.normal() * 9
        line = curve(
            [(x0, y0), (x0 * 0.6 + x1 * 0.4 + sway, y0 * 0.6 + y1 * 0.4), (x1 + rng.normal() * 5, y1)], closed=False
        )
        doll.stroke(line, shade(colour, rng.choice((0.6, 1.25, 1.7))), width * rng.uniform(0.5, 1.2), 0.35)
