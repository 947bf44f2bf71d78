"""MuseTalk's weights: damaged, hostile and foreign files are refused by name, and what was loaded goes again."""

from __future__ import annotations

import json
import pickle
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.cancellation import CancelToken
from studio.contracts import LipSyncRequest, Sound, Weights
from studio.engines.lip_sync.musetalk.engine import MuseTalk
from studio.engines.lip_sync.musetalk.networks import EFFORTS, MouthPainter
from studio.errors import LoadFailed
from tests.engines.drawn_faces import portrait, syllables


@pytest.fixture(scope="module")
def weights(musetalk_weights: Weights) -> Weights:
    return musetalk_weights


@pytest.fixture
def copied(weights: Weights, tmp_path: Path) -> Weights:
    """Weights that may be damaged."""
    return Weights(
        {name: Path(shutil.copytree(path, tmp_path / name)) for name, path in weights.parts.items()}, tmp_path
    )


def first_frame(engine: MuseTalk) -> np.ndarray:
    sound = Sound(syllables(0.2, 16_000), 16_000)
    return next(
        engine.animate(LipSyncRequest(portrait(200), sound, Fraction(25), 1, np.ones(1), motion=0.0), CancelToken())
    )


def test_closed_it_goes_as_it_came(weights: Weights) -> None:
    made = MuseTalk("musetalk", "cpu", 3, weights)
    before = first_frame(made)
    assert made.leave_device()
    made.enter_device()
    made.reset()
    assert made.residue() == ""
    assert np.array_equal(first_frame(made), before)


def unet_of(weights: Weights) -> Path:
    return weights.parts["musetalk-v15"] / "musetalkV15" / "unet.pth"


@pytest.mark.parametrize("how", ["missing", "unexpected", "wrongly shaped"])
def test_a_damaged_network_is_refused_by_the_name_of_its_key(copied: Weights, how: str) -> None:
    state = torch.load(unet_of(copied), weights_only=True)
    name = "mid_block.resnets.0.conv1.weight"
    if how == "missing":
        state["mid_block.renamed"] = state.pop(name)
    elif how == "unexpected":
        name = "stranger.weight"
        state[name] = torch.zeros(2)
    else:
        state[name] = torch.zeros(3, 3)
    torch.save(state, unet_of(copied))
    with pytest.raises(LoadFailed, match=name):
        MuseTalk("musetalk", "cpu", 3, copied)


@pytest.mark.parametrize("part", ["sd-vae-ft-mse/diffusion_pytorch_model", "whisper-tiny/model"])
def test_damaged_helpers_are_refused_by_the_name_of_their_key(copied: Weights, part: str) -> None:
    path = copied.folder / f"{part}.safetensors"
    state = load_file(path)
    name = next(key for key in sorted(state) if key.startswith(("decoder.conv_in", "model.encoder.conv1")))
    del state[name]
    save_file(state, path, metadata={"format": "pt"})
    with pytest.raises(LoadFailed, match=name.removeprefix("model.")):
        MuseTalk("musetalk", "cpu", 3, copied)


def test_no_code_of_a_file_runs(copied: Weights) -> None:
    class Bomb:
        def __reduce__(self) -> Any:
            return Path.touch, (copied.folder / "went off",)

    for body in (pickle.dumps({"a": Bomb()}), b"", unet_of(copied).read_bytes()[:5000]):
        unet_of(copied).write_bytes(body)
        with pytest.raises(LoadFailed, match="unet"):
            MuseTalk("musetalk", "cpu", 3, copied)
    torch.save({"a": Bomb()}, unet_of(copied))
    with pytest.raises(LoadFailed, match="unet"):
        MuseTalk("musetalk", "cpu", 3, copied)
    assert not (copied.folder / "went off").exists()


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("musetalk-v15/musetalkV15/musetalk.json", "{", "can't be read"),
        ("musetalk-v15/musetalkV15/musetalk.json", {"block_out_channels": "wide"}, "no network that can be built"),
        ("musetalk-v15/musetalkV15/musetalk.json", {"cross_attention_dim": 32}, "unet.pth"),
        ("whisper-tiny/preprocessor_config.json", {"feature_size": 128}, "no Whisper model"),
        ("whisper-tiny/preprocessor_config.json", "{", "preprocessor_config"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(copied: Weights, file: str, change: Any, said: str) -> None:
    path = copied.folder / file
    path.write_text(change if isinstance(change, str) else json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(LoadFailed, match=said):
        MuseTalk("musetalk", "cpu", 3, copied)


def test_a_whisper_of_another_width_is_refused(weights: Weights) -> None:
    with pytest.raises(LoadFailed, match="cross_attention_dim"):
        MouthPainter(weights, "cpu", EFFORTS[3], 512)


def test_safetensors_go_before_the_pickle_and_paint_the_same(copied: Weights, weights: Weights) -> None:
    save_file(torch.load(unet_of(copied), weights_only=True), unet_of(copied).with_suffix(".safetensors"))
    unet_of(copied).write_bytes(b"not read")
    one, two = (MuseTalk("musetalk", "cpu", 3, each) for each in (weights, copied))
    assert np.array_equal(first_frame(one), first_frame(two))
