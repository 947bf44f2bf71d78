"""Reading a video's pictures and sound, against OpenCV's sequential read of the same files and against real time.

    python -m benchmarks.video_sampling [--seconds 30] [--size 1280x720]

The sampler gives a picture at every step, its first pass over the packets included; OpenCV reads every frame, converted
as `read` does it, which is what a loop over `VideoCapture` costs however few of the frames are used. With groups of
250 there is a key frame about every eight seconds and frames have to be decoded in between; key frames that are no
further apart than the step are all that is decoded. "watched" is the sampler as the scene reader uses it, looking at
every decoded frame for cuts. "eyes" is the whole scene reader at two pictures a second behind the sampler, "ears" the
kinds of sound; both as multiples of real time. All wall-clock times of this machine in this run; sampler and OpenCV
run in turn, three times each, and the median of their ratios is told, with the ratio of processor time beside it:
that one says how much less work it is, the other how well two processors share it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import imageio_ffmpeg
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, WatchRequest
from studio.engines.hearing.kinds import SoundKinds
from studio.engines.vision.embedded import EmbeddedVision
from studio.media.sampling import FrameSampler, plan_sampling
from studio.settings import Limits

REPEATS = 3
SOURCES = {
    "moving pattern, a little noise": "testsrc2=s={size}:r=30:d={seconds},noise=alls=8:allf=t",
    "zoom into detail": "mandelbrot=s={size}:r=30,trim=duration={seconds}",
}
GROUPS = (
    ("groups of 250", 250, 1.0),
    ("keys each 2 s", 60, 1.0),
    ("keys each 1 s", 30, 1.0),
    ("keys each 2 s", 60, 2.0),
)
"""Words, frames in a group, the sampler's step in seconds."""
LIMITS = Limits()


def make(path: Path, source: str, group: int) -> None:
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source]
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-sc_threshold", "0", "-g", str(group), "-pix_fmt", "yuv420p"]
    subprocess.run([*ffmpeg, *codec, str(path)], check=True, stdin=subprocess.DEVNULL)


@dataclass(frozen=True)
class Effort:
    """Seconds that passed, seconds of processor time, and how many came out."""

    seconds: float
    processor: float
    count: int


def timed(work: Callable[[], int]) -> Effort:
    began, at = time.process_time(), time.perf_counter()
    count = work()
    return Effort(time.perf_counter() - at, time.process_time() - began, count)


def ratio(ours: Sequence[Effort], theirs: Sequence[Effort]) -> str:
    """How many times less of both, in words."""
    pairs = list(zip(ours, theirs, strict=True))
    seconds = statistics.median(one.seconds / other.seconds for other, one in pairs)
    processor = statistics.median(one.processor / other.processor for other, one in pairs)
    return f"{seconds:.1f} times faster ({processor:.1f} in processor time)"


def sample(path: Path, step: float, watch: bool) -> int:
    plan = plan_sampling(path, step, "--video", LIMITS, watch)
    return sum(1 for _ in FrameSampler(path, plan, LIMITS).samples("--video", CancelToken()))


def read_all(path: Path) -> int:
    capture, count = cv2.VideoCapture(str(path)), 0
    while capture.read()[0]:
        count += 1
    return count


def watch(path: Path, engine: EmbeddedVision) -> int:
    plan = plan_sampling(path, 0.5, "--video", LIMITS)
    samples = FrameSampler(path, plan, LIMITS).samples("--video", CancelToken())
    readings = engine.read(WatchRequest(samples, plan.times.duration), CancelToken())
    return sum(len(reading.scenes) for reading in readings)


def hear(seconds: float) -> float:
    """How many times faster than it lasts a sound of noise and tones is read."""
    clock = np.arange(round(seconds * 48_000)) / 48_000
    tones = 0.2 * np.sin(2 * np.pi * 220 * clock) * (clock % 8 < 4)
    noise = np.random.default_rng(0).normal(0, 0.05, len(clock))
    sound, kinds = Sound((tones + noise).astype(np.float32), 48_000), SoundKinds()
    kinds.spans(Sound(sound.samples[:48_000], 48_000))
    return seconds / timed(lambda: len(kinds.spans(sound))).seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--size", default="1280x720")
    options = parser.parse_args()
    engine = EmbeddedVision("embedded", "cpu")
    with tempfile.TemporaryDirectory() as folder:
        for label, source in SOURCES.items():
            for name, group, step in GROUPS:
                path = Path(folder) / "video.mp4"
                make(path, source.format(size=options.size, seconds=options.seconds), group)
                works = (partial(sample, path, step, False), partial(sample, path, step, True), partial(read_all, path))
                ours, watched, theirs = zip(*([timed(work) for work in works] for _ in range(REPEATS)), strict=True)
                seen = timed(partial(watch, path, engine))
                rate = path.stat().st_size * 8e-6 / options.seconds
                print(
                    f"{label}, {name}, step {step:g} s, {rate:.1f} Mb/s: sampler {ours[0].count} pictures, OpenCV "
                    f"{theirs[0].count} frames: {ratio(ours, theirs)}, watched {ratio(watched, theirs)}; "
                    f"eyes {options.seconds / seen.seconds:.1f} times real time ({seen.count} scenes)"
                )
    print(f"ears: {hear(60):.0f} times real time")


if __name__ == "__main__":
    main()
