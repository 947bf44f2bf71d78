"""Layers into a frame, and a frame into the film's look: shared by the painter and by the motion that moves its layers.

Pictures are sRGB uint8. Everything that a frame needs but that does not change from one to the next (premultiplied
planes, vignette, grain, paper, scan lines) is made once, so that a 512 x 512 frame costs a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

GRAIN_MASKS = 6
"""Grains that take turns, a frame each: with fewer the eye finds the loop."""

MASK_UNIT = 128
"""The mask's byte for "leave as it is": factors go from 0 to 2 in steps the eye can't see under grain."""


class LayerLike(Protocol):
    """What `contracts.Layer` offers."""

    @property
    def picture(self) -> np.ndarray: ...
    @property
    def depth(self) -> float: ...


class Look(Protocol):
    """What `music.shots.Style` offers of the finish. Strengths 0..1."""

    @property
    def grain(self) -> float: ...
    @property
    def bloom(self) -> float: ...
    @property
    def vignette(self) -> float: ...
    @property
    def paper(self) -> float: ...
    @property
    def scanlines(self) -> float: ...
    @property
    def fringe(self) -> float: ...


class Extent(Protocol):
    """What `contracts.Size` offers."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


@dataclass(frozen=True)
class Move:
    """Where a layer goes: content shifted by (`dx`, `dy`) pixels, right and down, after scaling by `zoom` and turning
    by `turn` radians about the frame's centre. A layer shows its edge once |shift| passes the margin plus what the
    zoom adds."""

    dx: float = 0.0
    dy: float = 0.0
    zoom: float = 1.0
    turn: float = 0.0

    @property
    def still(self) -> bool:
        return self.dx == 0.0 and self.dy == 0.0 and self.zoom == 1.0 and self.turn == 0.0


@dataclass(frozen=True)
class _Plane:
    """The used rows and columns of a layer: premultiplied colour (h, w, 4) and where its corner lies in the layer."""

    premultiplied: np.ndarray
    left: int
    top: int
    opaque: bool


class LayerStack:
    """Layers, back to front, made ready to be composed many times.

    `layers[0]` must be opaque. All pictures are (H + 2 margin, W + 2 margin, 4).
    """

    def __init__(self, layers: Sequence[LayerLike], margin: int) -> None:
        height, width = layers[0].picture.shape[:2]
        self.margin, self.width, self.height = margin, width - 2 * margin, height - 2 * margin
        self.depths = tuple(layer.depth for layer in layers)
        self._planes = tuple(_plane(layer.picture, first=index == 0) for index, layer in enumerate(layers))

    def compose(self, moves: Sequence[Move] | None = None) -> np.ndarray:
        """One frame (H, W, 3): every layer at its place, or moved by `moves`, one a layer."""
        frame = np.zeros((self.height, self.width, 3), np.uint8)
        for index, plane in enumerate(self._planes):
            self._lay(frame, plane, moves[index] if moves else Move())
        return frame

    def _lay(self, frame: np.ndarray, plane: _Plane, move: Move) -> None:
        place = self._place(plane, move)
        if place is None:
            return
        left, top, right, bottom, matrix = place
        window = (right - left, bottom - top)
        if matrix is None:
            x, y = left + self.margin - plane.left, top + self.margin - plane.top
            moved = plane.premultiplied[y : y + window[1], x : x + window[0]]
        else:
            border = cv2.BORDER_REPLICATE if plane.opaque else cv2.BORDER_CONSTANT
            moved = cv2.warpAffine(plane.premultiplied, matrix, window, flags=cv2.INTER_LINEAR, borderMode=border)
        target = frame[top:bottom, left:right]
        colour = cv2.cvtColor(moved, cv2.COLOR_RGBA2RGB)
        if plane.opaque:
            target[:] = colour
            return
        through = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(moved, 3)), cv2.COLOR_GRAY2RGB)
        behind = cv2.multiply(target, through, scale=1.0 / 255.0)
        cv2.add(behind, colour, dst=target)

    def _place(self, plane: _Plane, move: Move) -> tuple[int, int, int, int, np.ndarray | None] | None:
        """The frame's rectangle that the moved plane reaches, and the matrix from plane to rectangle (None: a copy)."""
        height, width = plane.premultiplied.shape[:2]
        centre = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        cos, sin = np.cos(move.turn) * move.zoom, np.sin(move.turn) * move.zoom
        spin = np.array([[cos, -sin], [sin, cos]])
        corner = np.array([plane.left - self.margin, plane.top - self.margin], float)
        offset = spin @ (corner - centre) + centre + np.array([move.dx, move.dy])
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], float) @ spin.T + offset
        (left, top), (right, bottom) = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
        if plane.opaque:
            left, top, right, bottom = 0, 0, self.width, self.height
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, self.width), min(bottom, self.height)
        if right <= left or bottom <= top:
            return None
        if move.still:
            return left, top, right, bottom, None
        matrix = np.hstack([spin, (offset - np.array([left, top]))[:, None]])
        return left, top, right, bottom, matrix


def compose(layers: Sequence[LayerLike], margin: int, moves: Sequence[Move] | None = None) -> np.ndarray:
    """Layers, back to front, as one frame (H, W, 3). For many frames of the same layers keep a `LayerStack`."""
    return LayerStack(layers, margin).compose(moves)


def _plane(picture: np.ndarray, *, first: bool) -> _Plane:
    if first:
        return _Plane(np.ascontiguousarray(picture), 0, 0, opaque=True)
    alpha = cv2.extractChannel(np.ascontiguousarray(picture), 3)
    left, top, width, height = cv2.boundingRect(alpha)
    if width == 0:
        return _Plane(np.zeros((1, 1, 4), np.uint8), 0, 0, opaque=False)
    # a transparent rim, so that a moved edge fades over a pixel instead of breaking off
    left, top = max(left - 1, 0), max(top - 1, 0)
    bottom, right = min(top + height + 2, picture.shape[0]), min(left + width + 2, picture.shape[1])
    used = np.ascontiguousarray(picture[top:bottom, left:right])
    return _Plane(cv2.cvtColor(used, cv2.COLOR_RGBA2mRGBA), left, top, opaque=False)


class Finisher:
    """Bloom, colour fringe, vignette, paper, scan lines and grain for frames of one size.

    `apply(compose(layers, margin), 0)` is the keyframe's image bit for bit, for every seed the painter had: grain
    belongs to the film, not to the keyframe, so leave `seed` at 0 unless another grain is wanted.
    """

    def __init__(self, style: Look, size: Extent, seed: int = 0, grains: int = GRAIN_MASKS) -> None:
        """`grains`: how many throws of grain to make; 1 will do for a single picture and costs a sixth."""
        self._width, self._height = size.width, size.height
        self._unit = min(size.width, size.height)
        self._bloom, self._fringe = float(style.bloom), float(style.fringe)
        rng = np.random.default_rng([seed, 0x9A17])
        steady = _vignette(size, style.vignette) * _paper(size, style.paper, rng) * _scanlines(size, style.scanlines)
        count = grains if style.grain > 0 else 1
        self._masks = tuple(_mask(steady, style.grain, rng) for _ in range(count))
        self._glow_curve = _glow_curve(self._bloom)

    def apply(self, frame: np.ndarray, frame_index: int, glow: float = 0.0) -> np.ndarray:
        """A finished copy of `frame` (H, W, 3). `glow` 0..1 adds bloom, on a beat say. Negative indices are fine."""
        out = self._with_bloom(frame, glow) if self._bloom + glow > 0 else frame
        if self._fringe > 0:
            out = self._with_fringe(out)
        return cv2.multiply(out, self._masks[frame_index % len(self._masks)], scale=1.0 / MASK_UNIT)

    def _with_bloom(self, frame: np.ndarray, glow: float) -> np.ndarray:
        step = max(2, self._unit // 128)
        small = cv2.resize(
            frame, (max(2, self._width // step), max(2, self._height // step)), interpolation=cv2.INTER_AREA
        )
        bright = cv2.LUT(small, self._glow_curve if glow == 0 else _glow_curve(self._bloom + glow))
        near = cv2.GaussianBlur(bright, (0, 0), 2.2)
        far = cv2.GaussianBlur(cv2.resize(near, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), (0, 0), 5.0)
        cv2.addWeighted(near, 0.55, cv2.resize(far, (near.shape[1], near.shape[0])), 0.75, 0.0, dst=near)
        light = cv2.resize(near, (self._width, self._height), interpolation=cv2.INTER_LINEAR)
        # screen: a + b - ab keeps highlights from clipping
        return cv2.add(frame, cv2.multiply(cv2.bitwise_not(frame), light, scale=1.0 / 255.0))

    def _with_fringe(self, frame: np.ndarray) -> np.ndarray:
        """Red and blue pulled apart sideways, as a worn tape or a cheap lens does."""
        shift = max(1, round(self._fringe * self._unit / 110))
        out = frame.copy()
        out[:, shift:, 0] = frame[:, :-shift, 0]
        out[:, :-shift, 2] = frame[:, shift:, 2]
        return out


def finish(frame: np.ndarray, style: Look, seed: int = 0) -> np.ndarray:
    """One frame (H, W, 3) finished. For many frames keep a `Finisher`."""
    return Finisher(style, _Shape(frame.shape[1], frame.shape[0]), seed).apply(frame, 0)


@dataclass(frozen=True)
class _Shape:
    width: int
    height: int


def _glow_curve(strength: float) -> np.ndarray:
    """What each byte gives to the bloom: nothing below mid grey, then rising with the square."""
    level = np.arange(256) / 255.0
    lit = np.clip((level - 0.42) / 0.58, 0, 1) ** 2
    return np.clip(lit * 255 * min(strength, 2.0) * 0.8, 0, 255).astype(np.uint8)


def _vignette(size: Extent, strength: float) -> np.ndarray:
    y = np.linspace(-1, 1, size.height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, size.width, dtype=np.float32)[None, :]
    reach = np.sqrt(x * x + y * y) / np.sqrt(2.0)
    fall = np.clip((reach - 0.42) / 0.58, 0, 1)
    return (1.0 - strength * 0.75 * fall * fall * (3 - 2 * fall))[..., None]


def _paper(size: Extent, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Tooth of a sheet: fibres of two lengths, lit from one side."""
    if strength <= 0:
        return np.ones((1, 1, 1), np.float32)
    unit = min(size.width, size.height) / 512.0
    relief = np.zeros((size.height, size.width), np.float32)
    for width, weight in ((1.1, 1.0), (3.2, 1.5), (14.0, 2.2)):
        noise = rng.standard_normal(relief.shape, dtype=np.float32)
        soft = cv2.GaussianBlur(noise, (0, 0), max(0.6, width * unit))
        relief += weight * soft / max(float(soft.std()), 1e-6)
    lit = relief - np.roll(relief, (max(1, round(unit)), max(1, round(unit))), (0, 1))
    lit = 0.7 * lit / max(float(lit.std()), 1e-6) + 0.5 * relief / max(float(relief.std()), 1e-6)
    return (1.0 + 0.032 * strength * np.clip(lit, -2.5, 2.5))[..., None]


def _scanlines(size: Extent, strength: float) -> np.ndarray:
    if strength <= 0:
        return np.ones((1, 1, 1), np.float32)
    period = max(3, round(min(size.width, size.height) / 170))
    wave = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size.height, dtype=np.float32) / period)
    return (1.06 - 0.34 * strength * wave)[:, None, None].astype(np.float32)


def _mask(steady: np.ndarray, grain: float, rng: np.random.Generator) -> np.ndarray:
    """`steady` with one throw of grain on it, as bytes around MASK_UNIT, (H, W, 3)."""
    height, width = steady.shape[:2]
    unit = min(height, width) / 512.0
    throw = rng.standard_normal((height, width), dtype=np.float32)
    soft = cv2.GaussianBlur(throw, (0, 0), max(0.55, 0.62 * unit))
    speck = soft / max(float(soft.std()), 1e-6)
    factor = steady[..., 0] * (1.0 + 0.048 * grain * speck)
    # half a step of dither hides the byte's rounding in smooth skies
    byte = factor * MASK_UNIT + rng.random((height, width), dtype=np.float32)
    return cv2.cvtColor(np.clip(byte, 0, 255).astype(np.uint8), cv2.COLOR_GRAY2RGB)
