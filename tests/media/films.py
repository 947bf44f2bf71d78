"""Small films whose every frame says which one it is."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.media.encode import VideoWriter

SMALL = Size(64, 48)


def colour(number: int) -> np.ndarray:
    """A colour no frame near `number` has."""
    return np.array([(number * 37) % 160 + 40, (number * 91) % 160 + 40, (number * 53) % 160 + 40], np.uint8)


def frame(number: int, size: Size = SMALL) -> np.ndarray:
    return np.tile(colour(number), (size.height, size.width, 1))


def write_film(path: Path, numbers: Iterable[int], fps: Fraction = Fraction(24), size: Size = SMALL) -> Path:
    with VideoWriter(path, size, fps, CancelToken(), "ultrafast") as writer:
        for number in numbers:
            writer.write(frame(number, size))
    return path


def write_segments(
    folder: Path, total: int, fps: Fraction = Fraction(24), count: int = 6
) -> tuple[list[Path], tuple[int, ...]]:
    """`total` numbered frames in `count` files, and how many are in each."""
    bounds = [total * k // count for k in range(count + 1)]
    spans = list(pairwise(bounds))
    paths = [write_film(folder / f"{k:02d}.mp4", range(*span), fps) for k, span in enumerate(spans, 1)]
    return paths, tuple(end - start for start, end in spans)


def decoded(path: Path) -> list[np.ndarray]:
    """The mean colour of every frame, by a decoder of its own."""
    with av.open(str(path)) as container:
        return [f.to_ndarray(format="rgb24").reshape(-1, 3).mean(0) for f in container.decode(video=0)]


def frame_times(path: Path) -> list[Fraction]:
    with av.open(str(path)) as container:
        return [p.pts * p.time_base for p in container.demux(video=0) if p.size]
