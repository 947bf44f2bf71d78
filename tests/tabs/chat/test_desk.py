"""Sessions as the page knows them, and what its server hands out of one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.compose import Studio
from studio.errors import BadInput
from studio.index.facts import Scene, ScreenText, Utterance, VideoFacts, VideoIndex
from studio.settings import ROOT, Settings
from studio.store.conversation import KeptTurn, add_turn
from tabs.chat.desk import ChatDesk
from tabs.chat.live import ChatFollower
from tabs.files import routes
from tests.samples import write_song

CLIP = ROOT / "assets" / "demo" / "clip.mp4"
INDEX = VideoIndex(
    VideoFacts("clip.mp4", 46.0, 960, 540, 24.0, True),
    scenes=(
        Scene(0.0, 20.0, "start", 3.0, 0.5, 0.1, "still", (("red", 0.6), ("grey", 0.2)), 1),
        Scene(20.0, 46.0, "cut", 30.0, 0.5, 0.1, "pan left", (("blue", 0.9),), 0),
    ),
    texts=(ScreenText(2.0, 6.0, "Café LINDEN", 0.9, (0, 0, 1, 1)),
           ScreenText(21.0, 30.0, "9", 0.9, (0, 0, 1, 1), "counter", ((21.0, "7"), (25.0, "9")))),
    speech=(Utterance(1.0, 3.0, "The café opens at nine.", (), 0.8),),
    read={"frames": ((0.0, 46.0),), "text": ((0.0, 46.0),), "speech": ((0.0, 46.0),)},
)  # fmt: skip


@pytest.fixture
def chats(tmp_path) -> ChatDesk:
    return ChatDesk(Studio(Settings(data=tmp_path / "data")))


@pytest.fixture
def session(chats) -> str:
    """One whose video was read."""
    identity = chats.draft("An island", CLIP)
    folder = chats.store.folder(identity) / "videos" / "01"
    (folder / "frames").mkdir(parents=True)
    for name in ("000000000", "000003000", "000030000"):
        (folder / "frames" / f"{name}.jpg").write_bytes(b"\xff\xd8 a picture")
    (folder / "index.json").write_text(json.dumps(INDEX.to_json()))
    (video,) = chats.request(identity).videos
    facts = {"number": 1, "name": "clip.mp4", "source": f"inputs/{video.name}", "playable": f"inputs/{video.name}"}
    (folder / "video.json").write_text(json.dumps(facts | {"duration": 46.0, "width": 960, "height": 540}))
    return identity


@pytest.fixture
def client(chats) -> Iterator[TestClient]:
    app = Starlette(routes=routes(chats.studio))
    app.auth = None  # type: ignore[attr-defined] - Gradio's application has it
    with TestClient(app) as one:
        yield one


def test_a_session_is_played_before_anything_was_read_of_it(chats):
    identity = chats.draft("An island", CLIP)
    (video,) = chats.videos(chats.studio.session(identity))
    assert (video.number, video.name, video.index) == (1, "clip.mp4", "")
    assert video.to_json(identity)["source"].startswith(f"media/{identity}/inputs/video-1-")
    assert [entry.id for entry in chats.entries()] == [identity]


def test_a_file_that_is_no_video_leaves_no_session(chats, tmp_path):
    with pytest.raises(BadInput):
        chats.add("", (write_song(tmp_path / "song.wav", seconds=1),))
    assert chats.entries() == []


def test_what_is_looked_at(chats, session):
    look = ChatFollower(chats, session).look()
    assert look.videos[0].index
    assert look.suggestions
    add_turn(chats.store.folder(session), KeptTurn("When?", {"answer": "", "citations": []}, "embedded"))
    follower = ChatFollower(chats, session)
    assert [turn.question for turn in follower.look().turns] == ["When?"]
    chats.store.delete(session)
    assert follower.look().videos == ()


def test_the_viewer_gets_scenes_words_and_pictures(client, session):
    body = client.get(f"/media/{session}/videos/01/watch.json").json()
    assert [scene["picture"] for scene in body["scenes"]] == [
        "videos/01/frames/000003000.jpg",
        "videos/01/frames/000030000.jpg",
    ]
    assert body["scenes"][0]["words"] == "red and grey, 1 face, camera still"
    assert [line["text"] for line in body["lines"]] == ["The café opens at nine.", "Café LINDEN", "7 … 9"]
    assert client.get(f"/media/{session}/{body['scenes'][0]['picture']}").content.startswith(b"\xff\xd8")


def test_the_search_finds_words_whatever_their_case_and_accents(client, session):
    found = client.get(f"/media/{session}/videos/01/search.json", params={"q": "CAFE"}).json()["lines"]
    assert [line["text"] for line in found] == ["The café opens at nine.", "Café LINDEN"]
    first = found[0]
    assert [first["text"][start:end] for start, end in first["spans"]] == ["café"]
    assert client.get(f"/media/{session}/search.json", params={"q": "CAFE"}).json()["lines"] == found
    (seen,) = client.get(f"/media/{session}/search.json", params={"q": "blue"}).json()["lines"]
    assert (seen["source"], seen["start"], seen["video"]) == ("scene", 20.0, 1)


@pytest.mark.parametrize("kind", ["speech.srt", "text.srt", "scenes.csv"])
def test_what_was_read_is_taken_along(client, session, kind):
    answer = client.get(f"/media/{session}/videos/01/{kind}")
    assert answer.status_code == 200
    assert ("café" if kind == "speech.srt" else "LINDEN" if kind == "text.srt" else "red") in answer.text


def test_a_clip_has_its_length_and_one_outside_is_refused(client, session, tmp_path):
    from studio.media.probe import probe_film

    answer = client.get(f"/media/{session}/videos/01/clip.mp4", params={"from": 1, "to": 2.5})
    (tmp_path / "clip.mp4").write_bytes(answer.content)
    assert float(probe_film(tmp_path / "clip.mp4").duration) == pytest.approx(1.5, abs=0.1)
    for bad in ({"from": 1, "to": 900}, {"from": "x", "to": 2}, {}):
        assert client.get(f"/media/{session}/videos/01/clip.mp4", params=bad).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["project.json", "conversation.json", "videos/01/index.json", "videos/01/state.json", "videos/02/watch.json",
     "videos/01/frames/../../../project.json", "inputs/..%2f..%2fjobs.sqlite", "videos/1x/watch.json"],
)  # fmt: skip
def test_nothing_else_is_handed_out(client, session, path):
    assert client.get(f"/media/{session}/{path}").status_code == 404
    assert client.get(f"/media/nobody-00000000/{path}").status_code == 404


def test_only_a_session_that_is_there_is_opened(chats):
    for name in ("../projects", "nobody-00000000", ""):
        with pytest.raises(BadInput):
            chats.studio.session(name)
