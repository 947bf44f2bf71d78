"""A directed film: drawn up to the storyboard, edited, redrawn in part, compared, and captioned. Through the command
line and the job table, with real engines."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.compose import Studio
from studio.media.probe import extract_frame, probe_film
from studio.requests import ComparisonRequest, MusicVideoRequest
from tests.samples import Command, open_studio, refusal, write_character, write_song


class Project:
    def __init__(self, folder: Path, data: Path) -> None:
        self.data, self.out = data, folder / "out"
        self.song, self.character = write_song(folder / "song.wav", 6.0), write_character(folder / "one.png")

    def command(self, *more: object) -> list[object]:
        files = ["--audio", self.song, "--character", self.character, "--out", self.out]
        return ["music-video", *files, "--width", 256, "--height", 256, "--fps", 12, "--seed", 3, "--json", *more]

    def run(self, *more: object) -> list[dict]:
        command = Command(self.data, *self.command(*more))
        assert command.finish() == (0, "")
        return command.events

    def keyframes(self) -> dict[str, str]:
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (self.out / "keyframes").glob("*.png")}


@pytest.fixture(scope="module")
def studio(tmp_path_factory) -> Iterator[Studio]:
    with open_studio(tmp_path_factory.mktemp("studio") / "data") as opened:
        yield opened


@pytest.fixture
def one(tmp_path, studio) -> Project:
    return Project(tmp_path, studio.settings.data)


@pytest.fixture(scope="module")
def project(tmp_path_factory, studio) -> Project:
    """Drawn up to its storyboard."""
    made = Project(tmp_path_factory.mktemp("directed"), studio.settings.data)
    made.events = made.run("--until", "storyboard")  # type: ignore[attr-defined]
    return made


def test_until_the_storyboard_draws_and_films_nothing(project):
    assert len(project.keyframes()) == 7
    assert project.events[-1]["result"] == {"storyboard": str(project.out / "storyboard.json")}
    assert not (project.out / "final_video.mp4").exists()
    assert not (project.out / "segments").exists()


def test_until_the_song_needs_no_storyboard(one):
    assert one.run("--until", "song")[-1]["result"] == {"analysis": str(one.out / "analysis.json")}
    assert not (one.out / "keyframes").exists()


def test_one_edited_shot_is_redrawn_alone_and_the_version_before_comes_back_at_once(project, tmp_path):
    before = project.keyframes()
    board = json.loads((project.out / "storyboard.json").read_text())
    edited = {**board, "shots": [dict(shot) for shot in board["shots"]]}
    edited["shots"][2] |= {"hour": "dawn", "setting": ["desert"], "prompt": "a red desert at dawn"}
    file = tmp_path / "edited.json"
    file.write_text(json.dumps(edited))
    project.run("--until", "storyboard", "--storyboard", file)
    after = project.keyframes()
    assert [name for name in sorted(after) if after[name] != before[name]] == ["03.png"]
    assert json.loads((project.out / "storyboard.json").read_text())["shots"][2]["prompt"] == "a red desert at dawn"

    drawn = {p: p.stat().st_mtime_ns for p in (project.out / ".studio" / "drawings").rglob("*.png")}
    project.run("--until", "storyboard")
    assert project.keyframes() == before
    assert {p: p.stat().st_mtime_ns for p in drawn} == drawn


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"shots": 5}', '{"shots": [5]}', '{"shots": [{}]}', "[" * 100_000])
def test_a_storyboard_that_is_none_is_refused(project, tmp_path, capfd, text):
    file = tmp_path / "broken.json"
    file.write_text(text)
    assert refusal(capfd, project.data, *project.command("--storyboard", file)).startswith("--storyboard")


def test_captions_title_and_spectrum_are_seen_and_the_plain_film_comes_back(one, tmp_path):
    one.run()
    plain = [extract_frame(one.out / "final_video.mp4", t) for t in (0.9, 3.5, 5.0)]
    digest = hashlib.sha256((one.out / "final_video.mp4").read_bytes()).hexdigest()
    words = tmp_path / "words.lrc"
    words.write_text("[00:03.00]We sing a line\n[00:04.20]\n")
    one.run("--captions", words, "--title", "Night", "--artist", "Us", "--visualizer", "spectrum")
    title, caption, spectrum = (extract_frame(one.out / "final_video.mp4", t) for t in (0.9, 3.5, 5.0))
    difference = [np.abs(a.astype(int) - b).max(axis=2) for a, b in zip(plain, (title, caption, spectrum), strict=True)]
    assert (difference[0][60:160] > 60).sum() > 150
    assert (difference[1][150:235] > 60).sum() > 150
    assert (difference[2][180:] > 25).sum() > 100
    assert (difference[2][:100] > 40).sum() < 20
    one.run()
    assert hashlib.sha256((one.out / "final_video.mp4").read_bytes()).hexdigest() == digest


def test_words_that_are_none_are_refused_before_anything_is_written(one, tmp_path, capfd):
    words = tmp_path / "words.lrc"
    words.write_bytes(b"\0\1\2")
    assert refusal(capfd, one.data, *one.command("--captions", words)).startswith("--captions")
    assert not one.out.exists()


def test_two_settings_on_the_same_two_bars(project, studio):
    film = MusicVideoRequest(project.song, (project.character,), project.out, width=256, height=256, fps=12, seed=3)
    before = project.keyframes()
    job = studio.compare(ComparisonRequest(film, {"style": "woodcut"}, 2))
    while job.active:
        time.sleep(0.05)
        job = studio.job(job.id)
    assert job.state == "done"
    comparison = json.loads((project.out / "compare" / "comparison.json").read_text())
    a, b = comparison["sides"]
    assert (a["settings"]["style"], b["settings"]["style"]) == ("neon-night", "woodcut")
    assert (a["start"], a["end"], a["frames"]) == (b["start"], b["end"], b["frames"])
    pictures = []
    for side in (a, b):
        assert side["seconds"] > 0
        assert side["peak_memory_bytes"] > 10_000_000
        facts = probe_film(project.out / side["clip"])
        assert (facts.frame_count, facts.width) == (side["frames"], 256)
        assert facts.audio_video_difference_ms <= 1000 / 12
        pictures.append(extract_frame(project.out / side["clip"], 0.2).astype(int))
    assert np.abs(pictures[0] - pictures[1]).mean() > 10
    assert project.keyframes() == before
    assert not list((project.out / "compare").glob(".*"))


def test_settings_that_do_not_differ_are_no_comparison(project):
    from studio.errors import BadInput

    film = MusicVideoRequest(project.song, (project.character,), project.out, style="woodcut")
    for changes in ({}, {"style": "woodcut"}, {"prompt": "x"}):
        with pytest.raises(BadInput):
            ComparisonRequest(film, changes)
