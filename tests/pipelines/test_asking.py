"""A conversation on a session's videos: kept, leaning on itself, of several videos, by a language model or without."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled, NotFound, StorageFailed
from studio.index.evidence import evidence
from studio.index.exports import KINDS
from studio.index.facts import VideoIndex
from studio.pipelines.asking import ask, converse
from studio.pipelines.sessions import IndexShelf, VideoSession
from studio.pipelines.wanted import Wanted
from studio.settings import ROOT, Settings, read_settings
from studio.store.atomic import write_json
from studio.store.conversation import KeptTurn, add_turn, read_turns
from tests.engines.chat_server import Act, Server, serving
from tests.index.films import film, said, shown, until


def keep(session: Path, number: int, index: VideoIndex) -> None:
    """`index` as the reader leaves it, with a picture each ten seconds."""
    folder = session / "videos" / f"{number:02d}"
    (folder / "frames").mkdir(parents=True)
    for second in range(0, 60, 10):
        Image.new("RGB", (8, 8)).save(folder / "frames" / f"{1000 * second:09d}.jpg")
    write_json(folder / "index.json", index.to_json())
    video = index.video
    facts = {"number": number, "name": video.name, "source": "inputs/v.mp4", "playable": "inputs/v.mp4"}
    write_json(
        folder / "video.json", facts | {"duration": video.duration, "width": video.width, "height": video.height}
    )


def other() -> VideoIndex:
    """A second video that shares nothing with the first."""
    index = film()
    return replace(
        index,
        video=replace(index.video, name="garden.mp4", duration=40.0),
        scenes=index.scenes[:2],
        texts=(shown(0, 10, "Tomato soup", 0.1),),
        speech=(said(2, "Marta grows tomatoes behind the house."), said(8, "She waters them twice a day.")),
        sounds=(),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(tmp_path, {})


@pytest.fixture
def session(settings: Settings) -> Path:
    folder = settings.sessions / "talk-1"
    keep(folder, 1, film())
    return folder


def told(session: Path, question: str, settings: Settings, endpoint: bool = False) -> tuple[KeptTurn, str]:
    pieces: list[str] = []
    turn = converse(session, question, settings, endpoint, pieces.append)
    return turn, "".join(pieces)


def test_a_turn_is_kept_with_pictures_inside_the_session(session: Path, settings: Settings) -> None:
    turn, heard = told(session, "When does Falcon ship?", settings)
    assert heard == turn.answer["answer"]
    assert "March" in heard
    cited = turn.answer["citations"][0]
    assert (cited["video"], cited["source"], cited["frame"]) == (1, "transcript", "videos/01/frames/000010000.jpg")
    assert "Falcon" in cited["quote"]
    assert cited["start"] <= cited["frame_time"] <= cited["end"]
    assert turn.engine == "embedded"
    assert read_turns(session) == (turn,)


def test_questions_lean_on_the_turns_that_were_kept(session: Path, settings: Settings) -> None:
    told(session, "When does Falcon ship?", settings)
    turn, _ = told(session, "And after that?", settings)
    assert "It weighs two kilograms" in turn.answer["answer"]


def test_with_several_videos_each_citation_names_its_own(session: Path, settings: Settings) -> None:
    keep(session, 2, other())
    first, _ = told(session, "Who grows tomatoes?", settings)
    assert {one["video"] for one in first.answer["citations"]} == {2}
    assert first.answer["citations"][0]["frame"].startswith("videos/02/")
    following, _ = told(session, "And after that?", settings)
    assert "waters them" in following.answer["answer"]
    assert following.answer["citations"][0]["video"] == 2
    assert ask(session, "Where is the new office?").citations[0].video == 1


def test_what_each_video_has_an_answer_to_is_told_of_each(session: Path) -> None:
    keep(session, 2, other())
    both = ask(session, "How long is this video?")
    assert "talk.mp4: The video is 1 minute" in both.answer
    assert "garden.mp4: The video is 40" in both.answer
    assert {one.video for one in both.citations} == {1, 2}
    assert both.coverage.total_seconds == 100


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How long is the second video?", "40 seconds"),
        ("How long is garden.mp4?", "40 seconds"),
        ("What is the first sentence in video 2?", "Marta grows tomatoes"),
        ("Who leads the new office in the first video?", "Anna Berger"),
        ("How long is the third video?", "no video 3"),
    ],
)
def test_a_question_may_name_its_video(session: Path, question: str, words: str) -> None:
    keep(session, 2, other())
    given = ask(session, question)
    assert words in given.answer
    assert given.abstained is ("no video" in words)


def by_model(settings: Settings, url: str) -> Settings:
    return replace(settings, chat_url=url, chat_model="tiny", chat_key="sk-secret-1")


def test_a_language_model_words_the_answer_where_it_is_switched_on(session: Path, settings: Settings) -> None:
    number = next(at for at, one in enumerate(evidence(film()), 1) if "Falcon" in one.text)
    with serving(Act(("Falcon ships in March ", f"[e{number}]", "."))) as server:
        evidence_of = by_model(settings, server.url)
        before, _ = told(session, "When does Falcon ship?", evidence_of)
        assert (before.engine, server.asked) == ("embedded", [])
        turn, heard = told(session, "When does Falcon ship?", evidence_of, endpoint=True)
        assert len(server.asked) == 1
        history = [one["content"] for one in server.asked[0]["messages"][1:3]]
        assert history == ["When does Falcon ship?", before.answer["answer"]]
    assert (turn.engine, heard) == ("tiny", "Falcon ships in March [00:18].")
    assert turn.answer["citations"][0]["frame"] == "videos/01/frames/000010000.jpg"
    assert "sk-secret-1" not in (session / "conversation.json").read_text()


def shown_as(server: Server, words: str) -> str:
    """The id of the evidence with `words` in what was asked last."""
    lines = server.asked[-1]["messages"][-1]["content"].splitlines()
    return next(line.split("]")[0].lstrip("[") for line in lines if line.startswith("[e") and words in line)


def test_a_language_model_is_asked_of_all_videos_at_once_and_each_sentence_is_of_the_one_it_names(
    session: Path, settings: Settings
) -> None:
    keep(session, 2, other())
    question = "What do Marta and the Falcon have to do with spring?"
    with serving(Act(("NOT_IN_VIDEO",))) as server:
        told(session, question, by_model(settings, server.url), endpoint=True)
        falcon, marta = shown_as(server, "Falcon ships"), shown_as(server, "Marta grows")
        assert 'Video 2 is "garden.mp4".' in server.asked[0]["messages"][-1]["content"]
        assert "several videos" in server.asked[0]["messages"][0]["content"]
    reply = (
        f"The product called Falcon ships in March [{falcon}]. Marta grows tomatoes behind the house [{marta}]. "
        f"In video 1, Marta grows tomatoes [{marta}]. Marta has 2 tomatoes [{marta}]. "
        f"In garden.mp4, she grows tomatoes [{marta}]. Marta grows tomatoes, the Falcon ships [{marta}][{falcon}]."
    )
    with serving(Act((reply,))) as server:
        turn, heard = told(session, question, by_model(settings, server.url), endpoint=True)
    assert heard == turn.answer["answer"]
    assert heard == (
        "talk.mp4: The product called Falcon ships in March [00:18]. "
        "garden.mp4: Marta grows tomatoes behind the house [00:02]. In garden.mp4, she grows tomatoes [00:02]. "
        "Marta grows tomatoes, the Falcon ships [00:02] [00:18]."
    )
    assert [(one["video"], one["frame"].split("/")[1]) for one in turn.answer["citations"]] == [(1, "01"), (2, "02")]
    assert turn.notices == ("2 sentences of tiny left out: not borne out by the video",)
    assert turn.answer["coverage"] == {"seen_seconds": 100.0, "total_seconds": 100.0}


def test_of_several_videos_what_is_measured_or_asked_of_one_is_not_asked_of_all(
    session: Path, settings: Settings
) -> None:
    keep(session, 2, other())
    with serving(Act(("NOT_IN_VIDEO",))) as server:
        settled = by_model(settings, server.url)
        turn, _ = told(session, "How long is this video?", settled, endpoint=True)
        assert "garden.mp4: The video is 40" in turn.answer["answer"]
        assert (turn.notices, server.asked) == ((), [])
        told(session, "What does Marta grow in the second video?", settled, endpoint=True)
        assert "one video" in server.asked[0]["messages"][0]["content"]
        assert "Falcon" not in server.asked[0]["messages"][-1]["content"]


def test_a_model_that_fails_is_replaced_with_a_notice(session: Path, settings: Settings) -> None:
    with serving(Act(status=401)) as server:
        turn, heard = told(session, "When does Falcon ship?", by_model(settings, server.url), endpoint=True)
    assert "March" in heard
    assert turn.engine == "embedded"
    assert "refused the key" in turn.notices[0]
    assert read_turns(session)[0].notices == turn.notices


def test_an_endpoint_that_is_not_set_is_refused_and_nothing_kept(session: Path, settings: Settings) -> None:
    with pytest.raises(BadInput, match="KINORA_CHAT_URL"):
        told(session, "When does Falcon ship?", settings, endpoint=True)
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        converse(session, "When does Falcon ship?", settings, False, lambda _: None, cancel)
    with pytest.raises(BadInput):
        told(session, "x" * 100_000, settings)
    assert read_turns(session) == ()


def test_turns_of_many_at_once_are_all_kept(session: Path) -> None:
    body = ask(session, "How long is it?").to_json()

    def add(name: str) -> None:
        for number in range(5):
            add_turn(session, KeptTurn(f"{name}{number}", body, "embedded"))

    threads = [threading.Thread(target=add, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    questions = [turn.question for turn in read_turns(session)]
    assert sorted(questions) == sorted(f"{name}{number}" for name in "abc" for number in range(5))
    assert [one for one in questions if one.startswith("a")] == [f"a{number}" for number in range(5)]


def test_a_damaged_conversation_is_said_and_can_be_begun_anew(session: Path, settings: Settings) -> None:
    (session / "conversation.json").write_text('{"turns": [{"question": 1}]}')
    room = VideoSession(session, settings, IndexShelf())
    with pytest.raises(StorageFailed, match="damaged"):
        room.turns()
    room.forget()
    assert room.turns() == ()


def test_a_session_shows_its_videos_and_finds_words_in_all(session: Path, settings: Settings) -> None:
    keep(session, 2, other())
    room = VideoSession(session, settings, IndexShelf())
    assert [(one.number, one.name, one.seen["text"]) for one in room.videos()] == [
        (1, "talk.mp4", 1.0),
        (2, "garden.mp4", 1.0),
    ]
    assert [hit.video for hit in room.search("lisb")] == [1, 1]
    assert [(hit.video, hit.source) for hit in room.search("tomato")] == [(2, "screen_text"), (2, "transcript")]
    assert room.search("tomato", number=1) == ()
    assert len(room.suggestions(6)) == 6
    assert room.picture(1, 19.9) == "videos/01/frames/000010000.jpg"
    assert room.picture(3, 1.0) is None
    with pytest.raises(NotFound):
        room.index(3)
    # what is read meanwhile is found
    index = other()
    write_json(session / "videos" / "02" / "index.json", replace(index, speech=(said(2, "Zebras."),)).to_json())
    assert [hit.text for hit in room.search("zebra")] == ["Zebras."]


def test_what_is_known_and_asked_is_taken_along(session: Path, settings: Settings) -> None:
    room = VideoSession(session, settings, IndexShelf())
    room.converse("When does Falcon ship?", False, lambda _: None)
    for kind in KINDS:
        path = room.export(kind)
        assert path.parent == session / "exports"
        assert "Falcon" in path.read_text("utf-8") or kind == "text.srt"
    assert room.export("chat.json", 7) == session / "exports" / "chat.json"
    for kind, number in (("../../secret", 1), ("speech.srt", 2), ("speech.srt", -1)):
        with pytest.raises(BadInput):
            room.export(kind, number)


def test_what_is_not_read_yet_is_wished_for_once(session: Path) -> None:
    folder = session / "videos" / "01"
    wanted = Wanted(folder)
    ask(session, "What does the sign at the end say?")
    assert not (folder / "wanted.json").exists()
    write_json(folder / "index.json", until(film(), 20.0).to_json())
    ask(session, "What does the sign at 0:10 say?")
    ask(session, "When does Falcon ship?")
    assert wanted.next() is None
    given = ask(session, "What does the sign at the end say?")
    assert "read so far" in given.answer
    begin, end = wanted.next() or (0.0, 0.0)
    assert 40 <= begin < end == 60
    assert wanted.next() is None
    for garbage in ("{", "[]", '{"id": "x", "start": "a", "end": 2}', '{"id": "y", "start": 9, "end": 2}'):
        (folder / "wanted.json").write_text(garbage)
        assert wanted.next() is None


def test_nothing_written_in_a_session_leads_out_of_it(session: Path, settings: Settings, tmp_path: Path) -> None:
    keep(settings.sessions / "other-1", 1, film())
    room = VideoSession(session, settings, IndexShelf())
    turn = room.converse("When does Falcon ship?", False, lambda _: None)
    for cited in turn.answer["citations"]:
        assert room.file(cited["frame"]).is_relative_to(session)
    secret = tmp_path / "secret.jpg"
    secret.write_text("secret")
    (session / "link.jpg").symlink_to(secret)
    frame = "videos/01/frames/000010000.jpg"
    for outside in (f"../other-1/{frame}", str(settings.sessions / "other-1" / frame), "link.jpg", "..", "", "no.jpg"):
        with pytest.raises(NotFound):
            room.file(outside)


def test_asking_imports_nothing_heavy(session: Path) -> None:
    program = (
        "import sys, json; from pathlib import Path; from studio.pipelines.asking import converse\n"
        "from studio.settings import read_settings\n"
        f"turn = converse(Path({str(session)!r}), 'When does Falcon ship?', read_settings(), False, lambda _: None)\n"
        "print(json.dumps([turn.answer['answer'], sorted(sys.modules)]))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    answer, modules = json.loads(done.stdout)
    assert "March" in answer
    assert not {"torch", "cv2", "numpy", "scipy", "onnxruntime", "av", "PIL"} & set(modules)
