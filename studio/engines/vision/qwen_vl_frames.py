"""Frames as Qwen2.5-VL takes them: patches, their grid and their places in space and time. numpy and PIL alone.

The arithmetic is transformers' Qwen2VLImageProcessor for each picture, with two neighbours in time to a patch, and
Qwen2.5-VL's M-RoPE as it was trained (arXiv 2502.13923, section 2.1.1).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.errors import LoadFailed

_MOST_LOPSIDED = 200
"""Longer side by shorter: the library refuses more."""


@dataclass(frozen=True)
class Packing:
    """preprocessor_config.json: pixels of a patch's side, frames to a patch, patches of a token's side, and by which
    `mean` and `std` (of values 0..1, red, green, blue) pictures are normalised."""

    patch: int = 14
    frames: int = 2
    merge: int = 2
    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)

    @property
    def cell(self) -> int:
        """Pixels of a token's side."""
        return self.patch * self.merge


@dataclass(frozen=True)
class Packed:
    """`pixels` (t * h * w, 3 * frames * patch * patch) float32; `grid` (t, h, w) in patches; `seconds` from one t to
    the next."""

    pixels: np.ndarray
    grid: tuple[int, int, int]
    seconds: float

    def tokens(self, packing: Packing) -> int:
        return math.prod(self.grid) // packing.merge**2


def read_packing(folder: Path) -> Packing:
    """Of `folder`'s preprocessor_config.json. Raises LoadFailed."""
    path = folder / "preprocessor_config.json"
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        given = Packing(
            int(body["patch_size"]),
            int(body["temporal_patch_size"]),
            int(body["merge_size"]),
            tuple(float(each) for each in body["image_mean"]),
            tuple(float(each) for each in body["image_std"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LoadFailed(f"{path} is no description of pictures: {type(error).__name__}: {error}") from error
    if min(given.patch, given.frames, given.merge) < 1 or len(given.mean) != 3 or len(given.std) != 3:
        raise LoadFailed(f"{path} is no description of pictures: {given}")
    return given


def fitted(height: int, width: int, cell: int, pixels: tuple[int, int]) -> tuple[int, int]:
    """(height, width) in whole cells near the picture's shape, with `pixels` at least and at most. A picture more
    lopsided than the network takes is fitted to the most it takes."""
    low, high = pixels
    height, width = max(height, width / _MOST_LOPSIDED), max(width, height / _MOST_LOPSIDED)  # type: ignore[assignment]
    rows, columns = round(height / cell) * cell, round(width / cell) * cell
    if max(cell, rows) * max(cell, columns) > high:
        scale = math.sqrt(height * width / high)
        rows, columns = math.floor(height / scale / cell) * cell, math.floor(width / scale / cell) * cell
    elif rows * columns < low:
        scale = math.sqrt(low / (height * width))
        rows, columns = math.ceil(height * scale / cell) * cell, math.ceil(width * scale / cell) * cell
    return max(cell, rows), max(cell, columns)


def pack(pictures: Sequence[np.ndarray], seconds: float, packing: Packing, pixels: tuple[int, int]) -> Packed:
    """`pictures` (h, w, 3) uint8 in order of time, `seconds` apart; `pixels` each may have at least and at most. The
    last one is shown on where their number does not fill a patch."""
    height, width = fitted(pictures[0].shape[0], pictures[0].shape[1], packing.cell, pixels)
    shown = [Image.fromarray(each).resize((width, height), Image.Resampling.BICUBIC) for each in pictures]
    stack = np.stack([np.asarray(each, np.float32).transpose(2, 0, 1) for each in shown]) / np.float32(255)
    mean, std = (np.array(each, np.float32)[:, None, None] for each in (packing.mean, packing.std))
    stack = (stack - mean) / std
    short = -len(stack) % packing.frames
    stack = np.concatenate([stack, np.repeat(stack[-1:], short, axis=0)]) if short else stack
    side, merge = packing.patch, packing.merge
    grid = (len(stack) // packing.frames, height // side, width // side)
    parts = stack.reshape(
        grid[0], packing.frames, 3, grid[1] // merge, merge, side, grid[2] // merge, merge, side
    ).transpose(0, 3, 6, 4, 7, 2, 1, 5, 8)  # fmt: skip
    rows = np.ascontiguousarray(parts.reshape(math.prod(grid), 3 * packing.frames * side * side))
    return Packed(rows, grid, seconds * packing.frames)


def places(kinds: np.ndarray, packed: Packed, packing: Packing, tokens_per_second: float) -> np.ndarray:
    """(3, n) places of n tokens in time, height and width, with the video where `kinds` (n,) is not 0.

    A token of the video lies at its own seconds, its fraction of a token per second cut off; text goes on behind the
    furthest place of the three. transformers 5.17 cuts the seconds themselves to whole ones, which puts frames half a
    second apart on one place, and lets text begin inside a video that is longer than wide.
    """
    video = np.flatnonzero(kinds)
    begin, count = (int(video[0]), len(video)) if len(video) else (len(kinds), 0)
    t, h, w = packed.grid[0], packed.grid[1] // packing.merge, packed.grid[2] // packing.merge
    before = np.broadcast_to(np.arange(begin), (3, begin))
    if not count:
        return before
    times = np.floor(np.arange(t) * packed.seconds * tokens_per_second).astype(np.int64)
    inside = np.stack(np.meshgrid(times, np.arange(h), np.arange(w), indexing="ij")).reshape(3, -1) + begin
    behind = np.arange(len(kinds) - begin - count) + int(inside.max()) + 1
    return np.concatenate([before, inside, np.broadcast_to(behind, (3, len(behind)))], axis=1)
