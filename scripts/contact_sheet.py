"""Seven keyframes of a song in each of several styles, on one sheet: how the painter is judged, by eye.

python scripts/contact_sheet.py [--styles A,B,C | all] [--intent "..."] [--song flow|rise|night] [--width 512]
    [--height 512] [--seed 3] [--out out/contact_sheet.jpg]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from studio.cancellation import CancelToken  # noqa: E402
from studio.contracts import Cutout, PaintRequest, Size  # noqa: E402
from studio.engines.cutout.u2net import U2NetCutout  # noqa: E402
from studio.engines.image.painter import Painter  # noqa: E402
from studio.music.shots import Shot, Style  # noqa: E402
from studio.music.song import KeyMoment, Section, SongAnalysis  # noqa: E402
from studio.music.storyboard import make_storyboard  # noqa: E402
from studio.music.styles import choose_style, load_styles  # noqa: E402

SONGS = {
    "flow": ((0, "opening", 0.15), (14, "first beat", 0.45), (40, "build", 0.62), (62, "drop", 0.92), (96,
    "breakdown", 0.25),
             (124, "climax", 1.0), (172, "ending", 0.2)),
    "rise": ((0, "opening", 0.1), (20, "voice enters", 0.25), (52, "build", 0.4), (80, "build", 0.6), (104, "drop",
    0.85),
             (140, "climax", 1.0), (168, "ending", 0.3)),
    "night": ((0, "first beat", 0.5), (16, "drop", 0.8), (48, "breakdown", 0.35), (70, "build", 0.6), (92, "drop",
    0.95),
              (128, "breakdown", 0.2), (150, "ending", 0.45)),
}  # fmt: skip
INTENTS = {
    "flow": "a singer drives from the city to the sea and waits for the dawn",
    "rise": "a lonely dancer in an enchanted forest under the mountains, from dusk to night, lanterns rising",
    "night": "neon streets in the rain, a club, lasers, two strangers dance all night",
}


def song(name: str) -> SongAnalysis:
    moments = tuple(KeyMoment(float(time), words, level) for time, words, level in SONGS[name])
    curve = tuple(
        (float(t), float(np.interp(t, [m.timestamp for m in moments], [m.intensity for m in moments])))
        for t in range(180)
    )
    beats = tuple(round(0.5 * beat, 3) for beat in range(360))
    return SongAnalysis(
        180.0, 44100, 120.0, 0.9, (), 4, beats, beats[::4], curve, moments, (Section(0, 180, "song"),), ()
    )


def demo_cast() -> tuple[Cutout, ...]:
    engine = U2NetCutout()
    cast = []
    for path in sorted((ROOT / "assets" / "demo").glob("character-*.png")):
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)
        cast.append(engine.cut_out(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), CancelToken()))
    return tuple(cast)


def silent(_done: int, _total: int) -> None:
    """Progress nobody watches."""


def keyframe(painter: Painter, shot: Shot, style: Style, size: Size, cast: tuple[Cutout, ...]) -> np.ndarray:
    request = PaintRequest(shot, style, size, shot.seed, tuple(cast[index] for index in shot.characters))
    return painter.paint(request, silent, CancelToken()).image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--styles", default="neon-night,watercolour,oil-painting")
    parser.add_argument("--song", choices=sorted(SONGS), default=None)
    parser.add_argument("--intent", default=None)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--cell", type=int, default=300, help="width of one picture on the sheet")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "contact_sheet.jpg")
    options = parser.parse_args()
    styles = load_styles(ROOT / "presets" / "styles")
    names = list(styles) if options.styles == "all" else options.styles.split(",")
    painter, cast, size = Painter("painter", "cpu"), demo_cast(), Size(options.width, options.height)
    rows = []
    for at, name in enumerate(names):
        style = choose_style(styles, name)
        title = options.song or list(SONGS)[at % len(SONGS)]
        shots = make_storyboard(song(title), options.intent or INTENTS[title], style, len(cast), options.seed)
        pictures = [keyframe(painter, shot, style, size, cast) for shot in shots]
        cell = (options.cell, round(options.cell * size.height / size.width))
        rows.append(np.hstack([cv2.resize(picture, cell, interpolation=cv2.INTER_AREA) for picture in pictures]))
        print(f"{name}: {title}")
    options.out.parent.mkdir(parents=True, exist_ok=True)
    quality = [cv2.IMWRITE_JPEG_QUALITY, 90] if options.out.suffix.lower() in (".jpg", ".jpeg") else []
    done, data = cv2.imencode(options.out.suffix, cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR), quality)
    if not done:
        raise SystemExit(f"{options.out} could not be encoded")
    options.out.write_bytes(data.tobytes())
    print(options.out)


if __name__ == "__main__":
    main()
