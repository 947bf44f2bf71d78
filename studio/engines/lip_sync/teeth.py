"""A row of teeth: the person's own where the picture shows them, else drawn in the picture's light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.engines.lip_sync.rig import Rig, smooth

WIDTHS = (0.047, 0.037, 0.042, 0.038, 0.034)
"""A central incisor, a lateral one, a canine, two premolars, in parts of the face's height (Ash and Nelson, "Dental
Anatomy": 8.5, 6.5, 7.5, 7, 7 mm; the arch turns the rear ones away, which is in the figures)."""

SHOWN = 0.012
"""How far upper teeth reach below the line of closed lips, in parts of the face's height."""

GREYER = 0.05
"""By how much teeth are greyer (least channel over greatest) than the lower lip of the same face, at least."""

OWN_GAP = 0.03
"""Lips farther apart than this in the picture show the person's own teeth, or the lack of them."""


@dataclass(frozen=True)
class Teeth:
    """`colour` (h, w, 3) float32 and `cover` (h, w) 0..1 over the mouth's own axes: pixel (0, 0) lies at `corner`."""

    colour: np.ndarray
    cover: np.ndarray
    corner: tuple[float, float]
    own: bool = False

    def seen(self, across: np.ndarray, down: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        x, y = across - self.corner[0], down - self.corner[1]
        x, y = x.astype(np.float32), y.astype(np.float32)
        colour = cv2.remap(self.colour, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return colour, cv2.remap(self.cover, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def lit(picture: np.ndarray, rig: Rig) -> np.ndarray:
    """The colour (3,) that something white and matt has beside this mouth, 0..255.

    Skin around the mouth tells the light's colour only roughly, so that most of it is drawn to grey; its brightest
    tenth tells how strong it is, whatever the skin's own shade.
    """
    half = rig.half_width
    places = np.array([[x * half, y * half] for x in (-1.7, -1.4, 1.4, 1.7) for y in (-0.6, -0.3, 0, 0.3)])
    skin = colour_at(picture, rig, places)
    bright = float(skin.max())
    level = float(np.clip(0.66 * bright + 72, 70, 230))
    tint = skin / max(bright, 1.0)
    return level * (0.82 + 0.18 * tint) * np.array([1.0, 0.97, 0.91])


def drawn_teeth(rig: Rig, light: np.ndarray, lower: bool = False) -> Teeth:
    """A row that ends a little below the lips' line (the upper one) or begins at it (the lower one)."""
    unit, half = rig.height, rig.half_width
    margin = 0.16 * unit
    width, height = int(2.4 * half) + 2, int(2 * margin) + 2
    middle = float(np.median((rig.upper[:, 1] + rig.lower[:, 1])[20:45])) / 2
    corner = (-1.2 * half, middle - margin)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x + corner[0], y + corner[1] - middle
    place = np.abs(x) / (half / 0.15)
    edges = np.cumsum(WIDTHS) * (0.62 if lower else 1.0)
    number = np.searchsorted(edges, place)
    starts = np.concatenate([[0], edges])[np.minimum(number, len(edges))]
    length = np.concatenate([np.diff(np.concatenate([[0], edges])), [0.04]])[np.minimum(number, len(edges))]
    inside = np.clip((place - starts) / length, 0, 1)
    bulge = 1 - (2 * inside - 1) ** 2
    # a smile's arch: rear teeth end higher than front ones
    arch = 0.020 * (x / half) ** 2 * unit
    step = np.array([0.0, 0.0025, 0.001, 0.004, 0.006, 0.007])[np.minimum(number, 5)] * unit
    soft = max(0.8, 0.006 * unit)
    if lower:
        end = y - (0.006 * unit + 0.6 * arch)
        cover = smooth(end / soft + 0.5) * (1 - smooth((y - 0.05 * unit) / (0.03 * unit)))
    else:
        end = SHOWN * unit - arch - step + 0.0035 * unit * bulge**0.5 - y
        cover = smooth(end / soft + 0.5)
    joints = 0.74 + 0.26 * smooth(bulge / 0.32)
    round_off = 1 - 0.55 * smooth((np.abs(x) / half - 0.25) / 0.7)
    gums = np.array([0.80, 0.45, 0.45]) if not lower else np.array([0.7, 0.4, 0.4])
    root = smooth((np.abs(y) - 0.045 * unit) / (0.012 * unit)) * ((y < 0) != lower)
    colour = (joints * round_off)[..., None] * light * (1 + root[..., None] * (gums - 1))
    blur = max(0.5, 0.0035 * unit)
    colour = cv2.GaussianBlur(colour.astype(np.float32), (0, 0), blur)
    cover = cover * (1 - smooth((np.abs(x) / half - 0.72) / 0.3))
    return Teeth(colour, cover.astype(np.float32), corner)


def own_teeth(picture: np.ndarray, rig: Rig) -> Teeth | None:
    """The picture's own upper teeth, from between its lips; None where the lips are closed or show none."""
    if rig.gap < OWN_GAP:
        return None
    half, unit = rig.half_width, rig.height
    top, bottom = float(rig.upper[:, 1].min()) - 0.05 * unit, float(rig.lower[:, 1].max()) + 0.02 * unit
    width, height = int(2.1 * half) + 2, int(bottom - top) + 2
    corner = (-1.05 * half, top)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x + corner[0], y + corner[1]
    high = np.interp(x, rig.upper[:, 0], rig.upper[:, 1])
    low = np.interp(x, rig.lower[:, 0], rig.lower[:, 1])
    inset = np.minimum(0.006 * unit, 0.3 * (low - high))
    # beyond the visible part the outermost row goes on, so that lips may part further than in the picture
    y = np.clip(y, high + inset, np.maximum(low - inset, high + inset))
    at = rig.axes.to_picture(np.stack([x, y], axis=-1)).astype(np.float32)
    colour = cv2.remap(picture[..., :3], at[..., 0], at[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ends = _lower_end(colour, (high, low), corner[1], _greyness(lip_colour(picture, rig)))
    if ends is None:
        return None
    rows = np.arange(height)[:, None] + corner[1]
    soft = max(0.9, 0.006 * unit)
    cover = smooth((ends[None] - rows) / soft + 0.5) * smooth((low - high) / (0.012 * unit))
    return Teeth(colour.astype(np.float32), cover.astype(np.float32), corner, own=True)


def _greyness(colour: np.ndarray) -> float:
    return float(colour.min() / max(float(colour.max()), 1.0))


def lip_colour(picture: np.ndarray, rig: Rig) -> np.ndarray:
    """The lower lip's colour (3,), 0..255: the upper one is often thin, or under a moustache."""
    inner = slice(len(rig.lower) // 3, -(len(rig.lower) // 3))
    return colour_at(picture, rig, rig.lower[inner] + np.array([0.0, 0.02 * rig.height]))


def colour_at(picture: np.ndarray, rig: Rig, places: np.ndarray) -> np.ndarray:
    """Median colour (3,) of the picture at `places` (n, 2) in the mouth's own axes."""
    whole = np.round(rig.axes.to_picture(places)).astype(int)
    rows, columns = np.clip(whole[:, 1], 0, picture.shape[0] - 1), np.clip(whole[:, 0], 0, picture.shape[1] - 1)
    return np.median(picture[rows, columns, :3].astype(np.float64), axis=0)


def _lower_end(colour: np.ndarray, edges: tuple[np.ndarray, np.ndarray], top: float, lips: float) -> np.ndarray | None:
    """For each column (w,) where the teeth end, in the mouth's own y; None when too little of the gap is tooth."""
    high, low = edges
    rows = np.arange(colour.shape[0])[:, None] + top
    within = (rows > high) & (rows < low)
    values = colour.astype(np.float64)
    bright, grey = values.max(axis=2), values.min(axis=2) / np.maximum(values.max(axis=2), 1)
    limit = 0.55 * float(np.percentile(bright[within], 95)) if within.any() else 255.0
    tooth = within & (bright > limit) & (grey > 0.6)
    width = colour.shape[1]
    front = tooth.any(axis=0)[round(0.25 * width) : round(0.75 * width)]
    if tooth.sum() < 0.22 * within.sum() or front.mean() < 0.8 or float(np.percentile(grey[tooth], 75)) < lips + GREYER:
        return None
    last = np.where(tooth.any(axis=0), np.where(tooth, rows, -np.inf).max(axis=0), high[0])
    return cv2.GaussianBlur(last.reshape(1, -1), (0, 0), max(1.0, colour.shape[1] / 30))[0]
