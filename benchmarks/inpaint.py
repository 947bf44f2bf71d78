"""How well and how fast the embedded repair fills holes whose true pixels are known, beside cv2.inpaint.

    python benchmarks/inpaint.py [--side 1024] [--sheet sheet.png]

Holes of 2 % of the picture are made in drawn cloth: folds, checks, stripes and knit. Both get the same pictures and
masks in the same run:

classical  studio.engines.inpaint.classical, as the studio uses it
telea      cv2.inpaint, INPAINT_TELEA with radius 3

error  mean absolute difference from the truth in the hole, levels of 255
detail contrast (deviation) in the hole as a share of the truth's: 1 keeps the cloth's texture, 0 is a smear
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from studio.cancellation import CancelToken  # noqa: E402
from studio.engines.inpaint.classical import ClassicalInpaint  # noqa: E402


def cloths(side: int) -> Iterator[tuple[str, np.ndarray]]:
    y, x = np.mgrid[0:side, 0:side].astype(np.float32) * (1024.0 / side)
    fold = 26 * np.sin(x / 47 + 2.2 * np.sin(y / 190)) + 14 * np.sin((x + 0.6 * y) / 120)
    grain = cv2.GaussianBlur(np.random.default_rng(3).standard_normal((side, side)).astype(np.float32), (0, 0), 1) * 9
    base = {
        "folds": 0 * x,
        "stripes": 40 * np.sign(np.sin((x + 0.25 * y) / 6)),
        "knit": 16 * np.sin(x / 3) * np.sin(y / 4),
    }
    base["checks"] = 34 * np.sign(np.sin(x / 14)) + 22 * np.sign(np.sin(y / 14))
    for name, pattern in base.items():
        light = (fold + grain + pattern)[..., None] * np.array([1.0, 0.8, 0.7])
        yield name, np.clip(np.array([120, 90, 110]) + light, 0, 255).astype(np.uint8)


def holes(side: int, share: float) -> np.ndarray:
    """About `share` of a picture, in six blobs."""
    mask = np.zeros((side, side), np.uint8)
    rng = np.random.default_rng(8)
    radius = side * (share / 6 / np.pi) ** 0.5
    for row, column in ((0.2, 0.25), (0.3, 0.7), (0.55, 0.45), (0.75, 0.2), (0.8, 0.75), (0.5, 0.85)):
        axes = int(radius * rng.uniform(0.7, 1.4)), int(radius * rng.uniform(0.7, 1.4))
        cv2.ellipse(mask, (int(column * side), int(row * side)), axes, rng.uniform(0, 180), 0, 360, 1, -1)
    return mask > 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=1024, help="of the pictures, in pixels")
    parser.add_argument("--sheet", type=Path, help="also writes damage and both repairs here")
    options = parser.parse_args()
    engine, mask = ClassicalInpaint(), holes(options.side, 0.02)
    figures: dict[str, list[tuple[float, float, float]]] = {"classical": [], "telea": []}
    strips = []
    ways = {
        "classical": lambda picture: engine.repair(picture, mask, CancelToken()),
        "telea": lambda picture: cv2.inpaint(picture, mask.astype(np.uint8), 3, cv2.INPAINT_TELEA),
    }
    for name, truth in cloths(options.side):
        damaged = np.where(mask[..., None], 255, truth).astype(np.uint8)
        row = [damaged]
        for way, fill in ways.items():
            start = time.perf_counter()
            filled = fill(damaged)
            seconds = time.perf_counter() - start
            error = float(np.abs(filled[mask].astype(float) - truth[mask]).mean())
            detail = float(filled[mask].std(axis=0).mean() / truth[mask].std(axis=0).mean())
            figures[way].append((error, detail, seconds))
            row.append(filled)
            print(f"{name:<8} {way:<10} error {error:5.1f}  detail {detail:.2f}  {seconds:.2f} s")
        strips.append(np.hstack(row))
    for way, rows in figures.items():
        error, detail, seconds = (statistics.mean(column) for column in zip(*rows, strict=True))
        print(f"{way:<10} error {error:.1f}  detail {detail:.2f}  {seconds:.2f} s")
    ours, theirs = (statistics.mean(row[0] for row in figures[way]) for way in ("classical", "telea"))
    share = f"{mask.mean():.1%} of {options.side} x {options.side} missing"
    print(f"error ratio classical / telea {ours / theirs:.2f}; {share}")
    if options.sheet:
        cv2.imwrite(str(options.sheet), np.vstack(strips)[..., ::-1])


if __name__ == "__main__":
    main()
