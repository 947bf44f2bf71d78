"""What clicks on the cards do, on real projects whose song was really heard and whose pictures are files."""

from __future__ import annotations

import json

import pytest

from studio.errors import BadInput
from studio.pipelines.drawings import Drawing
from studio.pipelines.listening import analyse_file
from studio.settings import Limits
from studio.store.versions import Version, Versions
from tabs.music.board_html import board_html
from tabs.music.live import Follower
from tabs.music.storyboard import Storyboards


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    from tests.samples import write_song

    return analyse_file(write_song(tmp_path_factory.mktemp("heard") / "s.wav", seconds=6), 120.0, Limits())


@pytest.fixture
def project(desk, values, heard):
    name = desk.draft("Mine", values)
    desk.studio.projects.open(name).analysis.write_text(json.dumps(heard.to_json()))
    return name


def draw(desk, project) -> None:
    """Plays the worker's part: every card's picture is there, and is its first version."""
    from studio.pipelines.board import read_board
    from tabs.music.storyboard import read_song

    folder, request = desk.studio.projects.folder(project), desk.request(project)
    for card in read_board(request, read_song(folder), desk.studio.styles(), desk.studio.registry):
        image = Drawing(folder, card.key).image
        image.parent.mkdir(parents=True, exist_ok=True)
        image.write_bytes(b"picture")
        Versions(folder, card.planned.shot.index).add(Version(card.key, card.planned.to_json()))


def test_seven_cards_stand_there_as_soon_as_the_song_is_heard(desk, project, values):
    boards = Storyboards(desk)
    assert boards.view(desk.draft("Deaf", values), drawing=False) is None
    board = boards.view(project, drawing=False)
    assert len(board.cards) == 7
    assert all(card.picture is None and card.shot["prompt"] for card in board.cards)
    assert not board.drawn


def test_an_edit_is_kept_and_draws_nothing_before_the_first_drawing(desk, project):
    boards = Storyboards(desk)
    boards.act(project, 2, "edit", {"hour": "dawn", "prompt": "a quiet desert at dawn"})
    card = boards.view(project, drawing=False).cards[2]
    assert (card.shot["prompt"], card.shot["setting"], card.settled) == ("a quiet desert at dawn", ("desert",), True)
    assert desk.jobs(project) == []
    assert desk.request(project).shots[0]["index"] == 2


def test_redo_draws_and_versions_go_back_and_forth(desk, project):
    boards = Storyboards(desk)
    draw(desk, project)
    first = boards.view(project, drawing=False).cards[1]
    assert (first.version, first.versions, first.settled) == (1, 1, False)
    boards.act(project, 1, "redo", {})
    (job,) = desk.jobs(project)
    assert job.request["goal"] == "storyboard"
    redone = boards.view(project, drawing=True).cards[1]
    assert redone.drawing
    assert redone.shot["seed"] != first.shot["seed"]
    draw(desk, project)
    assert boards.view(project, drawing=False).cards[1].version == 2
    boards.act(project, 1, "back", {})
    back = boards.view(project, drawing=False).cards[1]
    assert (back.version, back.picture) == (1, first.picture)
    boards.act(project, 1, "forth", {})
    assert boards.view(project, drawing=False).cards[1].version == 2


def test_a_locked_shot_survives_another_look_and_sentence(desk, project, values):
    from dataclasses import replace

    boards = Storyboards(desk)
    draw(desk, project)
    before = boards.view(project, drawing=False).cards
    boards.act(project, 3, "lock", {})
    desk.keep(project, replace(desk.values(project), style="woodcut", prompt="a storm in the mountains"))
    after = boards.view(project, drawing=False).cards
    assert (after[3].picture, after[3].look) == (before[3].picture, before[3].look)
    assert after[2].picture is None
    assert after[2].look != before[2].look
    boards.act(project, 3, "unlock", {})
    assert boards.view(project, drawing=False).cards[3].picture is None


def test_a_refused_click_changes_nothing(desk, project):
    boards = Storyboards(desk)
    noted = desk.request(project)
    clicks = ((9, "redo", {}), (1, "explode", {}), (1, "edit", {"hour": 3}), (1, "edit", {"time": 99}))
    for index, act, changes in clicks:
        with pytest.raises(BadInput):
            boards.act(project, index, act, changes)
    assert desk.request(project) == noted


def test_another_song_starts_a_storyboard_of_its_own(desk, project, values, tmp_path):
    from dataclasses import replace

    from tests.samples import write_song

    Storyboards(desk).act(project, 2, "lock", {})
    assert desk.keep(project, desk.values(project)).shots
    other = write_song(tmp_path / "other.wav", seconds=4)
    assert desk.keep(project, replace(desk.values(project), song=other)).shots == ()


def test_the_markup_shows_hostile_prompts_as_text(desk, project):
    boards = Storyboards(desk)
    boards.act(project, 0, "edit", {"prompt": "\"><script>alert(1)</script> & 'quotes'"})
    markup = board_html(boards.view(project, drawing=False))
    assert "<script" not in markup
    assert markup.count('class="ks-card"') == 7


def test_the_page_sees_the_board_change(desk, project):
    follower = Follower(desk, project)
    assert len(follower.look().board.cards) == 7
    Storyboards(desk).act(project, 5, "lock", {})
    assert follower.look().board.cards[5].settled


def test_a_newer_drawing_overtakes_one_that_waits(desk, project):
    draw(desk, project)
    boards = Storyboards(desk)
    desk.submit(project, "", desk.values(project), "storyboard")
    waiting = desk.job(project)
    # the queue has no worker here: seen from the page it waits for one
    assert waiting.active
    boards.act(project, 1, "redo", {})
    assert len(desk.jobs(project)) == 2
