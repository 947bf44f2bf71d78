"""The README's gallery: three short films and their keyframes, made by the command line as anybody would make them.

python scripts/make_gallery.py [OUT]        default docs/gallery: NAME.mp4 and NAME.jpg, its seven keyframes
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.songs.catalogue import make_song  # noqa: E402

SECONDS = 24.0
CELL = 240


@dataclass(frozen=True)
class Film:
    """`song` a style of the synthetic songs, played from `start` seconds on; `more` arguments of the command."""

    name: str
    song: str
    start: float
    look: str
    prompt: str
    more: tuple[str, ...] = ()


FILMS = (
    Film(
        "neon-shore", "house_drumless", 20.0, "neon-night", "two friends drive through a neon city at night to the sea",
        ("--title", "Neon Shore", "--artist", "Kinora demo", "--visualizer", "spectrum"),
    ),
    Film("paper-waltz", "waltz", 4.0, "paper-cut", "a dancer in a forest under the mountains, from dusk to the stars"),
    Film("storm-stage", "rock", 10.0, "graphic-novel", "a singer on a stage, then a storm over the desert road"),
)  # fmt: skip


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "gallery"
    target.mkdir(parents=True, exist_ok=True)
    for film in FILMS:
        with tempfile.TemporaryDirectory() as folder:
            make(film, Path(folder), target)
        print(target / f"{film.name}.mp4")


def make(film: Film, folder: Path, target: Path) -> None:
    song = make_song(film.song, 11)
    first = round(film.start * song.sample_rate)
    samples = song.samples[first : first + round(SECONDS * song.sample_rate)].copy()
    fade = round(1.5 * song.sample_rate)
    samples[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    with wave.open(str(folder / "song.wav"), "wb") as file:
        file.setparams((2, 2, song.sample_rate, 0, "NONE", ""))
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    demo = ROOT / "assets" / "demo"
    command = [sys.executable, "-m", "studio", "--data", folder / "data", "music-video", "--audio", folder / "song.wav"]
    command += ["--character", demo / "character-1.png", "--character", demo / "character-2.png"]
    command += ["--prompt", film.prompt, "--style", film.look, "--width", 960, "--height", 540, "--seed", 5]
    command += [*film.more, "--out", folder / "out"]
    subprocess.run([str(part) for part in command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    # Smaller than the studio leaves it: a page of films should not weigh on every clone.
    smaller = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", folder / "out" / "final_video.mp4"]
    smaller += ["-c:v", "libx264", "-preset", "slow", "-crf", 27, "-vf", "scale=640:-2", "-c:a", "aac", "-b:a", "96k"]
    smaller += ["-movflags", "+faststart", target / f"{film.name}.mp4"]
    subprocess.run([str(part) for part in smaller], check=True)
    pictures = [Image.open(path).convert("RGB") for path in sorted((folder / "out" / "keyframes").glob("*.png"))]
    height = round(CELL * pictures[0].height / pictures[0].width)
    sheet = Image.new("RGB", (CELL * len(pictures), height))
    for number, picture in enumerate(pictures):
        sheet.paste(picture.resize((CELL, height), Image.Resampling.LANCZOS), (CELL * number, 0))
    sheet.save(target / f"{film.name}.jpg", quality=88)


if __name__ == "__main__":
    main()
