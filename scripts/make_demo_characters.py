"""Draws the demo project's two characters, a singer with a guitar and a masked dancer, into assets/demo/.

    python scripts/make_demo_characters.py [FOLDER]

Everything is drawn here, from curves and gradients: the pictures are the project's own.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from characters.dancer import dancer
from characters.singer import singer


def finished(pixels: np.ndarray) -> np.ndarray:
    """Straight alpha with a fine grain of pigment, so that the cloth doesn't look like plastic."""
    alpha = pixels[..., 3:].astype(np.float32) / 255.0
    colour = pixels[..., :3].astype(np.float32) / np.maximum(alpha, 1 / 255)
    rng = np.random.default_rng(7)
    grain = cv2.GaussianBlur(rng.standard_normal(pixels.shape[:2]).astype(np.float32), (0, 0), 1.6)
    broad = cv2.GaussianBlur(rng.standard_normal(pixels.shape[:2]).astype(np.float32), (0, 0), 9.0)
    colour *= (1.0 + 0.012 * grain / grain.std() + 0.03 * broad / broad.std())[..., None]
    out = np.dstack([np.clip(colour, 0, 255), alpha * 255.0]).astype(np.uint8)
    out[out[..., 3] == 0] = 0
    return out


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in (("character-1.png", singer), ("character-2.png", dancer)):
        picture = finished(draw())
        rows, columns = np.nonzero(picture[..., 3])
        picture = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        picture[..., :3] &= 0xFE  # the lowest bit is noise that no eye sees and no PNG can pack
        done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGBA2BGRA), [cv2.IMWRITE_PNG_COMPRESSION, 9])
        if not done:
            raise SystemExit(f"{name} could not be encoded")
        (folder / name).write_bytes(data.tobytes())
        print(f"{folder / name}: {picture.shape[1]} x {picture.shape[0]}, {len(data) // 1024} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent / "assets" / "demo")
