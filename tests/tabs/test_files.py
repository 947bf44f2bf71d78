from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from studio.jobs.locks import seat_lock
from studio.jobs.store import JobStore, WorkerState
from tabs.files import routes


@pytest.fixture
def project(desk, values):
    identity = desk.draft("Demo", values)
    folder = desk.studio.projects.folder(identity)
    (folder / "keyframes").mkdir()
    Image.new("RGB", (900, 600), (200, 30, 30)).save(folder / "keyframes" / "01.png")
    (folder / "final_video.mp4").write_bytes(bytes(range(256)) * 8)
    return identity


@pytest.fixture
def client(desk):
    app = Starlette(routes=routes(desk.studio))
    app.auth, app.tokens, app.cookie_id = None, {}, "abc"
    return TestClient(app)


def test_a_film_is_served_in_parts_so_that_a_player_can_seek(client, project):
    answer = client.get(f"/media/{project}/final_video.mp4", headers={"Range": "bytes=256-259"})
    assert (answer.status_code, answer.content) == (206, bytes([0, 1, 2, 3]))
    assert answer.headers["content-type"] == "video/mp4"


def test_a_keyframe_comes_whole_or_small(client, project):
    whole = Image.open(io.BytesIO(client.get(f"/media/{project}/keyframes/01.png").content))
    small = Image.open(io.BytesIO(client.get(f"/media/{project}/keyframes/01.png?small=1").content))
    assert (whole.size, small.size) == ((900, 600), (400, 267))


def test_a_small_cut_out_stands_on_paper(client, desk, project):
    folder = desk.studio.projects.folder(project) / "characters"
    folder.mkdir()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(folder / "1.png")
    small = Image.open(io.BytesIO(client.get(f"/media/{project}/characters/1.png?small=1").content))
    assert min(small.getpixel((20, 20))) > 220


def test_all_keyframes_in_one_file(client, project):
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"/media/{project}/keyframes.zip").content))
    assert archive.namelist() == ["01.png"]


@pytest.mark.parametrize(
    "name",
    [
        "project.json",
        "inputs/one.png",
        "../../jobs.sqlite",
        "..%2f..%2fjobs.sqlite",
        "keyframes/../project.json",
        "keyframes/02.png",
        "keyframes",
        ".studio/previews/../../project.json",
        "",
    ],
)
def test_nothing_else_leaves_the_project(client, project, name):
    assert client.get(f"/media/{project}/{name}").status_code == 404


@pytest.mark.parametrize("identity", ["nope", "..", "%2e%2e", "a%2fb", "%00", "x" * 400])
def test_a_project_that_is_none_has_no_files(client, identity):
    assert client.get(f"/media/{identity}/final_video.mp4").status_code == 404


def test_a_link_is_not_followed(client, project, desk):
    folder = desk.studio.projects.folder(project)
    (folder / "report.json").symlink_to("/etc/passwd")
    assert client.get(f"/media/{project}/report.json").status_code == 404


def test_with_a_login_nothing_is_served_without_it(client, project):
    client.app.auth, client.app.tokens = {"me": "secret"}, {"token-1": "me"}
    address = f"/media/{project}/final_video.mp4"
    assert client.get(address).status_code == 401
    client.cookies.set("access-token-unsecure-abc", "token-2")
    assert client.get(address).status_code == 401
    client.cookies.set("access-token-unsecure-abc", "token-1")
    assert client.get(address).status_code == 200


def test_health_says_that_no_worker_is_there(client):
    answer = client.get("/health")
    assert answer.status_code == 503
    body = answer.json()
    assert (body["studio"], body["worker"], body["workers"]) == ("up", "starting", [])
    engines = {each["engine"]: each for each in body["engines"]}
    assert engines["image/painter"] == {
        "engine": "image/painter", "title": "Painter", "available": True, "why": "", "loaded": [],
    }  # fmt: skip
    assert engines["inpaint/lama"]["why"].endswith("put big-lama.pt into models/lama")


def test_health_says_what_is_loaded_on_which_device(client, desk):
    snapshot = {
        "device": {"name": "cuda:0", "title": "A card", "precision": "float16"}, "memory": {"used_bytes": 3},
        "health": {"ok": True, "reason": ""}, "resident": "image/stable-diffusion",
        "models": {
            "image/stable-diffusion": {"state": "ready", "rung_words": "full", "measured_bytes": {"full": 3000000000}},
            "video/stable-video": {"state": "absent", "rung_words": None, "measured_bytes": {}},
        },
    }  # fmt: skip
    with seat_lock(desk.studio.settings.data, "studio").acquire(timeout=5):
        JobStore(desk.studio.settings.database).beat(WorkerState("studio", 1, 1, snapshot))
        answer = client.get("/health")
    assert answer.status_code == 200
    body = answer.json()
    assert body["workers"] == [{name: snapshot[name] for name in ("device", "memory", "health", "resident")}]
    loaded = {each["engine"]: each["loaded"] for each in body["engines"] if each["loaded"]}
    assert loaded == {
        "image/stable-diffusion": [
            {
                "device": "cuda:0",
                "title": "A card",
                "precision": "float16",
                "rung": "full",
                "measured_bytes": 3000000000,
            }
        ]
    }


def test_every_look_has_its_picture_and_nothing_else_is_served_there(client, desk):
    for name in desk.studio.styles():
        picture = Image.open(io.BytesIO(client.get(f"/looks/{name}.jpg").content))
        assert picture.width >= 256
    for name in ("no-such-look", "..%2Fdemo%2Fcharacter-1", "../icon"):
        assert client.get(f"/looks/{name}.jpg").status_code == 404
