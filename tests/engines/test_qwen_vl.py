"""Qwen2.5-VL as an engine: the real class at tiny size, loaded from the published files, describing real scenes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from studio.cancellation import CancelToken
from studio.contracts import SceneReading, WatchRequest, Weights
from studio.engines.language_models import EIGHT_BITS, FOUR_BITS, FULL, Hold, settled_hold, sound_length, tidied
from studio.engines.vision.embedded import EmbeddedVision
from studio.engines.vision.qwen_vl import RUNGS, QwenVl
from studio.engines.vision.qwen_vl_frames import Packing, fitted, pack, places, read_packing
from studio.engines.vision.qwen_vl_writer import Look, batch_for
from studio.engines.vision.stretches import FRAMES, borders, settled_borders
from studio.errors import Cancelled, LoadFailed
from tests.engines.tiny_qwen_vl import BLUE, COLOURS, RED, picture
from tests.engines.vision_samples import film, read, scenes_of


@pytest.fixture(scope="module")
def folder(tiny_qwen_vl: Path) -> Path:
    return tiny_qwen_vl


def engine_of(folder: Path, rung: int = 0, kind: type[QwenVl] = QwenVl) -> QwenVl:
    made = kind("qwen-vl", "cpu", rung, Weights({folder.name: folder}, folder.parent))
    made.warm_up()
    return made


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[QwenVl]:
    made = engine_of(folder)
    yield made
    made.close()


# ---- frames ----


@pytest.mark.parametrize("size", [(100, 140), (180, 320), (333, 91), (28, 28), (720, 1280), (57, 2000)])
def test_pictures_are_packed_as_the_library_packs_them(folder: Path, size: tuple[int, int]) -> None:
    from transformers import Qwen2VLImageProcessorPil

    image = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    limits = (64 * 784, 200 * 784)
    library = Qwen2VLImageProcessorPil.from_pretrained(str(folder), min_pixels=limits[0], max_pixels=limits[1])
    theirs = library(images=[Image.fromarray(image)], return_tensors="np")
    ours = pack([image, image], 0.5, read_packing(folder), limits)
    assert ours.grid == tuple(theirs["image_grid_thw"][0])
    assert float(np.abs(ours.pixels - theirs["pixel_values"]).max()) == 0.0


def test_frames_of_a_patch_are_neighbours_in_time_and_an_odd_one_stands_still() -> None:
    frames = [picture((10 * at, 0, 0), at, (56, 56)) for at in range(3)]
    odd, even = (pack(each, 1.0, Packing(), (784, 10**6)) for each in (frames, [*frames, frames[-1]]))
    assert odd.grid == (2, 4, 4)
    assert odd.seconds == 2.0
    assert np.array_equal(odd.pixels, even.pixels)
    values = odd.pixels.reshape(2, 16, 3, 2, 14, 14)
    assert len({float(values[t, :, 0, f].mean()) for t in range(2) for f in range(2)}) == 3


@pytest.mark.parametrize("size", [(1, 5000), (5000, 1), (3, 3)])
def test_a_lopsided_picture_is_taken_too(size: tuple[int, int]) -> None:
    height, width = fitted(*size, 28, (128 * 784, 256 * 784))
    assert height % 28 == width % 28 == 0
    assert min(height, width) >= 28
    assert pack([np.zeros((*size, 3), np.uint8)], 1.0, Packing(), (128 * 784, 256 * 784)).pixels.shape[1] == 1176


def test_places_in_time_are_those_the_network_was_trained_with(engine: QwenVl) -> None:
    describer = engine._describer
    assert describer is not None
    model, packing = describer.model, describer.packing
    frames = tuple(picture((90, 90, 90), at) for at in range(4))
    inputs = describer._inputs([Look(frames, 1.0), Look(frames[:2], 1.0)])
    theirs, _ = model.model.get_rope_index(
        inputs["input_ids"], inputs["mm_token_type_ids"], video_grid_thw=inputs["video_grid_thw"],
        second_per_grid_ts=inputs["second_per_grid_ts"], attention_mask=inputs["attention_mask"],
    )  # fmt: skip
    seen = inputs["attention_mask"].bool()
    assert torch.equal(inputs["position_ids"][1:, seen], theirs[:, seen])
    # by hand where the library rounds: 0.75 s to a grid, two places a second, text behind the furthest place
    packed = replace(pack(frames * 3, 0.375, packing, (4 * 784, 4 * 784)), grid=(6, 2, 2))
    told = places(np.array([0, 2, 2, 2, 2, 2, 2, 0, 0]), packed, packing, 2.0)
    assert told[0].tolist() == [0, 1, 2, 4, 5, 7, 8, 9, 10]
    assert told[1].tolist() == [0, 1, 1, 1, 1, 1, 1, 9, 10]


def test_what_kind_each_token_is_reaches_the_network(engine: QwenVl) -> None:
    describer = engine._describer
    assert describer is not None
    inputs = describer._inputs([Look((picture((90, 90, 90)),), 1.0)])
    kinds = inputs["mm_token_type_ids"][0]
    assert int((kinds == 2).sum()) == int(inputs["video_grid_thw"].prod()) // 4
    assert torch.equal(kinds == 2, inputs["input_ids"][0] == describer.model.config.video_token_id)


# ---- weights ----


def damaged(folder: Path, to: Path, change: str, layout: str) -> tuple[Path, str]:
    """A copy of `folder` whose shards name their keys in `layout`, one of them damaged; and that key's last part."""
    shutil.copytree(folder, to)
    index = json.loads((to / "model.safetensors.index.json").read_text())
    renamed, key = {}, "blocks.0.attn.qkv.weight"
    for shard in sorted(set(index["weight_map"].values())):
        state = {_named(name, layout): tensor for name, tensor in load_file(to / shard).items()}
        wanted = next((name for name in state if name.endswith(key)), "")
        if wanted and change == "missing":
            del state[wanted]
        elif wanted and change == "unexpected":
            state[wanted.replace("qkv", "stranger")] = torch.zeros(3)
        elif wanted and change == "wrongly shaped":
            state[wanted] = torch.zeros(3, 3)
        save_file(state, to / shard, metadata={"format": "pt"})
        renamed |= dict.fromkeys(state, shard)
    (to / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": renamed}))
    return to, key.replace("qkv", "stranger") if change == "unexpected" else key


def _named(key: str, layout: str) -> str:
    if layout == "old" or key.startswith("lm_head"):
        return key
    return f"model.{key}" if key.startswith("visual.") else f"model.language_model.{key.removeprefix('model.')}"


@pytest.mark.parametrize("layout", ["old", "new"])
def test_both_published_layouts_load_and_each_damaged_key_is_named(
    folder: Path, tmp_path: Path, layout: str, engine: QwenVl
) -> None:
    names = json.loads((folder / "model.safetensors.index.json").read_text())["weight_map"]
    assert any(name.startswith("visual.") for name in names)
    assert len(set(names.values())) > 2
    whole, _ = damaged(folder, tmp_path / "whole", "", layout)
    assert engine._describer is not None
    loaded = engine_of(whole)._describer
    assert loaded is not None
    ours, theirs = loaded.model.state_dict(), engine._describer.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    for change in ("missing", "unexpected", "wrongly shaped"):
        broken, key = damaged(folder, tmp_path / change, change, layout)
        with pytest.raises(LoadFailed, match=change) as caught:
            engine_of(broken)
        assert key in str(caught.value)


@pytest.mark.parametrize(
    "name", ["model-00002-of-*.safetensors", "tokenizer.json", "preprocessor_config.json", "config.json"]
)
def test_a_file_that_was_cut_off_or_is_gone_is_a_load_that_failed(folder: Path, tmp_path: Path, name: str) -> None:
    for size in (None, 30):
        broken = shutil.copytree(folder, tmp_path / f"broken{size}")
        path = next(broken.glob(name))
        body = path.read_bytes()
        path.unlink()
        if size:
            path.write_bytes(body[:size])
        elif name == "tokenizer.json":
            (broken / "vocab.json").unlink()
        with pytest.raises(LoadFailed, match=str(tmp_path)):
            engine_of(broken)


def test_quantized_weights_are_really_so_and_still_write(folder: Path) -> None:
    for rung, kind in ((1, "Linear8bitLt"), (2, "Linear4bit")):
        made = engine_of(folder, rung)
        assert made._describer is not None
        layers = [type(each).__name__ for each in made._describer.model.modules()]
        assert kind in layers
        visual = {type(each).__name__ for each in made._describer.model.model.visual.modules()}
        assert kind not in visual
        (text,) = made._describer.describe([Look((picture(COLOURS[RED]),), 1.0)], CancelToken(), lambda _: None)
        assert text.startswith("A ")
        made.close()


def test_eight_bits_stand_in_for_four_that_cannot_be_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    import bitsandbytes

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("no kernel for nf4 here")

    assert settled_hold(Hold(FOUR_BITS, "cpu")) == (Hold(FOUR_BITS, "cpu"), "")
    monkeypatch.setattr(bitsandbytes.nn.modules.Linear4bit, "forward", broken)
    hold, notice = settled_hold(Hold(FOUR_BITS, "cpu"))
    assert hold == Hold(EIGHT_BITS, "cpu")
    assert "no kernel for nf4 here" in notice
    monkeypatch.setattr(bitsandbytes.nn.modules.Linear8bitLt, "forward", broken)
    with pytest.raises(LoadFailed, match="no kernel"):
        settled_hold(Hold(FOUR_BITS, "cpu"))
    assert settled_hold(Hold(FULL, "cpu"))[1] == ""


# ---- several at once ----


class Roomy(QwenVl):
    """With the memory of a large card."""

    def free_bytes(self) -> float:
        return 10.0 * 2**30


class Uneven(Roomy):
    """Whose network gives others numbers for several rows than for one."""

    def warm_up(self) -> None:
        assert self._describer is not None

        def change(module: Any, given: Any, out: torch.Tensor) -> torch.Tensor:
            return out.roll(1, -1) if len(out) > 1 else out

        self._describer.model.lm_head.register_forward_hook(change)
        super().warm_up()


def test_as_many_at_once_as_memory_allows_and_each_alone_agrees_with(folder: Path) -> None:
    assert [batch_for(gib * 2**30) for gib in (3, 8, 16, 24, 70)] == [1, 5, 10, 20, 20]
    roomy = engine_of(folder, kind=Roomy)
    assert (roomy.batch, roomy.notices) == (5, ())
    assert engine_of(folder, rung=3, kind=Roomy).batch == 1
    uneven = engine_of(folder, kind=Uneven)
    assert uneven.batch == 1
    assert "1 at once" in uneven.notices[0]
    samples = film([(RED, 2), (BLUE, 2)])
    told = [described(read(one, samples)) for one in (roomy, uneven)]
    assert told[0] == told[1] == [(0.0, RED), (2.0, BLUE)]
    assert uneven.notices[0] in read(uneven, samples)[0].notices


# ---- reading ----


def described(readings: Sequence[SceneReading]) -> list[tuple[float, str]]:
    return [(scene.start, scene.description) for scene in scenes_of(readings)]


def test_scenes_are_those_of_the_embedded_reader_with_what_is_seen_in_them(engine: QwenVl) -> None:
    samples = film([(RED, 5), (BLUE, 4)])
    scenes = scenes_of(read(engine, samples, batch=4))
    plain = read(EmbeddedVision("embedded", "cpu"), samples, batch=4)
    assert [replace(each, description="", moments=()) for each in scenes] == scenes_of(plain)
    assert [each.description for each in scenes] == [RED, BLUE]


def test_a_long_scene_is_described_by_stretches_and_a_still_one_once(engine: QwenVl) -> None:
    calls: list[int] = []
    whole = engine.described

    def counted(looks: Any, request: Any, cancel: Any) -> list[str]:
        calls.append(len(looks))
        assert all(len(each.frames) <= FRAMES and each.step >= 0.5 for each in looks)
        return whole(looks, request, cancel)

    engine.described = counted  # type: ignore[method-assign]
    try:
        fading = [replace(each, picture=picture((210 - 6 * at, 30, 30 + 6 * at), 0)) for at, each
                  in enumerate(film([(RED, 30)]))]  # fmt: skip
        (scene,) = scenes_of(read(engine, fading, batch=7))
        assert sum(calls) == 4
        assert [each.start for each in scene.moments] == sorted(each.start for each in scene.moments)
        assert scene.moments[0].text == RED
        assert scene.moments[-1].text == BLUE
        assert scene.description.startswith(RED)
        assert {each.key_time for each in scene.moments} <= {each.time for each in fading}
        calls.clear()
        still = [replace(each, picture=picture(COLOURS[RED])) for each in film([(RED, 30)])]
        (scene,) = scenes_of(read(engine, still, batch=7))
        assert (sum(calls), scene.description, scene.moments) == (1, RED, ())
    finally:
        del engine.described


def test_an_open_scene_is_told_of_before_it_ends(engine: QwenVl) -> None:
    first, *_ = read(engine, film([(RED, 24)]), batch=14)
    assert first.scenes == ()
    assert first.open_scenes[0].description == RED


def test_words_are_heard_as_they_come_and_a_cancel_ends_within_a_few_tokens(engine: QwenVl) -> None:
    cancel, heard = CancelToken(), []

    def say(text: str) -> None:
        heard.append(text)
        if len(heard) == 3:
            cancel.cancel()

    with pytest.raises(Cancelled):
        list(engine.read(WatchRequest(iter(film([(RED, 3)])), 3.0, say=say), cancel))
    assert len(heard) == 3
    assert "".join(heard) == "A red kite"
    assert described(read(engine, film([(RED, 3)]))) == [(0.0, RED)]


def test_rungs_are_on_the_card() -> None:
    from studio.models.cards import read_cards
    from studio.settings import ROOT

    cards = {card.key: card for card in read_cards(ROOT / "presets" / "engines.yaml")}
    for key in ("vision/qwen-vl", "vision/qwen-vl-small"):
        assert len(cards[key].rungs) == len(RUNGS)


# ---- pieces ----


def test_borders_are_the_same_wherever_a_scene_is_found_to_end() -> None:
    assert borders(2, 5, 8) == [(2, 5)]
    assert borders(0, 10, 8) == [(0, 10)]
    assert borders(0, 11, 8) == [(0, 8), (8, 11)]
    for known in np.arange(0.5, 40, 0.37):
        for end in (known, known + 0.2, known + 7, known + 100):
            early = settled_borders(0.0, float(known), 8)
            assert borders(0.0, float(end), 8)[: len(early)] == early


def test_a_model_that_runs_away_is_heard_to() -> None:
    assert sound_length([1, 2, 3, 4, 5] * 2) == 10
    assert sound_length([9, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]) == 4
    assert sound_length([7] * 11) == 11
    assert sound_length([7] * 12) == 1
    assert sound_length([]) == 0
    assert tidied("One  thing\n is. Then ano", 400) == "One thing is."
    assert tidied("no end at all", 9) == "no end…"
    assert tidied("\x00\u202e", 10) == ""
