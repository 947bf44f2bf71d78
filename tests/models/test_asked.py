"""What may be asked of engines: the cards' own descriptions, held to what is on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.contracts.options import KINDS, Choice, Option, Schema
from studio.errors import BadInput, LoadFailed
from studio.models.asked import check_asked, check_live, fields_of
from studio.models.cards import EngineCard
from studio.models.registry import Registry, load_registry
from studio.models.weights import WeightsShelf, read_items
from studio.settings import ROOT


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """The studio's engines over a model folder with two LoRAs and a checkpoint in it."""
    for file in ("loras/noir.safetensors", "loras/oil paint.safetensors", "checkpoints/mine.safetensors"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    shelf = WeightsShelf(read_items(ROOT / "presets" / "weights.yaml"), tmp_path)
    return load_registry(ROOT / "presets" / "engines.yaml", shelf=shelf)


def card(registry: Registry, key: str) -> EngineCard:
    return registry.entry(key).card


def test_every_description_fits_what_a_page_draws_and_its_own_defaults(registry: Registry) -> None:
    described = [each for each in registry if each.options]
    assert {each.task for each in described} == {"image", "video"}
    for each in described:
        for option in registry.schema(each).options:
            assert option.kind in KINDS
            assert option.label
            assert not isinstance(option.default, bool) or option.kind == "flag"
            if option.default is not None and option.kind not in ("mix",):
                assert option.read("x", option.default) == option.default


def test_a_page_is_told_of_loras_and_of_what_must_be_fetched(registry: Registry) -> None:
    fields = {field["name"]: field for field in fields_of(registry, card(registry, "image/sd-mine"))}
    assert fields["loras"]["names"] == ["noir", "oil paint"]
    assert "compile" not in fields
    lacking = {choice["value"]: choice["missing"] for choice in fields["few_step"]["choices"]}
    assert lacking[""] == ""
    assert "lcm-lora-sd15" in lacking["lcm"]
    live = {field["name"] for field in fields_of(registry, card(registry, "image/sd-mine"), live=True)}
    assert live == {"words", "negative_prompt", "guidance", "loras"}
    assert fields_of(registry, card(registry, "image/painter")) == []


@pytest.mark.parametrize(
    ("values", "words"),
    [({"steps": 0}, "image.steps"), ({"stepz": 3}, "image.stepz"), ({"loras": {"lost": 1.0}}, "noir, oil paint"),
     ({"few_step": "lcm"}, "models fetch lcm-lora-sd15"), ({"prompt": "a whale"}, "an option out of"),
     ({"guidance": True}, "number"), ({"loras": {"noir": float("inf")}}, "image.loras.noir")],
)  # fmt: skip
def test_what_can_t_be_had_is_refused_by_name(registry: Registry, values: dict, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        check_asked(registry, card(registry, "image/stable-diffusion"), values)


def test_what_can_be_had_is_not(registry: Registry) -> None:
    asked = {"steps": 9, "loras": {"noir": 0.5}, "words": "film grain", "scheduler": "ddim"}
    check_asked(registry, card(registry, "image/stable-diffusion"), asked)
    check_asked(registry, card(registry, "video/stable-video"), {"motion_bucket_id": 200})
    check_live(registry, card(registry, "image/sd-mine"), {"guidance": 3, "loras": {"noir": 1}, "prompt": "a whale"})


@pytest.mark.parametrize("values", [{"steps": 9}, {"guidance": 0.5}, {"loras": {"lost": 1}}])
def test_what_can_t_be_changed_meanwhile_is_refused(registry: Registry, values: dict) -> None:
    with pytest.raises(BadInput, match=next(iter(values))):
        check_live(registry, card(registry, "image/stable-diffusion"), values)


def test_an_engine_without_options_takes_none(registry: Registry) -> None:
    with pytest.raises(BadInput, match="no options"):
        check_asked(registry, card(registry, "image/painter"), {"steps": 3})


def test_a_mode_brings_figures_of_its_own_and_what_is_said_beside_it_holds() -> None:
    fast = Choice("fast", "Fast", defaults={"steps": 4, "way": "short"}, without=("way",))
    mode = Option("mode", "choice", "Mode", "", choices=(Choice("", "Slow"), fast))
    way = Option("way", "text", "Way", "", most=9)
    schema = Schema("image", (mode, Option("steps", "whole", "Steps", 20, 1, 50), way))
    assert schema.read({}) == {}
    assert schema.read({"mode": "fast"}) == {"mode": "fast", "steps": 4, "way": "short"}
    assert schema.read({"steps": 6, "mode": "fast"})["steps"] == 6
    with pytest.raises(BadInput, match="no way beside mode=fast"):
        schema.read({"mode": "fast", "way": "long"})


def test_a_card_that_names_no_description_is_a_fault() -> None:
    registry = Registry()
    for name, options in (("one", "studio.checks:NAME"), ("two", "studio.engines.video.diffusion.options:OPTIONS")):
        one = EngineCard(name, "image", name, "tests:None", options=options)
        registry.register(one)
        with pytest.raises(LoadFailed, match=name):
            registry.schema(one)
