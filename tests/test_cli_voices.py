"""`python -m studio voices`: made from recordings, listed, tried, renamed, deleted, taken over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.media.wav import read_mono
from tests.pipelines.message_samples import recording
from tests.samples import open_studio, refusal, run_studio


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a studio that is open on its data: its worker does what is asked here."""
    folder = tmp_path_factory.mktemp("voices")
    with open_studio(folder / "data"):
        yield folder


@pytest.fixture(scope="module")
def voice(home: Path) -> str:
    made = run_studio(home / "data", "voices", "create", "Joe the baker", "--reference", recording(home))
    assert made.returncode == 0, made.stderr
    assert len(made.stdout.split()) == 1
    return made.stdout.strip()


def test_a_voice_is_listed_with_its_name_and_language(home: Path, voice: str) -> None:
    assert f"{voice}\tJoe the baker\ten\n" in run_studio(home / "data", "voices", "list").stdout
    lines = [json.loads(line) for line in run_studio(home / "data", "voices", "list", "--json").stdout.splitlines()]
    assert {"id": voice, "name": "Joe the baker", "language": "en"} in lines


def test_fixed_voices_are_listed(home: Path) -> None:
    assert "heart\t" in run_studio(home / "data", "voices", "speakers").stdout
    refused = run_studio(home / "data", "voices", "speakers", "--engine", "speech=voicevox")
    assert refused.returncode == 1
    assert "VOICEVOX_URL" in refused.stderr


def test_it_speaks_into_a_file(home: Path, voice: str) -> None:
    out = home / "said.wav"
    said = run_studio(home / "data", "voices", "speak", voice, "--text", "Good morning.", "--out", out)
    assert said.returncode == 0, said.stderr
    samples, rate = read_mono(out)
    assert 0.8 < len(samples) / rate < 4.0
    assert abs(samples).max() > 0.05


def test_an_old_profile_is_taken_over_renamed_and_deleted_and_nothing_of_it_is_run(home: Path) -> None:
    old = home / "old" / "anna"
    old.mkdir(parents=True)
    (old / "profile.json").write_text(json.dumps({"id": "anna", "name": "Anna", "language": "en", "created": "2024"}))
    recording(old, name="sample_01.wav")
    (old / "se.pth").write_bytes(b"cos\nsystem\n(S'touch /tmp/kinora-was-here'\ntR.")
    taken = run_studio(home / "data", "voices", "migrate", home / "old")
    assert taken.returncode == 0, taken.stderr
    (new,) = taken.stdout.split()
    folder = home / "data" / "voices" / new
    assert {path.name for path in folder.iterdir()} == {"profile.json", "sample_01.wav"}
    assert not Path("/tmp/kinora-was-here").exists()

    assert run_studio(home / "data", "voices", "rename", new, "Renamed").returncode == 0
    assert f"{new}\tRenamed\ten" in run_studio(home / "data", "voices", "list").stdout
    assert run_studio(home / "data", "voices", "delete", new).returncode == 0
    assert new not in run_studio(home / "data", "voices", "list").stdout
    assert not folder.exists()
    gone = run_studio(home / "data", "voices", "delete", new)
    assert gone.returncode == 2
    assert len(gone.stderr.splitlines()) == 1


@pytest.mark.parametrize("identity", ["../..", "/etc", "", "..%2f"])
def test_an_id_can_not_climb_out(home: Path, capfd: pytest.CaptureFixture[str], identity: str) -> None:
    refusal(capfd, home / "data", "voices", "delete", identity)


def test_half_a_second_is_too_short(home: Path) -> None:
    short = recording(home, 0.5, "short.wav")
    refused = run_studio(home / "data", "voices", "create", "Short", "--reference", short)
    assert refused.returncode == 2
    assert refused.stderr.startswith("--reference:")
    assert "seconds of speech" in refused.stderr
