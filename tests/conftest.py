"""Files that many tests read: made once a run with real codecs, never written to."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from tests.hostile_files import build_pictures, build_silent_songs, build_songs, ffmpeg, picture, tone, write_wav


@pytest.fixture(autouse=True, scope="module")
def _quick_collections() -> None:
    """The studio collects garbage when it gives memory back: spare it the test runner's objects and the libraries',
    half a million of them where torch is loaded."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def hostile_songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """{what is wrong: file} of songs that must be refused at the door."""
    return build_songs(tmp_path_factory.mktemp("hostile_songs"))


@pytest.fixture(scope="session")
def silent_songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """{what is wrong: file} of songs that only decoding shows to be silent."""
    return build_silent_songs(tmp_path_factory.mktemp("silent_songs"))


@pytest.fixture(scope="session")
def hostile_pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """{what is wrong: file} of pictures that must be refused."""
    return build_pictures(tmp_path_factory.mktemp("hostile_pictures"))


@pytest.fixture(scope="session")
def songs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """{kind: file} of the same three seconds in every accepted format."""
    folder = tmp_path_factory.mktemp("songs")
    wav = write_wav(folder / "song.wav", tone(3))
    cover = folder / "cover.png"
    picture(200, 200).save(cover)
    found = {"wav": wav}
    for kind in ("mp3", "flac", "ogg", "opus", "m4a", "aac", "aiff", "caf", "w64", "wma", "mka"):
        found[kind] = folder / f"song.{kind}"
        ffmpeg("-i", str(wav), str(found[kind]))
    found["mp3 with cover"] = folder / "cover.mp3"
    ffmpeg("-i", str(wav), "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy", str(found["mp3 with cover"]))
    found["m4a with cover"] = folder / "cover.m4a"
    ffmpeg(
        "-i", str(wav), "-i", str(cover), "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v", "attached_pic",
        str(found["m4a with cover"]),
    )  # fmt: skip
    for kind, codec in (("mp4", "libx264"), ("webm", "libvpx"), ("mkv", "libx264"), ("mov", "libx264")):
        found[f"{kind} film"] = folder / f"film.{kind}"
        video = ["-f", "lavfi", "-i", "testsrc2=d=2:r=10:s=64x64", "-i", str(wav), "-c:v", codec, "-b:v", "100k"]
        ffmpeg(*video, str(found[f"{kind} film"]))
    found["wrong name"] = folder / "flac_in_truth.mp3"
    found["wrong name"].write_bytes(found["flac"].read_bytes())
    return found
