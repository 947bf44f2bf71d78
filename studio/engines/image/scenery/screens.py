"""Walls of light and what plays on them."""

from __future__ import annotations

import cv2
import numpy as np

from studio.engines.image.easel import Easel
from studio.engines.image.noise import fbm, smoothstep, warp, wave
from studio.engines.image.sheet import tinted


def patterns(easel: Easel, purpose: str = "patterns") -> np.ndarray:
    """A moving picture's still: rings, bars, waves or a burning field in the palette, (h, w, 3)."""
    canvas, rng, inks = easel.canvas, easel.rng(purpose), easel.inks
    kind = int(rng.integers(4))
    away = canvas.distance(0.5, 0.42)
    if kind == 0:
        level = 0.5 + 0.5 * np.cos(away * rng.uniform(34, 60))
        level = smoothstep(0.45, 0.75, level) * np.exp(-away * 1.3)
    elif kind == 1:
        bars = wave(64, 9, rng, 3)[0]
        at = np.clip(((canvas.xs()[0] + 0.1) / 1.2 * 48).astype(int), 0, 63)
        tall = np.clip((bars[at] - 0.15) * 0.75, 0.03, 1)[None, :]
        gap = np.abs(((canvas.xs() + 0.1) / 1.2 * 48) % 1.0 - 0.5) < 0.36
        level = (
            smoothstep(0.01, -0.01, np.abs(canvas.ys() - 0.40) - tall * 0.30)
            * gap
            * (0.55 + 0.45 * np.abs(canvas.ys() - 0.40) * 4)
        )
    elif kind == 2:
        bend = fbm(canvas.shape, 2.0, rng, 3)
        level = smoothstep(0.62, 0.95, 0.5 + 0.5 * np.sin((canvas.ys() + bend * 0.35) * 62.0)) * (0.35 + 0.65 * bend)
    else:
        shift = (fbm(canvas.shape, 2.4, rng, 4) - 0.5) * canvas.unit * 0.7
        level = smoothstep(
            0.30,
            0.85,
            warp(fbm(canvas.shape, 3.0, rng, 5), shift, shift.T if shift.shape[0] == shift.shape[1] else shift),
        )
    level = np.broadcast_to(level, canvas.shape).astype(np.float32)
    hue = inks.accents()
    tint = np.clip(canvas.xs() + 0.2 * (canvas.ys() - 0.4), 0, 1)[..., None]
    mixed = hue[0] + (hue[1] - hue[0]) * tint
    base = inks.tone(0.06 + 0.10 * level)
    return np.clip(base + mixed * (level * 0.75)[..., None] + 0.35 * (level**3)[..., None], 0, 1)


def light_wall(easel: Easel, box: tuple[float, float, float, float], view: np.ndarray | None) -> np.ndarray:
    """A wall of lamps as a sheet. `box`: middle x, middle y, width, height in frame coordinates; shows `view`
    (h, w, 3) or patterns of its own."""
    canvas = easel.canvas
    x, y, wide, tall = box
    picture = patterns(easel) if view is None else view
    left, right = canvas.px(x - wide / 2), canvas.px(x + wide / 2)
    top, bottom = canvas.py(y - tall / 2), canvas.py(y + tall / 2)
    if view is not None:
        source = _fit(canvas.width, canvas.height, (right - left) / (bottom - top))
        matrix = cv2.getAffineTransform(
            np.array([[source[0], source[1]], [source[2], source[1]], [source[0], source[3]]], np.float32),
            np.array([[left, top], [right, top], [left, bottom]], np.float32),
        )
        picture = cv2.warpAffine(picture, matrix, (canvas.width, canvas.height), flags=cv2.INTER_AREA)
        # lamps shine: a night view on a wall of light is brighter than the night
        bright = float(np.percentile(view[::4, ::4].max(axis=2), 97))
        picture = np.clip(picture * np.clip(0.95 / max(bright, 0.05), 1.08, 2.4) + 0.03, 0, 1)
    pitch = max(3.0, canvas.unit / 150)
    columns = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(canvas.width, dtype=np.float32)[None, :] / pitch)
    rows = 0.5 + 0.5 * np.cos(2 * np.pi * np.arange(canvas.height, dtype=np.float32)[:, None] / pitch)
    dots = 0.62 + 0.38 * np.sqrt(columns * rows)
    edge = 1.0 / canvas.frame_width
    mask = smoothstep(-edge, edge, wide / 2 - np.abs(canvas.xs() - x)) * smoothstep(
        -edge, edge, tall / 2 - np.abs(canvas.ys() - y)
    )
    panel = np.abs(((canvas.xs() - x) / wide * 8) % 1.0) < 0.008
    return tinted(mask.astype(np.float32), picture * dots[..., None] * (1.0 - 0.5 * panel)[..., None])


def _fit(width: int, height: int, aspect: float) -> tuple[float, float, float, float]:
    """The largest middle part of a picture with `aspect`: left, top, right, bottom."""
    wide, tall = (width, width / aspect) if width / aspect <= height else (height * aspect, height)
    return (width - wide) / 2, (height - tall) / 2, (width + wide) / 2, (height + tall) / 2
