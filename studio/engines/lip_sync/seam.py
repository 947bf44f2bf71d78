"""The line between closed lips, found in the picture itself: landmarks are a pixel or two off, and a lip that carries a
strip of the other one is what makes a moved mouth look cut."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d, median_filter

from studio.engines.lip_sync.rig import Rig, almond
from studio.engines.lip_sync.teeth import colour_at, lip_colour, own_teeth

CLOSED = 0.022
"""Lips nearer than this part of the face's height count as closed: landmarks part closed lips by some."""

DOUBTFUL = 0.06
"""Landmarks may part the full lips of a closed mouth by as much."""

SEARCH = 0.02
RIM = 0.005
"""Parts of the face's height by which the lips of an open mouth are taken to be thinner than their landmarks say: a rim
of teeth must not move with a lip."""

INSIDE, OUTSIDE = 0.006, 0.009
LEAST_DARKER = 8.0
"""Grey levels by which three quarters of a line between lips are darker than the lips; fur and beards have no line."""

STIFF = 4.0


def settled(picture: np.ndarray, rig: Rig) -> Rig:
    """`rig` with both lips' edges on the dark line between them where the mouth is closed, else without their rims."""
    if rig.gap >= CLOSED and not _only_lips(picture, rig):
        return _parted(picture, rig)
    middle = (rig.upper + rig.lower) / 2
    reach = max(2, round(SEARCH * rig.height))
    offsets = np.arange(-reach, reach + 1)
    columns = middle[:, :1] + np.zeros((1, len(offsets)))
    places = np.stack([columns, middle[:, 1:] + offsets[None]], axis=-1)
    at = rig.axes.to_picture(places.reshape(-1, 2)).reshape(places.shape).astype(np.float32)
    grey = cv2.GaussianBlur(cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY), (0, 0), max(0.5, rig.height / 400))
    seen = cv2.remap(grey, at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float64)
    spread = float(seen.std()) + 2.0
    cost = (seen - seen.mean()) / spread + 0.6 * (offsets[None] / reach) ** 2
    path = _cheapest(cost)
    darker = np.median(seen, axis=1) - seen[np.arange(len(path)), path]
    if float(np.percentile(darker, 25)) < LEAST_DARKER:
        return replace(rig, upper=middle, lower=middle.copy())
    ends = np.clip(np.minimum(np.arange(len(path)), np.arange(len(path))[::-1]) / 8, 0, 1)
    moved = cv2.GaussianBlur((offsets[path] * ends).reshape(1, -1).astype(np.float64), (0, 0), 2.0)[0]
    seam = np.stack([middle[:, 0], middle[:, 1] + moved], axis=1)
    return replace(rig, upper=seam, lower=seam.copy())


def _only_lips(picture: np.ndarray, rig: Rig) -> bool:
    """Whether what seems a gap is lip after all: neither teeth nor darkness."""
    if rig.gap >= DOUBTFUL or own_teeth(picture, rig) is not None:
        return False
    inner = slice(len(rig.upper) // 3, -(len(rig.upper) // 3))
    between = colour_at(picture, rig, (rig.upper[inner] + rig.lower[inner]) / 2)
    return float(between.mean()) > 0.72 * float(lip_colour(picture, rig).mean())


def _parted(picture: np.ndarray, rig: Rig) -> Rig:
    up = rig.upper - _beyond(picture, rig)
    low = rig.lower + _rim(rig)
    wider = replace(rig, upper=up, lower=low)
    return replace(wider, closing=wider.gap / rig.gap)


def _rim(rig: Rig) -> np.ndarray:
    out = np.zeros_like(rig.lower)
    out[:, 1] = RIM * rig.height * almond(np.linspace(-1, 1, len(out))) ** 0.5
    return out


def _beyond(picture: np.ndarray, rig: Rig) -> np.ndarray:
    """(k, 2) with in y how far teeth go on above the upper lip's edge: teeth are far bluer than lips in any light.

    The lower lip's edge is not asked: light glistens on it as white as teeth.
    """
    unit, edge = rig.height, rig.upper
    steps = np.linspace(-INSIDE, OUTSIDE, 37) * unit
    places = np.stack([np.repeat(edge[:, :1], len(steps), axis=1), edge[:, 1:] - steps[None]], axis=-1)
    at = rig.axes.to_picture(places.reshape(-1, 2)).reshape(places.shape).astype(np.float32)
    blue = cv2.remap(
        np.ascontiguousarray(picture[..., 2]), at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.float64)
    tooth, lip = blue[:, :4].mean(axis=1), np.median(blue[:, -6:])
    still = np.minimum.accumulate(blue > lip + 0.35 * np.maximum(tooth - lip, 0)[:, None], axis=1)
    last = steps[np.maximum(still.sum(axis=1) - 1, 0)] * (tooth > lip + 25)
    rim = median_filter(np.clip(last, 0, None), 7, mode="nearest") + RIM * unit
    out = np.zeros_like(edge)
    out[:, 1] = gaussian_filter1d(rim, 2.0, mode="nearest") * almond(np.linspace(-1, 1, len(edge))) ** 0.5
    return out


def _cheapest(cost: np.ndarray) -> np.ndarray:
    """Row of the cheapest path through `cost` (columns, rows) from the first column to the last, steps of one row."""
    total = cost.copy()
    came = np.zeros(cost.shape, int)
    for column in range(1, len(cost)):
        before = np.pad(total[column - 1], 1, constant_values=np.inf)
        choices = np.stack([before[:-2] + STIFF * 0.05, before[1:-1], before[2:] + STIFF * 0.05])
        best = choices.argmin(axis=0)
        came[column] = best - 1
        total[column] += choices.min(axis=0)
    path = np.zeros(len(cost), int)
    path[-1] = int(total[-1].argmin())
    for column in range(len(cost) - 1, 0, -1):
        path[column - 1] = path[column] + came[column, path[column]]
    return path
