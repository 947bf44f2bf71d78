from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.requests import MusicVideoRequest
from tabs.music.characters import chosen, shown
from tabs.music.form import FormValues, read, show, values_of_request
from tabs.uploads import refusal_words, uploaded

ASKED = {"negative_prompt": "text", "steps": 30, "loras": {"noir": 0.5}}
PANEL = {"engine": "stable-diffusion", "fields": [], "values": ASKED}


def no_panel(task: str, engine: str, values) -> dict:
    return {"task": task, "engine": engine, "values": dict(values)}


def widgets(song, characters, **changes) -> list:
    plain = {"prompt": " By the sea ", "style": "film-noir", "size": "1280x720", "seed": 3.0, "fps": 30, "tempo": 0}
    plain |= {"captions": None, "title": " Night drive ", "artist": "", "visualizer": "spectrum"}
    plain |= {"image_engine": "stable-diffusion", "video_engine": ""}
    plain |= {"image_options": PANEL, "video_options": {"engine": "stable-video", "values": {"steps": 9}}}
    return [song, characters, *(plain | changes).values()]


def test_from_the_widgets_to_a_request(tmp_path, values):
    uploads = values.song.parent
    pictures = [{"path": str(values.characters[0]), "url": "x"}]
    form = read(widgets(str(values.song), pictures), uploads)
    request = form.request(tmp_path)
    assert (request.audio, request.characters) == (values.song, values.characters)
    assert (request.prompt, request.style, request.seed, request.fps) == ("By the sea", "film-noir", 3, 30)
    assert (request.width, request.height) == (1280, 720)
    assert request.tempo is None
    assert (request.goal, request.title, request.visualizer) == ("film", "Night drive", "spectrum")
    assert request.engines == {"image": "stable-diffusion"}
    assert not request.substitutes
    assert request.options == {"image": ASKED}
    assert read(widgets(str(values.song), pictures, image_engine=""), uploads).options == {}
    assert values_of_request(MusicVideoRequest.from_json(request.to_json())) == form


def test_emptied_widgets_mean_the_defaults(values):
    names = (
        "prompt", "style", "size", "seed", "fps", "tempo", "title", "artist", "visualizer", "image_engine",
        "video_engine", "image_options", "video_options",
    )  # fmt: skip
    form = read(widgets(None, None, **dict.fromkeys(names)), Path("/"))
    assert form == FormValues()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"song": None}, "Song"),
        ({"characters": ()}, "Characters"),
        ({"size": "7x7"}, "Format"),
        ({"seed": -1}, "Seed"),
        ({"fps": 500}, "Frames a second"),
        ({"tempo": float("nan")}, "Tempo"),
    ],
)
def test_a_refusal_names_the_field_as_the_page_calls_it(values, tmp_path, change, field):
    with pytest.raises(BadInput) as caught:
        replace(values, **change).request(tmp_path)
    assert refusal_words(caught.value).startswith(f"{field}: ")
    assert "--" not in refusal_words(caught.value)


def test_a_refusal_does_not_tell_where_uploads_lie():
    error = BadInput("--audio", "/tmp/secret/place/x.mp3", "a song in any usual format")
    assert refusal_words(error) == "Song: this file is not accepted. Accepted: a song in any usual format."


@pytest.mark.parametrize("name", ["/etc/passwd", "../../etc/passwd", "", None, 7, "\0", "gone.png"])
def test_only_uploads_may_be_named(tmp_path, name):
    with pytest.raises(BadInput, match="uploaded"):
        uploaded(name, tmp_path)


def test_a_link_out_of_the_uploads_is_no_upload(tmp_path):
    (tmp_path / "link.png").symlink_to("/etc/passwd")
    with pytest.raises(BadInput):
        uploaded(str(tmp_path / "link.png"), tmp_path)


@pytest.mark.parametrize("value", [None, "", "abc", 5, {}, []])
def test_a_characters_value_of_any_kind_is_no_fault(tmp_path, value):
    assert chosen(value, tmp_path) == ()


def test_shown_files_are_copies_in_the_upload_folder(values, tmp_path):
    song, characters, *plain = show(values, tmp_path, {values.song.name: "My song.wav"}, no_panel)
    assert Path(song).parent.parent == tmp_path
    assert Path(song).name == "My song.wav"
    assert Path(song).read_bytes() == values.song.read_bytes()
    assert chosen(characters, tmp_path)[0].read_bytes() == values.characters[0].read_bytes()
    assert plain[0] == "A walk by the sea"
    asked = replace(values, engines={"image": "stable-diffusion"}, options={"image": ASKED})
    *_, image, video = show(asked, tmp_path, {}, no_panel)
    assert image == {"task": "image", "engine": "stable-diffusion", "values": ASKED}
    assert video == {"task": "video", "engine": "", "values": {}}


def test_files_that_are_gone_leave_their_widgets_empty(values, tmp_path):
    gone = replace(values, song=tmp_path / "gone.wav", characters=(tmp_path / "gone.png",))
    assert show(gone, tmp_path, {}, no_panel)[:2] == [None, []]


def test_shown_paths_survive_being_an_address():
    assert shown(["/a b/ü#1.png"])[0]["url"] == "gradio_api/file=/a%20b/%C3%BC%231.png"


def test_a_project_is_called_after_its_song(values):
    assert values.suggested_title() == "My first song"
    assert FormValues(song=Path("___.mp3")).suggested_title() == "Untitled film"
