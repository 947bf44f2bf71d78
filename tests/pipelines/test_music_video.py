"""The whole way from files to film through the command line, killed at every stage, and what is left in the folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from studio.jobs.store import JobStore
from studio.media.probe import probe_film
from tests.samples import Command, open_studio, run_studio, write_character, write_song

STAGES = ("listen", "characters", "keyframes", "segments", "film")


class Film:
    """A film to be made: its files, and the command that makes it."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.data, self.out = data or folder / "data", folder / "out"
        self.song = write_song(folder / "song.wav", 6.0)
        self.characters = [write_character(folder / f"{n}.png", 40 * n) for n in (1, 2)]

    def arguments(self, *more: object) -> list[object]:
        pictures = [part for picture in self.characters for part in ("--character", picture)]
        size = ["--width", 256, "--height", 256, "--fps", 12, "--seed", 3, "--prompt", "a night drive to the sea"]
        return ["music-video", "--audio", self.song, *pictures, *size, "--out", self.out, "--json", *more]

    def start(self, *more: object) -> Command:
        return Command(self.data, *self.arguments(*more))

    def pieces(self) -> dict[str, str]:
        """Digests of everything a person would look at."""
        names = ["analysis.json", "storyboard.json", "final_video.mp4"]
        files = [self.out / name for name in names] + sorted((self.out / "keyframes").glob("*.png"))
        files += sorted((self.out / "segments").glob("*.mp4"))
        return {str(file.relative_to(self.out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Film]:
    """One film, made without interruption by the worker of a studio that is open."""
    with open_studio(tmp_path_factory.mktemp("studio") / "data") as studio:
        yield made(Film(tmp_path_factory.mktemp("reference"), studio.settings.data))


def made(film: Film) -> Film:
    command = film.start()
    status, error = command.finish()
    assert (status, error) == (0, "")
    film.events = command.events  # type: ignore[attr-defined]
    return film


def test_events_are_numbered_and_end_with_done(reference: Film) -> None:
    events: list[dict[str, Any]] = reference.events  # type: ignore[attr-defined]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["kind"] == "done"
    assert {"progress", "preview", "artifact", "done"} <= {event["kind"] for event in events}
    for event in events:
        if event["kind"] == "progress":
            assert event["done"] <= event["total"]
            assert event["eta_seconds"] is None or event["eta_seconds"] >= 0
        if event["kind"] in ("preview", "artifact"):
            assert Path(event["path"]).is_file()
    assert [s for s in dict.fromkeys(e.get("stage") for e in events) if s in STAGES] == list(STAGES)


def test_the_folder_holds_what_the_contract_names(reference: Film) -> None:
    analysis = json.loads((reference.out / "analysis.json").read_text())
    assert analysis["duration"] == pytest.approx(6.0, abs=0.01)
    assert len(analysis["key_moments"]) == 7
    assert [p["timestamp"] for p in analysis["intensity_curve"]] == [0, 1, 2, 3, 4, 5]
    assert all(0 <= p["value"] <= 1 for p in analysis["intensity_curve"])
    assert sorted(p.name for p in (reference.out / "keyframes").iterdir()) == [f"{n:02d}.png" for n in range(1, 8)]
    assert len(list((reference.out / "segments").glob("??.mp4"))) == 6
    report = json.loads((reference.out / "report.json").read_text())
    assert report["engines"] == {"cutout": "u2net", "image": "painter", "video": "parallax"}
    assert set(STAGES) <= set(report["timings"])


def test_the_film_is_as_long_as_the_song_and_cut_on_its_beats(reference: Film) -> None:
    facts = probe_film(reference.out / "final_video.mp4")
    assert (facts.frame_count, facts.fps) == (72, Fraction(12))
    assert (facts.width, facts.height, facts.video_codec, facts.audio_codec) == (256, 256, "h264", "aac")
    assert facts.faststart
    assert facts.audio_video_difference_ms is not None
    assert facts.audio_video_difference_ms <= 1000 / 12
    report = json.loads((reference.out / "report.json").read_text())
    assert report["cuts"]
    for cut in report["cuts"]:
        assert abs(cut["error_ms"]) <= 1000 / 12 / 2 + 1
        true_beat = round(cut["time"] / 0.5) * 0.5
        assert abs(cut["time"] - true_beat) <= 0.042 + 0.035


def test_the_same_command_again_makes_nothing_anew(reference: Film) -> None:
    before = {path: path.stat().st_mtime_ns for path in (reference.out / "segments").iterdir()}
    command = reference.start()
    assert command.finish()[0] == 0
    assert command.events[0]["seq"] == 1
    assert {path: path.stat().st_mtime_ns for path in (reference.out / "segments").iterdir()} == before


def test_another_seed_redraws_but_does_not_listen_again(reference: Film) -> None:
    heard = (reference.out / "analysis.json").stat().st_mtime_ns
    pieces = reference.pieces()
    assert reference.start("--seed", 4).finish()[0] == 0
    assert (reference.out / "analysis.json").stat().st_mtime_ns == heard
    assert reference.pieces()["keyframes/03.png"] != pieces["keyframes/03.png"]
    assert reference.start().finish()[0] == 0
    assert reference.pieces() == pieces


@pytest.fixture
def film(tmp_path: Path) -> Film:
    return Film(tmp_path)


def worker_pid(film: Film, job: str) -> int:
    state = JobStore(film.data / "jobs.sqlite").worker(f"cli-{job}")
    assert state is not None
    return state.pid


def test_the_worker_killed_at_every_stage_and_the_film_is_the_same(film: Film, reference: Film) -> None:
    command = film.start()
    killed: set[int] = set()
    for stage in STAGES:
        event = command.wait_for(kind="progress", stage=stage)
        assert event is not None
        pid = worker_pid(film, event["job"])
        if pid not in killed:
            os.kill(pid, signal.SIGKILL)
            killed.add(pid)
    assert command.finish() == (0, "")
    assert len(killed) >= 4
    # The last one may have finished the film before it was killed.
    replaced = sum("replaced" in e.get("text", "") for e in command.events)
    assert len(killed) - 1 <= replaced <= len(killed)
    assert film.pieces() == reference.pieces()


def test_the_command_killed_at_every_stage_and_the_film_is_the_same(film: Film, reference: Film) -> None:
    kept: dict[str, int] = {}
    for stage in STAGES[:-1]:
        command = film.start()
        event = command.wait_for(kind="progress", stage=stage)
        assert event is not None
        if stage == "segments":  # both at once
            os.kill(worker_pid(film, event["job"]), signal.SIGKILL)
        command.kill()
        for name, stamp in kept.items():
            assert (film.out / name).stat().st_mtime_ns == stamp, f"{name} was made again"
        kept = finished_pieces(film)
    assert film.start().finish() == (0, "")
    assert film.pieces() == reference.pieces()


def finished_pieces(film: Film) -> dict[str, int]:
    """Recorded keyframes, by name, with the time they were written."""
    manifests = sorted((film.out / ".studio" / "artifacts").glob("keyframe-*.json"))
    names = [f"keyframes/{manifest.stem.removeprefix('keyframe-')}.png" for manifest in manifests]
    return {name: (film.out / name).stat().st_mtime_ns for name in names}


def test_ctrl_c_cancels_at_once_and_resume_finishes(tmp_path: Path, reference: Film) -> None:
    film = Film(tmp_path, reference.data)
    command = film.start()
    event = command.wait_for(kind="progress", stage="segments")
    assert event is not None
    command.process.send_signal(signal.SIGINT)
    asked = time.monotonic()
    status, _ = command.finish()
    assert status == 130
    assert command.events[-1]["kind"] == "cancelled"
    assert time.monotonic() - asked < 5.0  # a second to stop, and the processes' own ends
    assert not (film.out / "final_video.mp4").exists()
    assert not any(".partial" in path.name for path in film.out.rglob("*"))
    again = run_studio(film.data, "jobs", "resume", event["job"], "--json")
    assert again.returncode == 0, again.stderr
    assert film.pieces() == reference.pieces()


def test_a_damaged_piece_is_made_again(reference: Film) -> None:
    before = reference.pieces()
    segment = reference.out / "segments" / "02.mp4"
    segment.write_bytes(segment.read_bytes()[:1000])
    (reference.out / "keyframes" / "05.png").unlink()
    assert reference.start().finish() == (0, "")
    assert reference.pieces() == before
