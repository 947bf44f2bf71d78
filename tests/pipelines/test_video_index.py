"""A narrated video through the command line: indexed, asked, killed and gone on with, listed, deleted, refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from studio.settings import ROOT
from tests.hostile_files import ffmpeg
from tests.samples import Command, run_studio
from tests.speech_samples import file_of, heart, joined, silence

SLIDES = (
    ("Quarterly results 2031", "#f4f0e6"),
    ("Revenue rose to 42 million", "#70a0e0"),
    ("Lisbon, May 7", "#20304a"),
)
SAID = (
    "Welcome to the quarterly results of the Harbour company.",
    "Revenue rose to forty two million, mostly because of the new ferries.",
    "We will open an office in Lisbon in May.",
)
SECONDS = 5.0


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three slides of five seconds, each with a sentence that is spoken."""
    folder = tmp_path_factory.mktemp("talk")
    font = ImageFont.truetype(str(ROOT / "assets" / "fonts" / "Manrope-SemiBold.ttf"), 40)
    sounds, listed = [], []
    for number, ((text, colour), words) in enumerate(zip(SLIDES, SAID, strict=True)):
        slide = Image.new("RGB", (960, 540), colour)
        ImageDraw.Draw(slide).text((90, 230), text, font=font, fill="white" if number == 2 else "black")
        slide.save(folder / f"{number}.png")
        listed.append(f"file '{number}.png'\nduration {SECONDS}\n")
        spoken = heart(words)
        sounds += [spoken, silence(SECONDS - spoken.seconds)]
    (folder / "list.txt").write_text("".join(listed) + "file '2.png'\n")
    sound = file_of(joined(*sounds), folder / "sound.wav")
    film = folder / "talk.mp4"
    pictures = ["-f", "concat", "-i", str(folder / "list.txt"), "-i", str(sound), "-r", "12", "-g", "24"]
    ffmpeg(*pictures, "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", str(3 * SECONDS), str(film))
    return film


class Session:
    def __init__(self, data: Path, film: Path) -> None:
        self.data = data
        command = Command(data, "video", "index", film, "--json")
        first = command.wait_for()
        assert first is not None
        self.id = first["session"]
        self.command = command

    @property
    def index(self) -> dict[str, Any]:
        return json.loads((self.data / "sessions" / self.id / "videos" / "01" / "index.json").read_text())

    def ask(self, question: str) -> dict[str, Any]:
        result = run_studio(self.data, "video", "ask", self.id, question, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory, talk: Path) -> Session:
    made = Session(tmp_path_factory.mktemp("sessions"), talk)
    assert made.command.finish() == (0, "")
    return made


def test_the_first_line_is_an_event_that_names_the_session(session: Session) -> None:
    events = session.command.events
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[0].keys() >= {"seq", "job", "time", "kind", "session"}
    assert events[-1]["kind"] == "done"


def test_more_videos_than_a_session_takes_leave_none(tmp_path: Path, talk: Path) -> None:
    refused = run_studio(tmp_path, "video", "index", *[talk] * 9)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
    assert not list((tmp_path / "sessions").glob("[!.]*"))


def test_everything_that_is_there_is_read(session: Session) -> None:
    index = session.index
    assert index["video"]["name"] == "talk.mp4"
    assert index["video"]["duration"] == pytest.approx(3 * SECONDS, abs=0.2)
    assert [text["text"] for text in index["texts"]] == [text for text, _ in SLIDES]
    assert [text["start"] for text in index["texts"]] == pytest.approx([0, SECONDS, 2 * SECONDS], abs=0.2)
    said = " ".join(one["text"] for one in index["speech"])
    assert "quarterly results" in said
    assert "Lisbon" in said
    assert index["scenes"][-1]["end"] == pytest.approx(3 * SECONDS, abs=0.2)
    assert {span["kind"] for span in index["sounds"]} >= {"speech", "silence"}
    assert all(index["read"][reader] for reader in ("frames", "text", "speech", "sound"))


@pytest.mark.parametrize(
    ("question", "words", "span"),
    [
        ("What was the revenue?", "42 million", (SECONDS, 2 * SECONDS)),
        ("What does the first slide say?", "Quarterly results 2031", (0, SECONDS)),
        ("Where will an office open?", "Lisbon", (2 * SECONDS, 3 * SECONDS)),
    ],
)
def test_an_answer_cites_where_it_is_from(
    session: Session, question: str, words: str, span: tuple[float, float]
) -> None:
    given = session.ask(question)
    assert words in given["answer"]
    assert given["abstained"] is False
    cited = given["citations"][0]
    assert span[0] - 0.6 <= cited["start"] < cited["end"] <= span[1] + 0.6
    assert Path(cited["frame"]).is_file()


def test_what_is_not_in_it_is_not_answered(session: Session) -> None:
    given = session.ask("Who is the president of France?")
    assert given["abstained"] is True
    assert given["citations"] == []
    plain = run_studio(session.data, "video", "ask", session.id, "How many whales swam past?")
    assert "not in this video" in plain.stdout


def test_killed_while_watching_it_goes_on_and_finds_the_same(tmp_path: Path, talk: Path, session: Session) -> None:
    other = Session(tmp_path, talk)
    started = other.command.wait_for(kind="progress", stage="pictures-1")
    assert started is not None
    other.command.kill()
    again = run_studio(tmp_path, "jobs", "resume", started["job"])
    assert again.returncode == 0, again.stderr
    assert other.index == session.index


def test_sessions_are_listed_and_deleted_with_all_they_made(tmp_path: Path, talk: Path) -> None:
    made = Session(tmp_path, talk)
    made.command.kill()
    assert made.id in run_studio(tmp_path, "video", "list").stdout
    assert run_studio(tmp_path, "video", "delete", made.id).returncode == 0
    assert list((tmp_path / "sessions").iterdir()) == []
    assert run_studio(tmp_path, "video", "ask", made.id, "What?").returncode == 2


@pytest.mark.parametrize("kind", ["text", "sound", "playlist", "gone"])
def test_what_is_no_video_is_refused_and_leaves_no_session(tmp_path: Path, talk: Path, kind: str) -> None:
    path = tmp_path / "clip.mp4"
    if kind == "text":
        path.write_text("no video")
    elif kind == "playlist":
        path.write_text(f"ffconcat version 1.0\nfile '{talk}'\n")
    elif kind == "sound":
        ffmpeg("-f", "lavfi", "-i", "sine=duration=1", "-c:a", "aac", str(path))
    refused = run_studio(tmp_path / "data", "video", "index", path)
    assert (refused.returncode, len(refused.stderr.splitlines()), refused.stdout) == (2, 1, "")
    assert not list((tmp_path / "data" / "sessions").glob("[!.]*"))


@pytest.mark.parametrize("question", ["", "x" * 100_000])
def test_a_question_that_is_none_is_refused(session: Session, question: str) -> None:
    refused = run_studio(session.data, "video", "ask", session.id, question)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (2, 1)
