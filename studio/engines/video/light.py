"""Light and particles over a segment, following its loudness: few, soft, and made once.

All of it is added at half the frame's size: glows, beams and motes have no detail finer than that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Size
from studio.music.shots import Shot


@dataclass(frozen=True)
class Drift:
    """How particles move, in frame heights a second, and how many there are. `streak`: length in frame heights."""

    across: float
    down: float
    count: int
    size: float
    strength: float
    streak: float = 0.0


DUST = Drift(0.012, -0.018, 46, 1.0, 0.85)
SPARKS = Drift(0.02, -0.09, 60, 0.9, 1.0)
SNOW = Drift(0.03, 0.11, 90, 1.25, 1.0)
RAIN = Drift(0.0, 1.15, 170, 0.5, 0.3, streak=0.06)
MIST = Drift(0.02, -0.006, 20, 1.8, 0.4)

WEATHER = {"rain": RAIN, "storm": RAIN, "snow": SNOW, "fog": MIST}
MOOD = {"euphoric": SPARKS, "tense": SPARKS}
STAGES = frozenset({"stage", "club"})
INDOORS = STAGES | {"room"}


@dataclass(frozen=True)
class Moment:
    """The music in one frame. `time` seconds of the film; `amount` 0..1 fades all light in and out."""

    time: float
    intensity: float
    beat: float
    accent: float
    amount: float


class LightField:
    """The light of one scene. Same shot, size and seed: same light."""

    def __init__(self, shot: Shot, strength: float, size: Size, seed: int) -> None:
        self._size, self._strength = size, strength
        self._width, self._height = max(8, size.width // 2), max(8, size.height // 2)
        rng = np.random.default_rng([seed, 0x11647])
        place = shot.setting[0] if shot.setting else ""
        weather = None if place in INDOORS else WEATHER.get(shot.weather)
        self._drift = weather or MOOD.get(shot.mood) or DUST
        self._colours = [_rgb(colour) for colour in (shot.palette[-1], shot.palette[-2])]
        # two depths, each as two halves that twinkle in turn
        self._tiles = tuple(self._tile(rng, near, half) for near in (False, True) for half in range(2))
        self._glow = _glow(self._width, self._height)
        self._glow_phase = rng.uniform(0, 2 * math.pi, 4)
        self._beams = tuple(rng.uniform(0, 2 * math.pi, 3)) if place in STAGES else ()
        self._beam = _beam(self._width, self._height) if self._beams else None

    def add(self, frame: np.ndarray, moment: Moment) -> np.ndarray:
        """`frame` (H, W, 3) with the light of `moment` on it."""
        gain = self._strength * moment.amount
        if gain < 0.01:
            return frame
        light = self._haze(moment, gain)
        motes = self._motes(moment, gain)
        light = cv2.add(light, _tinted(motes, _whiter(self._colours[0])))
        if self._beam is not None:
            cv2.add(light, self._swept(moment, gain), dst=light)
        return cv2.add(frame, cv2.resize(light, (self._size.width, self._size.height), interpolation=cv2.INTER_LINEAR))

    def _haze(self, moment: Moment, gain: float) -> np.ndarray:
        """Two wide glows that wander, swelling with the loudness."""
        total = np.zeros((self._height // 4, self._width // 4, 3), np.uint8)
        for number, colour in enumerate(self._colours):
            phase = self._glow_phase[number]
            x = 0.5 + 0.38 * math.sin(0.21 * moment.time + phase)
            y = 0.32 + 0.18 * math.sin(0.17 * moment.time + self._glow_phase[number + 2])
            rows, columns = total.shape[:2]
            left, top = round(columns * (1 - x)), round(rows * (1 - y))
            part = self._glow[top : top + rows, left : left + columns]
            level = gain * (0.03 + moment.intensity * (0.11 + 0.08 * moment.beat) + 0.06 * moment.accent)
            cv2.add(total, _tinted(part, tuple(c * level for c in colour)), dst=total)
        return cv2.resize(total, (self._width, self._height), interpolation=cv2.INTER_LINEAR)

    def _motes(self, moment: Moment, gain: float) -> np.ndarray:
        """All particles as grey, (h, w)."""
        drift, total = self._drift, None
        loud = gain * drift.strength * (0.22 + 0.62 * moment.intensity + 0.16 * moment.accent)
        for number, tile in enumerate(self._tiles):
            near = number >= 2
            speed = (1.9 if near else 1.0) * self._height * moment.time
            sway = 0.012 * self._height * math.sin(0.6 * moment.time + 1.7 * number)
            x = -(drift.across * speed + sway) % self._width
            y = -(drift.down * speed) % self._height
            twinkle = 0.6 + 0.4 * math.sin((1.1 + 0.23 * number) * moment.time + 2.1 * number)
            middle = (x + (self._width - 1) / 2, y + (self._height - 1) / 2)
            moved = cv2.getRectSubPix(tile, (self._width, self._height), middle)
            share = loud * (twinkle if drift.streak == 0 else 1.0)
            total = cv2.convertScaleAbs(moved, alpha=share) if total is None else cv2.scaleAdd(moved, share, total)
        assert total is not None
        return total

    def _swept(self, moment: Moment, gain: float) -> np.ndarray:
        """Stage beams from above the frame, swinging."""
        assert self._beam is not None
        rows, columns = self._beam.shape
        total = np.zeros((rows, columns, 3), np.uint8)
        for number, phase in enumerate(self._beams):
            swing = 0.5 * math.sin((0.5 + 0.13 * number) * moment.time + phase)
            root = columns * (0.2 + 0.3 * number)
            cos, sin = math.cos(swing), math.sin(swing)
            matrix = np.array([[cos, sin, root - cos * columns / 2], [-sin, cos, sin * columns / 2]])
            level = gain * (0.04 + 0.2 * moment.intensity + 0.22 * moment.beat * moment.intensity)
            beam = cv2.warpAffine(self._beam, matrix, (columns, rows), flags=cv2.INTER_LINEAR)
            colour = self._colours[number % 2]
            cv2.add(total, _tinted(beam, tuple(c * level for c in colour)), dst=total)
        return cv2.resize(total, (self._width, self._height), interpolation=cv2.INTER_LINEAR)

    def _tile(self, rng: np.random.Generator, near: bool, half: int) -> np.ndarray:
        """One set of particles, grey, twice on and one pixel more each way so that any window of it is a plain cut.
        `half` only tells the sets apart."""
        drift, unit = self._drift, min(self._width, self._height) / 256
        tile = np.zeros((self._height, self._width), np.float32)
        count = max(2, round(drift.count * (0.16 if near else 0.5) * self._width / self._height)) + half
        for _ in range(count):
            x, y = rng.uniform(0, self._width), rng.uniform(0, self._height)
            soft = near and drift.streak == 0
            radius = unit * drift.size * (rng.uniform(3.5, 8.0) if soft else rng.uniform(0.7, 1.7))
            bright = rng.uniform(18, 55) if soft else rng.uniform(70, 200)
            _stamp(tile, (x, y), (radius, drift.streak * self._height * (1.5 if near else 1.0)), bright)
        once = np.clip(tile, 0, 255).astype(np.uint8)
        return np.pad(once, ((0, self._height + 1), (0, self._width + 1)), mode="wrap")


def _stamp(tile: np.ndarray, at: tuple[float, float], shape: tuple[float, float], bright: float) -> None:
    """A soft dot of `shape` (radius, streak) added around `at`, wrapped at the edges; wide dots have a flat middle."""
    radius, streak = shape
    reach = math.ceil(2.5 * radius)
    tall = reach + math.ceil(streak / 2)
    dx = np.arange(-reach, reach + 1)
    dy = np.arange(-tall, tall + 1)
    x, y = int(at[0]), int(at[1])
    away_y = np.maximum(np.abs(dy - at[1] + y) - streak / 2, 0.0)
    away = np.hypot(away_y[:, None], (dx - at[0] + x)[None, :]) / radius
    dot = bright * np.exp(-(away ** (4 if radius > 3 else 2)))
    rows, columns = tile.shape
    np.add.at(tile, np.ix_((y + dy) % rows, (x + dx) % columns), dot.astype(np.float32))


def _glow(width: int, height: int) -> np.ndarray:
    """A soft round light in the middle of a grey picture twice as wide and high as the frame, at an eighth of it."""
    rows, columns = 2 * (height // 4), 2 * (width // 4)
    y = (np.arange(rows) - rows / 2)[:, None] / rows
    x = (np.arange(columns) - columns / 2)[None, :] / rows
    return (255 * np.exp(-(x * x + y * y) / (2 * 0.11**2))).astype(np.uint8)


def _beam(width: int, height: int) -> np.ndarray:
    """A cone of light from the middle of the upper edge downwards, grey, at an eighth of the frame."""
    rows, columns = height // 4, width // 4
    y = (np.arange(rows)[:, None] + 0.5) / rows
    x = (np.arange(columns)[None, :] - columns / 2) / rows
    spread = 0.02 + 0.11 * y
    return (255 * np.exp(-((x / spread) ** 2)) * np.clip(1.15 - y, 0, 1)).astype(np.uint8)


def _tinted(grey: np.ndarray, colour: tuple[float, ...]) -> np.ndarray:
    """`grey` (h, w) in `colour`, whose channels are factors 0..1."""
    return cv2.merge([cv2.convertScaleAbs(grey, alpha=channel) for channel in colour])


def _rgb(colour: str) -> tuple[float, float, float]:
    """ "#rrggbb" as factors 0..1, its brightest channel at least 0.6: light has to light."""
    values = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    lift = max(0.6 / max(*values, 1e-3), 1.0)
    red, green, blue = (min(1.0, v * lift) for v in values)
    return red, green, blue


def _whiter(colour: tuple[float, float, float]) -> tuple[float, ...]:
    return tuple(0.5 + 0.5 * channel for channel in colour)
