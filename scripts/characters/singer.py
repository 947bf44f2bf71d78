"""A singer with a guitar."""

from __future__ import annotations

import numpy as np
import skia
from characters.doll import Doll, curve, limb, shade, skia_colour, strands

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
    mass = curve([(262, 70), (322, 46), (372, 84), (392, 150), (412, 226), (446, 292), (424, 330), (372, 318), (318,
        262),
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
        boot = curve([(x - 27, 836), (x + 27, 836), (x + 25, 890), (x + 30 + 20 * max(side, 0), 926),
            (x + 22 + 24 * max(side, 0), 946),
                      (x - 20 - 24 * max(-side, 0), 946), (x - 30 - 20 * max(-side, 0), 926), (x - 25,
                      890)])  # fmt: skip
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
    fringe = curve([(304, 52), (352, 66), (372, 118), (366, 176), (352, 150), (344, 112), (318, 88), (290, 106),
        (268, 116), (258, 158),
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
    body = curve([(-150, 0), (-138, -62), (-92, -84), (-44, -62), (-8, -50), (30, -66), (74, -60), (92, -18), (92,
        18), (74, 60), (30, 66),
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
            doll.stroke(curve([(172 + fold * 9, 372 + fold * 8), (196 + fold * 8, 372 + fold * 12), (214 + fold * 8,
                392 + fold * 10)], closed=False),
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
