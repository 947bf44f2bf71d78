"""A shot's five palette colours as ramps of light: every surface takes its colour from how bright it is."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

STEPS = 512
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def rgb(colour: str) -> np.ndarray:
    """ "#rrggbb" as three float32 in 0..1."""
    return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float32) / 255.0


def to_oklab(srgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 (..., 3) in OKLab (Ottosson 2020)."""
    value = np.asarray(srgb, np.float64)
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T


def from_oklab(lab: np.ndarray) -> np.ndarray:
    """OKLab (..., 3) as sRGB 0..1, clipped to what a screen shows."""
    linear = np.clip(((lab @ np.linalg.inv(_TO_LAB).T) ** 3) @ np.linalg.inv(_TO_LMS).T, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def gradient(colours: Sequence[np.ndarray], stops: Sequence[float]) -> np.ndarray:
    """A table (STEPS, 3) through `colours` (sRGB 0..1) at `stops` 0..1, straight in OKLab."""
    labs = to_oklab(np.stack(colours))
    at = np.linspace(0.0, 1.0, STEPS)
    return from_oklab(np.stack([np.interp(at, stops, labs[:, channel]) for channel in range(3)], axis=1))


def look_up(table: np.ndarray, tone: np.ndarray | float) -> np.ndarray:
    """`table` (STEPS, 3) at `tone` 0..1, (..., 3) float32; between two entries nothing is visible."""
    tone = np.asarray(tone)
    if tone.ndim == 2 and tone.size > STEPS:
        # a remap of one row is a table for float indices, eight times as fast as numpy's
        columns = (tone * (STEPS - 1)).astype(np.float32, copy=False)
        row = np.zeros(tone.shape, np.float32)
        return cv2.remap(table[None], columns, row, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    index = np.clip(tone * (STEPS - 1) + 0.5, 0, STEPS - 1).astype(np.int32)
    return table[index]


def mixed(picture: np.ndarray, colour: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`picture` (h, w, 3) moved by `share` (h, w), or what broadcasts to it, towards `colour`: (3,) or a picture."""
    height, width = picture.shape[:2]
    share = np.ascontiguousarray(np.broadcast_to(share, (height, width)), np.float32)
    weight = cv2.cvtColor(share, cv2.COLOR_GRAY2RGB)
    if colour.ndim == 1:
        out = cv2.subtract(picture, cv2.multiply(picture, weight))
        return cv2.add(out, cv2.transform(share, np.asarray(colour, np.float32)[:, None]), dst=out)
    out = cv2.subtract(np.asarray(colour, np.float32), picture)
    cv2.multiply(out, weight, dst=out)
    return cv2.add(out, picture, dst=out)


class Inks:
    """The ramps of one shot. `natural` 0..1 is how far a leaf may be green when the palette has no green."""

    def __init__(self, palette: Sequence[str], natural: float) -> None:
        self.colours = tuple(rgb(colour) for colour in palette)
        self.natural = natural
        self.ramp = gradient(self.colours, (0.0, 0.25, 0.5, 0.75, 1.0))
        self._lab = to_oklab(self.ramp)

    def tone(self, level: np.ndarray | float) -> np.ndarray:
        """The palette at `level` 0 dark .. 1 light."""
        return look_up(self.ramp, level)

    def local(self, colour: str, strength: float = 1.0) -> np.ndarray:
        """A ramp table as light as the palette's, with the hue of `colour` mixed in as far as `natural` allows."""
        target = to_oklab(rgb(colour))
        lab = self._lab.copy()
        # chroma dies in deep shadow and in highlights, as paint's does
        reach = np.clip(1.15 - np.abs(2.0 * lab[:, :1] - 1.1), 0.15, 1.0)
        share = self.natural * strength
        lab[:, 1:] += (target[1:] * reach - lab[:, 1:]) * share
        return from_oklab(lab)

    def blend(self, level: float, colour: str, share: float) -> np.ndarray:
        """One colour: the palette at `level`, moved by natural x `share` towards `colour` itself."""
        pair = to_oklab(np.stack([self.tone(level), rgb(colour)]))
        return from_oklab(pair[0] + (pair[1] - pair[0]) * self.natural * share)

    def accents(self) -> list[np.ndarray]:
        """The palette's three most colourful steps for neon, lamps, signs and inks: the strongest first, then what is
        least like those taken."""
        lab = to_oklab(np.stack(self.colours))
        chroma = np.hypot(lab[:, 1], lab[:, 2]) * np.clip(lab[:, 0] * 1.6, 0, 1)
        taken = [int(np.argmax(chroma))]
        while len(taken) < 3:
            unlike = np.min(np.linalg.norm(lab[:, None] - lab[taken], axis=2), axis=1)
            score = np.where(lab[:, 0] > 0.25, unlike * (0.15 + chroma), -1.0)
            score[taken] = -1.0
            taken.append(int(np.argmax(score)))
        return [self.colours[index] for index in taken]
