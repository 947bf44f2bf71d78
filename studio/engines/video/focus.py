"""What a close shot of a picture should look at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Keyframe, Size

SMALL = 64
"""Pixels of the shorter side on which a picture's points of interest are looked for."""


@dataclass(frozen=True)
class Focus:
    """A point worth a closer look, pixels right and down of the picture's centre, and its depth 0..1.

    `crown`: where a figure's head ends, in pixels down, None for what has no head; `head`: half the head's height.
    """

    x: float
    y: float
    depth: float
    crown: float | None = None
    head: float = 0.0


def figures(keyframe: Keyframe, size: Size) -> tuple[Focus, ...]:
    """The head of each layer that stands alone in the picture, nearest first: people, mostly."""
    found = []
    for layer in keyframe.layers[1:]:
        x, y, width, height = cv2.boundingRect(cv2.inRange(cv2.extractChannel(layer.picture, 3), 100.0, 255.0))
        rows, columns = layer.picture.shape[:2]
        share = width * height / (columns * rows)
        alone = x > 1 and x + width < columns - 1
        if alone and 0.01 < share < 0.75 and height > 0.6 * width:
            top = max(y - rows / 2, -size.height / 2)
            # a standing figure is broader than its head, a bust is taller than two of it
            head = min(0.5 * width, 0.3 * height)
            found.append(Focus(x + width / 2 - columns / 2, top + 1.5 * head, layer.depth, top, head))
    return tuple(reversed(found))


def salient(image: np.ndarray, known: tuple[Focus, ...] = ()) -> tuple[Focus, ...]:
    """Two points, apart from each other and from what is `known`, that differ most from the rest of the picture.

    Colour contrast against the mean, as Achanta et al. 2009 (Frequency-tuned salient region detection), with local
    detail added and the centre preferred.
    """
    height, width = image.shape[:2]
    step = min(height, width) / SMALL
    small = cv2.resize(image, (max(8, round(width / step)), max(8, round(height / step))), interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small, cv2.COLOR_RGB2LAB).astype(np.float32)
    apart = np.linalg.norm(cv2.GaussianBlur(lab, (0, 0), 2) - lab.mean((0, 1)), axis=2)
    detail = cv2.GaussianBlur(np.abs(cv2.Laplacian(lab[..., 0], cv2.CV_32F)), (0, 0), 3)
    rows, columns = apart.shape
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    x, y = x / columns - 0.5, y / rows - 0.5
    interest = apart / (apart.max() + 1e-6) + detail / (detail.max() + 1e-6)
    interest *= np.exp(-(x * x + y * y) / (2 * 0.3**2))
    for focus in known:
        away = ((x - focus.x / width) / 0.18) ** 2 + ((y - focus.y / height) / 0.3) ** 2
        interest = interest * (1.0 - np.exp(-away))
    points = []
    for _ in range(2):
        row, column = np.unravel_index(int(interest.argmax()), interest.shape)
        px, py = float(x[row, column]), float(y[row, column])
        points.append(Focus(px * width, py * height, min(1.0, max(0.3, 0.6 + py))))
        interest = interest * (1.0 - np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * 0.18**2)))
    return tuple(points)
