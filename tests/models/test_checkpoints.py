"""Checkpoints in models/checkpoints become engines that can be chosen by name."""

from __future__ import annotations

from pathlib import Path

from studio.models.registry import Registry, load_registry
from studio.models.weights import WeightsShelf, read_items
from studio.settings import ROOT

PRESETS = ROOT / "presets"


def known(models: Path) -> Registry:
    return load_registry(PRESETS / "engines.yaml", shelf=WeightsShelf(read_items(PRESETS / "weights.yaml"), models))


def test_each_folder_and_file_is_an_engine_with_its_own_weights(tmp_path):
    folder = tmp_path / "checkpoints"
    for name in ("Dream Shaper", "no checkpoint", ".hidden"):
        (folder / name).mkdir(parents=True)
    (folder / "Dream Shaper" / "model_index.json").write_text("{}")
    (folder / ".hidden" / "model_index.json").write_text("{}")
    for name in ("dream-shaper.safetensors", "水彩.safetensors", "old.ckpt", f"{'x' * 200}.safetensors"):
        (folder / name).touch()
    registry = known(tmp_path)
    names = [card.name for card in registry.cards("image") if card.name.startswith("sd-")]
    assert names == ["sd-dream-shaper", "sd-dream-shaper-2", f"sd-{'x' * 56}", "sd-checkpoint"]
    folder_card, file_card, *_ = (registry.entry(f"image/{name}").card for name in names)
    assert registry.shelf is not None
    for card, place in ((folder_card, "Dream Shaper"), (file_card, "dream-shaper.safetensors")):
        assert registry.shelf.find(card.name) == folder / place
        weights = registry.shelf.weights(card.weights, card.extras, "float32")
        assert next(iter(weights.parts)) == card.name
        assert not card.default
        assert card.implementation.endswith(":StableDiffusion")
    assert registry.choose("image", None, substitutes=True)[0].name == "painter"


def test_without_any_only_the_published_one_is_known_and_offered_to_be_fetched(tmp_path):
    registry = known(tmp_path)
    card = registry.entry("image/stable-diffusion").card
    available, why = registry.availability(card)
    assert not available
    assert "stable-diffusion" in why
    assert registry.cards("image")[0].name == "painter"
    assert not any(each.name.startswith("sd-") for each in registry.cards("image"))
