"""The embedded motion with the encoder behind it, against the encoder alone on as many plain frames.

    python -m benchmarks.motion [--seconds 20] [--sizes 512x512 1280x720]

"plain" feeds the encoder one painted picture shifted along. "again" feeds it the frames that the motion made, from
memory, as many of them as are kept: it tells what those pictures cost the encoder. Ratios are of wall-clock times on
this machine, in this run; x264 runs beside the motion in its own process, so two cores are what it needs.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Keyframe, PaintRequest, Pulse, SegmentRequest, Size, View
from studio.engines.image.painter import Painter
from studio.engines.video.parallax import Parallax
from studio.media.encode import VideoWriter
from studio.music.edit import plan_edit, pulses, view_counts
from studio.music.shots import Shot
from studio.music.song import KeyMoment, Section, SongAnalysis
from studio.music.storyboard import make_storyboard
from studio.music.styles import choose_style, load_styles
from studio.settings import ROOT

FPS = Fraction(24)
KEPT = 96


def steady_song(seconds: float) -> SongAnalysis:
    """124 BPM, from quiet to loud and back: every pace of cutting is in it."""
    beats = tuple(np.arange(0.2, seconds, 60 / 124).tolist())
    curve = tuple((float(n), 0.25 + 0.7 * float(np.sin(np.pi * n / seconds))) for n in range(int(seconds) + 1))
    moments = tuple(KeyMoment(seconds * n / 6.5, "a moment", curve[int(seconds * n / 6.5)][1]) for n in range(7))
    sections = (Section(0.0, seconds, "verse"),)
    return SongAnalysis(seconds, 44100, 124.0, 1.0, (), 4, beats, beats[::4], curve, moments, sections, ())


def make_requests(seconds: float, size: Size) -> list[SegmentRequest]:
    song, style = steady_song(seconds), choose_style(load_styles(ROOT / "presets" / "styles"), "")
    shots = make_storyboard(song, "a night drive from the city to the sea", style, 0, 3)
    painter = Painter("painter", "cpu")
    asked = [PaintRequest(shot, style, size, shot.seed) for shot in shots]
    keyframes: list[Keyframe] = [painter.paint(one, lambda *_: None, CancelToken()) for one in asked]
    edit = plan_edit(song, shots, FPS)
    return [
        SegmentRequest(
            index=segment.index,
            start=keyframes[segment.index],
            end=keyframes[segment.index + 1],
            shots=(shots[segment.index], shots[segment.index + 1]),
            style=style,
            size=size,
            fps=FPS,
            first_frame=segment.first_frame,
            frame_count=segment.frame_count,
            cuts=segment.cuts,
            pulse=Pulse(pulse.intensity, pulse.beat, pulse.accent),
            seed=3,
            views=tuple(others(shots, keyframes, segment.index, count)),
        )
        for segment, pulse, count in zip(edit.segments, pulses(song, edit), view_counts(edit), strict=True)
    ]


def others(shots: Sequence[Shot], keyframes: Sequence[Keyframe], index: int, count: int) -> Iterator[View]:
    """Pictures of other segments, as views of this one: what they cost to move is the same."""
    for number in range(count):
        other = (index + 2 + number) % len(shots)
        yield View(shots[other], partial(keyframes.__getitem__, other))


def film(requests: Iterable[SegmentRequest]) -> Iterator[np.ndarray]:
    engine = Parallax("parallax", "cpu")
    engine.warm_up()
    for request in requests:
        yield from engine.animate(request, CancelToken())


def plain(picture: np.ndarray, count: int) -> Iterator[np.ndarray]:
    for number in range(count):
        yield np.roll(picture, 2 * number, axis=1)


def encoded(frames: Iterable[np.ndarray], size: Size, folder: Path) -> tuple[float, int]:
    """Seconds that it took, and bytes of the file."""
    path = folder / "film.mp4"
    start = time.perf_counter()
    with VideoWriter(path, size, FPS, CancelToken()) as writer:
        for frame in frames:
            writer.write(frame)
    return time.perf_counter() - start, path.stat().st_size


def measure(seconds: float, size: Size, folder: Path) -> None:
    requests = make_requests(seconds, size)
    count = sum(request.frame_count for request in requests)
    kept = list(itertools.islice(film(requests), KEPT))
    start, cpu = time.perf_counter(), time.process_time()
    for _ in film(requests):
        pass
    alone, cpu = time.perf_counter() - start, time.process_time() - cpu
    rows = {
        "encoder, plain frames": encoded(plain(requests[0].start.image, count), size, folder)[0],
        "encoder, these frames again": encoded(itertools.islice(itertools.cycle(kept), count), size, folder)[0],
        "motion without encoder": alone,
        "motion with encoder": encoded(film(requests), size, folder)[0],
    }
    base = rows["encoder, plain frames"]
    print(f"\n{size.width}x{size.height}: {count} frames, motion {cpu / count * 1000:.1f} ms of one core a frame")
    for name, took in rows.items():
        print(f"  {name:<28} {took:7.2f} s  {count / took:6.0f} frames/s  {took / base:5.2f}x")
    print(f"  a song of 180 s at this rate: {rows['motion with encoder'] / count * 180 * 24:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--sizes", nargs="+", default=["512x512", "1280x720"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for text in options.sizes:
            width, height = (int(part) for part in text.split("x"))
            measure(options.seconds, Size(width, height), Path(folder))


if __name__ == "__main__":
    main()
