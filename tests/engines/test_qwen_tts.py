"""Qwen3-TTS of the real classes at tiny size, as it is loaded: every key held to."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.engines.speech import qwen_package
from studio.engines.speech.qwen_codes import CodeDrawer
from studio.engines.speech.qwen_weights import Networks
from studio.errors import EngineUnavailable, LoadFailed
from tests.engines.tiny_qwen_tts import SIZE

TEXT = "Good morning, the boats are coming in now."
RATE = 24_000


@pytest.fixture
def folder(tiny_qwen_tts: Path) -> Path:
    return tiny_qwen_tts


@pytest.fixture
def engine(qwen_speech: Any) -> Any:
    return qwen_speech


def copied(folder: Path, target: Path) -> Path:
    """Links to the files, so that one can be replaced by a damaged one."""
    for path in folder.rglob("*"):
        if path.is_file():
            place = target / path.relative_to(folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(path.read_bytes())
    return target


# ---- the package ----


def test_the_package_leaves_no_stand_ins_behind(folder):
    speech_vq = sys.modules["qwen_tts.core.tokenizer_25hz.vq.speech_vq"]
    assert "sox" not in sys.modules
    assert not any(name.split(".")[0] == "torchaudio" for name in sys.modules)
    with pytest.raises(EngineUnavailable, match=r"sox.Transformer was asked for, and sox is missing"):
        speech_vq.sox.Transformer()
    with pytest.raises(EngineUnavailable, match="kaldi"):
        speech_vq.kaldi.fbank()


@pytest.mark.parametrize("found", ["4.57.3", "5.18.0", "5.23.0"])
def test_another_transformers_is_refused_in_words(found, monkeypatch):
    assert qwen_package.unavailable() == ""
    monkeypatch.setattr(qwen_package, "version", lambda _: found)
    assert found in qwen_package.unavailable()
    with pytest.raises(EngineUnavailable, match=rf"transformers 5\.17 only, and {found}"):
        qwen_package.imported("qwen_tts.core.models")


# ---- loading ----


def test_every_tensor_of_the_files_is_in_the_networks(folder, engine):
    networks = engine._networks
    parts = ((networks.tts.model, folder), (networks.tts.model.speech_tokenizer.model, folder / "speech_tokenizer"))
    for model, place in parts:
        state = load_file(place / "model.safetensors")
        own = model.state_dict()
        assert own.keys() == state.keys()
        assert all(torch.equal(own[name], state[name]) for name in state)
        assert not any(value.is_meta for value in (*model.parameters(), *model.buffers()))
    # what is not in the files: newer transformers would take a base of 10,000 for the published 1,000,000
    talker = networks.talker
    for rotary in (talker.model.rotary_emb, talker.code_predictor.model.rotary_emb):
        assert torch.allclose(rotary.inv_freq, 1e6 ** (-torch.arange(0, 16, 2) / 16))


@pytest.mark.parametrize(
    ("part", "key", "how"),
    [
        (".", "talker.model.layers.1.mlp.up_proj.weight", "missing"),
        (".", "talker.code_predictor.lm_head.2.weight", "wrongly shaped"),
        (".", "talker.text_projection.linear_fc1.bias", "missing"),
        (".", "speaker_encoder.fc.bias", "unexpected"),
        (".", "speaker_encoder.fc.bias", "missing"),
        ("speech_tokenizer", "decoder.pre_conv.conv.weight", "wrongly shaped"),
        ("speech_tokenizer", "encoder.downsample.conv.weight", "missing"),
        ("speech_tokenizer", "encoder.downsample.conv.weight", "unexpected"),
    ],
)
def test_a_damaged_key_is_refused_by_name(folder, tmp_path, part, key, how):
    file = copied(folder, tmp_path) / part / "model.safetensors"
    state = load_file(file)
    value = state.pop(key)
    if how == "unexpected":
        state[key], key = value, f"{key}_stranger"
    if how != "missing":
        state[key] = torch.zeros(*value.shape, 2)
    save_file(state, file)
    with pytest.raises(LoadFailed) as caught:
        Networks(tmp_path, torch.float32)
    assert key in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("model.safetensors", b"", "neither"),
        ("config.json", b"{", "can't be read"),
        ("config.json", b'{"tts_model_type": "custom_voice"}', "only a base model clones"),
        ("config.json", b'{"tts_model_type": "base", "talker_config": {"hidden_size": "wide"}}', "can't be read"),
        ("generation_config.json", b"[1]", "holds no object"),
        ("vocab.json", b"[]", "can't be read|breaks up"),
        ("merges.txt", b"#version: 0.2\n", "breaks up"),
        ("speech_tokenizer/config.json", b"[", "can't be read"),
        ("speech_tokenizer/preprocessor_config.json", b"no", "can't be read"),
        ("speech_tokenizer/model.safetensors", None, "no model.safetensors"),
    ],
)
def test_a_damaged_file_is_refused_by_name(folder, tmp_path, name, content, complaint):
    copied(folder, tmp_path)
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadFailed, match=complaint):
        Networks(tmp_path, torch.float32)


def test_one_that_was_trained_in_fewer_languages_is_refused(folder, tmp_path, load_qwen_tts):
    body = json.loads((copied(folder, tmp_path) / "config.json").read_text())
    del body["talker_config"]["codec_language_id"]["korean"]
    (tmp_path / "config.json").write_text(json.dumps(body))
    with pytest.raises(LoadFailed, match="not trained in ko"):
        load_qwen_tts(tmp_path)


@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_logits_are_exact_and_the_speech_tokenizer_whole_in_half_precision(folder, precision):
    networks = Networks(folder, getattr(torch, precision))
    model = networks.tts.model
    assert model.talker.model.layers[0].mlp.up_proj.weight.dtype == getattr(torch, precision)
    assert {value.dtype for value in model.speech_tokenizer.model.parameters()} == {torch.float32}
    heads = (model.talker.codec_head, *model.talker.code_predictor.lm_head)
    exact = torch.float32 if precision == "float16" else torch.bfloat16
    state = torch.ones(1, 1, SIZE, dtype=getattr(torch, precision))
    assert {head(state).dtype for head in heads} == {exact}


def test_the_lower_codes_are_drawn_as_the_package_draws_them(engine):
    predictor = engine._networks.talker.code_predictor
    drawer = CodeDrawer(predictor)
    for seed, how in enumerate(
        (
            {"do_sample": True, "top_k": 50, "top_p": 1.0, "temperature": 0.9},
            {"do_sample": True, "top_k": 20, "top_p": 0.8, "temperature": 1.3},
            {"do_sample": False},
        )
    ):
        state = torch.randn(1, 2, SIZE, generator=torch.Generator().manual_seed(seed))
        arguments = {"inputs_embeds": state, "max_new_tokens": 3, "return_dict_in_generate": True, **how}
        with torch.no_grad(), torch.random.fork_rng([]):
            torch.manual_seed(seed)
            theirs = type(predictor).generate(predictor, **arguments).sequences
            torch.manual_seed(seed)
            assert torch.equal(drawer(**arguments).sequences, theirs)
