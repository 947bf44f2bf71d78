from __future__ import annotations

import dataclasses
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.errors import BadInput, StorageFailed
from studio.media.pictures import check_picture, read_picture, thumbnail, write_picture
from studio.settings import Limits
from tests.hostile_files import picture

LIMITS = Limits()


def read(path: Path) -> np.ndarray:
    check_picture(path, "--character", LIMITS)
    return read_picture(path, "--character", LIMITS)


def test_hostile_pictures_are_refused_in_one_line(hostile_pictures: dict[str, Path], capfd):
    for wrong, path in hostile_pictures.items():
        for attempt in (check_picture, read_picture):
            with pytest.raises(BadInput) as refused:
                attempt(path, "--character", LIMITS)
            assert str(refused.value).startswith("--character: "), wrong
            assert "\n" not in str(refused.value), wrong
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_accepted_format_is_read_whatever_its_name(kind: str, tmp_path: Path):
    original = picture(70, 40)
    path = tmp_path / "picture.txt"
    original.save(path, kind)
    facts = check_picture(path, "--character", LIMITS)
    assert (facts.format, facts.width, facts.height) == (kind, 70, 40)
    pixels = read(path)
    assert (pixels.shape, pixels.dtype) == ((40, 70, 3), np.uint8)
    tolerance = {"GIF": 40, "JPEG": 25, "WEBP": 25}.get(kind, 0)
    assert np.abs(pixels.astype(int) - np.asarray(original)).mean() <= tolerance


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_camera_s_rotation_is_applied(orientation: int, tmp_path: Path):
    notes = Image.Exif()
    notes[274] = orientation
    upright = picture(64, 32)
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = upright.transpose(turn[orientation]) if orientation in turn else upright
    stored.save(tmp_path / "p.png", exif=notes)
    assert np.array_equal(read(tmp_path / "p.png"), np.asarray(upright))


def test_alpha_is_kept_only_where_something_shows_through(tmp_path: Path):
    opaque = picture().convert("RGBA")
    opaque.save(tmp_path / "opaque.png")
    assert read(tmp_path / "opaque.png").shape[2] == 3
    opaque.putpixel((3, 4), (9, 8, 7, 128))
    opaque.save(tmp_path / "cut.png")
    pixels = read(tmp_path / "cut.png")
    assert tuple(pixels[4, 3]) == (9, 8, 7, 128)


def test_transparent_palette_and_grey_pictures_have_alpha(tmp_path: Path):
    stripes = np.zeros((32, 32), np.uint8)
    stripes[:, 16:] = 1
    indexed = Image.fromarray(stripes, "P")
    indexed.putpalette([255, 0, 0, 0, 0, 255])
    indexed.save(tmp_path / "p.png", transparency=0)
    pixels = read(tmp_path / "p.png")
    assert tuple(pixels[0, 0]) == (255, 0, 0, 0)
    assert tuple(pixels[0, 31]) == (0, 0, 255, 255)
    Image.fromarray(stripes * 100).convert("LA").save(tmp_path / "la.png")
    assert read(tmp_path / "la.png").shape == (32, 32, 3)


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_other_kinds_of_pixels_become_rgb(mode: str, tmp_path: Path):
    suffix = ".jpg" if mode in ("CMYK", "YCbCr") else ".png"
    picture(64, 64).convert(mode).save(tmp_path / f"p{suffix}")
    pixels = read(tmp_path / f"p{suffix}")
    assert pixels.shape == (64, 64, 3)
    reference = np.asarray(picture(64, 64).convert(mode).convert("RGB")).astype(int)
    assert np.abs(pixels - reference).mean() < 12


def test_16_bits_a_channel_keep_their_brightness(tmp_path: Path):
    ramp = np.tile(np.linspace(0, 65_535, 64).astype(np.uint16), (32, 1))
    Image.fromarray(ramp).save(tmp_path / "p.png")
    pixels = read(tmp_path / "p.png")
    assert np.array_equal(pixels[0, :, 0], np.round(ramp[0] / 257).astype(np.uint8))
    Image.fromarray(ramp).save(tmp_path / "p.tiff")
    assert np.array_equal(read(tmp_path / "p.tiff"), pixels)


def test_a_colour_profile_is_honoured(tmp_path: Path):
    """A profile with swapped primaries: what is stored as pure red shows as green."""
    swapped = _profile_with_swapped_red_and_green()
    red = Image.new("RGB", (32, 32), (255, 0, 0))
    red.save(tmp_path / "p.png", icc_profile=swapped)
    assert read(tmp_path / "p.png")[5, 5].argmax() == 1
    transparent = red.convert("RGBA")
    transparent.putpixel((0, 0), (255, 0, 0, 40))
    transparent.save(tmp_path / "a.png", icc_profile=swapped)
    pixels = read(tmp_path / "a.png")
    assert pixels[5, 5].tolist()[3] == 255
    assert pixels[0, 0, 3] == 40
    assert pixels[5, 5, :3].argmax() == 1


def _profile_with_swapped_red_and_green() -> bytes:
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(data[128:132], "big")
    entries = {bytes(data[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, green = entries[b"rXYZ"], entries[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = data[green + 4 : green + 12], data[red + 4 : red + 12]
    return bytes(data)


def test_a_broken_profile_counts_as_none(tmp_path: Path):
    original = picture()
    original.save(tmp_path / "p.png", icc_profile=b"not a profile" * 20)
    assert np.array_equal(read(tmp_path / "p.png"), np.asarray(original))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_of_an_animation_the_first_frame_is_taken(kind: str, tmp_path: Path):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "lime", "blue")]
    frames[0].save(tmp_path / "p", kind, save_all=True, append_images=frames[1:], duration=100)
    assert read(tmp_path / "p")[16, 16].argmax() == 0


def test_limits_are_the_callers(tmp_path: Path):
    picture(100, 100).save(tmp_path / "p.png")
    with pytest.raises(BadInput, match="at most 9999 pixels"):
        check_picture(tmp_path / "p.png", "--photo", dataclasses.replace(LIMITS, picture_pixels=9999))
    with pytest.raises(BadInput, match="the most is 0 MB"):
        check_picture(tmp_path / "p.png", "--photo", dataclasses.replace(LIMITS, picture_bytes=100))


@pytest.mark.parametrize("name", ["-p.png", "a:b.png", "%d.png", "new\nline.png", "人 🎨.png", "p.png.exe"])
def test_any_name_is_only_a_name(name: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    picture().save(Path(name), "PNG")
    assert read(Path(name)).shape == (48, 64, 3)


def test_an_unreadable_file_is_refused(tmp_path: Path):
    if os.geteuid() == 0:  # root reads everything: a name longer than any disk takes is unreadable for root too
        path = tmp_path / ("x" * 300)
    else:
        path = tmp_path / "p.png"
        picture().save(path)
        path.chmod(0)
    with pytest.raises(BadInput, match="can't be opened"):
        check_picture(path, "--character", LIMITS)


def test_damaged_tiff_says_nothing_beside_the_refusal(tmp_path: Path, capfd):
    buffer = io.BytesIO()
    picture(200, 200).save(buffer, "TIFF", compression="tiff_lzw")
    data = bytearray(buffer.getvalue())
    data[200:600] = np.random.default_rng(0).bytes(400)
    (tmp_path / "p.tiff").write_bytes(data)
    with pytest.raises(BadInput):
        check_picture(tmp_path / "p.tiff", "--character", LIMITS)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".png", ".webp", ".jpg", ".JPEG"])
def test_pictures_are_written_as_their_suffix_says(suffix: str, tmp_path: Path):
    original = np.asarray(picture(64, 64))
    path = tmp_path / f"p{suffix}"
    write_picture(path, original)
    assert np.abs(read(path).astype(int) - original).mean() < (1 if suffix == ".png" else 8)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_png_and_webp_keep_alpha_and_jpeg_refuses_it(tmp_path: Path):
    cut = np.dstack([np.asarray(picture(64, 64)), np.tile(np.arange(64, dtype=np.uint8), (64, 1))])
    for suffix in (".png", ".webp"):
        write_picture(tmp_path / f"p{suffix}", cut)
        assert np.array_equal(read(tmp_path / f"p{suffix}")[..., 3], cut[..., 3])
    with pytest.raises(BadInput, match="transparent"):
        write_picture(tmp_path / "p.jpg", cut)
    with pytest.raises(BadInput, match=r"\.png, \.jpg"):
        write_picture(tmp_path / "p.xyz", cut)


def test_writing_into_a_missing_folder_names_it(tmp_path: Path):
    with pytest.raises(StorageFailed, match="gone"):
        write_picture(tmp_path / "gone" / "p.png", np.zeros((20, 20, 3), np.uint8))


def test_a_thumbnail_is_smaller_never_larger_and_has_clean_edges():
    assert thumbnail(np.zeros((100, 400, 3), np.uint8), 80).shape == (20, 80, 3)
    assert thumbnail(np.zeros((10, 20, 3), np.uint8), 80).shape == (10, 20, 3)
    assert thumbnail(np.zeros((4000, 16, 3), np.uint8), 100).shape == (100, 1, 3)
    half = np.zeros((100, 100, 4), np.uint8)
    half[:, :50] = (255, 255, 255, 255)
    half[:, 50:] = (255, 0, 0, 0)
    edge = thumbnail(half, 25)
    visible = edge[edge[..., 3] > 20]
    assert visible[:, :3].min() >= 250
