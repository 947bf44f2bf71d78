"""Messages and voices as the page knows them."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from studio.compose import Studio
from studio.errors import BadInput
from studio.requests import MessageRequest
from studio.settings import read_settings
from studio.store.voices import NewVoice
from tabs.message.desk import MessageDesk
from tabs.message.form import MessageValues, hex_colour, read, show, values_of_request
from tabs.message.live import MessageFollower
from tabs.message.people import people_of
from tabs.music.desk import Desk
from tests.engines.drawn_faces import portrait
from tests.pipelines.message_samples import recording, save


@pytest.fixture
def messages(desk) -> MessageDesk:
    return MessageDesk(desk.studio)


@pytest.fixture
def said(tmp_path) -> MessageValues:
    return MessageValues(photo=save(portrait(128), tmp_path / "me.png"), text="Hello there, how are you?", pitch=2.0)


def test_a_message_is_listed_in_its_own_room_alone(messages, desk, said, values):
    identity = messages.draft("Mine", said)
    film = desk.draft("A film", values)
    assert [entry.id for entry in messages.entries()] == [identity]
    assert [entry.id for entry in Desk(desk.studio).entries()] == [film]


def test_what_stands_in_the_form_is_kept_and_shown_again(messages, said, tmp_path):
    identity = messages.draft("Mine", replace(said, background="colour", colour="#102030", motion=0.4, captions=True))
    kept = messages.values(identity)
    assert (kept.text, kept.pitch, kept.colour, kept.motion, kept.captions) == (said.text, 2.0, "#102030", 0.4, True)
    names = messages.studio.projects.get(identity).names
    shown = show(kept, tmp_path / "cache", names, messages.voices())
    assert shown[0]["name"] == "me.png"
    again = read([shown[0], "colour", "rgba(16, 32, 48, 1)", None, *shown[4:]], tmp_path / "cache")
    assert replace(again, photo=None) == replace(kept, photo=None)


def test_a_face_and_a_mouth_belong_to_their_photo(messages, said, tmp_path):
    identity = messages.draft("Mine", said)
    messages.place(identity, face=0, mouth=(10, 20, 30, 12))
    messages.keep(identity, replace(said, text="Something else"))
    assert messages.request(identity).mouth == (10, 20, 30, 12)
    messages.keep(identity, replace(said, photo=save(portrait(130), tmp_path / "other.png")))
    assert messages.request(identity).mouth is None


def test_a_refusal_leaves_no_message_behind(messages, said):
    with pytest.raises(BadInput):
        messages.submit("", "Gone", replace(said, text=""), "message")
    assert messages.entries() == []


def test_the_first_words_name_it(messages, said):
    identity, _ = messages.submit("", "", replace(said, text=""), "photo")
    assert messages.studio.projects.get(identity).title == "Untitled message"
    for job in messages.jobs(identity):
        messages.studio.cancel(job.id)
    messages.submit(identity, "", said, "speech")
    assert messages.studio.projects.get(identity).title == "Hello there, how are you?"


def test_a_look_follows_the_job(messages, said, worker):
    identity, job = messages.submit("", "", said, "message")
    follower = MessageFollower(messages, identity)
    assert follower.look().screen.state == "interrupted"  # nobody works here
    worker(job, ("done", {"result": {}}))
    assert follower.look().screen.state == "done"
    messages.studio.projects.delete(identity)
    assert follower.look().screen.state == ""


def test_voices_are_the_studio_s_own_and_those_that_were_kept(messages, tmp_path):
    import wave

    path = tmp_path / "mono.wav"
    with wave.open(str(path), "wb") as writer:
        writer.setparams((1, 2, 24000, 0, "NONE", ""))
        writer.writeframes(b"\0\0" * 24000)
    profile = messages.studio.voices.create(NewVoice("Anna <b>", [path], "de", quality={"mos_overall": 3.21}))
    shown = messages.voices()
    assert [voice["id"] for voice in shown] == ["", "speaker:joe", profile.id]
    assert shown[-1]["words"] == "German · sound 3.2 of 5"


@pytest.mark.parametrize(("given", "colour"), [("#A0b1C2", "#a0b1c2"), ("rgba(0, 177.6, 300, .5)", "#00b2ff")])
def test_colours_come_as_the_picker_gives_them(given, colour):
    assert hex_colour(given) == colour


def test_what_is_no_colour_is_refused():
    with pytest.raises(BadInput):
        hex_colour("javascript:alert(1)")


def test_requests_and_values_are_each_other_s_mirror(said, tmp_path):
    one = replace(said, voice="speaker:joe", height="512", speed=1.2, pause=0.5, repair=False, seed=4)
    assert values_of_request(one.request(tmp_path)) == one
    assert MessageRequest.from_json(one.request(tmp_path).to_json()) == one.request(tmp_path)


def test_the_characters_of_films_are_there_to_be_taken(desk, values):
    film = desk.draft("A film", values)
    folder = desk.studio.projects.folder(film) / "characters"
    folder.mkdir()
    (folder / "1.png").write_bytes(values.characters[0].read_bytes())
    (one,) = people_of(desk.studio)
    assert (one.project, one.number) == (film, 1)


def test_recordings_are_needed_for_a_voice(messages, tmp_path):
    with pytest.raises(BadInput):
        messages.make_voice("", (recording(tmp_path),), "en")
    assert not list((messages.studio.settings.data / "recordings").glob("*"))


@pytest.fixture
def voicevox(monkeypatch):
    """A service that knows two styles of one speaker."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = [{"name": "Mei", "styles": [{"id": 3, "name": "calm"}, {"id": 5, "name": "glad"}]}]
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("VOICEVOX_URL", f"http://127.0.0.1:{server.server_address[1]}")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_voices_of_a_voicevox_that_is_set_can_be_chosen(voicevox, tmp_path, said):
    studio = Studio(read_settings(tmp_path / "data"))
    messages = MessageDesk(studio)
    listed = [voice for voice in messages.voices() if voice["name"].startswith("Mei")]
    assert [voice["name"] for voice in listed] == ["Mei · calm", "Mei · glad"]
    chosen = replace(said, voice=listed[1]["id"], language="ja", text="こんにちは。")
    request = chosen.request(tmp_path)
    assert (request.speaker, request.engines) == ("5", {"speech": "voicevox"})
    assert values_of_request(request).voice == listed[1]["id"]


def test_a_voicevox_that_is_gone_leaves_the_other_voices(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICEVOX_URL", "http://127.0.0.1:1")
    voices = MessageDesk(Studio(read_settings(tmp_path / "data"))).voices()
    assert [voice["name"] for voice in voices] == ["Heart", "Joe"]
