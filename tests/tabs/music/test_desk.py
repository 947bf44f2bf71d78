from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.errors import BadInput
from tabs.music.form import FormValues


def test_a_draft_is_listed_and_comes_back_as_it_was(desk, values):
    project = desk.draft("Demo", values)
    (entry,) = desk.entries()
    assert (entry.id, entry.title, entry.state, entry.poster) == (project, "Demo", "", None)
    again = desk.values(project)
    assert again.song.read_bytes() == values.song.read_bytes()
    assert replace(again, song=values.song, characters=values.characters) == values


def test_a_submitted_project_shows_its_job(desk, values, worker):
    project, job = desk.submit("", "", values)
    (entry,) = desk.entries()
    assert (entry.title, entry.id) == ("My first song", project)
    assert desk.job(project).id == job.id
    worker(job, ("done", {"result": {}}))
    assert desk.entries()[0].state == "done"
    assert json.loads((desk.studio.projects.folder(project) / "project.json").read_text())["job"] == job.id
    assert desk.values(project).prompt == values.prompt


def test_without_a_worker_an_active_job_is_called_interrupted(desk, values):
    desk.submit("", "", values)
    assert desk.entries()[0].state == "interrupted"


def test_a_refusal_leaves_no_project_behind(desk, values, tmp_path):
    text = tmp_path / "text.mp3"
    text.write_text("no song")
    for bad in (replace(values, song=text), replace(values, characters=()), FormValues()):
        with pytest.raises(BadInput):
            desk.submit("", "A film", bad)
    assert desk.entries() == []
    assert not any(desk.studio.settings.projects.iterdir())


def test_a_refusal_keeps_the_project_that_was_there(desk, values, tmp_path):
    project = desk.draft("Mine", values)
    with pytest.raises(BadInput):
        desk.submit(project, "", replace(values, characters=()))
    assert [entry.id for entry in desk.entries()] == [project]


def test_a_damaged_project_is_listed_as_such(desk, values):
    project = desk.draft("Mine", values)
    (desk.studio.projects.folder(project) / "project.json").write_text("{")
    assert desk.entries()[0].state == "damaged"
    assert desk.values(project) == FormValues()
