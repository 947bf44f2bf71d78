"""How well and how fast the embedded cut-out frees subjects whose true outline is known, beside a plain GrabCut.

    python benchmarks/cutout.py [--side 512] [--sheet sheet.png]

Each demo character and each figure drawn by the tests is put before the empty half of every other style's
picture and before bricks and leaves. Both methods get the same pictures in the same run:

u2net      studio.engines.cutout.u2net, as the studio uses it
rectangle  cv2.grabCut with a centred rectangle of four fifths of each side, five iterations, its hard mask

iou    intersection over union of what is more than half opaque, 1 is perfect
sad    sum of absolute differences of alpha, as a share of the subject's area (0 is perfect)
Seconds a picture are the best of two.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from studio.cancellation import CancelToken  # noqa: E402
from studio.engines.cutout.u2net import U2NetCutout  # noqa: E402
from tests.engines.drawn_pictures import backgrounds, person, vase  # noqa: E402


@dataclass(frozen=True)
class Case:
    """`picture` (side, side, 3) uint8 with a subject whose true alpha (side, side) uint8 is known."""

    name: str
    picture: np.ndarray
    alpha: np.ndarray


def subjects(side: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """(name, colours (side, side, 3), alpha (side, side))."""
    for path in sorted((ROOT / "assets" / "demo").glob("character-*.png")):
        bgra = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if bgra is None:
            raise FileNotFoundError(path)
        scale = 0.82 * side / max(bgra.shape[:2])
        premultiplied = bgra.astype(np.float32)
        premultiplied[..., :3] *= premultiplied[..., 3:] / 255.0
        small = cv2.resize(premultiplied, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.zeros((side, side, 4), np.float32)
        left = (side - small.shape[1]) // 2
        canvas[side - small.shape[0] :, left : left + small.shape[1]] = small
        colours = canvas[..., :3] / np.maximum(canvas[..., 3:] / 255.0, 1e-3)
        yield path.stem, colours[..., ::-1], canvas[..., 3].astype(np.uint8)
    for draw in (person, vase):
        colours, mask = draw((side, side))
        yield draw.__name__, colours / np.maximum(mask[..., None] / 255.0, 1e-3), mask


def scenes(side: int) -> Iterator[tuple[str, np.ndarray]]:
    for path in sorted((ROOT / "assets" / "styles").glob("*.jpg"))[::2]:
        bgr = cv2.imread(str(path))
        if bgr is None:
            raise FileNotFoundError(path)
        # the left half: somebody stands further right, and a second subject would be no background
        half = bgr.shape[1] // 2
        empty = bgr[-half:, :half]
        yield path.stem, cv2.resize(empty, (side, side), interpolation=cv2.INTER_CUBIC)[..., ::-1]
    drawn = backgrounds((side, side))
    yield from ((name, drawn[name]) for name in ("bricks", "leaves"))


def cases(side: int) -> Iterator[Case]:
    everything = list(scenes(side))
    for subject, colours, alpha in subjects(side):
        share = alpha[..., None] / 255.0
        for scene, background in everything:
            mixed = np.clip(colours, 0, 255) * share + background * (1.0 - share)
            yield Case(f"{subject} before {scene}", np.clip(mixed + 0.5, 0, 255).astype(np.uint8), alpha)


def by_engine(engine: U2NetCutout, picture: np.ndarray) -> tuple[np.ndarray, float]:
    """Alpha of the full picture, wherever the engine cropped it to, and its confidence."""
    cutout = engine.cut_out(picture, CancelToken())
    found = cutout.picture
    left, top = cutout.place
    alpha = np.zeros(picture.shape[:2], np.uint8)
    alpha[top : top + found.shape[0], left : left + found.shape[1]] = found[..., 3]
    return alpha, cutout.confidence


def by_rectangle(picture: np.ndarray) -> np.ndarray:
    height, width = picture.shape[:2]
    labels = np.zeros((height, width), np.uint8)
    models = np.zeros((1, 65), np.float64), np.zeros((1, 65), np.float64)
    rectangle = (width // 10, height // 10, width * 8 // 10, height * 8 // 10)
    cv2.grabCut(picture, labels, rectangle, *models, 5, cv2.GC_INIT_WITH_RECT)
    return np.where(labels & 1, 255, 0).astype(np.uint8)


def scores(found: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """(iou, sad)."""
    one, two = found > 127, truth > 127
    difference = np.abs(found.astype(np.float32) - truth.astype(np.float32)).sum()
    return float((one & two).sum() / max(1, int((one | two).sum()))), float(difference / max(1.0, float(truth.sum())))


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(2):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return best


def large_picture() -> np.ndarray:
    case = next(iter(cases(1500)))
    wide = cv2.copyMakeBorder(case.picture, 0, 0, 250, 250, cv2.BORDER_REFLECT)
    return cv2.resize(wide, (4000, 3000), interpolation=cv2.INTER_CUBIC)


def row(name: str, figures: list[tuple[float, float]]) -> str:
    ious, sads = [iou for iou, _ in figures], [sad for _, sad in figures]
    return f"{name:<10} iou mean {statistics.mean(ious):.3f}  worst {min(ious):.3f}   sad {statistics.mean(sads):.3f}"


def print_seconds(engine: U2NetCutout) -> None:
    small = next(iter(cases(512))).picture
    own, other = seconds(lambda: engine.cut_out(small, CancelToken())), seconds(lambda: by_rectangle(small))
    print(f"512 x 512: u2net {own:.2f} s, rectangle {other:.2f} s, ratio {own / other:.2f}")
    for name, picture in (("1024 x 1024", next(iter(cases(1024))).picture), ("4000 x 3000", large_picture())):
        print(f"{name}: u2net {seconds(lambda p=picture: engine.cut_out(p, CancelToken())):.2f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=512, help="of the pictures, in pixels")
    parser.add_argument("--sheet", type=Path, help="also writes every picture and both cuts here")
    options = parser.parse_args()
    engine = U2NetCutout()
    ours: list[tuple[float, float]] = []
    plain: list[tuple[float, float]] = []
    strips = []
    for case in cases(options.side):
        alpha, confidence = by_engine(engine, case.picture)
        rectangle = by_rectangle(case.picture)
        ours.append(scores(alpha, case.alpha))
        plain.append(scores(rectangle, case.alpha))
        print(f"{case.name:<32} u2net {ours[-1][0]:.3f} (confidence {confidence:.2f})  rectangle {plain[-1][0]:.3f}")
        parts = [case.picture, *(np.where(a[..., None] > 127, case.picture, 255) for a in (alpha, rectangle))]
        strips.append(np.hstack([cv2.resize(part, (200, 200), interpolation=cv2.INTER_AREA) for part in parts]))
    print(row("u2net", ours))
    print(row("rectangle", plain))
    print_seconds(engine)
    if options.sheet:
        strips += [np.zeros_like(strips[0])] * (-len(strips) % 3)
        sheet = np.vstack([np.hstack(strips[i : i + 3]) for i in range(0, len(strips), 3)])
        cv2.imwrite(str(options.sheet), sheet[..., ::-1])


if __name__ == "__main__":
    main()
