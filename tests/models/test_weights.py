"""Where weights are found: the model folder, a single file, the hub's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.errors import BadInput, NotFound
from studio.models.weights import WeightsItem, WeightsShelf, read_items
from studio.settings import ROOT, read_settings

SD = WeightsItem("sd", "SD", "OpenRAIL", "owner/sd", needs=("unet/*.safetensors", "vae/*.safetensors"), single=True)


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def test_an_item_is_there_only_when_it_is_whole(tmp_path):
    shelf = WeightsShelf([SD], tmp_path)
    assert shelf.find("sd") is None
    assert shelf.missing("sd") == "its weights sd are missing"
    fill(tmp_path / "sd", "unet/a.safetensors")
    assert "has no vae/*.safetensors" in shelf.missing("sd")
    fill(tmp_path / "sd", "vae/a.safetensors")
    assert shelf.find("sd") == tmp_path / "sd"
    assert shelf.missing("sd") == ""


def test_what_is_missing_is_fetched_or_put_where_its_notice_says(tmp_path):
    own = WeightsItem("own", "Own", "MIT", notice="Put own.pt into models/own: no hub has it.", needs=("own.pt",))
    shelf = WeightsShelf([SD, own, WeightsItem("bare", "Bare", "MIT", needs=("a",))], tmp_path)
    assert shelf.remedy("sd", "stable-diffusion") == "fetch them with python -m studio models fetch stable-diffusion"
    assert shelf.remedy("own") == "put own.pt into models/own"
    assert shelf.remedy("bare") == f"put them into {tmp_path / 'bare'}"


def test_one_file_may_stand_for_the_folder(tmp_path):
    fill(tmp_path, "sd.safetensors", "other.safetensors")
    assert WeightsShelf([SD], tmp_path).find("sd") == tmp_path / "sd.safetensors"
    other = WeightsItem("other", "Other", "MIT", needs=("a",))
    assert WeightsShelf([other], tmp_path).find("other") is None


def test_what_another_program_fetched_is_found_at_the_branch_s_commit(tmp_path):
    stored = tmp_path / "hub" / "models--owner--sd"
    old, new = "a" * 40, "b" * 40
    for commit in (old, new):
        fill(stored / "snapshots" / commit, "unet/a.safetensors", "vae/a.safetensors")
    shelf = WeightsShelf([SD], tmp_path / "models", tmp_path / "hub")
    assert shelf.find("sd") is None, "no branch says which commit it is at"
    (stored / "refs").mkdir()
    (stored / "refs" / "main").write_text(new)
    assert shelf.find("sd") == stored / "snapshots" / new
    (stored / "refs" / "main").write_text("../../../../etc")
    assert shelf.find("sd") is None


def test_an_engine_gets_what_it_needs_and_the_extras_that_are_there(tmp_path):
    extra, absent = WeightsItem("taesd", "T", "MIT", needs=("a",)), WeightsItem("lcm", "L", "MIT", needs=("a",))
    shelf = WeightsShelf([SD, extra, absent], tmp_path)
    with pytest.raises(NotFound, match="sd are missing"):
        shelf.weights(["sd"], [], "float16")
    fill(tmp_path, "sd.safetensors", "taesd/a")
    given = shelf.weights(["sd"], ["taesd", "lcm"], "float16")
    assert dict(given.parts) == {"sd": tmp_path / "sd.safetensors", "taesd": tmp_path / "taesd"}
    assert (given.folder, given.precision) == (tmp_path, "float16")
    with pytest.raises(NotFound, match=r"sd \| taesd \| lcm"):
        shelf.item("nothing")


def test_every_item_that_a_card_names_is_described():
    items = {item.name: item for item in read_items(ROOT / "presets" / "weights.yaml")}
    from studio.models.registry import load_registry

    for card in load_registry(ROOT / "presets" / "engines.yaml"):
        for name in (*card.weights, *card.extras):
            assert items[name].licence
            assert items[name].size_bytes > 0 or not items[name].repository


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[1]", "a mapping of name to fields"),
        ("sd: 5", "a mapping of fields"),
        ("sd: {title: A}", "an item with `licence`"),
        ("sd: {title: A, licence: B, colour: red}", "one of title"),
        ("sd: {title: A, licence: B, size_bytes: true}", "sd size_bytes"),
        ("sd: {title: A, licence: B, repository: nowhere}", "owner/name"),
        ("sd: {title: A, licence: B, files: ['../x']}", "patterns of files within"),
        ("Sd: {title: A, licence: B}", "lower-case"),
        ("sd: {{{", "a readable YAML file"),
    ],
)
def test_an_item_that_makes_no_sense_is_refused_in_words(tmp_path, text, complaint):
    (tmp_path / "weights.yaml").write_text(text)
    with pytest.raises(BadInput, match=complaint):
        read_items(tmp_path / "weights.yaml")


def test_the_hub_s_own_variables_are_respected(tmp_path):
    assert read_settings(tmp_path, {"HF_HOME": "/big/hf"}).hub == Path("/big/hf/hub")
    assert read_settings(tmp_path, {"HF_HOME": "/big/hf", "HF_HUB_CACHE": "/fast/hub"}).hub == Path("/fast/hub")
    assert read_settings(tmp_path, {"KINORA_MODELS": str(tmp_path / "m")}).models == tmp_path / "m"
