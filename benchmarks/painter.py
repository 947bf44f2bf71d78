"""Seconds a keyframe takes, against two jobs of known size on the same picture in the same run.

    python benchmarks/painter.py [--repeat 2] [--large]

png   encoding that picture as PNG with OpenCV's default settings
blur  twenty Gaussian blurs of it, sigma 8, with cv2.GaussianBlur

Processor seconds of this process with OpenCV on one thread, so that a busy machine tells the same tale.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from studio.cancellation import CancelToken  # noqa: E402
from studio.contracts import Cutout, PaintRequest, Size  # noqa: E402
from studio.engines.image.painter import Painter  # noqa: E402
from studio.media.compositing import Finisher, LayerStack, Move  # noqa: E402
from studio.music.shots import SETTINGS, Shot  # noqa: E402
from studio.music.storyboard import palette_for, write_prompt  # noqa: E402
from studio.music.styles import load_styles  # noqa: E402


def silent(_done: int, _total: int) -> None:
    """Progress nobody watches."""


def processor_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def requests(size: Size, cast: tuple[Cutout, ...]) -> dict[str, PaintRequest]:
    """One request a setting, the styles in turn, so that every medium is among them."""
    styles = list(load_styles(ROOT / "presets" / "styles").values())
    made = {}
    for at, setting in enumerate(SETTINGS):
        style = styles[at % len(styles)]
        shot = Shot(
            0,
            0.0,
            "",
            "",
            (0,),
            (setting,),
            "dusk",
            "clear",
            "warm",
            palette_for(style, "warm"),
            "wide",
            "drift",
            0.6,
            at,
        )
        shot = replace(shot, prompt=write_prompt(shot, style))
        made[f"{setting} ({style.name})"] = PaintRequest(shot, style, size, at, cast)
    return made


def measure(size: Size, repeat: int) -> None:
    painter = Painter("painter", "cpu")
    picture = cv2.imdecode(np.fromfile(ROOT / "assets" / "demo" / "character-1.png", np.uint8), cv2.IMREAD_UNCHANGED)
    cast = (Cutout(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), 1.0),)
    print(f"\n{size.width} x {size.height}: processor seconds, and times png, times blur")
    totals, pngs, blurs = [], [], []
    for name, request in requests(size, cast).items():

        def paint(request: PaintRequest = request) -> object:
            return painter.paint(request, silent, CancelToken())

        keyframe = painter.paint(request, silent, CancelToken())
        image = keyframe.image
        seconds = min(processor_seconds(paint) for _ in range(repeat))
        png = min(processor_seconds(lambda image=image: cv2.imencode(".png", image)) for _ in range(repeat))
        blur = min(
            processor_seconds(lambda image=image: [cv2.GaussianBlur(image, (0, 0), 8) for _ in range(20)])
            for _ in range(repeat)
        )
        totals.append(seconds)
        pngs.append(png)
        blurs.append(blur)
        print(f"  {name:34} {seconds:6.3f}   {seconds / png:6.1f} x   {seconds / blur:6.2f} x")
    means = [statistics.mean(each) for each in (totals, pngs, blurs)]
    print(
        f"  {'mean':34} {means[0]:6.3f}   {means[0] / means[1]:6.1f} x   {means[0] / means[2]:6.2f} x"
        f"   worst {max(totals):.3f}"
    )
    stack = LayerStack(keyframe.layers, keyframe.margin)
    finisher = Finisher(request.style, size)
    moves = [Move(3.3 * at, 1.7 * at, 1.01 + 0.01 * at) for at in range(len(keyframe.layers))]
    composed = processor_seconds(lambda: [stack.compose(moves) for _ in range(20)]) / 20
    finished = processor_seconds(lambda: [finisher.apply(image, at) for at in range(20)]) / 20
    one_blur = means[2] / 20
    count = len(keyframe.layers)
    print(f"  a frame of {count} moved layers {composed * 1000:.1f} ms ({composed / one_blur:.2f} x one blur), "
          f"finished {finished * 1000:.1f} ms ({finished / one_blur:.2f} x)")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--large", action="store_true", help="1920 x 1080 too")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    measure(Size(512, 512), options.repeat)
    if options.large:
        measure(Size(1920, 1080), 1)


if __name__ == "__main__":
    main()
