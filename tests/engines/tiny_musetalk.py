"""MuseTalk's networks at tiny size, real classes, in folders laid out as their repositories are."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperForConditionalGeneration

from studio.contracts import Weights

WIDTH = 16
# musetalk.json as it is published, but for the sizes of its layers
UNET = {
    "_class_name": "UNet2DConditionModel",
    "_diffusers_version": "0.6.0",
    "act_fn": "silu",
    "attention_head_dim": 1,
    "block_out_channels": [8, 8, 8, 8],
    "center_input_sample": False,
    "cross_attention_dim": WIDTH,
    "down_block_types": ["CrossAttnDownBlock2D"] * 3 + ["DownBlock2D"],
    "downsample_padding": 1,
    "flip_sin_to_cos": True,
    "freq_shift": 0,
    "in_channels": 8,
    "layers_per_block": 1,
    "mid_block_scale_factor": 1,
    "norm_eps": 1e-05,
    "norm_num_groups": 4,
    "out_channels": 4,
    "sample_size": 64,
    "up_block_types": ["UpBlock2D"] + ["CrossAttnUpBlock2D"] * 3,
}
OLD_NAMES = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
"""Of the attention's layers in the published VAE, which an old version saved."""


def tiny_musetalk(models: Path) -> Weights:
    """The three items in the model folder `models`, made there."""
    torch.set_num_threads(1)  # tests share their cores
    torch.manual_seed(0)
    _unet(models / "musetalk-v15" / "musetalkV15")
    _vae(models / "sd-vae-ft-mse")
    _whisper(models / "whisper-tiny")
    names = ("musetalk-v15", "sd-vae-ft-mse", "whisper-tiny")
    return Weights({name: models / name for name in names}, models)


def _unet(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "musetalk.json").write_text(json.dumps(UNET))
    torch.save(UNet2DConditionModel.from_config(UNET).state_dict(), folder / "unet.pth")


def _vae(folder: Path) -> None:
    blocks = {"down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4}
    AutoencoderKL(block_out_channels=(4, 4, 4, 4), norm_num_groups=4, **blocks).save_pretrained(folder)
    path, config = folder / "diffusion_pytorch_model.safetensors", folder / "config.json"
    state = {}
    for name, value in load_file(path).items():
        for new, old in OLD_NAMES.items() if ".attentions." in name else ():
            name = name.replace(f".{new}.", f".{old}.")  # noqa: PLW2901
        state[name] = value
    save_file(state, path, metadata={"format": "pt"})
    known = json.loads(config.read_text())
    del known["scaling_factor"]  # it was not written then
    config.write_text(json.dumps(known))


def _whisper(folder: Path) -> None:
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "encoder_ffn_dim": 16, "decoder_ffn_dim": 16}
    config = WhisperConfig(
        d_model=WIDTH, encoder_layers=4, decoder_layers=1, vocab_size=64, num_mel_bins=80,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1, **heads,
    )  # fmt: skip
    WhisperForConditionalGeneration(config).save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(folder)
