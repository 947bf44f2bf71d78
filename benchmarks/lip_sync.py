"""Talking pictures against plain encoding of as many frames, in one run on one core's worth of OpenCV.

    python -m benchmarks.lip_sync [--seconds 10] [--sizes 256 512 1080]

The face is drawn and fills the picture. "mouth only" bends lips and jaw; "alive" adds blinks, breath and the head's
motion; "made and encoded" is what a message costs. Ratios are to encoding the unmoved picture.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import LipSyncRequest, Size, Sound
from studio.engines.lip_sync.mouth_warp import MouthWarp
from studio.media.encode import VideoWriter
from tests.engines.drawn_faces import portrait, syllables

FPS = Fraction(25)
RATE = 24_000


def head(size: int) -> np.ndarray:
    """(size, size, 3): a drawn head from its hair to its chin."""
    big = portrait(round(size * 1.65))
    left, top = round(0.195 * big.shape[1]), round(0.13 * big.shape[0])
    return np.ascontiguousarray(big[top : top + size, left : left + size])


def request(size: int, seconds: float, motion: float) -> LipSyncRequest:
    count = round(seconds * FPS)
    return LipSyncRequest(head(size), Sound(syllables(seconds, RATE), RATE), FPS, count, np.ones(count), motion=motion)


def run(frames: Iterable[np.ndarray]) -> float:
    start = time.perf_counter()
    for _ in frames:
        pass
    return time.perf_counter() - start


def encoded(frames: Iterable[np.ndarray], size: int, folder: Path) -> float:
    start = time.perf_counter()
    with VideoWriter(folder / "film.mp4", Size(size, size), FPS, CancelToken()) as writer:
        for frame in frames:
            writer.write(frame)
    return time.perf_counter() - start


def still(picture: np.ndarray, count: int) -> Iterator[np.ndarray]:
    for number in range(count):
        yield np.roll(picture, number % 3, axis=1)


def measure(engine: MouthWarp, size: int, seconds: float) -> None:
    token = CancelToken()
    quiet, alive = request(size, seconds, 0.0), request(size, seconds, 1.0)
    count = quiet.frame_count
    with tempfile.TemporaryDirectory() as folder:
        rows = {
            "encoder, plain frames": encoded(still(quiet.picture, count), size, Path(folder)),
            "mouth only": run(engine.animate(quiet, token)),
            "alive": run(engine.animate(alive, token)),
            "alive, made and encoded": encoded(engine.animate(alive, token), size, Path(folder)),
        }
    base = rows["encoder, plain frames"]
    print(f"\n{size}x{size}: {count} frames")
    for name, took in rows.items():
        print(f"  {name:<26} {took:6.2f} s  {count / took:6.0f} frames/s  {took / base:5.2f}x")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--sizes", nargs="+", type=int, default=[256, 512, 1080])
    options = parser.parse_args()
    cv2.setNumThreads(1)
    engine = MouthWarp("mouth_warp", "cpu")
    engine.warm_up()
    for size in options.sizes:
        measure(engine, size, options.seconds)


if __name__ == "__main__":
    main()
