"""The last look before the finish: a picture whose lights or darks are missing gets them, as from a good printer."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from studio.contracts import Layer
from studio.engines.image.easel import Easel
from studio.media.compositing import compose

WHITE = {"night": 0.55, "dusk": 0.68}
"""The least that the brightest hundredth should reach; by other hours 0.78."""

MIDDLE = {"night": 0.09, "dusk": 0.125}
"""The least for the median; by other hours 0.17."""

BLACK = 0.24
"""The most for the darkest hundredth; fog may keep half of what it has above."""

MOST = 2.2
"""How far a curve may be bent: beyond that it shows grain and steps instead of the scene."""


def exposed(easel: Easel, layers: tuple[Layer, ...], margin: int) -> tuple[Layer, ...]:
    """`layers` under one tone curve for all; unchanged where the composed picture's range is good already."""
    small = compose(layers, margin)[::4, ::4]
    luma = small @ np.array([0.2126, 0.7152, 0.0722]) / 255.0
    curve = tone_curve(easel, luma)
    if curve is None:
        return layers
    keep = np.arange(256, dtype=np.uint8)
    table = np.stack([curve, curve, curve, keep], axis=1)[None]
    return tuple(replace(layer, picture=cv2.LUT(layer.picture, table)) for layer in layers)


def tone_curve(easel: Easel, luma: np.ndarray) -> np.ndarray | None:
    """256 bytes for a picture of `luma` 0..1, or None for one that needs nothing."""
    dark, middle, bright = (float(value) for value in np.percentile(luma, (1, 50, 99)))
    black = max(0.0, dark - BLACK) * (0.45 if easel.weather == "fog" else 0.75)
    middle, bright = ((value - black) / (1.0 - black) for value in (middle, bright))
    gain = max(
        _needed(bright, WHITE.get(easel.hour, 0.78)),
        _needed(middle, MIDDLE.get(easel.hour, 0.17)),
    )
    gain = float(np.clip(gain, 1.0, MOST))
    if black < 0.01 and gain < 1.03:
        return None
    level = np.clip((np.arange(256) / 255.0 - black) / (1.0 - black), 0, 1)
    # keeps 0 and 1, and leaves no corner in the lights (Reinhard 2002, with its white at 1)
    level = gain * level / (1.0 + (gain - 1.0) * level)
    return np.round(level * 255.0).astype(np.uint8)


def _needed(value: float, target: float) -> float:
    """The curve's gain that takes `value` to `target`, both 0..1."""
    value = min(max(value, 1e-3), 0.999)
    return target * (1.0 - value) / (value * (1.0 - target))
