"""Draws one picture a style, for the cards a style is chosen from: assets/styles/NAME.jpg, 320 x 200.

python scripts/make_style_pictures.py [FOLDER]
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from contact_sheet import demo_cast, keyframe  # noqa: E402

from studio.contracts import Size  # noqa: E402
from studio.engines.image.painter import Painter  # noqa: E402
from studio.music.shots import Shot, Style  # noqa: E402
from studio.music.storyboard import palette_for, write_prompt  # noqa: E402
from studio.music.styles import load_styles  # noqa: E402

SCENES = {
    "neon-night": (("city",), "night", "rain"),
    "film-noir": (("city",), "night", "rain"),
    "synthwave": (("road", "mountains"), "dusk", "clear"),
    "minimal": (("mountains",), "golden", "clear"),
    "paper-cut": (("mountains",), "dusk", "clear"),
    "watercolour": (("sea",), "dawn", "clear"),
    "pastel-dream": (("forest",), "dawn", "clear"),
    "golden-hour": (("road",), "golden", "clear"),
    "vhs": (("room",), "dusk", "clear"),
}
"""A place that shows the style at its best; the others share the mountains at golden hour."""


def picture(painter: Painter, style: Style) -> np.ndarray:
    setting, hour, weather = SCENES.get(style.name, (("mountains",), "golden", "clear"))
    palette = palette_for(style, "warm")
    shot = Shot(0, 0.0, "", "", (0,), setting, hour, weather, "warm", palette, "wide", "drift", 0.6, 4)
    shot = replace(shot, prompt=write_prompt(shot, style))
    large = keyframe(painter, shot, style, Size(640, 400), demo_cast())
    return cv2.resize(large, (320, 200), interpolation=cv2.INTER_AREA)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    painter = Painter("painter", "cpu")
    for name, style in load_styles(ROOT / "presets" / "styles").items():
        done, data = cv2.imencode(
            ".jpg", cv2.cvtColor(picture(painter, style), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 84]
        )
        if not done:
            raise SystemExit(f"{name} could not be encoded")
        (folder / f"{name}.jpg").write_bytes(data.tobytes())
        print(f"{name}: {len(data) // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "assets" / "styles")
