"""A drawn face that the networks find, and a sound like somebody's syllables."""

from __future__ import annotations

import cv2
import numpy as np


def portrait(size: int = 480, opening: float = 0.0) -> np.ndarray:
    """(size, size, 3): a shaded face whose eyes lie at 0.37 and 0.63 of the width, 0.43 of the height, its mouth at
    0.62. `opening`: how far its lips are apart, in parts of the size."""
    big = np.full((960, 960, 3), (150, 170, 190), np.uint8)
    skin, shade, hair = (224, 178, 150), (196, 142, 116), (62, 42, 32)
    cv2.ellipse(big, (480, 420), (226, 280), 0, 0, 360, hair, -1, cv2.LINE_AA)
    cv2.ellipse(big, (480, 960), (330, 200), 0, 0, 360, (60, 70, 110), -1, cv2.LINE_AA)
    cv2.rectangle(big, (415, 640), (545, 800), shade, -1)
    cv2.ellipse(big, (480, 460), (180, 240), 0, 0, 360, skin, -1, cv2.LINE_AA)
    for x in (394, 566):
        cv2.ellipse(big, (x, 412), (40, 21), 0, 0, 360, (250, 248, 244), -1, cv2.LINE_AA)
        cv2.circle(big, (x, 412), 19, (80, 60, 40), -1, cv2.LINE_AA)
        cv2.circle(big, (x, 412), 9, (10, 10, 10), -1, cv2.LINE_AA)
        cv2.ellipse(big, (x, 366), (54, 22), 0, 200, 340, hair, 11, cv2.LINE_AA)
    cv2.ellipse(big, (480, 524), (34, 18), 0, 0, 180, shade, 7, cv2.LINE_AA)
    cv2.line(big, (466, 420), (458, 512), shade, 6, cv2.LINE_AA)
    gap = round(opening * 960)
    cv2.ellipse(big, (480, 596 + gap // 2), (68, 24 + gap // 2), 0, 0, 360, (186, 84, 84), -1, cv2.LINE_AA)
    if gap > 4:
        cv2.ellipse(big, (480, 596 + gap // 2), (52, gap // 2), 0, 0, 360, (60, 14, 18), -1, cv2.LINE_AA)
    else:
        cv2.line(big, (416, 596), (544, 596), (110, 40, 44), 5, cv2.LINE_AA)
    soft = cv2.GaussianBlur(big, (0, 0), 3)
    return cv2.resize(soft, (size, size), interpolation=cv2.INTER_AREA)


def cartoon_cat(size: int = 320) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """(size, size, 3) and the box of its mouth: nothing that a network takes for a face."""
    big = np.full((640, 640, 3), (120, 200, 230), np.uint8)
    for x in (180, 460):
        ear = np.array([(x - 70, 220), (x + 70, 220), (x, 60)])
        cv2.fillPoly(big, [ear], (240, 160, 60), cv2.LINE_AA)
    cv2.circle(big, (320, 330), 220, (240, 160, 60), -1, cv2.LINE_AA)
    for x in (235, 405):
        cv2.circle(big, (x, 280), 34, (30, 30, 30), -1, cv2.LINE_AA)
    cv2.ellipse(big, (320, 360), (22, 15), 0, 0, 360, (220, 90, 110), -1, cv2.LINE_AA)
    for x in (282, 358):
        cv2.ellipse(big, (x, 400), (38, 26), 0, 0, 180, (60, 30, 20), 7, cv2.LINE_AA)
    scale = size / 640
    small = cv2.resize(big, (size, size), interpolation=cv2.INTER_AREA)
    return small, (240 * scale, 390 * scale, 160 * scale, 50 * scale)


def syllables(seconds: float, rate: int) -> np.ndarray:
    """(n,) float32: a voice of 140 Hz whose syllables come at uneven intervals."""
    t = np.arange(round(seconds * rate)) / rate
    beat = np.sin(2 * np.pi * 2.1 * t + 1.3 * np.sin(2 * np.pi * 0.7 * t)) * 0.5 + 0.5
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 24))
    return (0.2 * voice * beat**3).astype(np.float32)
