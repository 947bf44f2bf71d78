from __future__ import annotations

import subprocess
import sys

import pytest

from studio.contracts import Engine, Weights
from studio.errors import BadInput, EngineUnavailable, LoadFailed, NotFound
from studio.models.registry import Registry, load_registry
from studio.models.weights import WeightsItem, WeightsShelf
from studio.settings import ROOT
from tests.models.fakes import card

CARDS = ROOT / "presets" / "engines.yaml"


class Plugin(Engine):
    task = "image"


class Weighty(Plugin):
    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        self.weights = weights


def no_gpu() -> str:
    """A card's check."""
    return "it needs a moon phase"


def test_the_built_in_engines_are_there_and_embedded():
    registry = load_registry(CARDS)
    assert {"image/painter", "video/parallax", "cutout/u2net"} <= {each.key for each in registry}
    for task in ("image", "video", "cutout"):
        chosen, notice = registry.choose(task, None, substitutes=False)
        assert chosen.embedded
        assert chosen.default
        assert set(chosen.devices) == {"cpu", "cuda", "mps"}
        assert notice is None
        assert registry.availability(chosen) == (True, "")


def test_choosing_imports_nothing_heavy():
    program = f"""
import sys
from pathlib import Path
from studio.models.registry import load_registry
registry = load_registry(Path({str(CARDS)!r}))
for card in registry:
    registry.availability(card)
    registry.choose(card.task, card.name, True)
heavy = {{"torch", "cv2", "skia", "numpy", "scipy", "av", "gradio", "librosa"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, timeout=60)


def test_a_plugin_comes_in_by_the_same_hook():
    registry = load_registry(CARDS)
    registry.register(card("mine"), Plugin)
    chosen, _ = registry.choose("image", "mine", substitutes=False)
    engine = registry.entry(chosen.key).create("cpu", 0)
    assert (type(engine), engine.name, engine.device, engine.rung) == (Plugin, "mine", "cpu", 0)
    with pytest.raises(BadInput, match="a name not yet taken"):
        registry.register(card("mine"), Plugin)


def test_an_implementation_that_is_no_engine_of_the_task_does_not_load():
    registry = Registry()
    registry.register(card("mine", task="video"), Plugin)
    with pytest.raises(LoadFailed, match="is no video engine"):
        registry.entry("video/mine").create("cpu", 0)


def test_unknown_names_are_refused_with_what_there_is():
    registry = load_registry(CARDS)
    with pytest.raises(BadInput, match="--engine: 'image=foo' is not accepted: accepted is image=painter") as caught:
        registry.choose("image", "foo", substitutes=True)
    assert caught.value.parameter == "--engine"
    with pytest.raises(BadInput, match=r"'poem='.*a task out of image, video, cutout"):
        registry.choose("poem", None, substitutes=True)
    with pytest.raises(NotFound, match="image/painter"):
        registry.entry("image/foo")


@pytest.mark.parametrize(
    ("needs", "why"),
    [
        ({"requires": ("no_such_package_at_all",)}, "the Python package no_such_package_at_all is missing"),
        ({"requires": ("yaml.no_such_part",)}, "the Python package yaml.no_such_part is missing"),
        ({"requires": ("nowhere.part",)}, "the Python package nowhere.part is missing"),
        ({"libraries": ("libnosuchthing.so.9",)}, "the system library libnosuchthing.so.9 is missing"),
        ({"weights": ("sd15",)}, "its weights sd15 are missing and no model folder is known"),
        ({"devices": ("cuda",)}, "it needs cuda and this worker runs on cpu"),
        ({"check": f"{__name__}:no_gpu"}, "it needs a moon phase"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_substituted_silently(needs, why, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    registry = Registry(device="cpu")
    wanted = card("wanted", default=True, **needs)
    registry.register(wanted, Plugin)
    available, said = registry.availability(wanted)
    assert not available
    assert why in said
    with pytest.raises(EngineUnavailable, match="image/wanted can't run here"):
        registry.choose("image", "wanted", substitutes=True)
    registry.register(card("other"), Plugin)
    with pytest.raises(EngineUnavailable, match="image/wanted can't run here"):
        registry.choose("image", None, substitutes=False)
    chosen, notice = registry.choose("image", None, substitutes=True)
    assert chosen.name == "other"
    assert notice == f"image/wanted can't run here: {said}; image/other is used instead"


def test_weights_in_the_model_folder_make_an_engine_available_and_reach_it(tmp_path):
    shelf = WeightsShelf([WeightsItem("sd15", "SD", "MIT", "owner/sd15", needs=("unet/*.safetensors",))], tmp_path)
    registry = Registry("cpu", shelf)
    wanted = card("wanted", weights=("sd15",), implementation=f"{__name__}:Weighty")
    registry.register(wanted)
    assert "sd15 are missing; fetch them with python -m studio models fetch wanted" in registry.availability(wanted)[1]
    (tmp_path / "sd15" / "unet").mkdir(parents=True)
    assert "has no unet/*.safetensors" in registry.availability(wanted)[1]
    (tmp_path / "sd15" / "unet" / "model.safetensors").write_bytes(b"")
    assert registry.availability(wanted) == (True, "")
    engine = registry.entry(wanted.key).create("cpu", 0)
    assert engine.weights == Weights({"sd15": tmp_path / "sd15"}, tmp_path, "float32")


def test_a_second_gpu_counts_as_cuda():
    registry = Registry(device="cuda:1")
    assert registry.availability(card("a", devices=("cuda",)))[0]


@pytest.mark.parametrize(
    ("yaml", "complaint"),
    [
        ("image: [1, 2]", "a mapping of task to name to fields"),
        ("image: {a: 5}", "a mapping of fields"),
        ("image: {a: {title: A}}", "a card with `implementation`"),
        ("image: {a: {title: A, implementation: 'no colon'}}", "package.module:name"),
        ("image: {a: {title: A, implementation: 'a:B', colour: red}}", "one of title"),
        ("image: {a: {title: A, implementation: 'a:B', concurrency: true}}", "is not accepted"),
        ("image: {a: {title: A, implementation: 'a:B', concurrency: 0}}", "a whole number from 1"),
        ("image: {a: {title: A, implementation: 'a:B', devices: [tpu]}}", "some of cpu, cuda, mps"),
        ("image: {a: {title: A, implementation: 'a:B', rungs: [full, half], memory: [1, 2]}}", "never rise"),
        ("image: {a: {title: A, implementation: 'a:B', rungs: [full, half], memory: [1]}}", "one figure a rung"),
        ("image: {A B: {title: A, implementation: 'a:B'}}", "lower-case"),
        ("image: {a: {title: A, implementation: 'a:B', requires: [1]}}", "image/a requires"),
        ("image: {{{", "a readable YAML file"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused_in_words(tmp_path, yaml, complaint):
    file = tmp_path / "engines.yaml"
    file.write_text(yaml)
    with pytest.raises(BadInput, match=complaint.replace("[", r"\[")):
        load_registry(file)
