"""A video's reading broken off after every batch, and led elsewhere by questions: the index in the end is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from studio.cancellation import CancelToken
from studio.compose import known_engines
from studio.engines.hearing import kinds
from studio.engines.transcript.whisper import WhisperTranscript
from studio.engines.vision import embedded
from studio.engines.vision.screen_text import TextReader
from studio.models.manager import ModelManager, build_manager
from studio.pipelines import video_index, video_sound, video_text
from studio.pipelines.asking import ask
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.requests import VideoRequest
from studio.settings import ROOT, read_settings
from studio.store.atomic import read_json
from studio.store.projects import Project
from tests.hostile_files import ffmpeg
from tests.speech_samples import file_of, heart, joined, silence

WORDS = ("Alpha river", "Bravo stone", "Cedar wood", "Delta marsh", "Eagle feather", "Foxtrot lane", "Harbour lights")
SLIDE, STEP = 2.0, 0.25


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven slides of two seconds that differ by their words alone, and two sentences with a pause between."""
    folder = tmp_path_factory.mktemp("slides")
    font = ImageFont.truetype(str(ROOT / "assets" / "fonts" / "Manrope-SemiBold.ttf"), 30)
    listed = ""
    for number, words in enumerate(WORDS):
        slide = Image.new("RGB", (400, 240), "#f4f0e6")
        ImageDraw.Draw(slide).text((60, 90), words, font=font, fill="black")
        slide.save(folder / f"{number}.png")
        listed += f"file '{number}.png'\nduration {SLIDE}\n"
    (folder / "list.txt").write_text(f"{listed}file '{len(WORDS) - 1}.png'\n")
    said = joined(heart("The harbour opens in the morning."), silence(4.0), heart("The last ferry leaves at nine."))
    sound = file_of(said, folder / "sound.wav")
    path = folder / "slides.mp4"
    pictures = ["-f", "concat", "-i", str(folder / "list.txt"), "-i", str(sound), "-r", "8", "-g", "16"]
    ffmpeg(*pictures, "-pix_fmt", "yuv420p", "-c:a", "aac", "-t", str(SLIDE * len(WORDS)), str(path))
    return path


class Stop(Exception):
    """Stands for a kill: nothing that runs in the process may make up for it."""


@dataclass
class Reads:
    """What was read how often, by the readers themselves."""

    counts: Counter[str] = field(default_factory=Counter)

    def spy(self, patch: pytest.MonkeyPatch, owner: Any, name: str, key: Callable[..., str]) -> None:
        real = getattr(owner, name)

        def counted(*arguments: Any) -> Any:
            self.counts[f"{name} {key(*arguments)}"] += 1
            return real(*arguments)

        patch.setattr(owner, name, counted)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    monkeypatch.setattr(video_text, "BATCH", 2)
    monkeypatch.setattr(video_sound, "PIECE_SECONDS", 4.0)
    monkeypatch.setattr(video_sound, "PASSAGE_SECONDS", 2.0)
    found = Reads()
    found.spy(monkeypatch, TextReader, "read", lambda _, picture: str(hash(picture.tobytes())))
    found.spy(monkeypatch, embedded, "features_of", lambda time, _: f"{time:.3f}")
    found.spy(monkeypatch, kinds._Hearing, "hear", lambda heard, _: f"{heard._first + heard._tracks.shape[1]}")
    found.spy(monkeypatch, WhisperTranscript, "transcribe", lambda _, sound, *__: f"{len(sound.samples)}")
    return found


class Desk:
    """A session that is read in this process, by a manager of its own."""

    def __init__(self, data: Path, film: Path, manager: ModelManager | None = None) -> None:
        self.settings = read_settings(data, {})
        registry = known_engines(self.settings)
        self.manager = manager or build_manager(registry, "cpu")
        self._parts = ContextParts(self.settings, self.manager, registry, Timings(data / "timings.json"))
        self.session = self.settings.sessions / "slides"
        (self.session / "inputs").mkdir(parents=True)
        copy = self.session / "inputs" / "video-1-abc.mp4"
        copy.write_bytes(film.read_bytes())
        Project(self.session).update(title="slides", names={copy.name: "slides.mp4"})
        self._request = VideoRequest(self.session, (copy,), STEP)

    def read(self, batches: int | None = None) -> bool:
        """Whether it came to the end, having written `batches` at most."""
        left = batches

        def emit(kind: str, data: Mapping[str, Any]) -> None:
            nonlocal left
            if left is not None and kind == "artifact" and data["role"] == "index":
                left -= 1
                if left <= 0:
                    raise Stop

        context = Context(self.session, CancelToken(), emit, lambda: None, self._parts)
        try:
            video_index.run(self._request.to_json(), context)
        except Stop:
            return False
        return True

    @property
    def folder(self) -> Path:
        return self.session / "videos" / "01"

    @property
    def index(self) -> dict[str, Any]:
        return read_json(self.folder / "index.json")


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, film: Path) -> Iterator[Desk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(video_text, "BATCH", 2)
        patch.setattr(video_sound, "PIECE_SECONDS", 4.0)
        patch.setattr(video_sound, "PASSAGE_SECONDS", 2.0)
        desk = Desk(tmp_path_factory.mktemp("unbroken"), film)
        assert desk.read()
        yield desk
        desk.manager.close()


def test_slides_that_differ_by_their_words_alone_are_scenes(unbroken: Desk) -> None:
    index = unbroken.index
    assert [text["text"] for text in index["texts"]] == list(WORDS)
    assert [scene["start"] for scene in index["scenes"]] == pytest.approx([SLIDE * at for at in range(7)], abs=0.3)
    assert all(scene["start"] <= scene["key_time"] < scene["end"] for scene in index["scenes"])
    assert len(index["speech"]) >= 2
    assert all(index["read"][reader] == [[0.0, index["video"]["duration"]]] for reader in ("frames", "text", "speech"))


def test_the_first_look_is_there_before_anything_is_read(tmp_path: Path, film: Path, unbroken: Desk) -> None:
    desk = Desk(tmp_path, film, unbroken.manager)
    assert not desk.read(1)
    seen = read_json(desk.folder / "glance.json")["pictures"]
    assert len(seen) == 7
    assert all((desk.folder / one["frame"]).is_file() for one in seen)
    assert read_json(desk.folder / "video.json")["playable"] == "inputs/video-1-abc.mp4"


def test_killed_after_every_batch_it_reads_nothing_twice_and_finds_the_same(
    tmp_path: Path, film: Path, unbroken: Desk, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, kills = Desk(tmp_path, film, unbroken.manager), 0
    monkeypatch.setattr(video_text, "ram_budget", lambda: 1)  # one picture at a time, where the others had several
    while not desk.read(1):
        kills += 1
        assert kills < 40
    assert kills >= 10
    assert desk.index == unbroken.index
    assert {name.split()[0] for name in reads.counts} == {"read", "features_of", "hear", "transcribe"}
    assert [name for name, count in reads.counts.items() if count > 1] == []
    assert not (desk.folder / "unread").exists()


@pytest.mark.parametrize(
    ("width", "height", "megabytes", "expected"),
    [(1280, 720, 1, 1), (1280, 720, 120, 1), (1280, 720, 250, 2), (1280, 720, 16_000, 4), (7680, 4320, 250, 2),
     (1280, 1280, 250, 1), (400, 240, 280, 3)],
)  # fmt: skip
def test_so_many_pictures_are_read_at_once_as_memory_allows(
    width: int, height: int, megabytes: int, expected: int
) -> None:
    assert video_text.at_once(width, height, megabytes * 10**6) == expected


@pytest.mark.parametrize("stop", [1, 4])
def test_what_is_asked_about_is_read_next_and_changes_nothing_in_the_end(
    tmp_path: Path, film: Path, unbroken: Desk, reads: Reads, stop: int
) -> None:
    desk = Desk(tmp_path, film, unbroken.manager)
    assert not desk.read(stop)
    question = "What does the sign at the end say?"
    before = ask(desk.session, question)
    assert before.abstained
    assert "read so far" in before.answer
    ahead = 0
    while "Harbour lights" not in (given := ask(desk.session, question)).answer:
        assert not desk.read(1)
        ahead += 1
        assert ahead < 4
    assert given.coverage.asked
    assert given.citations[0].start >= SLIDE * 6 - 1
    assert len(desk.index["texts"]) < len(WORDS)
    assert desk.read()
    assert desk.index == unbroken.index
    assert [name for name, count in reads.counts.items() if count > 1 and name.startswith("read ")] == []
