from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.store.artifacts import Artifacts
from studio.store.atomic import atomic_path, write_json


@pytest.fixture
def film(tmp_path: Path) -> Path:
    (tmp_path / "segments").mkdir()
    path = tmp_path / "segments" / "01.mp4"
    path.write_bytes(b"frames" * 1000)
    return path


def test_a_piece_is_found_by_the_key_it_was_made_with(film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path)
    assert artifacts.find("segment-01", "k1") is None
    artifacts.record("segment-01", "k1", [film])
    assert artifacts.find("segment-01", "k1") == film
    assert artifacts.find("segment-01", "k2") is None
    assert artifacts.find("segment-02", "k1") is None
    assert artifacts.key_of("segment-01") == "k1"
    assert Artifacts(tmp_path).find("segment-01", "k1") == film


def test_recording_anew_replaces_the_old_key(film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path)
    artifacts.record("segment-01", "k1", [film])
    film.write_bytes(b"other frames")
    assert artifacts.find("segment-01", "k1") is None
    artifacts.record("segment-01", "k2", [film])
    assert (artifacts.find("segment-01", "k1"), artifacts.find("segment-01", "k2")) == (None, film)


def test_several_files_come_back_in_order_and_all_must_be_there(film: Path, tmp_path: Path):
    others = [tmp_path / "b.json", tmp_path / "a.json"]
    for other in others:
        other.write_text("{}")
    artifacts = Artifacts(tmp_path)
    artifacts.record("keyframe-01", "k", [film, *others])
    assert artifacts.find_files("keyframe-01", "k") == (film, *others)
    others[1].unlink()
    assert artifacts.find("keyframe-01", "k") is None


def damage_truncate(film: Path) -> None:
    film.write_bytes(film.read_bytes()[:-1])


def damage_bit(film: Path) -> None:
    """One bit flipped, size and times kept as they were."""
    before, data = film.stat(), bytearray(film.read_bytes())
    data[3000] ^= 1
    film.write_bytes(data)
    os.utime(film, ns=(before.st_atime_ns, before.st_mtime_ns))


def damage_remove(film: Path) -> None:
    film.unlink()


def damage_folder(film: Path) -> None:
    film.unlink()
    film.mkdir()


def damage_link(film: Path) -> None:
    outside = film.parent.parent.parent / "outside.mp4"
    shutil.move(film, outside)
    film.symlink_to(outside)


@pytest.mark.parametrize("damage", [damage_truncate, damage_bit, damage_remove, damage_folder, damage_link])
def test_a_damaged_piece_is_not_found(damage, film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path)
    artifacts.record("segment-01", "k", [film])
    damage(film)
    assert artifacts.find("segment-01", "k") is None


def test_a_copied_project_keeps_its_pieces(film: Path, tmp_path: Path):
    Artifacts(tmp_path).record("segment-01", "k", [film])
    copy = tmp_path.parent / f"{tmp_path.name}-copy"
    shutil.copytree(tmp_path, copy)
    assert Artifacts(copy).find("segment-01", "k") == copy / "segments" / "01.mp4"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "null",
        '{"key": "k"}',
        '{"key": "k", "files": {}}',
        '{"key": "k", "files": []}',
        '{"key": 3, "files": {"a": {}}}',
        '{"key": "k", "files": {"segments/01.mp4": 3}}',
    ],
)
def test_a_damaged_manifest_finds_nothing_and_is_replaced(body: str, film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path)
    artifacts.record("segment-01", "k", [film])
    (tmp_path / ".studio" / "artifacts" / "segment-01.json").write_text(body)
    assert artifacts.find("segment-01", "k") is None
    assert artifacts.key_of("segment-01") in (None, "k")
    artifacts.record("segment-01", "k", [film])
    assert artifacts.find("segment-01", "k") == film


@pytest.mark.parametrize("place", ["../secret", "/etc/hostname", "segments/../../secret"])
def test_a_manifest_pointing_outside_finds_nothing(place: str, tmp_path: Path):
    from studio.store.artifacts import file_digest

    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret").write_text("secret")
    target = Path("/etc/hostname") if place.startswith("/") else tmp_path / "secret"
    facts = {"size": target.stat().st_size, "sha256": file_digest(target)}
    manifest = project / ".studio" / "artifacts" / "film.json"
    manifest.parent.mkdir(parents=True)
    write_json(manifest, {"key": "k", "files": {place: facts}})
    assert Artifacts(project).find("film", "k") is None


def test_files_outside_and_bad_names_are_not_recorded(film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path / "segments")
    (tmp_path / "a").write_text("")
    with pytest.raises(ValueError):
        artifacts.record("film", "k", [tmp_path / "a"])
    with pytest.raises(ValueError):
        artifacts.record("film", "k", [])
    for name in ("../film", "a/b", "", "."):
        with pytest.raises(BadInput):
            artifacts.record(name, "k", [film])


def test_a_forgotten_piece_is_made_again(film: Path, tmp_path: Path):
    artifacts = Artifacts(tmp_path)
    artifacts.record("segment-01", "k", [film])
    artifacts.forget("segment-01")
    artifacts.forget("segment-01")
    assert artifacts.find("segment-01", "k") is None
    assert film.exists()


def test_killed_at_any_moment_a_piece_is_whole_or_not_found(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path\n"
        "from studio.store.artifacts import Artifacts\n"
        "from studio.store.atomic import atomic_path\n"
        "folder = Path(sys.argv[1]); artifacts = Artifacts(folder); n = int(sys.argv[2])\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    n += 1\n"
        "    with atomic_path(folder / 'film.mp4') as partial: partial.write_bytes(str(n).encode() * 50_000)\n"
        "    artifacts.record('film', f'key-{n}', [folder / 'film.mp4'])\n"
    )
    artifacts = Artifacts(tmp_path)
    for attempt in range(6):
        command = [sys.executable, "-c", script, str(tmp_path), str(attempt * 1_000_000)]
        writer = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.05 + 0.007 * attempt)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        key = artifacts.key_of("film")
        assert key is not None
        found = artifacts.find("film", key)
        number = key.removeprefix("key-")
        content = (tmp_path / "film.mp4").read_text()
        if found:
            assert content == number * 50_000
        else:  # killed between the file and its manifest: the file is the next one, whole
            assert content == str(int(number) + 1) * 50_000
    artifacts.clean_temporary()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".studio", "film.mp4"]
    with atomic_path(tmp_path / "film.mp4") as partial:
        partial.write_bytes(b"again")
