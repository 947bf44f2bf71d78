"""Real files with bytes changed at random, always the same ones: refused or read, never a traceback or a remark."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed
from studio.media.audio import check_song, decode_song
from studio.media.pictures import check_picture, read_picture
from studio.media.probe import extract_frame, probe_film
from studio.settings import Limits
from tests.hostile_files import picture

LIMITS = Limits()


def mangle(data: bytes, chance: random.Random) -> bytes:
    """Changes one to sixty bytes, mostly in the header, or cuts a piece out."""
    mangled = bytearray(data)
    for _ in range(chance.choice([1, 3, 10, 60])):
        place = chance.randrange(len(mangled) if chance.random() < 0.4 else min(400, len(mangled)))
        if chance.random() < 0.85:
            mangled[place] = chance.choice([0, 255, 127, 128, chance.randrange(256)])
        else:
            del mangled[place : place + chance.randrange(1, 100)]
        mangled = mangled or bytearray(b"\0")
    return bytes(mangled)


def attempt(act: Callable[[], object], refusal: type[Exception]) -> bool:
    said = ""
    try:
        act()
    except refusal as refused:
        said = str(refused)
    assert "\n" not in said
    return not said


@pytest.mark.parametrize(
    "kind", ["mp3", "ogg", "opus", "flac", "m4a", "aac", "aiff", "caf", "w64", "wma", "wav", "mp4 film", "webm film"]
)
def test_mangled_songs(kind: str, songs: dict[str, Path], tmp_path: Path, capfd):
    chance, data = random.Random(kind), songs[kind].read_bytes()
    path, wav = tmp_path / "song.mp3", tmp_path / "out" / "song.wav"
    wav.parent.mkdir()
    for _ in range(20):
        path.write_bytes(mangle(data, chance))
        attempt(lambda: check_song(path, "--audio", LIMITS), BadInput)
        if not attempt(lambda: decode_song(path, wav, "--audio", LIMITS, CancelToken()), BadInput):
            assert not wav.exists()
        wav.unlink(missing_ok=True)
        assert list(wav.parent.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["mp4 film", "webm film", "mov film"])
def test_mangled_films(kind: str, songs: dict[str, Path], tmp_path: Path, capfd):
    chance, data = random.Random(kind), songs[kind].read_bytes()
    path = tmp_path / "film.mp4"
    for _ in range(60):
        path.write_bytes(mangle(data, chance))
        attempt(lambda: probe_film(path), StorageFailed)
        attempt(lambda: extract_frame(path, 0.5), StorageFailed)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_mangled_pictures(kind: str, tmp_path: Path, capfd):
    path = tmp_path / "picture.png"
    picture().save(path, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}))
    chance, data = random.Random(kind), path.read_bytes()
    for _ in range(120):
        path.write_bytes(mangle(data, chance))
        attempt(lambda: check_picture(path, "--character", LIMITS), BadInput)
        attempt(lambda: read_picture(path, "--character", LIMITS), BadInput)
    assert capfd.readouterr() == ("", "")
