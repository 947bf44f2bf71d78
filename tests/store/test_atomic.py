from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from studio.atomic import is_temporary, sweep
from studio.errors import StorageFailed
from studio.store.atomic import atomic_path, read_json, write_json, write_text


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_whole_under_its_name(tmp_path: Path):
    target = tmp_path / "film.mp4"
    with atomic_path(target) as partial:
        assert partial.parent == tmp_path
        assert partial.suffix == ".mp4"
        assert is_temporary(partial.name)
        partial.write_bytes(b"frames")
        assert not target.exists()
    assert target.read_bytes() == b"frames"
    assert names(tmp_path) == ["film.mp4"]


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, GeneratorExit])
def test_any_exception_keeps_the_old_file(fault: type[BaseException], tmp_path: Path):
    target = tmp_path / "a.txt"
    write_text(target, "old")

    def interrupted() -> None:
        with atomic_path(target) as partial:
            partial.write_text("new")
            raise fault

    with pytest.raises(fault):
        interrupted()
    assert (target.read_text(), names(tmp_path)) == ("old", ["a.txt"])


def test_the_writer_may_replace_or_truncate_the_partial_file(tmp_path: Path):
    with atomic_path(tmp_path / "a.bin") as partial:
        partial.unlink()
        partial.write_bytes(b"another inode")
    assert (tmp_path / "a.bin").read_bytes() == b"another inode"


@pytest.mark.parametrize("name", ["x" * 255, "-rf", "a:b", "人 🎨.json", "new\nline", "a." + "b" * 200])
def test_any_name_the_disk_takes_can_be_written(name: str, tmp_path: Path):
    write_text(tmp_path / name, "content")
    assert (tmp_path / name).read_text() == "content"
    assert names(tmp_path) == [name]


def test_places_that_cannot_be_written_to_are_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    cases = {
        tmp_path / "gone" / "a.json": "the folder is gone",
        tmp_path / "file" / "a.json": "a file, not a folder",
        tmp_path / ("x" * 300): "too long",
    }
    for target, words in cases.items():
        with pytest.raises(StorageFailed, match=words) as failed:
            write_json(target, {})
        assert target.parent.name in str(failed.value)
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageFailed, match="folder"):
        write_text(tmp_path / "folder", "text")
    assert names(tmp_path) == ["file", "folder"]


def test_a_folder_without_write_permission_is_named(tmp_path: Path):
    """/proc refuses new files to everybody, root included."""
    with pytest.raises(StorageFailed, match="/proc"):
        write_text(Path("/proc/a.txt"), "text")


def test_a_fault_of_another_file_keeps_its_own_name(tmp_path: Path):
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a"):
        (tmp_path / "other").read_text()


def test_a_full_disk_is_said_in_words_and_leaves_the_old_file(tmp_path: Path):
    """The system's file size limit stands for the full disk: it needs no rights and takes the same way."""
    write_json(tmp_path / "a.json", {"old": True})
    script = (
        "import sys; from pathlib import Path\n"
        "from studio.errors import StorageFailed\n"
        "from studio.store.atomic import write_json\n"
        "try: write_json(Path(sys.argv[1]), ['x' * 1000] * 1000)\n"
        "except StorageFailed as error: print('refused:', error)\n"
    )
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))  # noqa: E731
    command = [sys.executable, "-c", script, str(tmp_path / "a.json")]
    ran = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("refused:")
    assert "larger than the system allows" in ran.stdout
    assert read_json(tmp_path / "a.json") == {"old": True}
    assert names(tmp_path) == ["a.json"]


@pytest.mark.parametrize(
    "value", [{}, [], "text", None, {"a": [1, 2.5, True, None]}, {"título": "歌 🎵"}, "lone \udcff\ud800", "\\ud800"]
)
def test_json_comes_back_the_same(value: object, tmp_path: Path):
    write_json(tmp_path / "a.json", value)
    assert read_json(tmp_path / "a.json") == value


def test_other_scripts_stay_readable(tmp_path: Path):
    write_json(tmp_path / "a.json", {"title": "歌"})
    assert "歌" in (tmp_path / "a.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": [float("-inf")]}])
def test_what_json_lacks_is_not_written(value: object, tmp_path: Path):
    with pytest.raises(ValueError):
        write_json(tmp_path / "a.json", value)
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b'{"a": NaN}', b"\xff\xfe", b"[" * 100_000, b'{"a": 1} x'])
def test_damaged_json_is_named(content: bytes, tmp_path: Path):
    (tmp_path / "state.json").write_bytes(content)
    with pytest.raises(StorageFailed, match=r"state\.json' is damaged"):
        read_json(tmp_path / "state.json")


def test_missing_json_is_named(tmp_path: Path):
    with pytest.raises(StorageFailed, match=r"gone\.json' is missing"):
        read_json(tmp_path / "gone.json")


def test_a_killed_writer_leaves_the_old_or_the_new_and_its_rest_is_swept(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path\n"
        "from studio.store.atomic import write_json\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1\n"
        "    write_json(Path(sys.argv[1]), {'n': n, 'filling': 'x' * 200_000, 'again': n})\n"
        "    print(n, flush=True)\n"
    )
    target = tmp_path / "state.json"
    for attempt in range(6):
        writer = subprocess.Popen([sys.executable, "-c", script, str(target)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.003 * attempt)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        body = read_json(target)
        assert body["n"] == body["again"] > 0
    sweep(tmp_path)
    assert names(tmp_path) == ["state.json"]


def test_sweeping_removes_only_what_killed_writers_left(tmp_path: Path):
    inside = tmp_path / "segments"
    inside.mkdir()
    left = ".kinora-0123456789abcdef.partial.mp4"
    (inside / left).write_bytes(b"half")
    (tmp_path / ".kinora-0123456789abcdef.partial").mkdir()
    foreign = [".kinora-notes.txt", "a.partial", ".kinora-XYZ.partial", ".kinora-0123456789abcdef.partial.mp4.bak.d"]
    for name in foreign:
        (tmp_path / name).write_text("keep")
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.mkdir()
    (outside / left).write_text("not ours to enter")
    (tmp_path / "link").symlink_to(outside)
    sweep(tmp_path)
    assert names(inside) == []
    assert names(tmp_path) == sorted([*foreign, "link", "segments"])
    assert names(outside) == [left]


def test_sweeping_leaves_what_is_being_written(tmp_path: Path):
    with atomic_path(tmp_path / "a.txt") as partial:
        partial.write_text("at work")
        assert sweep(tmp_path) == []
        assert partial.exists()
    assert (tmp_path / "a.txt").read_text() == "at work"


def test_sweeping_leaves_what_another_process_is_writing(tmp_path: Path):
    script = (
        "import sys; from pathlib import Path\n"
        "from studio.store.atomic import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as partial:\n"
        "    partial.write_text('at work'); print('now', flush=True); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "a.txt")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert sweep(tmp_path) == []
        writer.kill()
        writer.wait()
        assert len(sweep(tmp_path)) == 1
    assert os.listdir(tmp_path) == []
