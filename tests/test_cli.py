"""The command line as scripts rely on it: refusals on one line, exit statuses, and the small commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.cli import main
from tests.samples import refusal, run_studio, write_character, write_song


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    text = tmp_path / "notes.mp3"
    text.write_text("this is no song")
    return {
        "song": write_song(tmp_path / "song.wav", 3.0),
        "picture": write_character(tmp_path / "picture.png"),
        "text": text,
        "folder": tmp_path,
        "missing": tmp_path / "missing.mp3",
    }


REFUSALS = [
    (["--audio", "{missing}"], "--audio", "missing.mp3"),
    (["--audio", "{text}"], "--audio", "notes.mp3"),
    (["--audio", "{folder}"], "--audio", ""),
    (["--audio", "{picture}"], "--audio", "picture.png"),
    (["--character", "{song}"], "--character", "song.wav"),
    (["--character", "{missing}"], "--character", "missing.mp3"),
    (["--style", "nosuchstyle"], "--style", "nosuchstyle"),
    (["--engine", "image=nosuch"], "--engine", "nosuch"),
    (["--engine", "juggling=painter"], "--engine", "juggling"),
    (["--engine", "image"], "--engine", "image"),
    (["--width", "511"], "--width", "511"),
    (["--width", "99999"], "--width", "99999"),
    (["--height", "-4"], "--height", "-4"),
    (["--fps", "0"], "--fps", "0"),
    (["--fps", "many"], "--fps", "many"),
    (["--tempo", "nan"], "--tempo", "nan"),
    (["--tempo", "1e9"], "--tempo", "1000000000"),
    (["--seed", "-1"], "--seed", "-1"),
    (["--seed", "1.5"], "--seed", "1.5"),
    (["--out", "{text}"], "--out", "notes.mp3"),
    (["--out", "{text}/deeper"], "--out", "deeper"),
    (["--nonsense"], "--nonsense", ""),
]


@pytest.mark.parametrize(("change", "parameter", "value"), REFUSALS, ids=lambda part: str(part)[:40])
def test_refusals_are_one_line_naming_parameter_and_value(
    files: dict[str, Path],
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    change: list[str],
    parameter: str,
    value: str,
) -> None:
    out = tmp_path / "out"
    given = ["--audio", "{song}", "--character", "{picture}", "--out", str(out)]
    name = change[0]
    if name in given:
        at = given.index(name)
        given[at : at + 2] = change
    else:
        given += change
    line = refusal(capfd, tmp_path / "data", "music-video", *(part.format(**files) for part in given))
    assert parameter in line
    assert value in line
    assert not out.exists()


def test_a_refusal_of_the_program_itself_is_one_line_and_status_2(files: dict[str, Path], tmp_path: Path) -> None:
    given = ["--audio", files["text"], "--character", files["picture"], "--out", tmp_path / "out"]
    result = run_studio(tmp_path / "data", "music-video", *given)
    assert (result.returncode, result.stdout, len(result.stderr.splitlines())) == (2, "", 1), result.stderr
    assert result.stderr.startswith("--audio: ")
    assert "notes.mp3" in result.stderr


def test_missing_arguments_and_unknown_commands_are_refused_on_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([], ["music-video"], ["dance"], ["jobs"], ["jobs", "show"]):
        refusal(capfd, tmp_path, *arguments)


def test_analyze_prints_the_analysis_alone(files: dict[str, Path], tmp_path: Path) -> None:
    result = run_studio(tmp_path / "data", "analyze", files["song"])
    assert (result.returncode, result.stderr) == (0, "")
    body = json.loads(result.stdout)
    assert body["duration"] == pytest.approx(3.0, abs=0.01)
    assert body["tempo"] == pytest.approx(120, rel=0.04)
    assert len(body["key_moments"]) == 7
    typed = json.loads(run_studio(tmp_path / "data", "analyze", files["song"], "--tempo", 60).stdout)
    assert typed["tempo"] == pytest.approx(60, rel=0.04)
    refused = run_studio(tmp_path / "data", "analyze", files["text"])
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert "FILE" in refused.stderr


def test_jobs_that_do_not_exist_are_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for action in ("show", "cancel", "resume"):
        for identity in ("nosuch", "../../etc/passwd"):
            refusal(capfd, tmp_path, "jobs", action, identity)
    assert refusal(capfd, tmp_path, "jobs", "steer", "nosuch", "--option", "image.guidance=3").startswith("ID")
    assert refusal(capfd, tmp_path, "jobs", "steer", "nosuch", "--option", "video.steps=3").startswith("--option")


def test_what_an_engine_can_be_asked_is_listed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--data", str(tmp_path), "models", "options", "stable-video", "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert listed["engine"] == "video/stable-video"
    assert {"motion_bucket_id", "decode_chunk_size"} <= {option["name"] for option in listed["options"]}
    assert main(["--data", str(tmp_path), "models", "options", "image/stable-diffusion"]) == 0
    assert "image.steps\t1 to 150, usually 20\tSteps" in capfd.readouterr().out.splitlines()
    assert refusal(capfd, tmp_path, "models", "options", "nosuch").startswith("NAME")
    assert run_studio(tmp_path, "jobs", "list").stdout == ""


def test_models_and_doctor_tell_what_there_is(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in run_studio(tmp_path, "models", "list", "--json").stdout.splitlines()]
    assert {"image", "video", "cutout"} <= {row["task"] for row in rows}
    services = ("voicevox", "endpoint")  # programs of their own, which a person starts
    assert all(row["available"] for row in rows if row["embedded"] and row["name"] not in services)
    status = run_studio(tmp_path, "models", "status", "--json")
    assert json.loads(status.stdout)["alive"] is False
    doctor = run_studio(tmp_path, "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "ffmpeg" in doctor.stdout
    assert "INPAINTING_THRESHOLD=0.01" in doctor.stdout


def test_a_data_folder_that_can_not_be_made_fails_plainly(files: dict[str, Path]) -> None:
    result = run_studio(files["text"] / "data", "jobs", "list")
    assert (result.returncode, len(result.stderr.splitlines())) == (1, 1), result.stderr
