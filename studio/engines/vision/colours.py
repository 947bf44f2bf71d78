"""Colours by the names people give them, and how much of a picture has each."""

from __future__ import annotations

import cv2
import numpy as np

NAMES = (
    "black", "white", "grey", "red", "orange", "yellow", "green", "cyan", "blue", "purple", "magenta", "pink", "brown",
    "beige",
)  # fmt: skip
LEAST_SHARE = 0.04
_MOST_NAMES = 5
_STEPS = 32

# Berlin and Kay's eleven basic terms and three that names of screens add; of each some colours that carry it, sRGB.
_EXAMPLES: dict[str, str] = {
    "black": "000000 161616 26262a 2a2420",
    "white": "ffffff f5f5f5 ececec fffaf0 f0f8ff",
    "grey": "808080 a9a9a9 696969 c8c8c8 545454 708090 424246",
    "red": "ff0000 dc143c b22222 8b0000 e03c31 c81010 600000 cd5c5c",
    "orange": "ffa500 ff8c00 ff7f00 ff6a00 e07b20 f4a040 e06010 ff7f50",
    "yellow": "ffff00 ffd700 f0e030 ffe135 fff380 e6c200 ffff80 b8b000 ffc800",
    "green": "008000 00ff00 32cd32 228b22 006400 6b8e23 7cfc00 90ee90 2e8b57 9acd32 556b2f 003c00 8fbc8f 00a860",
    "cyan": "00ffff 40e0d0 00ced1 20b2aa 008080 7fffd4 afeeee 00b8d4",
    "blue": "0000ff 0000cd 000080 1e90ff 4169e1 4682b4 87ceeb 6495ed 00bfff 191970 add8e6 3c5a96 0078d7",
    "purple": "800080 4b0082 8a2be2 9370db 9932cc 6a0dad 663399 b39ddb 300050",
    "magenta": "ff00ff e000c0 c71585 d020d0 ff00a0 ba20a0",
    "pink": "ffc0cb ff69b4 ffb6c1 f4a6b8 ff91a4 fadadd ff1493 e8a0b0 ee82ee",
    "brown": "8b4513 a0522d 654321 5c4033 7b3f00 964b00 6b4423 a97142 3c2414 8b5a2b",
    "beige": "f5f5dc f5deb3 d2b48c e8d5b0 ffe4c4 deb887 c8ad7f e0c8a8 f0dcc0",
}


class ColourNamer:
    """Names by the nearest example in CIELAB. Holds a table of 32 steps a channel."""

    def __init__(self) -> None:
        names = [name for name in NAMES for _ in _EXAMPLES[name].split()]
        texts = [text for name in NAMES for text in _EXAMPLES[name].split()]
        examples = _lab(np.array([[int(text[i : i + 2], 16) for i in (0, 2, 4)] for text in texts], np.float32))
        level = (np.arange(_STEPS, dtype=np.float32) + 0.5) * (256 / _STEPS)
        colours = _lab(np.stack(np.meshgrid(level, level, level, indexing="ij"), axis=-1).reshape(-1, 3))
        nearest = np.empty(len(colours), np.uint8)
        place = np.array([NAMES.index(name) for name in names], np.uint8)
        for first in range(0, len(colours), 4096):
            part = colours[first : first + 4096]
            nearest[first : first + 4096] = place[np.square(part[:, None] - examples).sum(axis=2).argmin(axis=1)]
        self._table = nearest

    def shares(self, picture: np.ndarray) -> np.ndarray:
        """(14,) float32, sum 1: of `picture` (h, w, 3) uint8, in the order of NAMES."""
        step = (picture.reshape(-1, 3) // (256 // _STEPS)).astype(np.int32)
        names = self._table[(step[:, 0] * _STEPS + step[:, 1]) * _STEPS + step[:, 2]]
        return (np.bincount(names, minlength=len(NAMES)) / len(names)).astype(np.float32)


def main_colours(shares: np.ndarray) -> tuple[tuple[str, float], ...]:
    """The largest first, five at most, none below a twenty-fifth of the picture but the first."""
    order = np.argsort(-shares, kind="stable")[:_MOST_NAMES]
    kept = [index for rank, index in enumerate(order) if rank == 0 or shares[index] >= LEAST_SHARE]
    return tuple((NAMES[index], round(float(shares[index]), 3)) for index in kept)


def _lab(colours: np.ndarray) -> np.ndarray:
    """sRGB 0..255 (n, 3) to CIELAB."""
    return cv2.cvtColor(colours[None] / np.float32(255), cv2.COLOR_RGB2LAB)[0]
