"""A 180 s song end to end on this machine, against what the encoder alone needs for as many frames.

Prints seconds per second of song at 512x512, 24 fps, the ratio to the encoder alone, the time to the first preview,
and the largest memory of any process of the run.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.media.encode import VideoWriter
from studio.settings import ROOT
from tests.samples import write_character, write_song

SECONDS, SIZE, FPS = 180, Size(512, 512), 24


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        song = write_song(folder / "song.wav", SECONDS, rate=44100)
        picture = write_character(folder / "character.png")
        total, preview = render(folder, song, picture)
        encoder = encode_alone(folder / "plain.mp4", folder / "out" / "keyframes")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"end to end             {total:7.1f} s  ({total / SECONDS:.3f} s per second of song)")
    print(f"encoder alone          {encoder:7.1f} s  (ratio {total / encoder:.2f})")
    print(f"first preview          {preview:7.1f} s after the command began")
    print(f"largest process        {peak:7.0f} MB")


def render(folder: Path, song: Path, picture: Path) -> tuple[float, float]:
    """Seconds of the whole command, and until its first preview."""
    arguments = ["music-video", "--audio", song, "--character", picture, "--out", folder / "out", "--json"]
    command = [sys.executable, "-m", "studio", "--data", folder / "data", *arguments]
    began, preview = time.monotonic(), 0.0
    with subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            event = json.loads(line)
            if event["kind"] == "preview" and not preview:
                preview = time.monotonic() - began
            if event["kind"] == "done":
                report = json.loads(Path(event["result"]["report"]).read_text())
                print("stages:", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report["timings"].items()))
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    return time.monotonic() - began, preview


def encode_alone(target: Path, keyframes: Path) -> float:
    """Seconds for as many frames of the same pictures, panned so that the encoder has work to do."""
    from PIL import Image

    pictures = [np.asarray(Image.open(path)) for path in sorted(keyframes.glob("*.png"))]
    frames = [np.roll(pictures[n % len(pictures)], n % 64, axis=1) for n in range(7 * 16)]
    began = time.monotonic()
    with VideoWriter(target, SIZE, Fraction(FPS), CancelToken()) as writer:
        for number in range(SECONDS * FPS):
            writer.write(frames[number % len(frames)])
    return time.monotonic() - began


if __name__ == "__main__":
    main()
