"""A message of about ten seconds end to end on this machine, against what the encoder alone needs for as many frames.

Prints the seconds of every stage, of the whole command, the time until the first sound and the first talking picture,
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

from PIL import Image

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.media.encode import VideoWriter
from studio.settings import ROOT
from tests.engines.drawn_faces import portrait

SIDE, FPS = 512, 25
WORDS = (
    "Good morning, everybody. This message lasts for about ten seconds, and it was made on two processor cores. "
    "Nothing was downloaded for it, and nothing left this machine."
)
FIRST = {"sentence": "first sentence", "segment": "first talking seconds"}


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Image.fromarray(portrait(SIDE)).save(folder / "photo.png")
        total, first = make(folder)
        report = json.loads((folder / "out" / "report.json").read_text())
        encoder = encode_alone(folder / "plain.mp4", report["frame_count"])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("stages:", ", ".join(f"{stage} {seconds:.1f} s" for stage, seconds in report["timings"].items()))
    print(f"end to end             {total:7.1f} s for {report['duration_seconds']:.1f} s of message")
    print(f"encoder alone          {encoder:7.1f} s  (ratio {total / encoder:.1f})")
    for role, seconds in first.items():
        print(f"{FIRST[role]:22s} {seconds:7.1f} s after the command began")
    print(f"largest process        {peak:7.0f} MB")


def make(folder: Path) -> tuple[float, dict[str, float]]:
    """Seconds of the whole command, and until the first artifact of each role of FIRST."""
    arguments = ["message", "--photo", folder / "photo.png", "--text", WORDS, "--out", folder / "out", "--json"]
    command = [sys.executable, "-m", "studio", "--data", folder / "data", *arguments]
    began, first = time.monotonic(), {}
    with subprocess.Popen([str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            role = json.loads(line).get("role")
            if role in FIRST:
                first.setdefault(role, time.monotonic() - began)
    if process.returncode:
        raise SystemExit(f"the command ended with {process.returncode}")
    return time.monotonic() - began, first


def encode_alone(target: Path, frames: int) -> float:
    picture = portrait(SIDE)
    began = time.monotonic()
    with VideoWriter(target, Size(SIDE, SIDE), Fraction(FPS), CancelToken()) as writer:
        for _ in range(frames):
            writer.write(picture)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
