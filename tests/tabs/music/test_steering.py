"""The panel that is there while pictures are drawn step by step, and the cards of pictures that were steered."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.compose import Studio
from studio.errors import BadInput
from studio.pipelines.drawings import Drawing
from studio.store.steered import Steered, Turn
from studio.store.versions import Version, Versions
from tabs.job_view import Picture
from tabs.music.board_html import Coming, board_html
from tabs.music.desk import Desk
from tabs.music.live import Follower
from tabs.music.storyboard import Storyboards, read_song
from tests.samples import write_song


@pytest.fixture
def desk(settings):
    """With every file of Stable Diffusion and one LoRA in the model folder: all that is asked before a worker loads."""
    studio = Studio(replace(settings, models=settings.data / "models"))
    assert studio.registry.shelf is not None
    item = studio.registry.shelf.item("stable-diffusion-1.5")
    there = [f"{item.name}/{pattern.replace('*', 'x')}" for pattern in item.needs or item.files]
    for file in ("loras/noir.safetensors", *there):
        path = studio.settings.models / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return Desk(studio)


@pytest.fixture
def job(desk, values):
    asked = {"image": {"guidance": 9.0, "loras": {"noir": 1.0}}}
    made = replace(values, engines={"image": "stable-diffusion"}, options=asked)
    return desk.submit("", "", made)[1]


def drawing(stage: str = "keyframes") -> tuple[str, dict]:
    return "progress", {"stage": stage, "label": "Drawing", "done": 1, "total": 7, "eta_seconds": None}


def test_the_panel_is_there_while_pictures_are_drawn_and_says_what_holds(desk, job, worker):
    project = job.project.name
    follower = Follower(desk, project)
    assert follower.look().steering["fields"] == []
    worker(job, drawing("characters"))
    assert follower.look().steering["fields"] == []
    picture = job.project / ".studio" / "previews" / "keyframe-02.jpg"
    worker(job, drawing(), ("preview", {"stage": "keyframes", "path": str(picture)}))
    panel = follower.look().steering
    assert [field["name"] for field in panel["fields"]] == ["words", "negative_prompt", "guidance", "loras"]
    assert panel["values"] == {"words": "", "negative_prompt": "", "guidance": 9.0, "loras": {"noir": 1.0}}
    assert (panel["live"], panel["job"]) == (True, job.id)
    assert "keyframe-02.jpg" in panel["preview"]
    desk.steer(project, {"guidance": 3, "loras": {"noir": 1.0}, "words": "rain"})
    assert desk.studio._store.said(job.id) == {"guidance": 3, "words": "rain"}, "what is as set is none of it"
    assert follower.look().steering["values"]["guidance"] == 3
    desk.steer(project, {})
    assert follower.look().steering["values"]["guidance"] == 9.0
    worker(job, drawing("segments"))
    assert follower.look().steering["fields"] == []


def test_nothing_to_steer_is_shown_where_the_painter_draws(desk, values, worker):
    project, painted = desk.submit("", "", values)
    worker(painted, drawing())
    assert Follower(desk, project).look().steering["fields"] == []
    with pytest.raises(BadInput, match="without steps"):
        desk.steer(project, {"guidance": 3})


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"guidance": 99}, "image.guidance"), ({"steps": 3}, "image.steps"), ({"loras": {"lost": 1}}, "lost"),
     ({"words": 3}, "image.words"), ({"loras": {"noir": float("nan")}}, "image.loras.noir")],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_name_and_changes_nothing(desk, job, worker, changes, words):
    worker(job, drawing())
    with pytest.raises(BadInput, match=words):
        desk.steer(job.project.name, changes)
    assert desk.studio._store.said(job.id) == {}


def test_a_job_that_has_ended_is_not_steered(desk, job, worker):
    worker(job, drawing(), ("done", {"result": {}}))
    with pytest.raises(BadInput, match="done"):
        desk.studio.steer(job.id, {"guidance": 3})
    with pytest.raises(BadInput, match="being drawn"):
        desk.steer(job.project.name, {"guidance": 3})


def test_a_steered_picture_is_marked_and_gives_way_when_its_card_is_asked_to(desk, values, tmp_path):
    from studio.pipelines.listening import analyse_file
    from studio.settings import Limits

    project = desk.draft("Mine", values)
    home = desk.studio.projects.open(project)
    heard = analyse_file(write_song(tmp_path / "s.wav", seconds=6), 120.0, Limits())
    home.analysis.write_text(json.dumps(heard.to_json()))
    boards, song = Storyboards(desk), read_song(home.folder)
    request = desk.request(project)
    assert request is not None
    assert song is not None
    card = desk.studio.board(request, song)[2]
    for key in (card.key, "5eed"):
        image = Drawing(home.folder, key).image
        image.parent.mkdir(parents=True)
        image.write_bytes(b"picture")
        Versions(home.folder, 2).add(Version(key, card.planned.to_json()))
    Steered(home.folder).keep(card.key, "5eed", [Turn(9, 20, {"guidance": 3.0, "words": "<rain>"})])

    def shown() -> tuple[str, int, str]:
        view = boards.view(project, drawing=False)
        assert view is not None
        assert view.cards[2].picture is not None
        return view.cards[2].picture.version, view.cards[2].version, view.cards[2].steered

    steered = ("5eed", 2, "from step 9 of 20 with guidance 3, the words “<rain>”")
    assert shown() == steered
    assert "&lt;rain&gt;" in board_html(boards.view(project, drawing=False))
    board = boards.view(project, drawing=True)
    assert board is not None
    for index, shows in ((3, True), (2, False)):  # shot 3 has its picture
        rough = Coming(index, Picture(f".studio/previews/keyframe-{index + 1:02d}.jpg", "1"))
        assert (f"keyframe-{index + 1:02d}.jpg" in board_html(replace(board, coming=rough))) is shows
    boards.act(project, 2, "back", {})
    assert shown() == (card.key, 1, "")
    boards.act(project, 2, "forth", {})
    assert shown() == steered
    boards.act(project, 2, "plain", {})
    assert shown() == (card.key, 1, "")
    for view in ("a", "b"):
        Steered(home.folder).keep(f"f{view}", f"5eed{view}", [Turn(1, 20, {"guidance": 3.0})], of=card.key)
    assert shown() == (card.key, 1, "2 further views")
    boards.act(project, 2, "plain", {})
    assert shown() == (card.key, 1, "")
    assert Steered(home.folder).standing("fa") == "fa"
    Drawing(home.folder, "5eed").image.unlink()
    Steered(home.folder).show("5eed")
    assert shown() == (card.key, 1, ""), "a steered picture that has gone stands for nothing"
