"""A disk that fills up and a folder that goes away: a clear end, nothing half-written, and the job can go on."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from studio.settings import ROOT
from tests.samples import Command, open_studio, run_studio, write_character, write_song


@pytest.fixture
def arguments(tmp_path: Path) -> list[str]:
    song, picture = write_song(tmp_path / "song.wav", 8.0), write_character(tmp_path / "a.png")
    size = ["--width", "256", "--height", "256", "--fps", "12", "--json"]
    out = str(tmp_path / "out")
    return ["music-video", "--audio", str(song), "--character", str(picture), "--out", out, *size]


def test_a_full_disk_fails_plainly_and_the_job_resumes_with_space(tmp_path: Path, arguments: list[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "out"

    def small_disk() -> None:
        # The decoded song is 700 kB: no file may be that large. The databases stay below.
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))

    command = [sys.executable, "-m", "studio", "--data", str(data), *arguments]
    result = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, preexec_fn=small_disk
    )
    assert result.returncode == 1, result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == 1, result.stderr
    assert "song.wav" in lines[0]
    assert not any(".partial" in path.name for path in out.rglob("*"))
    identity = run_studio(data, "jobs", "list").stdout.split("\t")[0]
    resumed = run_studio(data, "jobs", "resume", identity, "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert (out / "final_video.mp4").is_file()


def test_a_folder_removed_at_work_fails_plainly_and_the_same_command_begins_anew(
    tmp_path: Path, arguments: list[str]
) -> None:
    with open_studio(tmp_path / "data"):
        command = Command(tmp_path / "data", *arguments)
        assert command.wait_for(kind="progress", stage="keyframes") is not None
        shutil.rmtree(tmp_path / "out")
        status, error = command.finish()
        assert status == 1
        assert len(error.splitlines()) == 1, error
        again = run_studio(tmp_path / "data", *arguments)
    assert again.returncode == 0, again.stderr
    assert (tmp_path / "out" / "final_video.mp4").is_file()
