"""Where text stands in a picture: boxes from the detection network's map, and the picture within a box, upright.

The network is PP-OCRv6's, trained by differentiable binarization (Liao, Wan, Yao, Chen and Bai, 2020, "Real-time scene
text detection with differentiable binarization"): its map tells how likely each point lies in the shrunken core of a
line of text, and a core grown back by its area over its perimeter is the line.
"""

from __future__ import annotations

import cv2
import numpy as np

CORE = 0.3  # a point above this belongs to a core; this and the next two as PaddleOCR ships them
LIKELY = 0.5  # the least mean over a core
GROWTH = 1.6  # the offset as a multiple of area over perimeter
SMALLEST_CORE = 3.0  # points of the map
MOST_BOXES = 200  # in one picture: a screen full of small print has about a hundred lines
CELL = 16  # pixels of the picture that text is looked for in
LEAST_EDGES = 6  # pixels of a cell
FAINTEST = 8  # levels of 255 between neighbours: fainter text is not found by the network either
UPRIGHT = 1.5  # a box this many times as high as wide holds text that runs up or down


def boxes(likelihood: np.ndarray, width: int, height: int) -> list[np.ndarray]:
    """The lines in `likelihood` (rows, columns) 0..1 as corners (4, 2) from the top left clockwise, in pixels of a
    picture of `width` x `height`; the likeliest MOST_BOXES."""
    core = cv2.dilate((likelihood > CORE).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(core, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    rows, columns = likelihood.shape
    scale = np.array([width / columns, height / rows], np.float32)
    found: list[tuple[float, np.ndarray]] = []
    for contour in sorted(contours, key=cv2.contourArea, reverse=True)[: 5 * MOST_BOXES]:
        centre, (wide, high), angle = cv2.minAreaRect(contour)
        if min(wide, high) < SMALLEST_CORE:
            continue
        score = _mean_within(likelihood, cv2.boxPoints((centre, (wide, high), angle)))
        if score < LIKELY:
            continue
        grown = 2 * GROWTH * wide * high / (2 * (wide + high))
        corners = cv2.boxPoints((centre, (wide + grown, high + grown), angle)) * scale
        found.append((score, _from_top_left(corners)))
    found.sort(key=lambda each: -each[0])
    return [np.clip(corners, 0, (width - 1, height - 1)) for _, corners in found[:MOST_BOXES]]


def _mean_within(likelihood: np.ndarray, corners: np.ndarray) -> float:
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = likelihood[top:bottom, left:right]
    inside = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(inside, [(corners - (left, top)).astype(np.int32)], (1,))
    return float(cv2.mean(part, inside)[0])


def _from_top_left(corners: np.ndarray) -> np.ndarray:
    by_column = corners[np.argsort(corners[:, 0], kind="stable")]
    top_left, bottom_left = sorted(by_column[:2], key=lambda point: point[1])
    top_right, bottom_right = sorted(by_column[2:], key=lambda point: point[1])
    return np.array([top_left, top_right, bottom_right, bottom_left], np.float32)


def cut_out(picture: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """The part of `picture` within `corners` (4, 2), straightened, (h, w, 3)."""
    top_left, top_right, bottom_right, bottom_left = corners
    wide = max(1, int(max(np.linalg.norm(top_right - top_left), np.linalg.norm(bottom_right - bottom_left))))
    high = max(1, int(max(np.linalg.norm(bottom_left - top_left), np.linalg.norm(bottom_right - top_right))))
    onto = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    straight = cv2.getPerspectiveTransform(corners.astype(np.float32), onto)
    return cv2.warpPerspective(picture, straight, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def may_hold_text(picture: np.ndarray) -> tuple[int, int, int, int] | None:
    """The part (left, top, right, bottom) of `picture` (h, w, 3) uint8 outside which no text can stand, None when it
    can stand nowhere. Letters are made of edges: a cell with next to none, in any colour, holds no letter."""
    rows, columns = picture.shape[:2]
    edges = cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) >= FAINTEST
    high, wide = -(-rows // CELL) * CELL, -(-columns // CELL) * CELL
    padded = np.zeros((high, wide), bool)
    padded[:rows, :columns] = edges.any(axis=2)
    busy = padded.reshape(high // CELL, CELL, wide // CELL, CELL).sum(axis=(1, 3)) >= LEAST_EDGES
    if not busy.any():
        return None
    down, across = np.flatnonzero(busy.any(axis=1)), np.flatnonzero(busy.any(axis=0))
    left, top = max(0, int(across[0] - 2) * CELL), max(0, int(down[0] - 2) * CELL)
    return left, top, min(columns, int(across[-1] + 3) * CELL), min(rows, int(down[-1] + 3) * CELL)
