"""Small segments to animate: pictures in layers, their shots, their pulse."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, Layer, Pulse, SegmentRequest, Size, VideoEngine
from studio.engines.video.parallax import Parallax
from studio.media.compositing import Finisher, LayerStack
from studio.music.shots import Shot, Style

FPS = Fraction(24)
SMALL = Size(192, 128)
PALETTES = (
    ("#0b1026", "#2b2d5b", "#a0416b", "#f2815a", "#ffe0a3"),
    ("#04141c", "#0f3a4a", "#1f7a8c", "#7fc8b8", "#f4f1de"),
)
STYLE = Style("test", "", "", "", {}, 0.3, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5)


def colours(seed: int) -> np.ndarray:
    return np.array([[int(c[n : n + 2], 16) for n in (1, 3, 5)] for c in PALETTES[seed % 2]], float)


def ridge(rng: np.random.Generator, shape: tuple[int, int], height: float, colour: np.ndarray) -> np.ndarray:
    rows, columns = shape
    x = np.linspace(0, 2 * np.pi, columns)
    top = height * rows + sum(rows * 0.05 / n * np.sin(n * 1.7 * x + rng.uniform(0, 6)) for n in (1, 2, 4, 7))
    alpha = np.clip(np.arange(rows)[:, None] - top + 0.5, 0, 1)
    texture = cv2.resize(rng.random((12, 18)).astype(np.float32), (columns, rows))[..., None]
    return np.dstack([np.clip(colour * (0.6 + 0.8 * texture), 0, 255), 255 * alpha]).astype(np.uint8)


def painted(size: Size, seed: int) -> Keyframe:
    """Sky, two ridges, a figure and the ground before it: layers as the painter makes them."""
    margin = max(6, min(size.width, size.height) // 12)
    rows, columns = size.height + 2 * margin, size.width + 2 * margin
    rng, tones = np.random.default_rng(seed), colours(seed)
    fall = np.linspace(0, 1, rows)[:, None, None]
    sky = np.broadcast_to(tones[1] * (1 - fall) + tones[3] * fall, (rows, columns, 3)).astype(np.uint8)
    sky = cv2.circle(sky.copy(), (round(columns * rng.uniform(0.2, 0.8)), rows // 4), rows // 12, tuple(tones[4]), -1)
    figure = np.zeros((rows, columns, 4), np.uint8)
    x = round(columns * rng.uniform(0.35, 0.65))
    cv2.ellipse(figure, (x, round(rows * 0.66)), (rows // 14, rows // 5), 0, 0, 360, (*tones[0], 255), -1)
    cv2.circle(figure, (x, round(rows * 0.45)), rows // 18, (*tones[4], 255), -1)
    layers = (
        Layer(np.dstack([sky, np.full((rows, columns), 255, np.uint8)]), 0.0),
        Layer(ridge(rng, (rows, columns), 0.5, tones[2]), 0.25),
        Layer(ridge(rng, (rows, columns), 0.65, tones[1]), 0.5),
        Layer(figure, 0.65),
        Layer(ridge(rng, (rows, columns), 0.87, tones[0]), 1.0),
    )
    image = Finisher(STYLE, size).apply(LayerStack(layers, margin).compose(), 0)
    return Keyframe(image, layers, margin)


def keyframe(kind: str, seed: int, size: Size = SMALL) -> Keyframe:
    made = painted(size, seed)
    return made if kind == "layers" else Keyframe(made.image)


def shot(index: int, **changes: object) -> Shot:
    values: dict[str, object] = {
        "index": index, "time": 4.0 * index, "description": "", "prompt": "", "characters": (), "hour": "dusk",
        "setting": ("sea",) if index % 2 else ("city",), "weather": "clear", "mood": "tense",
        "palette": PALETTES[index % 2], "framing": "wide", "camera": "push_in", "intensity": 0.6, "seed": index,
    }  # fmt: skip
    return Shot(**(values | changes))  # pyright: ignore[reportArgumentType]


def pulse(count: int, level: float = 0.6, period: int = 12) -> Pulse:
    age = np.arange(count) % period
    return Pulse(np.full(count, level, np.float32), np.exp(-age / 3.6).astype(np.float32), np.zeros(count, np.float32))


def request(kind: str = "layers", count: int = 96, **changes: object) -> SegmentRequest:
    """A segment that lands, from 4 s of the film on; its end keyframe stands on its last frame."""
    values: dict[str, object] = {
        "index": 1, "start": keyframe(kind, 0), "end": keyframe(kind, 1),
        "shots": (shot(1, time=4.0), shot(2, time=4.0 + count / 24)),
        "style": STYLE, "size": SMALL, "fps": FPS, "first_frame": 97, "frame_count": count,
        "cuts": tuple(c for c in (36, 60, 72) if c < count - 6), "pulse": pulse(count), "seed": 5,
    }  # fmt: skip
    return SegmentRequest(**(values | changes))  # pyright: ignore[reportArgumentType]


def frames(asked: SegmentRequest, engine: VideoEngine | None = None) -> list[np.ndarray]:
    return list((engine or Parallax("parallax", "cpu")).animate(asked, CancelToken()))


def apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(cv2.absdiff(a, b).mean())
