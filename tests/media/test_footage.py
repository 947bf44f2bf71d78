"""A person's video, copied upright at a constant rate: variable rates, rotation, odd pixels, and what is no video."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.errors import BadInput, StorageFailed
from studio.media.footage import check_footage, copy_footage, looks_like_footage, read_first_frame, read_frames
from studio.settings import Limits
from tests.hostile_files import ffmpeg

LIMITS = Limits()


def clip(path: Path, *arguments: str, seconds: float = 1.0, size: str = "160x120") -> Path:
    ffmpeg("-f", "lavfi", "-i", f"testsrc2=size={size}:rate=20:duration={seconds}", *arguments, str(path))
    return path


def copied(source: Path, folder: Path, size: Size, fps: int = 10) -> list[np.ndarray]:
    target = folder / "copy.mp4"
    count = copy_footage(source, target, size, Fraction(fps), LIMITS, CancelToken())
    frames = list(read_frames(target))
    assert len(frames) == count
    return frames


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.mkv", "a.avi"])
def test_every_container_becomes_the_same_copy(tmp_path: Path, name: str) -> None:
    source = clip(tmp_path / name)
    assert looks_like_footage(source)
    facts = check_footage(source, "--photo", LIMITS)
    assert (facts.width, facts.height) == (160, 120)
    frames = copied(source, tmp_path, Size(160, 120))
    assert len(frames) == 10
    assert frames[0].shape == (120, 160, 3)


def test_a_frame_is_what_is_seen_at_its_time(tmp_path: Path) -> None:
    grey = tmp_path / "steps.mp4"
    ramp = "nullsrc=size=64x64:rate=20:duration=1,geq=lum='10*N+16':cb=128:cr=128"
    ffmpeg("-f", "lavfi", "-i", ramp, "-qp", "0", str(grey))
    levels = [float(frame.mean()) for frame in copied(grey, tmp_path, Size(64, 64))]
    steps = np.diff(levels)
    assert np.all(steps > 10)  # two source frames a copy's frame: none doubled, none lost
    assert steps.max() < 2 * steps.min()


def test_a_turned_phone_s_video_is_upright(tmp_path: Path) -> None:
    flat = clip(tmp_path / "flat.mp4")
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation:v:0", "90", "-i", str(flat), "-c", "copy", str(turned))
    facts = check_footage(turned, "--photo", LIMITS)
    assert (facts.width, facts.height) == (120, 160)
    upright = cv2.rotate(read_first_frame(flat, "--photo", LIMITS), cv2.ROTATE_90_COUNTERCLOCKWISE)
    assert np.abs(read_first_frame(turned, "--photo", LIMITS).astype(int) - upright).mean() < 4


def test_pixels_that_are_not_square_are_made_square(tmp_path: Path) -> None:
    source = clip(tmp_path / "wide.mp4", "-vf", "setsar=2")
    assert check_footage(source, "--photo", LIMITS).width == 320
    assert read_first_frame(source, "--photo", LIMITS).shape == (120, 320, 3)


def test_what_is_too_long_is_cut(tmp_path: Path) -> None:
    source = clip(tmp_path / "long.mp4", seconds=3.0)
    count = copy_footage(
        source, tmp_path / "c.mp4", Size(160, 120), Fraction(10), Limits(footage_seconds=1.0), CancelToken()
    )
    assert count == 10


@pytest.mark.parametrize("kind", ["text", "cut off", "sound", "tiny", "empty"])
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "v.mp4"
    if kind == "sound":
        ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(path))
    elif kind == "tiny":
        clip(path, size="32x32")
    elif kind == "cut off":
        path.write_bytes(clip(tmp_path / "whole.mp4").read_bytes()[:600])
    else:
        path.write_bytes(b"" if kind == "empty" else b"no video at all" * 50)
    with pytest.raises(BadInput) as refusal:
        check_footage(path, "--photo", LIMITS)
    assert refusal.value.parameter == "--photo"
    assert "\n" not in str(refusal.value)


def test_a_photo_in_a_video_s_clothes_is_no_footage(tmp_path: Path) -> None:
    heic = tmp_path / "photo.heic"
    heic.write_bytes(b"\x00\x00\x00\x18ftypheic" + b"\0" * 40)
    assert not looks_like_footage(heic)
    assert not looks_like_footage(tmp_path / "gone.mp4")


def test_a_damaged_copy_is_said(tmp_path: Path) -> None:
    path = tmp_path / "copy.mp4"
    path.write_bytes(b"nothing")
    with pytest.raises(StorageFailed):
        next(read_frames(path))
