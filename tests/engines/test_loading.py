"""Weights read strictly: damaged, missing, unexpected and wrongly shaped ones are named, and code is never run."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from diffusers import AutoencoderKL
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel

from studio.engines.loading import load_strictly, pretrained, read_state, torch_dtype, weights_file
from studio.errors import LoadFailed


@pytest.fixture
def vae(tmp_path: Path) -> Path:
    blocks = {"down_block_types": ["DownEncoderBlock2D"] * 2, "up_block_types": ["UpDecoderBlock2D"] * 2}
    AutoencoderKL(block_out_channels=(8, 8), norm_num_groups=4, **blocks).save_pretrained(tmp_path / "vae")
    return tmp_path / "vae"


@pytest.fixture
def text_encoder(tmp_path: Path) -> Path:
    config = CLIPTextConfig(
        vocab_size=50, hidden_size=16, intermediate_size=16, num_attention_heads=2, num_hidden_layers=1
    )
    CLIPTextModel(config).save_pretrained(tmp_path / "text")
    return tmp_path / "text"


def change(folder: Path, how: str) -> str:
    """Damages one tensor of the folder's weights; returns its name."""
    path = next(folder.glob("*.safetensors"))
    state = load_file(path)
    name = sorted(state)[-1]
    if how == "missing":
        del state[name]
    elif how == "unexpected":
        state["stranger.weight"], name = torch.zeros(3), "stranger.weight"
    else:
        state[name] = torch.zeros(*state[name].shape, 2)
    save_file(state, path, metadata={"format": "pt"})
    return name


@pytest.mark.parametrize("how", ["missing", "unexpected", "wrongly shaped"])
@pytest.mark.parametrize(("source", "kind"), [("vae", AutoencoderKL), ("text_encoder", CLIPTextModel)])
def test_both_libraries_are_held_to_every_key(source, kind, how, request):
    folder = request.getfixturevalue(source)
    model = pretrained(kind, folder, torch.float16)
    assert next(model.parameters()).dtype == torch.float16
    assert not model.training
    name = change(folder, how)
    with pytest.raises(LoadFailed) as caught:
        pretrained(kind, folder, torch.float32)
    assert name in str(caught.value)


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}"])
@pytest.mark.parametrize(("source", "kind"), [("vae", AutoencoderKL), ("text_encoder", CLIPTextModel)])
def test_without_its_configuration_no_network_is_built(source, kind, content, request):
    folder = request.getfixturevalue(source)
    (folder / "config.json").unlink()
    if content is not None:
        (folder / "config.json").write_text(content)
    with pytest.raises(LoadFailed, match=r"config\.json"):
        pretrained(kind, folder, torch.float32)


@pytest.mark.parametrize("cut", [0, 5, 300, -1])
def test_a_file_that_was_cut_off_is_refused(vae, cut):
    path = next(vae.glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(LoadFailed, match=str(vae)):
        pretrained(AutoencoderKL, vae, torch.float32)
    with pytest.raises(LoadFailed, match=r"can't be read|neither"):
        read_state(path)


@pytest.mark.parametrize("how", ["missing", "unexpected", "wrongly shaped"])
def test_a_module_of_our_own_is_held_to_every_key_and_left_alone(how, tmp_path):
    module, other = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    before = module.weight.detach().clone()
    save_file(other.state_dict(), tmp_path / "m.safetensors")
    name = change(tmp_path, how)
    with pytest.raises(LoadFailed, match=name):
        load_strictly(module, read_state(tmp_path / "m.safetensors"), tmp_path)
    assert torch.equal(module.weight, before)
    load_strictly(module, other.state_dict(), tmp_path)
    assert torch.equal(module.weight, other.weight)


def test_a_pickle_is_read_as_tensors_only_whatever_it_is_called(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "m.safetensors")
    assert read_state(tmp_path / "m.safetensors")["a"].sum() == 2
    torch.save({"state_dict": {"a": torch.ones(3)}, "epoch": 3}, tmp_path / "c.ckpt")
    assert read_state(tmp_path / "c.ckpt")["a"].sum() == 3

    class Bomb:
        def __reduce__(self):
            return Path.touch, (tmp_path / "went off",)

    for content in (pickle.dumps({"a": Bomb()}), pickle.dumps([1, 2])):
        (tmp_path / "bomb.pth").write_bytes(content)
        with pytest.raises(LoadFailed):
            read_state(tmp_path / "bomb.pth")
    torch.save({"a": Bomb()}, tmp_path / "bomb.pth")
    with pytest.raises(LoadFailed):
        read_state(tmp_path / "bomb.pth")
    assert not (tmp_path / "went off").exists()
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(LoadFailed, match="neither"):
        read_state(tmp_path / "text.pth")


def test_a_safetensors_file_that_begins_as_a_pickle_does_is_none(tmp_path):
    path = tmp_path / "m.safetensors"
    for length in range(300):  # one header in 32 is of a length whose first byte is 0x80
        save_file({"a" * (length + 1): torch.ones(2)}, path)
        if path.read_bytes()[0] == 0x80:
            break
    assert path.read_bytes()[0] == 0x80
    assert next(iter(read_state(path).values())).sum() == 2


def test_safetensors_go_before_pickles(tmp_path):
    with pytest.raises(LoadFailed, match=r"no unet\.safetensors"):
        weights_file(tmp_path, "unet")
    (tmp_path / "unet.pth").touch()
    assert weights_file(tmp_path, "unet").suffix == ".pth"
    (tmp_path / "unet.safetensors").touch()
    assert weights_file(tmp_path, "unet").suffix == ".safetensors"


def test_precisions_by_name():
    assert torch_dtype("bfloat16") is torch.bfloat16
