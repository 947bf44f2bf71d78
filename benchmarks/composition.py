"""Joining finished segments under the song, against the usual ways of doing it, in one run on one machine.

    python -m benchmarks.composition [--seconds 180] [--rounds 3] [--without-moviepy]

The yardstick is one `ffmpeg -f concat -c:v copy -c:a aac`: the least work that makes the same film. Ratios are of the
median wall-clock times; rounds of all candidates are interleaved, so that a busy machine slows all of them alike.
Processor seconds, ours and the programs' together, say how much work it is on a machine with other things to do.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.frames import frame_at
from studio.media.audio import AAC_BITS, encode_sound
from studio.media.encode import VideoWriter
from studio.media.ffmpeg import program
from studio.media.join import FilmSpec, join_film
from studio.media.probe import probe_film

FPS = Fraction(24)
SIZE = Size(512, 512)
SEGMENTS = 6


@dataclass(frozen=True)
class Material:
    folder: Path
    segments: tuple[Path, ...]
    wav: Path
    encoded: Path
    spec: FilmSpec


def make_material(folder: Path, seconds: float) -> Material:
    """Six moving, textured segments and a song of `seconds`."""
    total = frame_at(seconds, FPS)
    bounds = [total * k // SEGMENTS for k in range(SEGMENTS + 1)]
    lengths = tuple(end - start for start, end in itertools.pairwise(bounds))
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (48, 48, 3)).astype(np.uint8)
    canvas = np.kron(coarse, np.ones((16, 16, 1), np.uint8))
    segments = tuple(folder / f"{k:02d}.mp4" for k in range(1, SEGMENTS + 1))
    for path, length in zip(segments, lengths, strict=True):
        with VideoWriter(path, SIZE, FPS, CancelToken()) as writer:
            for n in range(length):
                top, left = n * 2 % 256, n * 3 % 256
                writer.write(canvas[top : top + SIZE.height, left : left + SIZE.width])
    wav, encoded = folder / "song.wav", folder / "song.m4a"
    write_song(wav, seconds, rng)
    encode_sound(wav, encoded, CancelToken())
    return Material(folder, segments, wav, encoded, FilmSpec(FPS, total, seconds, lengths))


def write_song(wav: Path, seconds: float, rng: np.random.Generator) -> None:
    t = np.arange(round(seconds * 44_100)) / 44_100
    tones = sum(np.sin(2 * np.pi * f * t) for f in (110.0, 277.2, 440.0, 1318.5))
    sides = [tones * 3500 + rng.normal(0, 2500, t.size) * np.exp(-8 * (t % 0.5)) for _ in range(2)]
    with wave.open(str(wav), "wb") as writer:
        writer.setparams((2, 2, 44_100, 0, "NONE", ""))
        writer.writeframes(np.stack(sides, 1).clip(-32768, 32767).astype("<i2").tobytes())


def ours(material: Material) -> Path:
    film, sound = material.folder / "ours.mp4", material.folder / "ours.m4a"
    encode_sound(material.wav, sound, CancelToken())
    join_film(material.segments, sound, film, material.spec, CancelToken())
    return film


def ours_sound_ready(material: Material) -> Path:
    film = material.folder / "ours_ready.mp4"
    join_film(material.segments, material.encoded, film, material.spec, CancelToken())
    return film


def stream_copy(material: Material) -> Path:
    return run_ffmpeg(material, "copy.mp4", ["-c:v", "copy"])


def re_encode(material: Material) -> Path:
    return run_ffmpeg(material, "encoded.mp4", ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18"])


def run_ffmpeg(material: Material, name: str, video: list[str]) -> Path:
    film, listing = material.folder / name, material.folder / "list.txt"
    listing.write_text("".join(f"file '{path}'\n" for path in material.segments))
    command = [program(), "-y", "-loglevel", "error", "-f", "concat", "-safe", "0", "-i", str(listing)]
    command += ["-i", str(material.wav), *video, "-c:a", "aac", "-b:a", str(AAC_BITS), "-movflags", "+faststart"]
    subprocess.run([*command, str(film)], check=True, stdin=subprocess.DEVNULL)
    return film


def moviepy(material: Material) -> Path:
    from moviepy.editor import AudioFileClip, VideoFileClip, concatenate_videoclips

    film = material.folder / "moviepy.mp4"
    clips = [VideoFileClip(str(path)) for path in material.segments]
    joined = concatenate_videoclips(clips).set_audio(AudioFileClip(str(material.wav)))
    options = {"codec": "libx264", "preset": "veryfast", "audio_codec": "aac", "logger": None}
    joined.write_videofile(str(film), temp_audiofile=str(film.with_suffix(".sound.m4a")), **options)
    for clip in clips:
        clip.close()
    return film


def measure(material: Material, candidates: list[Callable[[Material], Path]], rounds: int) -> None:
    seconds: dict[str, list[float]] = {candidate.__name__: [] for candidate in candidates}
    processor: dict[str, list[float]] = {candidate.__name__: [] for candidate in candidates}
    films: dict[str, Path] = {}
    for number in range(rounds):
        for candidate in candidates:
            if candidate is moviepy and number:
                continue
            start, work = time.perf_counter(), processor_seconds()
            films[candidate.__name__] = candidate(material)
            seconds[candidate.__name__].append(time.perf_counter() - start)
            processor[candidate.__name__].append(processor_seconds() - work)
    print(
        f"{'way':18} {'seconds':>8} {'of copy':>8} {'cpu s':>8} {'of copy':>8} {'frames':>7} {'sound-picture ms':>17}"
    )
    wall, cpu = (statistics.median(times["stream_copy"]) for times in (seconds, processor))
    for name, film in films.items():
        facts = probe_film(film)
        taken, worked = statistics.median(seconds[name]), statistics.median(processor[name])
        print(
            f"{name:18} {taken:8.2f} {taken / wall:8.2f} {worked:8.2f} {worked / cpu:8.2f}"
            f" {facts.frame_count:7d} {facts.audio_video_difference_ms or 0:17.1f}"
        )


def processor_seconds() -> float:
    """Used so far by this process and all its children that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--without-moviepy", action="store_true")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="kinora-composition-"))
    try:
        print(f"{arguments.seconds:g} s, six {SIZE.width}x{SIZE.height} segments, {FPS} fps, {arguments.rounds} rounds")
        material = make_material(folder, arguments.seconds)
        candidates = [ours, ours_sound_ready, stream_copy, re_encode]
        measure(material, candidates + ([] if arguments.without_moviepy else [moviepy]), arguments.rounds)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
