"""Makes the demo's clip for the video chat room, assets/demo/clip.mp4: a short film of an island, narrated.

    python scripts/make_demo_clip.py [FILE]

Its pictures are the painter's, its voices the embedded ones, its music the demo song.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.cancellation import CancelToken
from studio.contracts import PaintRequest, Pulse, SegmentRequest, Size, SpeechRequest
from studio.engines.image.painter import Painter
from studio.engines.speech.embedded import EmbeddedSpeech
from studio.engines.video.parallax import Parallax
from studio.media.encode import VideoWriter
from studio.media.ffmpeg import program
from studio.media.wav import write_mono
from studio.music.shots import Shot
from studio.music.storyboard import palette_for, write_prompt
from studio.music.styles import load_styles

ROOT = Path(__file__).resolve().parent.parent
SIZE, FPS, RATE = Size(960, 540), Fraction(24), 24000
QUIET = CancelToken()
Draw = Callable[[ImageDraw.ImageDraw, float], None]


@dataclass(frozen=True)
class Part:
    """`seconds` of a painted place; `said` from .6 s on by `speaker`; `draw` what stands on the screen, given the share
    of the part that has passed."""

    seconds: float
    setting: tuple[str, ...]
    style: str
    hour: str
    weather: str
    said: str
    draw: Draw
    speaker: str = ""


def letters(size: int) -> ImageFont.FreeTypeFont:
    font = next((ROOT / "assets" / "fonts").glob("*.ttf"))
    return ImageFont.truetype(str(font), size)


def caption(big: str, small: str = "") -> Draw:
    def draw(pen: ImageDraw.ImageDraw, _: float) -> None:
        pen.rectangle((0, 408, 960, 510), fill=(12, 12, 20, 190))
        pen.text((48, 420), big, font=letters(40), fill=(255, 255, 255, 255))
        pen.text((48, 470), small, font=letters(24), fill=(255, 214, 150, 255))

    return draw


def title(pen: ImageDraw.ImageDraw, _: float) -> None:
    pen.rectangle((0, 180, 960, 350), fill=(12, 12, 20, 150))
    pen.text((480, 240), "ONE DAY ON SOLANE", font=letters(64), fill=(255, 255, 255, 255), anchor="mm")
    pen.text((480, 308), "a short film", font=letters(28), fill=(255, 214, 150, 255), anchor="mm")


def nothing(_: ImageDraw.ImageDraw, __: float) -> None:
    """A part without words."""


def visitors(pen: ImageDraw.ImageDraw, share: float) -> None:
    pen.rectangle((640, 40, 920, 150), fill=(12, 12, 20, 200))
    pen.text((660, 50), "Visitors today", font=letters(24), fill=(255, 214, 150, 255))
    pen.text((660, 82), str(180 + 20 * int(5 * share)), font=letters(52), fill=(255, 255, 255, 255))


PARTS = (
    Part(
        6.5, ("sea",), "golden-hour", "dawn", "clear",
        "This is Solane, a small island with one road and three hundred people.", title,
    ),
    Part(
        8.5, ("mountains", "sea"), "golden-hour", "day", "clear",
        "The lighthouse was built in 1884. Maria Lind has looked after it for thirty years.",
        caption("North Cape lighthouse", "Keeper: Maria Lind"), "joe",
    ),
    Part(
        8.5, ("forest",), "watercolour", "day", "fog",
        "In the forest behind it grow the oldest pines of the whole coast.",
        caption("Old Pine Trail", "4.2 km, closed in winter"),
    ),
    Part(
        9.0, ("city",), "neon-night", "night", "rain",
        "On Saturday evening the night market opens, and everybody comes.", visitors,
    ),
    Part(6.0, ("club",), "synthwave", "night", "clear", "", nothing),
    Part(
        7.5, ("sea",), "film-noir", "dusk", "clear",
        "The last ferry leaves at a quarter to seven. Do not miss it.", caption("Last ferry 18:45", "Pier 7"),
    ),
)  # fmt: skip


def scene(number: int, part: Part) -> Iterator[np.ndarray]:
    style = load_styles(ROOT / "presets" / "styles")[part.style]
    shot = Shot(0, 0.0, "opening", "", (), part.setting, part.hour, part.weather, "warm", (), "wide", "push_in", 0.4, 5)
    shot = replace(shot, palette=palette_for(style, shot.mood))
    shot = replace(shot, prompt=write_prompt(shot, style, ""))
    painter = Painter("painter", "cpu")
    ends = [painter.paint(PaintRequest(shot, style, SIZE, 11 + number), lambda *_: None, QUIET)] * 2
    count = round(part.seconds * FPS)
    still = np.full(count, 0.3)
    pulse = Pulse(still, np.zeros(count), np.zeros(count))
    request = SegmentRequest(
        0, ends[0], ends[1], (shot, shot), style, SIZE, FPS, 0, count, (), pulse, seed=3 + number
    )  # fmt: skip
    for at, frame in enumerate(Parallax("parallax", "cpu").animate(request, QUIET)):
        picture = Image.fromarray(frame).convert("RGBA")
        over = Image.new("RGBA", picture.size)
        part.draw(ImageDraw.Draw(over), at / count)
        yield np.asarray(Image.alpha_composite(picture, over).convert("RGB"))


def narration() -> np.ndarray:
    engine = EmbeddedSpeech()
    length = sum(part.seconds for part in PARTS)
    track = np.zeros(round(length * RATE), np.float32)
    at = 0.6
    for part in PARTS:
        if part.said:
            options = {"speaker": part.speaker} if part.speaker else {}
            said = engine.speak(SpeechRequest(part.said, options=options), QUIET).sound
            steps = np.arange(round(said.seconds * RATE)) / RATE
            samples = np.interp(steps, np.arange(len(said.samples)) / said.sample_rate, said.samples)
            begin = round(at * RATE)
            track[begin : begin + len(samples)] += samples.astype(np.float32)
            if said.seconds > part.seconds - 0.6:
                raise SystemExit(f"{part.said!r} takes {said.seconds:.1f} s, its part lasts {part.seconds:g} s")
        at += part.seconds
    return track


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "demo" / "clip.mp4"
    with tempfile.TemporaryDirectory() as folder:
        silent, voice = Path(folder) / "silent.mp4", Path(folder) / "voice.wav"
        write_mono(voice, narration(), RATE)
        with VideoWriter(silent, SIZE, FPS, QUIET) as writer:
            for number, part in enumerate(PARTS):
                for frame in scene(number, part):
                    writer.write(frame)
        # The song is heard in the part without words.
        begin = sum(part.seconds for part in PARTS[:4])
        end = begin + PARTS[4].seconds
        length = end - begin
        music = f"[2:a]atrim=8:{8 + length},asetpts=N/SR/TB,afade=in:d=0.4,afade=out:st={length - 0.8}:d=0.8"
        music += f",volume=0.6,adelay={round(1000 * begin)}:all=1[m]"
        mix = f"{music};[1:a]aresample=44100[v];[v][m]amix=inputs=2:duration=first:normalize=0[a]"
        subprocess.run(
            [program(), "-v", "error", "-y", "-i", silent, "-i", voice, "-i", ROOT / "assets" / "demo" / "song.mp3",
             "-filter_complex", mix, "-map", "0:v", "-map", "[a]", "-c:v", "libx264",
             "-crf", "29", "-preset", "veryslow",
             "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "80k", "-movflags", "+faststart", target],
            check=True,
        )  # fmt: skip
    print(target, target.stat().st_size)


if __name__ == "__main__":
    main()
