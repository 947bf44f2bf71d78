"""Thin rounded bars standing to both sides of a line, the stuff of both pictures of the sound."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.media.overlays.look import Rgb


@dataclass(frozen=True)
class Strip:
    """Where bars stand: pixels of the frame; `middle` is the line's height from the top, `reach` the tallest half."""

    left: int
    right: int
    middle: int
    reach: int


def draw_bars(frame: np.ndarray, strip: Strip, columns: tuple[np.ndarray, np.ndarray], colours: np.ndarray) -> None:
    """Draws into `frame` in place. `columns` (half height in pixels, coverage 0..1), each (right - left,); `colours`
    (right - left, 3) 0..255. Edges are smooth: a half height of 3.4 covers four tenths of the fourth pixel."""
    heights, coverage = columns
    rows = np.arange(strip.reach + 1, dtype=np.float32)[:, None]
    half = np.clip(heights[None].astype(np.float32) - rows, 0, 1) * coverage[None].astype(np.float32)
    alpha = np.concatenate([half[:0:-1], half])
    target = frame[strip.middle - strip.reach : strip.middle + strip.reach + 1, strip.left : strip.right]
    alpha3 = cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB)
    over = cv2.multiply(
        cv2.subtract(colours.astype(np.float32)[None].repeat(len(alpha), 0), target, dtype=cv2.CV_32F), alpha3
    )
    cv2.add(target, over, dst=target, dtype=cv2.CV_8U)


def bar_columns(centres: np.ndarray, halves: np.ndarray, thick: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """(half height, coverage) of each of `width` pixel columns, for bars with rounded ends, `thick` pixels wide, around
    `centres` (n,) pixels, `halves` (n,) pixels to each side of the line. Bars don't touch each other."""
    columns = np.arange(width) + 0.5
    nearest = np.clip(np.searchsorted((centres[1:] + centres[:-1]) / 2, columns), 0, len(centres) - 1)
    off = np.abs(columns - centres[nearest])
    radius = thick / 2
    round_off = radius - np.sqrt(np.maximum(0.0, radius**2 - np.minimum(off, radius) ** 2))
    return np.maximum(halves[nearest] - round_off, 0.5), np.clip(radius + 0.5 - off, 0, min(1.0, thick))


def mixed(near: Rgb, far: Rgb, share: np.ndarray) -> np.ndarray:
    """(n, 3) colours from `near` at 0 to `far` at 1."""
    weight = np.clip(share, 0, 1)[:, None]
    return np.array(near) * (1 - weight) + np.array(far) * weight


def calmed(levels: np.ndarray, fps: float, attack: float = 0.02, release: float = 0.22) -> np.ndarray:
    """`levels` (frames, n) 0..1 as a meter shows them: rising and falling to 63 % within `attack` and `release` s."""
    up, down = (float(1 - np.exp(-1 / (fps * seconds))) for seconds in (attack, release))
    out = np.empty(levels.shape, np.float32)
    held = np.zeros(levels.shape[1], np.float32)
    for index, level in enumerate(levels.astype(np.float32)):
        held = held + (level - held) * np.where(level > held, np.float32(up), np.float32(down))
        out[index] = held
    return out
