"""A photo on its way into a video: read upright, sized, brought to size, and cut-outs put back in place."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import BadInput
from studio.media.portrait import fitted, placed, read_photo, video_size
from studio.settings import Limits


@pytest.mark.parametrize(
    ("photo", "lines", "wanted"),
    [
        ((512, 512), None, (512, 512)),
        ((4000, 3000), None, (1440, 1080)),
        ((3000, 4000), 512, (384, 512)),
        ((64, 64), None, (256, 256)),
        ((513, 511), None, (514, 512)),
        ((1080, 1920), 1080, (608, 1080)),
        ((12000, 8000), None, (1620, 1080)),
        ((400, 300), 720, (960, 720)),
    ],
)
def test_sizes_keep_the_aspect(photo: tuple[int, int], lines: int | None, wanted: tuple[int, int]) -> None:
    size = video_size(*photo, lines)
    assert (size.width, size.height) == wanted


@pytest.mark.parametrize("lines", [None, 256, 719, 1080])
@pytest.mark.parametrize(
    "photo", [(64, 64), (65, 97), (20000, 64), (64, 20000), (9000, 9000), (1, 1), (3840, 1080), (77, 5003)]
)
def test_every_size_can_be_encoded(photo: tuple[int, int], lines: int | None) -> None:
    size = video_size(*photo, lines)
    assert size.width % 2 == size.height % 2 == 0
    assert 256 <= size.height <= 1080
    assert 64 <= size.width <= 1920
    if 0.3 < photo[0] / photo[1] < 5:
        assert size.width / size.height == pytest.approx(photo[0] / photo[1], rel=0.01)


@pytest.mark.parametrize("lines", [255, 1081, 0, -4])
def test_other_line_counts_are_refused(lines: int) -> None:
    with pytest.raises(BadInput, match="from 256 to 1080"):
        video_size(400, 300, lines)


def test_a_photo_without_pixels_is_refused() -> None:
    with pytest.raises(BadInput, match="photo"):
        video_size(0, 300)


def test_photos_come_upright(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    picture = np.zeros((80, 120, 3), np.uint8)
    picture[:, 60:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(picture).save(path, exif=exif, quality=95)
    photo = read_photo(path, Limits())
    assert photo.shape == (120, 80, 3)
    assert photo[:50].mean() < 10
    assert photo[70:].mean() > 245


def test_a_photo_too_small_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "icon.png"
    Image.fromarray(np.zeros((63, 200, 3), np.uint8)).save(path)
    with pytest.raises(BadInput, match=r"--photo: .*200x63.*at least 64"):
        read_photo(path, Limits())


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("target", [(100, 100), (60, 300), (300, 60), (700, 900)])
def test_fitted_fills_and_keeps_the_middle(channels: int, target: tuple[int, int]) -> None:
    picture = np.zeros((200, 300, channels), np.uint8)
    picture[..., 1] = 200
    picture[..., channels - 1] = 255
    picture[95:105, 145:155, 0] = 255
    found = fitted(picture, *target)
    assert found.shape == (target[1], target[0], channels)
    assert (found[..., 1] > 195).all()
    rows, columns = np.nonzero(found[..., 0] > 127)
    assert abs(rows.mean() - (target[1] - 1) / 2) < 0.02 * target[1] + 1
    assert abs(columns.mean() - (target[0] - 1) / 2) < 0.02 * target[0] + 1


@pytest.mark.parametrize("target", [(40, 40), (333, 333)])
def test_clear_pixels_bleed_nothing(target: tuple[int, int]) -> None:
    picture = np.zeros((200, 200, 4), np.uint8)
    picture[...] = (0, 255, 0, 0)
    picture[50:150, 50:150] = (200, 60, 50, 255)
    found = fitted(picture, *target)
    seen = found[..., 3] > 8
    assert np.abs(found[seen][:, :3].astype(int) - (200, 60, 50)).max() <= 4


def test_a_cut_out_goes_back_to_its_place() -> None:
    cutout = np.full((20, 30, 4), 255, np.uint8)
    whole = placed(cutout, (5, 7), 60, 50)
    assert whole.shape == (50, 60, 4)
    assert whole[7:27, 5:35].min() == 255
    assert whole.astype(int).sum() == cutout.astype(int).sum()
    for wrong in ((-1, 0), (31, 0), (0, 31)):
        with pytest.raises(BadInput, match="place"):
            placed(cutout, wrong, 60, 50)
