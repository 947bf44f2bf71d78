"""The sound drawn at the foot of the picture: its spectrum, or its waveform running past."""

from __future__ import annotations

import numpy as np

from studio.media.overlays.bars import Strip, bar_columns, calmed, draw_bars, mixed
from studio.media.overlays.look import Canvas, Look
from studio.media.overlays.sprite import Sprite, sprite_of

HEIGHT = 0.085
"""Of the frame's height that either takes above the lower margin; captions go above it."""

_OPACITY = 0.94
_WINDOW_SECONDS = 7.0  # of sound seen at once in the waveform
_BAR_SECONDS = 0.09
_VEIL = 0.5
_CURVE = 1.7  # levels are in dB; a little of their loudness back makes beats stand out


class Spectrum:
    """Bars for `levels` (frame_count, bands) 0..1, lowest band first: the bass in the middle, treble on both sides."""

    def __init__(self, levels: np.ndarray, canvas: Canvas, look: Look) -> None:
        self._levels = calmed(levels, float(canvas.fps)) ** _CURVE
        self._strip, self._veil = _strip(canvas, 0.62), _veil(canvas, look)
        width = self._strip.right - self._strip.left
        count = 2 * levels.shape[1]
        self._pitch = width / count
        self._centres = (np.arange(count) + 0.5) * self._pitch
        self._thick = max(1.2, 0.46 * self._pitch)
        outward = np.abs(np.arange(width) + 0.5 - width / 2) / (width / 2)
        self._colours = mixed(look.accent, look.ink, outward * 1.15)
        self._soft = np.clip((1 - outward) * 5, 0.25, 1) * _OPACITY

    def shows(self, number: int) -> bool:
        return 0 <= number < len(self._levels)

    def draw(self, frame: np.ndarray, number: int) -> None:
        self._veil.lay(frame)
        level = self._levels[number]
        halves = self._thick / 2 + np.concatenate([level[::-1], level]) * (self._strip.reach - self._thick / 2)
        heights, cover = bar_columns(self._centres, halves, self._thick, len(self._soft))
        draw_bars(frame, self._strip, (heights, cover * self._soft), self._colours)


class Waveform:
    """The loudness of `levels` (frame_count, bands) 0..1 as bars running from right to left; what has sounded is in
    the accent colour, what is to come is fainter."""

    def __init__(self, levels: np.ndarray, canvas: Canvas, look: Look) -> None:
        loudness = levels.astype(np.float32).mean(axis=1) if levels.size else np.zeros(len(levels), np.float32)
        self._frames = len(loudness)
        self._each = max(1, round(_BAR_SECONDS * float(canvas.fps)))  # frames in a bar
        parts = np.pad(loudness, (0, -len(loudness) % self._each)).reshape(-1, self._each).max(axis=1)
        self._bars = _stretched(parts) ** _CURVE
        self._strip, self._veil = _strip(canvas, 0.8), _veil(canvas, look)
        width = self._strip.right - self._strip.left
        self._pitch = width * self._each / (_WINDOW_SECONDS * float(canvas.fps))
        self._thick = max(1.2, 0.5 * self._pitch)
        outward = np.abs(np.arange(width) + 0.5 - width / 2) / (width / 2)
        sounded = (np.arange(width) + 0.5) < width / 2
        self._colours = mixed(look.ink, look.accent, sounded.astype(float))
        self._soft = np.clip((1 - outward) * 3.5, 0, 1) * np.where(sounded, _OPACITY, 0.62)

    def shows(self, number: int) -> bool:
        return 0 <= number < self._frames

    def draw(self, frame: np.ndarray, number: int) -> None:
        self._veil.lay(frame)
        width = len(self._soft)
        now = (number + 0.5) / self._each  # in bars
        reach = width / 2 / self._pitch + 1
        index = np.arange(int(np.floor(now - reach)), int(np.ceil(now + reach)) + 1)
        inside = (index >= 0) & (index < len(self._bars))
        level = np.where(inside, self._bars[np.clip(index, 0, len(self._bars) - 1)], 0.0)
        centres = width / 2 + (index + 0.5 - now) * self._pitch
        halves = self._thick / 2 + level * (self._strip.reach - self._thick / 2)
        heights, cover = bar_columns(centres, halves, self._thick, width)
        draw_bars(frame, self._strip, (heights, cover * self._soft), self._colours)


def _strip(canvas: Canvas, share: float) -> Strip:
    """`share` of what lies within the margins, in the frame's middle."""
    half = round((canvas.width / 2 - canvas.margins[0]) * share)
    reach = max(4, round(HEIGHT * canvas.height / 2) - 2)
    middle = round(canvas.height - canvas.margins[1]) - reach - 1
    return Strip(canvas.width // 2 - half, canvas.width // 2 + half, middle, reach)


def _veil(canvas: Canvas, look: Look) -> Sprite:
    """The frame's foot a little darker towards its edge, so that bright scenes don't swallow the bars."""
    rows = round(canvas.margins[1] + 2.4 * HEIGHT * canvas.height)
    fall = np.linspace(0, 1, rows)[:, None] ** 1.2 * _VEIL
    noise = np.random.default_rng(0).random((rows, canvas.width))
    alpha = np.repeat(fall, canvas.width, 1)
    picture = np.floor(alpha[..., None] * np.array([*look.shade, 255]) + noise[..., None])
    sprite = sprite_of(np.ascontiguousarray(picture.astype(np.uint8)), 0, canvas.height - rows)
    assert sprite is not None
    return sprite


def _stretched(parts: np.ndarray) -> np.ndarray:
    """Loudness of songs moves little about a high mean; spread so that its 5th percentile is near 0 and its top 1."""
    if not len(parts) or float(parts.max()) <= 0:
        return parts
    low, high = np.percentile(parts, (5, 99.5))
    if high - low < 0.05:
        return parts
    return np.clip((parts - 0.85 * low) / (high - 0.85 * low), 0, 1)
