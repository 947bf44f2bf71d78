"""What is seen behind a person: every kind of setting, what is refused, and how frames are laid over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput
from studio.media.backgrounds import Background, Compositor, make_background, parse_background
from studio.settings import Limits

LIMITS = Limits()


@dataclass(frozen=True)
class Size:
    width: int
    height: int


SIZE = Size(160, 120)
RED = (200, 20, 30)


def scene() -> tuple[np.ndarray, np.ndarray]:
    """(photo, matte): somebody red before a wall that goes from dark to light, with a striped floor."""
    columns = np.mgrid[0:240, 0:320][1]
    wall = (60 + columns * 0.5)[..., None] * np.array([0.7, 0.9, 1.0])
    wall[200:] += 40 * np.sign(np.sin(columns[200:] / 3.0))[..., None]
    matte = np.zeros((240, 320), np.uint8)
    cv2.ellipse(matte, (160, 90), (40, 50), 0, 0, 360, 255, -1)
    cv2.rectangle(matte, (100, 150), (220, 239), 255, -1)
    matte = cv2.GaussianBlur(matte, (0, 0), 1.2)
    share = matte[..., None] / 255.0
    noise = np.random.default_rng(0).normal(0, 2, wall.shape)
    photo = np.clip(np.array(RED) * share + wall * (1 - share) + noise, 0, 255)
    return photo.astype(np.uint8), matte


def made(setting: str | Path, size: Size = SIZE) -> np.ndarray | None:
    return make_background(parse_background(setting, LIMITS), *scene(), size, LIMITS)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "beach.png"
    strip = np.zeros((100, 400, 3), np.uint8)
    strip[:, :150], strip[:, 150:250], strip[:, 250:] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    Image.fromarray(strip).save(path)
    return path


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("keep", Background("keep")),
        (" Blur ", Background("blur", strength=0.5)),
        ("blur:0.8", Background("blur", strength=0.8)),
        ("transparent", Background("transparent")),
        ("#2A6f97", Background("colour", colour=(0x2A, 0x6F, 0x97))),
        ("#fc0", Background("colour", colour=(255, 204, 0))),
    ],
)
def test_settings_are_understood(text: str, wanted: Background) -> None:
    assert parse_background(text, LIMITS) == wanted


def test_a_picture_file_is_a_setting(picture: Path) -> None:
    assert parse_background(str(picture), LIMITS) == Background("picture", picture=picture)
    assert parse_background(picture, LIMITS) == Background("picture", picture=picture)


@pytest.mark.parametrize(
    "text", ["", "red", "#12", "#12345g", "#1234567", "blur:", "blur:0", "blur:2", "blur:nan", "nowhere.png", "a\x00b"]
)
def test_anything_else_is_refused_with_what_is_accepted(text: str) -> None:
    with pytest.raises(BadInput, match=r"--background: .*keep, blur.*#2a6f97.*picture file") as caught:
        parse_background(text, LIMITS)
    assert caught.value.parameter == "--background"


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    fake = tmp_path / "fake.png"
    fake.write_text("no picture at all")
    with pytest.raises(BadInput, match="--background"):
        parse_background(fake, LIMITS)
    with pytest.raises(BadInput, match="--background"):
        parse_background(tmp_path, LIMITS)


def test_a_colour_fills_the_frame() -> None:
    found = made("#102030")
    assert found is not None
    assert found.shape == (120, 160, 3)
    assert (found == (0x10, 0x20, 0x30)).all()


def test_transparent_is_no_background() -> None:
    assert made("transparent") is None


@pytest.mark.parametrize("size", [Size(160, 120), Size(64, 256), Size(400, 120)])
def test_a_picture_covers_the_frame_and_is_cut_evenly(picture: Path, size: Size) -> None:
    found = made(picture, size)
    assert found is not None
    assert found.shape == (size.height, size.width, 3)
    assert (found[size.height // 2, size.width // 2] == (0, 255, 0)).all()
    assert np.abs(found.astype(int) - found[:, ::-1, ::-1]).mean() < 6
    assert (found.sum(axis=2) > 0).all()


def test_a_transparent_picture_is_laid_on_black(tmp_path: Path) -> None:
    path = tmp_path / "clear.png"
    Image.fromarray(np.full((40, 40, 4), (255, 255, 255, 128), np.uint8)).save(path)
    found = made(path)
    assert found is not None
    assert np.abs(found.astype(int) - 128).max() <= 1


@pytest.mark.parametrize("kind", ["keep", "blur", "blur:1"])
def test_no_ghost_of_the_person_is_left(kind: str) -> None:
    found = made(kind)
    assert found is not None
    assert found.shape == (120, 160, 3)
    redness = found[..., 0].astype(int) - found[..., 1]
    assert redness.max() < 10
    # the wall goes on behind: from dark to light
    assert 60 < found[40, 80].mean() < 160


def test_kept_pixels_are_the_photos_own() -> None:
    photo, matte = scene()
    found = make_background(Background("keep"), photo, matte, Size(320, 240), LIMITS)
    assert found is not None
    far = cv2.dilate(matte, np.ones((15, 15), np.uint8)) == 0
    assert far.mean() > 0.4
    assert np.array_equal(found[far], photo[far])


def test_more_blur_leaves_less_detail() -> None:
    detail = []
    for kind in ("keep", "blur:0.1", "blur", "blur:1"):
        found = made(kind)
        assert found is not None
        detail.append(cv2.Laplacian(found[105:, :20], cv2.CV_32F).std())
    assert detail[0] > 1.5 * detail[1] > 1.5 * detail[2]
    assert detail[2] >= detail[3]


def test_lamps_stay_bright_out_of_focus() -> None:
    photo = np.zeros((200, 200, 3), np.uint8)
    cv2.circle(photo, (100, 100), 12, (255, 255, 255), -1)
    found = make_background(Background("blur"), photo, np.zeros((200, 200), np.uint8), Size(200, 200), LIMITS)
    assert found is not None
    # blurred as bytes the whole lamp's light would sum to the same bytes
    assert found.astype(float).sum() > 1.15 * photo.astype(float).sum()


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("kind", ["keep", "blur"])
def test_nobody_and_nothing_else(kind: str, value: int) -> None:
    photo, _ = scene()
    matte = np.full(photo.shape[:2], value, np.uint8)
    found = make_background(Background(kind), photo, matte, SIZE, LIMITS)  # type: ignore[arg-type]
    assert found is not None
    assert found.std() > 0 or value


def test_a_matte_of_another_shape_is_refused() -> None:
    photo, matte = scene()
    with pytest.raises(BadInput, match="matte"):
        make_background(Background("keep"), photo, matte[1:], SIZE, LIMITS)


def test_frames_over_a_background_mix_in_linear_light() -> None:
    frame = np.full((20, 30, 4), (255, 255, 255, 255), np.uint8)
    frame[:, 10:20, 3], frame[:, 20:, 3] = 128, 0
    mixed = Compositor(np.zeros((20, 30, 3), np.uint8)).over(frame)
    assert (mixed[:, :10] == 255).all()
    assert (mixed[:, 20:] == 0).all()
    # half the light is byte 188, as sRGB defines it
    assert np.abs(mixed[:, 10:20].astype(int) - 188).max() <= 1


def test_every_level_survives_a_mix_with_itself() -> None:
    ramp = np.arange(256, dtype=np.uint8)[None, :, None] * np.ones((4, 1, 3), np.uint8)
    for alpha in (1, 60, 128, 254):
        frame = np.dstack([ramp, np.full(ramp.shape[:2], alpha, np.uint8)])
        assert np.abs(Compositor(ramp).over(frame).astype(int) - ramp).max() <= 1


def test_the_background_and_the_frame_are_not_changed() -> None:
    background = np.full((10, 10, 3), 40, np.uint8)
    frame = np.random.default_rng(0).integers(0, 256, (10, 10, 4), np.uint8)
    kept = frame.copy()
    compositor = Compositor(background)
    one, two = compositor.over(frame), compositor.over(frame)
    assert np.array_equal(one, two)
    assert (background == 40).all()
    assert np.array_equal(frame, kept)


def test_a_transparent_message_keeps_its_alpha() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (10, 10, 4), np.uint8)
    assert np.array_equal(Compositor(None).over(frame), frame)


def test_a_frame_of_another_size_is_refused() -> None:
    with pytest.raises(BadInput, match="frame"):
        Compositor(np.zeros((10, 10, 3), np.uint8)).over(np.zeros((10, 12, 4), np.uint8))
