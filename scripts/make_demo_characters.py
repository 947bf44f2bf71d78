"""Draws the demo project's two characters, a singer with a guitar and a masked dancer, into assets/demo/.

    python scripts/make_demo_characters.py [FOLDER]

Everything is drawn here, from curves and gradients: the pictures are the project's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
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
        """A solid part: gradient from `colour` to `end` downwards, shade on its lower right, light on its upper left."""
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


# ---- the singer -------------------------------------------------------------------------------------------

SKIN, HAIR, JACKET, JEANS = "#d99a73", "#5a2420", "#1f5f6e", "#2a3350"


def singer() -> np.ndarray:
    doll = Doll()
    _hair_behind(doll)
    _legs(doll)
    _torso(doll)
    _head(doll)
    _guitar(doll)
    _arms(doll)
    return doll.pixels


def _hair_behind(doll: Doll) -> None:
    mass = curve([(262, 70), (322, 46), (372, 84), (392, 150), (412, 226), (446, 292), (424, 330), (372, 318), (318, 262),
                  (262, 300), (224, 286), (232, 226), (238, 150)])  # fmt: skip
    doll.part(mass, HAIR, 0.8)
    strands(doll, [(260, 90), (310, 64), (366, 96)], [(236, 284), (330, 270), (428, 318)], HAIR, 70, 3.0)


def _legs(doll: Doll) -> None:
    for joints, widths in (
        ([(336, 470), (352, 590), (352, 700), (366, 800), (372, 876)], [92, 84, 62, 52, 46]),
        ([(272, 470), (256, 590), (246, 700), (226, 800), (214, 876)], [92, 86, 64, 54, 48]),
    ):
        leg = limb(joints, widths)
        doll.part(leg, JEANS, 0.9)
        with doll.inside(leg):
            for fold in range(5):
                x, y = joints[2][0] - 26, joints[2][1] - 18 + fold * 13
                doll.stroke(
                    curve([(x, y), (x + 26, y + 8), (x + 54, y + 1)], closed=False), shade(JEANS, 0.5), 2.4, 0.5
                )
            seam = curve([(j[0] + 14, j[1]) for j in joints], closed=False)
            doll.stroke(seam, shade(JEANS, 1.7), 1.6, 0.5)
    for x, side in ((216, -1), (374, 1)):
        boot = curve([(x - 27, 836), (x + 27, 836), (x + 25, 890), (x + 30 + 20 * max(side, 0), 926), (x + 22 + 24 * max(side, 0), 946),
                      (x - 20 - 24 * max(-side, 0), 946), (x - 30 - 20 * max(-side, 0), 926), (x - 25, 890)])  # fmt: skip
        doll.part(boot, "#6e3b22", 0.8)
        sole = skia.Path()
        sole.addRoundRect(skia.Rect.MakeLTRB(x - 34 - 16 * max(-side, 0), 938, x + 34 + 16 * max(side, 0), 951), 5, 5)
        doll.flat(sole, "#24130d")
        doll.stroke(curve([(x - 24, 852), (x, 858), (x + 24, 852)], closed=False), "#3a1c10", 3, 0.7)


def _torso(doll: Doll) -> None:
    neck = limb([(304, 170), (303, 206), (302, 236)], [46, 44, 62])
    doll.part(neck, SKIN, 0.9)
    doll.flat(curve([(282, 186), (326, 186), (322, 212), (296, 206)]), "#7a3a2c", 0.45, 5)
    shirt = curve(
        [
            (262, 226),
            (302, 246),
            (346, 226),
            (364, 300),
            (358, 400),
            (366, 492),
            (302, 504),
            (240, 492),
            (248, 400),
            (242, 300),
        ]
    )
    doll.part(shirt, "#efe6d8", 0.5)
    for fold in range(4):
        y = 430 + fold * 16
        doll.stroke(
            curve([(258 + fold * 6, y), (300, y + 9), (344 - fold * 5, y - 3)], closed=False), "#a8967e", 3, 0.45
        )
    left = curve(
        [
            (266, 216),
            (232, 232),
            (214, 270),
            (210, 350),
            (216, 440),
            (222, 510),
            (262, 516),
            (270, 440),
            (276, 350),
            (272, 270),
        ]
    )
    right = curve(
        [
            (340, 216),
            (372, 230),
            (394, 270),
            (398, 350),
            (390, 440),
            (388, 512),
            (346, 518),
            (338, 440),
            (330, 350),
            (330, 276),
        ]
    )
    for side in (left, right):
        doll.part(side, JACKET, 0.8)
    doll.part(curve([(268, 212), (250, 236), (262, 286), (282, 330), (288, 280), (276, 240)]), shade(JACKET, 1.25), 0.6)
    doll.part(curve([(338, 212), (358, 236), (346, 288), (324, 332), (318, 280), (328, 240)]), shade(JACKET, 1.25), 0.6)
    belt = curve([(242, 486), (302, 497), (364, 486), (366, 506), (302, 517), (240, 506)])
    doll.part(belt, "#3a2016", 0.4)
    buckle = skia.Path()
    buckle.addRoundRect(skia.Rect.MakeXYWH(290, 493, 26, 20), 4, 4)
    doll.part(buckle, "#d8b36a", 0.5)


def _head(doll: Doll) -> None:
    face = curve(
        [
            (304, 74),
            (340, 88),
            (352, 124),
            (346, 158),
            (328, 186),
            (306, 196),
            (284, 188),
            (266, 160),
            (260, 124),
            (270, 90),
        ]
    )
    doll.part(face, SKIN, 0.75, "#c47f5c")
    with doll.inside(face):
        for x in (278, 334):
            doll.flat(curve([(x - 13, 150), (x, 143), (x + 13, 150), (x, 160)]), "#e0604a", 0.35, 6)
        doll.flat(curve([(258, 70), (352, 70), (356, 108), (306, 96), (258, 112)]), "#6a2c20", 0.4, 7)
    for x, tilt in ((284, 1), (328, -1)):
        lid = curve([(x - 13, 127 + tilt), (x - 4, 133), (x + 5, 133), (x + 13, 127 - tilt)], closed=False)
        doll.stroke(lid, "#2a1210", 3.4)
        for lash in (-9, 0, 9):
            doll.stroke(curve([(x + lash, 132), (x + lash * 1.25, 138)], closed=False), "#2a1210", 1.8)
        doll.flat(curve([(x - 13, 124), (x, 118), (x + 13, 124), (x, 131)]), "#a8543f", 0.30, 3)
        brow = curve([(x - 15, 113 + 2 * tilt), (x - 2, 107), (x + 14, 112 - 2 * tilt)], closed=False)
        doll.stroke(brow, HAIR, 4.2, 0.9)
    doll.stroke(curve([(309, 128), (313, 148), (306, 154)], closed=False), "#9a5a40", 2.4, 0.7)
    doll.flat(curve([(292, 168), (305, 164), (319, 168), (315, 181), (305, 185), (296, 181)]), "#5a1418")
    doll.flat(curve([(294, 168), (305, 169), (317, 168), (314, 171), (305, 172), (297, 171)]), "#f6ece4")
    doll.stroke(curve([(290, 168), (299, 163), (305, 165), (311, 163), (321, 168)], closed=False), "#b8473f", 3.4)
    doll.stroke(curve([(295, 181), (305, 187), (316, 181)], closed=False), "#c85a50", 4.2)
    fringe = curve([(304, 52), (352, 66), (372, 118), (366, 176), (352, 150), (344, 112), (318, 88), (290, 106), (268, 116), (258, 158),
                    (244, 176), (238, 126), (256, 72)])  # fmt: skip
    doll.part(fringe, HAIR, 0.8)
    strands(doll, [(262, 76), (304, 56), (350, 74)], [(244, 164), (296, 96), (362, 160)], HAIR, 46, 2.4)
    doll.stroke(curve([(276, 66), (300, 58), (326, 62)], closed=False), "#c8705a", 7, 0.4)


def _guitar(doll: Doll) -> None:
    doll.pen.save()
    doll.pen.translate(318, 432)
    doll.pen.rotate(-24)
    strap = curve([(-120, -10), (-96, -120), (-30, -214), (10, -228), (-14, -204), (-78, -112), (-100, 0)])
    doll.part(strap, "#a83a2e", 0.4)
    body = curve([(-150, 0), (-138, -62), (-92, -84), (-44, -62), (-8, -50), (30, -66), (74, -60), (92, -18), (92, 18), (74, 60), (30, 66),
                  (-8, 50), (-44, 62), (-92, 84), (-138, 62)])  # fmt: skip
    shadow = skia.Path(body)
    shadow.offset(10, 14)
    dark = skia.Paint(AntiAlias=True, Color=skia_colour("#120a14", 0.45), BlendMode=skia.BlendMode.kSrcATop)
    dark.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, 9))
    doll.pen.drawPath(shadow, dark)
    doll.part(body, "#8a4a1c", 0.3)
    top = skia.Path(body)
    matrix = skia.Matrix.Scale(0.93, 0.93)
    top.transform(matrix)
    doll.part(top, "#e0983f", 0.5, "#b8691f")
    with doll.inside(top):
        rng = np.random.default_rng(3)
        for _ in range(46):
            y = rng.uniform(-84, 84)
            doll.stroke(
                curve([(-150, y), (-30, y + rng.normal() * 3), (95, y + rng.normal() * 4)], closed=False),
                "#7a3f12",
                1.1,
                0.20,
            )
        doll.flat(curve([(-20, 12), (34, 14), (44, 44), (8, 58), (-26, 38)]), "#3a1710", 0.75)
    hole = skia.Path()
    hole.addCircle(18, 0, 28)
    doll.flat(hole, "#1a0a06")
    for radius, width in ((32, 3.2), (37, 1.4)):
        ring = skia.Path()
        ring.addCircle(18, 0, radius)
        doll.stroke(ring, "#f2d8a0" if radius == 37 else "#5a2410", width, 0.9)
    bridge = skia.Path()
    bridge.addRoundRect(skia.Rect.MakeXYWH(-84, -27, 15, 54), 5, 5)
    doll.flat(bridge, "#2f140b")
    neck = skia.Path()
    neck.addRect(skia.Rect.MakeLTRB(46, -11, 262, 11))
    doll.part(neck, "#4a2513", 0.5)
    for fret in range(11):
        x = 262 - 216 * (1 - 2 ** (-fret / 9)) * 1.5
        if x > 90:
            doll.stroke(curve([(x, -11), (x, 11)], closed=False), "#d8cdb8", 1.8, 0.9)
    headstock = curve([(258, -12), (276, -18), (326, -17), (332, 0), (326, 17), (276, 18), (258, 12)])
    doll.part(headstock, "#6a3216", 0.5)
    for peg in range(3):
        for side in (-1, 1):
            dot = skia.Path()
            dot.addOval(skia.Rect.MakeXYWH(276 + peg * 17, side * 22 - 4, 9, 8))
            doll.part(dot, "#e8e0d0", 0.4)
    for string in range(6):
        y = -8 + string * 3.2
        doll.stroke(curve([(-77, y * 1.6), (40, y * 1.15), (258, y)], closed=False), "#f6efe0", 1.0, 0.75)
    doll.stroke(curve([(-134, -46), (-94, -72), (-50, -52)], closed=False), "#ffe2ac", 6, 0.5)
    doll.pen.restore()


def _arms(doll: Doll) -> None:
    upper = limb([(228, 250), (196, 320), (190, 384), (236, 424), (292, 446)], [62, 60, 54, 46, 38])
    doll.part(upper, JACKET, 0.9)
    with doll.inside(upper):
        for fold in range(4):
            doll.stroke(curve([(172 + fold * 9, 372 + fold * 8), (196 + fold * 8, 372 + fold * 12), (214 + fold * 8, 392 + fold * 10)], closed=False),
                        shade(JACKET, 0.5), 3, 0.6)  # fmt: skip
    hand = curve([(286, 428), (310, 432), (332, 446), (342, 462), (330, 470), (312, 468), (292, 464), (278, 450)])
    doll.part(hand, SKIN, 0.8)
    for finger in range(3):
        doll.stroke(
            curve(
                [(306 + finger * 2, 444 + finger * 8), (324, 450 + finger * 7), (336, 460 + finger * 4)], closed=False
            ),
            "#9a5a40",
            1.8,
            0.7,
        )
    far = limb([(378, 250), (428, 312), (462, 372), (478, 364), (488, 348)], [58, 56, 48, 42, 34])
    doll.part(far, JACKET, 0.9)
    grip = curve([(474, 340), (492, 324), (512, 330), (520, 348), (508, 366), (488, 372), (474, 360)])
    doll.part(grip, SKIN, 0.8)
    for finger in range(4):
        x = 486 + finger * 9
        doll.stroke(curve([(x, 330 + finger * 2), (x + 5, 346), (x + 2, 358)], closed=False), "#9a5a40", 2.0, 0.7)


# ---- the dancer -------------------------------------------------------------------------------------------

CLOTH, TRIM, MASK, DARK_SKIN = "#c22f4a", "#f0b24a", "#f4ead6", "#7a4a34"


def dancer() -> np.ndarray:
    doll = Doll()
    _cape(doll)
    _dancer_legs(doll)
    _dancer_far_arm(doll)
    _dress(doll)
    _mask(doll)
    _dancer_near_arm(doll)
    return doll.pixels


def _cape(doll: Doll) -> None:
    sweep = curve([(268, 236), (210, 300), (120, 372), (48, 470), (30, 560), (84, 540), (112, 600), (160, 556), (196, 604), (232, 540),
                   (276, 470), (330, 330), (326, 244)])  # fmt: skip
    doll.part(sweep, "#3a2a78", 0.7, "#6a3fa8")
    with doll.inside(sweep):
        for fold in range(7):
            end = (46 + fold * 30, 575 - fold * 6)
            doll.stroke(curve([(286, 250), (220 - fold * 4, 360 + fold * 8), end], closed=False), "#1f1650", 7, 0.45)
            doll.stroke(
                curve([(292, 252), (232 - fold * 3, 360 + fold * 8), (end[0] + 12, end[1])], closed=False),
                "#a07ae0",
                3,
                0.5,
            )
        for star in range(26):
            x, y = 60 + (star * 97) % 210, 330 + (star * 61) % 240
            dot = skia.Path()
            dot.addCircle(x, y, 2.4)
            doll.flat(dot, "#ffe6a8", 0.8)


def _dancer_legs(doll: Doll) -> None:
    back = limb([(300, 520), (246, 610), (196, 700), (150, 776), (120, 836)], [88, 78, 56, 46, 32])
    doll.part(back, "#2a1c3f", 0.9)
    foot = curve([(104, 826), (130, 836), (126, 862), (96, 890), (66, 902), (74, 880), (92, 858)])
    doll.part(foot, TRIM, 0.7)
    front = limb([(330, 520), (356, 620), (352, 720), (338, 820), (332, 900)], [92, 84, 62, 50, 34])
    doll.part(front, "#2a1c3f", 0.9)
    with doll.inside(front):
        for band in range(6):
            y = 700 + band * 32
            doll.stroke(curve([(310, y), (342, y + 14), (384, y - 4)], closed=False), TRIM, 3.4, 0.8)
    shoe = curve([(314, 884), (350, 884), (360, 920), (396, 936), (398, 950), (312, 950), (310, 920)])
    doll.part(shoe, TRIM, 0.7)


def _dress(doll: Doll) -> None:
    skirt = curve([(268, 410), (352, 406), (392, 480), (452, 560), (520, 612), (470, 640), (430, 612), (400, 668), (356, 626), (312, 684),
                   (274, 628), (222, 664), (214, 606), (160, 612), (220, 520), (252, 460)])  # fmt: skip
    doll.part(skirt, CLOTH, 0.7, "#7a1638")
    with doll.inside(skirt):
        for fold in range(9):
            end = (176 + fold * 40, 640 + (fold % 2) * 24)
            doll.stroke(curve([(272 + fold * 9, 410), (252 + fold * 18, 520), end], closed=False), "#5a0f2c", 8, 0.5)
            doll.stroke(
                curve([(276 + fold * 9, 410), (262 + fold * 18, 520), (end[0] + 14, end[1])], closed=False),
                "#ff7a7a",
                4,
                0.45,
            )
    hem = curve(
        [
            (160, 612),
            (214, 606),
            (222, 664),
            (274, 628),
            (312, 684),
            (356, 626),
            (400, 668),
            (430, 612),
            (470, 640),
            (520, 612),
        ],
        closed=False,
    )
    doll.stroke(hem, TRIM, 6)
    torso = curve(
        [
            (262, 230),
            (310, 250),
            (358, 230),
            (372, 280),
            (356, 350),
            (354, 414),
            (310, 424),
            (264, 414),
            (262, 350),
            (250, 280),
        ]
    )
    doll.part(torso, CLOTH, 0.8)
    with doll.inside(torso):
        for row in range(6):
            y = 262 + row * 27
            doll.stroke(curve([(250, y), (310, y + 20), (372, y)], closed=False), TRIM, 3.6, 0.85)
        doll.stroke(curve([(310, 240), (310, 424)], closed=False), "#5a0f2c", 4, 0.6)
    belt = curve([(262, 402), (310, 412), (356, 402), (358, 422), (310, 434), (260, 422)])
    doll.part(belt, TRIM, 0.5)
    collar = curve([(256, 232), (284, 214), (310, 226), (338, 214), (366, 232), (344, 258), (310, 266), (276, 258)])
    doll.part(collar, TRIM, 0.6)


def _mask(doll: Doll) -> None:
    plume = [
        ((298, 74), (238, 36), (168, 44)),
        ((322, 74), (384, 40), (446, 62)),
        ((304, 68), (278, 24), (236, 12)),
        ((316, 68), (342, 24), (386, 14)),
    ]
    for at, (root, middle, tip) in enumerate(plume):
        hue = ("#2fa8a0", "#f0b24a", "#e0486a", "#5a4fc8")[at]
        feather = limb([root, ((root[0] + middle[0]) / 2, (root[1] + middle[1]) / 2), middle, tip], [12, 26, 30, 8])
        doll.part(feather, hue, 0.6)
        doll.stroke(curve([root, middle, tip], closed=False), shade(hue, 1.6), 2.2, 0.8)
    neck = limb([(310, 180), (310, 212), (310, 236)], [42, 40, 56])
    doll.part(neck, DARK_SKIN, 0.9)
    head = curve(
        [
            (310, 66),
            (350, 80),
            (366, 124),
            (354, 172),
            (328, 200),
            (310, 206),
            (292, 200),
            (266, 172),
            (254, 124),
            (270, 80),
        ]
    )
    doll.part(head, MASK, 0.6, "#d8c09a")
    with doll.inside(head):
        doll.flat(curve([(310, 60), (366, 60), (372, 210), (310, 210)]), "#1f2f6e", 0.92)
        doll.part(curve([(254, 60), (311, 60), (311, 210), (250, 210)]), MASK, 0.5)
        for ray in range(7):
            x, y = 318 + ray * 9, 92 + (ray % 2) * 8
            doll.flat(curve([(x - 3, y), (x, y - 10), (x + 3, y), (x, y + 10)]), TRIM, 0.95)
    for x, hue in ((286, "#1a1020"), (334, "#1a1020")):
        doll.flat(curve([(x - 17, 132), (x, 121), (x + 17, 130), (x, 141)]), TRIM)
        doll.flat(curve([(x - 13, 132), (x, 125), (x + 13, 131), (x, 138)]), hue)
        spark = skia.Path()
        spark.addCircle(x - 3, 130, 2.2)
        doll.flat(spark, "#ffffff", 0.9)
    doll.stroke(curve([(310, 112), (314, 152), (303, 158)], closed=False), "#a8854f", 3, 0.8)
    doll.flat(curve([(294, 176), (304, 172), (310, 174), (316, 172), (326, 176), (310, 186)]), "#b8243f")
    tear = curve([(334, 146), (339, 158), (334, 164), (329, 158)])
    doll.flat(tear, "#6ad0e8")
    doll.stroke(
        curve(
            [
                (270, 80),
                (310, 66),
                (350, 80),
                (366, 124),
                (354, 172),
                (328, 200),
                (310, 206),
                (292, 200),
                (266, 172),
                (254, 124),
            ]
        ),
        TRIM,
        4,
    )


def _dancer_far_arm(doll: Doll) -> None:
    arm = limb([(356, 252), (420, 226), (468, 176), (492, 116), (506, 70)], [54, 50, 42, 34, 24])
    doll.part(arm, DARK_SKIN, 0.9)
    for at, (x, y) in enumerate(((474, 164), (482, 146), (489, 128))):
        doll.stroke(
            curve([(x - 17, y - 6), (x, y + 2), (x + 17, y + 8)], closed=False), TRIM if at != 1 else "#2fa8a0", 6
        )
    hand = curve([(492, 84), (496, 52), (512, 30), (520, 34), (514, 54), (534, 40), (538, 46), (520, 66), (518, 86)])
    doll.part(hand, DARK_SKIN, 0.8)


def _dancer_near_arm(doll: Doll) -> None:
    sleeve = limb([(266, 250), (214, 276), (176, 308)], [60, 60, 62])
    arm = limb([(230, 268), (176, 304), (130, 292), (92, 252), (70, 214)], [50, 48, 42, 34, 24])
    doll.part(arm, DARK_SKIN, 0.9)
    doll.part(sleeve, CLOTH, 0.9)
    doll.stroke(curve([(158, 286), (176, 314), (194, 334)], closed=False), TRIM, 6)
    for x, y in ((104, 268), (92, 252)):
        doll.stroke(curve([(x - 14, y + 12), (x, y), (x + 16, y - 10)], closed=False), TRIM, 6)
    hand = curve([(80, 224), (56, 206), (34, 204), (32, 196), (52, 192), (40, 172), (48, 168), (66, 188), (88, 206)])
    doll.part(hand, DARK_SKIN, 0.8)


def finished(pixels: np.ndarray) -> np.ndarray:
    """Straight alpha with a fine grain of pigment, so that the cloth doesn't look like plastic."""
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    colour = pixels[..., :3].astype(np.float32) / np.maximum(alpha, 1 / 255)
    rng = np.random.default_rng(7)
    grain = cv2.GaussianBlur(rng.standard_normal(pixels.shape[:2]).astype(np.float32), (0, 0), 1.6)
    broad = cv2.GaussianBlur(rng.standard_normal(pixels.shape[:2]).astype(np.float32), (0, 0), 9.0)
    colour *= (1.0 + 0.012 * grain / grain.std() + 0.03 * broad / broad.std())[..., None]
    out = np.dstack([np.clip(colour, 0, 255), alpha * 255.0]).astype(np.uint8)
    out[out[..., 3] == 0] = 0
    return out


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in (("character-1.png", singer), ("character-2.png", dancer)):
        picture = finished(draw())
        rows, columns = np.nonzero(picture[..., 3])
        picture = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        picture[..., :3] &= 0xFE  # the lowest bit is noise that no eye sees and no PNG can pack
        done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if not done:
            raise SystemExit(f"{name} could not be encoded")
        (folder / name).write_bytes(data.tobytes())
        print(f"{folder / name}: {picture.shape[1]} x {picture.shape[0]}, {len(data) // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "assets" / "demo")
