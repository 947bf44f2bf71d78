"""From the two sides' fields to a comparison, and from its file to what is shown of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from studio.errors import BadInput, EngineUnavailable
from tabs.music.comparing import moved_panels, project_panels, side_changes
from tabs.music.comparison_html import Titles, changes_of, comparison_html, read_comparison

SAME = ["", "", "", "", None, None]


@pytest.fixture
def desk(settings):
    """With a LoRA and a checkpoint in the model folder that can't run: they are chosen and asked all the same."""
    from studio.compose import Studio
    from tabs.music.desk import Desk

    models = settings.data / "models"
    for file in ("loras/noir.safetensors", "checkpoints/mine.safetensors"):
        (models / file).parent.mkdir(parents=True, exist_ok=True)
        (models / file).touch()
    return Desk(Studio(replace(settings, models=models)))


@pytest.fixture
def film(desk, values):
    asked = {"image": {"steps": 30}}
    project = desk.draft("Mine", replace(values, engines={"image": "stable-diffusion"}, options=asked))
    return desk.request(project)


def test_a_side_left_alone_is_the_project(desk, film):
    panels = project_panels(desk.studio, film, ["", ""])
    assert (panels[0]["engine"], panels[0]["values"]) == ("stable-diffusion", {"steps": 30})
    assert panels[1]["fields"] == []
    assert side_changes(film, SAME) == {}
    assert side_changes(film, [film.style, str(film.seed), "", "", *panels]) == {}
    assert side_changes(film, ["", " 7 ", "", "", *panels]) == {"seed": 7}


def test_each_side_has_its_own_engine_checkpoint_loras_and_steps(desk, film):
    panels = project_panels(desk.studio, film, ["", ""])
    moved = moved_panels(desk.studio, film, ["sd-mine", ""], panels)
    assert moved[0]["engine"] == "sd-mine"
    assert moved[0]["values"] == {"steps": 30}, "the checkpoint has the same option"
    assert moved[0]["title"].endswith("mine")
    moved[0]["values"] = {"steps": 8, "loras": {"noir": 0.5}, "few_step": "lcm"}
    changes = side_changes(film, ["woodcut", "", "sd-mine", "", *moved])
    assert changes["engines"] == {"image": "sd-mine"}
    assert changes["options"] == {"image": moved[0]["values"]}
    assert changes["style"] == "woodcut"
    assert side_changes(film, ["", "", "painter", "", *moved_panels(desk.studio, film, ["painter", ""], moved)]) == {
        "engines": {"image": "painter"},
        "options": {},
    }
    stale = side_changes(film, ["", "", "sd-mine", "", *panels])
    assert stale == {"engines": {"image": "sd-mine"}, "options": {}}, "another engine's panel counts for nothing"
    motion = moved_panels(desk.studio, film, ["", "stable-video"], panels)
    motion[1]["values"] = {"motion_bucket_id": 200}
    changed = side_changes(film, ["", "", "", "stable-video", *motion])
    assert changed["options"] == {"image": {"steps": 30}, "video": {"motion_bucket_id": 200}}


@pytest.mark.parametrize("seed", ["one", "-3", "1.5", "²"])
def test_a_seed_that_is_none_is_refused(film, seed):
    with pytest.raises(BadInput, match="--seed"):
        side_changes(film, ["", seed, *SAME[2:]])


def test_what_can_t_be_had_is_refused_before_anything_is_filmed(desk, film):
    project = film.project.name
    painted = {"engines": {"image": "painter"}, "options": {}}
    for changes, words in (
        ({"options": {"image": {"steps": 0}}}, "image.steps"),
        ({"options": {"image": {"loras": {"lost": 1}}}}, "noir"),
        ({**painted, "options": {"video": {"steps": 3}}}, "no options"),
    ):
        with pytest.raises(BadInput, match=words):
            desk.compare(project, painted, changes, 3)
    with pytest.raises(EngineUnavailable, match="models fetch"):
        desk.compare(project, painted, {"seed": 3}, 3)
    assert desk.jobs(project) == []
    job = desk.compare(project, painted, {**painted, "seed": 3}, 3)
    assert job.request["base"] == painted
    with pytest.raises(BadInput, match="song"):
        desk.compare("", {}, {"seed": 3}, 3)


def side(name: str, engine: str, options: dict, **more: object) -> dict:
    settings = {"style": "woodcut", "seed": 1, "fps": 24, "width": 512, "height": 512}
    settings |= {"engines": {"image": engine, "video": "parallax"}, "options": {"image": options}}
    return {"name": name, "clip": f"compare/{name}.mp4", "seconds": 4.0, "settings": settings, "device": "cpu", **more}


def test_what_differs_what_it_took_and_which_can_be_used_is_shown(desk, film):
    titles = Titles(
        {"woodcut": "Woodcut"}, {"image/painter": "Painter", "image/sd-mine": "SD: <mine>"}, desk.studio.options
    )
    asked = {"few_step": "lcm", "loras": {"noir": 0.5}}
    a = side("a", "painter", {}, changes={}, load_seconds=0.1, peak_memory_bytes=700_000_000)
    b = side("b", "sd-mine", asked, changes={"engines": {"image": "sd-mine"}}, load_seconds=9.0, peak_memory_bytes=0)
    path = film.project / "compare" / "comparison.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"moment": 4, "sides": [a, b]}))
    comparison = read_comparison(film.project)
    one, other = comparison_html("mine", comparison, titles).split("<figure")[1:]
    assert "Painter" in one
    assert "4.0 s of work, at most 700 MB in use on cpu" in one
    assert "data-use" not in one
    assert "SD: &lt;mine&gt;" in other
    for words in (
        "LCM, 4 to 8 steps",
        "noir 0.5",
        "<dd>6</dd>",
        "<dd>1.5</dd>",
        "after 9.0 s of loading",
        'data-use="b"',
    ):
        assert words in other
    assert "MB" not in other, "what was not measured is not shown"
    assert "Woodcut" not in one + other
    assert changes_of(comparison, "b") == {"engines": {"image": "sd-mine"}}
    assert changes_of(comparison, "c") == {}


def test_a_comparison_of_an_older_version_is_shown_too(desk):
    older = {
        "moment": 4,
        "changes": {"seed": 2},
        "version": "1",
        "sides": [side("a", "painter", {}), side("b", "painter", {})],
    }
    older["sides"][1]["settings"]["seed"] = 2
    shown = comparison_html("mine", older, Titles({}, {}, desk.studio.options))
    assert shown.count("<dt>Seed</dt>") == 2
    assert changes_of(older, "b") == {"seed": 2}
    assert changes_of(older, "a") == {}
