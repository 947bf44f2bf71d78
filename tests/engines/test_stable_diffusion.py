"""Stable Diffusion as it is loaded, held to every key, and run under the manager: real classes at tiny size."""

from __future__ import annotations

import json
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.contracts import Weights
from studio.engines.image.diffusion.checkpoint import Network, load_network
from studio.engines.image.stable_diffusion import StableDiffusion
from studio.errors import LoadFailed
from studio.models.cards import EngineCard
from studio.models.devices import cpu_device
from studio.models.manager import LeaseOptions, ManagerOptions, ModelManager
from studio.models.registry import Registry
from tests.engines import tiny_diffusion as tiny
from tests.engines.diffusion_samples import ITEM, asked, difference, load, paint


@pytest.fixture
def models(diffusion_models: Path) -> Path:
    return diffusion_models


@pytest.fixture
def engine(stable_diffusion: StableDiffusion) -> StableDiffusion:
    return stable_diffusion


# ---- loading ----------------------------------------------------------------------------------------------


def states(network: Network) -> dict[str, torch.Tensor]:
    parts = {"unet": network.unet, "vae": network.vae, "text": network.text_encoder}
    return {f"{part}.{name}": value for part, module in parts.items() for name, value in module.state_dict().items()}


@pytest.mark.parametrize("layout", ["pickles", "fp16 variant", "one file"])
def test_every_layout_gives_the_same_network(models: Path, layout: str, tmp_path: Path) -> None:
    wanted = states(load_network(models / ITEM, (), torch.float32))
    path = models / "checkpoints" / "one.safetensors"
    if layout != "one file":
        path = tmp_path / "checkpoint"
        shutil.copytree(models / ITEM, path)
        tiny.to_pickles(path) if layout == "pickles" else tiny.to_half(path)
    network = load_network(path, (models / ITEM / "tokenizer",), torch.float32)
    found = states(network)
    assert found.keys() == wanted.keys()
    exact = layout != "fp16 variant"
    for name, value in wanted.items():
        assert torch.allclose(found[name], value, rtol=0, atol=0.0 if exact else 1e-3 * float(value.abs().max())), name
    assert network.unet.config["attention_head_dim"] == 8
    assert not network.unet.training


def test_one_file_draws_the_same_picture_and_says_what_it_lacks(models: Path, engine: StableDiffusion) -> None:
    one = models / "checkpoints" / "one.safetensors"
    weights = Weights({"sd-one": one, ITEM: models / ITEM}, models)
    other = StableDiffusion("sd-one", "cpu", 0, weights)
    other.parts.network.unet.register_to_config(sample_size=8)  # which a file doesn't say: 64 is the published one
    assert difference(paint(other, asked()), paint(engine, asked())) <= 1
    with pytest.raises(LoadFailed, match="clip-tokenizer"):
        StableDiffusion("sd-one", "cpu", 0, Weights({"sd-one": one}, models / "nowhere"))


def damage(path: Path, prefix: str, how: str) -> str:
    """Drops, renames or misshapes the last tensor under `prefix`; returns the name to be named."""
    state = load_file(path)
    name = sorted(name for name in state if name.startswith(prefix) and "position_ids" not in name)[-1]
    value = state.pop(name)
    if how == "rename":
        state[f"{prefix}stranger.weight"] = value
    elif how == "misshape":
        state[name] = torch.zeros(*value.shape, 2)
    save_file({each: tensor.contiguous() for each, tensor in state.items()}, path, metadata={"format": "pt"})
    return name.removeprefix(prefix).rsplit(".", 1)[-1]


COMPONENTS = {
    "unet": (f"{ITEM}/unet/diffusion_pytorch_model.safetensors", ""),
    "vae": (f"{ITEM}/vae/diffusion_pytorch_model.safetensors", ""),
    "text encoder": (f"{ITEM}/text_encoder/model.safetensors", ""),
    "taesd": ("taesd/diffusion_pytorch_model.safetensors", ""),
    "image encoder": ("ip-adapter-sd15/models/image_encoder/model.safetensors", ""),
    "ip-adapter": ("ip-adapter-sd15/models/ip-adapter_sd15.safetensors", "ip_adapter."),
    "one file's unet": ("checkpoints/one.safetensors", "model.diffusion_model."),
    "one file's vae": ("checkpoints/one.safetensors", "first_stage_model."),
    "one file's text encoder": ("checkpoints/one.safetensors", "cond_stage_model.transformer."),
}


@pytest.mark.parametrize("how", ["drop", "rename", "misshape"])
@pytest.mark.parametrize("component", COMPONENTS)
def test_one_wrong_tensor_is_refused_by_name(models: Path, tmp_path: Path, component: str, how: str) -> None:
    relative, prefix = COMPONENTS[component]
    for path in (ITEM, "taesd", "ip-adapter-sd15", "checkpoints"):
        shutil.copytree(models / path, tmp_path / path)
    end = damage(tmp_path / relative, prefix, how)
    single = component.startswith("one")
    checkpoint = tmp_path / (relative if single else ITEM)
    extras = {item: tmp_path / item for item in ("taesd", "ip-adapter-sd15")}
    weights = Weights({"checkpoint": checkpoint, ITEM: tmp_path / ITEM, **extras}, tmp_path)
    with pytest.raises(LoadFailed) as caught:
        StableDiffusion("checkpoint", "cpu", 0, weights)
    assert ("stranger.weight" if how == "rename" and single else end) in str(caught.value)


def _index(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / "model_index.json").write_text(json.dumps({"_class_name": name}))

    return change


def _width(folder: Path) -> None:
    config = json.loads((folder / "unet" / "config.json").read_text())
    (folder / "unet" / "config.json").write_text(json.dumps(config | {"cross_attention_dim": 1024}))


@pytest.mark.parametrize(
    ("change", "family"),
    [(_index("StableDiffusionXLPipeline"), "Stable Diffusion XL"), (_width, "Stable Diffusion 2"),
     (_index("StableDiffusionInpaintPipeline"), "inpainting")],
)  # fmt: skip
def test_a_folder_of_another_family_is_refused_in_words(
    models: Path, tmp_path: Path, change: Callable[[Path], None], family: str
) -> None:
    shutil.copytree(models / ITEM, tmp_path / ITEM)
    change(tmp_path / ITEM)
    with pytest.raises(LoadFailed, match=family):
        load(tmp_path)


@pytest.mark.parametrize(
    ("tensor", "family"),
    [("conditioner.embedders.0.transformer.x", "Stable Diffusion XL"), ("cond_stage_model.model.x",
        "Stable Diffusion 2"),
     ("model.diffusion_model.joint_blocks.0.x", "Stable Diffusion 3"), ("lora_unet_x.lora_up.weight", "loras"),
     ("x", "no Stable Diffusion checkpoint")],
)  # fmt: skip
def test_a_file_of_another_family_is_refused_in_words(tmp_path: Path, tensor: str, family: str) -> None:
    path = tmp_path / "other.safetensors"
    save_file({tensor: torch.zeros(4, 4)}, path)
    with pytest.raises(LoadFailed, match=family):
        load_network(path, (), torch.float32)


# ---- under the manager ------------------------------------------------------------------------------------

CARD = EngineCard(
    name="stable-diffusion",
    task="image",
    title="Stable Diffusion",
    implementation="studio.engines.image.stable_diffusion:StableDiffusion",
    rungs=("batch", "slices", "offload", "384", "256"),
    memory=(0,) * 5,
)


class Allocations:
    """Lets memory run out at the `number`-th computation, counted over every network of every engine made."""

    def __init__(self, models: Path, number: int) -> None:
        self._models, self._left, self.engines = models, number, []

    @property
    def met(self) -> bool:
        return self._left <= 0

    def make(self, name: str, device: str, rung: int) -> StableDiffusion:
        engine = load(self._models, rung=rung)
        network = engine.parts.network
        for module in (network.unet, network.text_encoder, network.vae.encoder, network.vae.decoder):
            module.register_forward_pre_hook(self._allocate)
        self.engines.append((rung, weakref.ref(network.unet)))
        return engine

    def _allocate(self, *_: object) -> None:
        self._left -= 1
        if self._left == 0:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")


def test_memory_running_out_anywhere_is_met_one_rung_lower(models: Path) -> None:
    number, met = 0, True
    request = asked(characters=1, steps=1)
    while met:
        number += 1
        allocations, notices = Allocations(models, number), []
        registry = Registry()
        registry.register(CARD, allocations.make)
        manager = ModelManager(registry, cpu_device(), ManagerOptions(ram_bytes=0))
        options = LeaseOptions(notify=notices.append)
        picture = manager.run(CARD.key, options, lambda engine: paint(engine, request))
        met = allocations.met
        rungs = [rung for rung, _ in allocations.engines]
        assert picture.shape == (64, 64, 3)
        assert rungs == ([0, 1] if met else [0])
        assert len(notices) == int(met)
        assert allocations.engines[0][1]() is None or not met, "the engine that ran out is still there"
        manager.close()
    assert number > 5
