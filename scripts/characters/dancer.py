"""A masked dancer with a cape."""

from __future__ import annotations

import numpy as np
import skia
from characters.doll import Doll, curve, limb, shade

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
    sweep = curve([(268, 236), (210, 300), (120, 372), (48, 470), (30, 560), (84, 540), (112, 600), (160, 556), (196,
        604), (232, 540),
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
    skirt = curve([(268, 410), (352, 406), (392, 480), (452, 560), (520, 612), (470, 640), (430, 612), (400, 668),
        (356, 626), (312, 684),
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
