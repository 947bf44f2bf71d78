"""What a close shot of a picture should look at."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from studio.contracts import Keyframe, Size

SMALL = 64
"""Pixels of the shorter side on which a picture's points of interest are looked for."""


FINDER = 256
"""Rows to which a layer is reduced to find the figures in it."""


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
    """The heads in each layer that stands alone in the picture, nearest first: people, mostly."""
    found: list[Focus] = []
    for layer in keyframe.layers[1:]:
        solid = cv2.inRange(cv2.extractChannel(layer.picture, 3), 100.0, 255.0)
        x, _, width, _ = cv2.boundingRect(solid)
        if x > 1 and x + width < solid.shape[1] - 1:
            found += _heads(solid, layer.depth, size)
    return tuple(reversed(found))


def _heads(solid: np.ndarray, depth: float, size: Size) -> list[Focus]:
    """The head of each upright shape in `solid` (h, w), 255 where there is something, smallest shapes first."""
    rows, columns = solid.shape
    step = max(1.0, rows / FINDER)
    small = cv2.resize(solid, (max(1, round(columns / step)), max(1, round(rows / step))), interpolation=cv2.INTER_AREA)
    count, names, facts, _ = cv2.connectedComponentsWithStats(cv2.inRange(small, 100.0, 255.0))
    heads = []
    for name in sorted(range(1, count), key=lambda name: facts[name, cv2.CC_STAT_AREA]):
        _, y, width, height, _ = facts[name].tolist()
        share = width * height / small.size
        if not (0.01 < share < 0.75 and height > 0.6 * width):
            continue
        # arms, wings and guitars make a figure broad; what is broad within its first rows is its head
        crown = names[y : y + max(2, round(0.16 * height))] == name
        broad = float(np.quantile(crown.sum(1), 0.75))
        head = step * min(0.65 * broad, 0.5 * width, 0.3 * height)
        middle = float(np.nonzero(crown)[1].mean()) + 0.5
        top = max(y * step - rows / 2, -size.height / 2)
        heads.append(Focus(middle * step - columns / 2, top + 1.5 * head, depth, top, head))
    return heads


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
