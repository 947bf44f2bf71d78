"""Paints the demo's portrait for the video message room, assets/demo/portrait.jpg.

    python scripts/make_demo_portrait.py [FILE]

Everything is drawn here, from forms, light and single hairs: the picture is the project's own and shows nobody.
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from portrait.canvas import HEIGHT, SCALE, WIDTH, Paper, blurred, inflated
from portrait.clothes import collar_form, jumper_form
from portrait.eyes import brows, eyes, lines
from portrait.face import face_form, neck_form
from portrait.hair import back_hair, front_hair
from portrait.light import KEY, Form, normals, over, shown
from portrait.room import room

LARGEST_FILE = 300_000
FRAME = (55, 92, 845, 1040)
"""Left, top, right and bottom of what is shown, in units."""


def portrait() -> np.ndarray:
    """(HEIGHT, WIDTH, 3) uint8 RGB."""
    scene = room()
    behind, front = Paper(), Paper()
    back_hair(behind)
    front_hair(front)
    _rounded(front.pixels)
    scene = _laid(scene, behind.pixels)
    forms = (neck_form(), jumper_form(), collar_form(), face_form())
    blocker = _blocker(forms)
    for form in forms:
        scene = over(scene, form, blocker)
    hair = front.pixels[..., 3].astype(np.float32) / 255.0
    scene *= _hair_shadow(hair)
    paper = Paper(shown(scene))
    eyes(paper)
    brows(paper)
    lines(paper)
    scene = (paper.pixels[..., :3].astype(np.float32) / 255.0) ** 2.2
    return _finished(shown(_laid(scene, front.pixels))[..., :3])


def _laid(scene: np.ndarray, layer: np.ndarray) -> np.ndarray:
    """`scene` (linear) under `layer` (premultiplied RGBA, uint8)."""
    alpha = layer[..., 3:].astype(np.float32) / 255.0
    colour = layer[..., :3].astype(np.float32) / 255.0 / np.maximum(alpha, 1 / 255)
    return scene + alpha * (colour**2.2 - scene)


def _rounded(hair: np.ndarray) -> None:
    """Light on the whole of the hair, in place: lighter towards the window, darker where it turns away."""
    height = 0.8 * inflated(hair[..., 3].astype(np.float32) / 255.0, 80)
    normal = normals(blurred(height, 6.0))
    light = 0.46 + 0.80 * np.clip(normal @ KEY, 0, 1) + 0.5 * np.clip(np.abs(normal[..., 0]) - 0.45, 0, 1)
    hair[..., :3] = np.clip(hair[..., :3] * light[..., None], 0, hair[..., 3:]).astype(np.uint8)


def _blocker(forms: tuple[Form, ...]) -> np.ndarray:
    height = np.full(forms[0].height.shape, -1000.0, np.float32)
    for form in forms:
        height = np.where(form.coverage > 0.5, form.height, height)
    return height


def _hair_shadow(hair: np.ndarray) -> np.ndarray:
    """What hair leaves of the light (h, w, 3): it stands above the skin, and the window is up on the left."""
    moved = np.roll(hair, (18, 18), axis=(0, 1))
    share = (
        0.62 * blurred(moved, 7.0)
        + 0.36 * blurred(np.roll(hair, (6, 6), axis=(0, 1)), 3.0)
        + 0.22 * blurred(hair, 12.0)
    )
    return 1 - np.clip(share, 0, 1)[..., None] * np.array([0.50, 0.66, 0.72], np.float32)


def _finished(picture: np.ndarray) -> np.ndarray:
    """At its final size, with the unevenness of paint and a little warmth to the corners."""
    left, top, right, bottom = (edge * SCALE for edge in FRAME)
    cut = picture[top:bottom, left:right]
    small = cv2.resize(cut, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32)
    rng = np.random.default_rng(7)
    tooth = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 1.3)
    wash = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), 9.0)
    small *= 1 + 0.005 * (tooth / tooth.std())[..., None] + 0.006 * (wash / wash.std())[..., None]
    return np.clip(small + 0.5, 0, 255).astype(np.uint8)


def main(path: Path) -> None:
    picture = cv2.cvtColor(portrait(), cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    if not done or len(data) > LARGEST_FILE:
        raise SystemExit(f"{path.name} could not be encoded in {LARGEST_FILE} bytes: {len(data)}")
    path.write_bytes(data.tobytes())
    print(f"{path}: {WIDTH} x {HEIGHT}, {len(data) // 1024} kB")


if __name__ == "__main__":
    standard = Path(__file__).resolve().parent.parent / "assets" / "demo" / "portrait.jpg"
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else standard)
