"""A checkpoint of one file, in the layout of the program Stable Diffusion was published with (CompVis/latent-diffusion,
LDM). The file says nothing of its architecture: it is read off the shapes, and then every tensor has to have its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from studio.engines.loading import load_strictly, read_state, refuse_keys
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextModel

State = Mapping[str, "torch.Tensor"]
_UNET, _VAE, _TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer."
_FIRST = f"{_UNET}input_blocks.0.0.weight"

_MARKS = (
    (r"conditioner\.embedders\.", "Stable Diffusion XL"),
    (r"cond_stage_model\.model\.", "Stable Diffusion 2"),
    (r".*joint_blocks\.", "Stable Diffusion 3"),
    (r".*double_blocks\.", "FLUX"),
    (r"control_model\.|.*input_hint_block", "ControlNet"),
)
_NOT_NEEDED = re.compile(
    r"model_ema\."  # a running mean of the same weights, kept for training on
    r"|(betas|alphas_cumprod\w*|sqrt_\w+|log_one_minus_alphas_cumprod|posterior_\w+|logvar|lvlb_weights)$"
    r"|.*\.position_ids$"  # 0 .. 76
    r"|first_stage_model\.loss\."
    r"|cond_stage_model\.(logit_scale|text_projection)|cond_stage_model\.transformer\.text_projection"
    r"|(model_sampling|denoiser)\.\w+$"
)
"""Tensors that such files carry besides the three networks; drawing has no use for them."""


@dataclass(frozen=True)
class Published:
    """What the weights' shapes don't tell, as the published configurations have it.

    Source: v1-inference.yaml of CompVis/stable-diffusion (num_heads 8, image_size 64, z_channels 4) and config.json of
    openai/clip-vit-large-patch14 (64 numbers a head, quick_gelu).
    """

    latent_channels: ClassVar[int] = 4
    heads: ClassVar[int] = 8
    latent_side: ClassVar[int] = 64
    head_width: ClassVar[int] = 64
    tokens: ClassVar[tuple[int, int]] = (49406, 49407)


def load_original(path: Path, dtype: torch.dtype) -> tuple[UNet2DConditionModel, AutoencoderKL, CLIPTextModel]:
    """UNet, VAE and text encoder of the file, in `dtype` on the CPU. Raises LoadFailed."""
    from accelerate import init_empty_weights
    from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint, convert_ldm_vae_checkpoint
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    state = read_state(path)
    _check_family(path, state)
    state = {name: value for name, value in state.items() if not _NOT_NEEDED.match(name)}
    try:
        unet_config, vae_config = _unet_config(_part(state, _UNET)), _vae_config(_part(state, _VAE))
        text_config = _text_config(_text(state))
        parts = {
            _UNET: convert_ldm_unet_checkpoint({n: v for n, v in state.items() if n.startswith(_UNET)}, unet_config),
            _VAE: convert_ldm_vae_checkpoint({n: v for n, v in state.items() if n.startswith(_VAE)}, vae_config),
            _TEXT: _text(state),
        }
    except (KeyError, IndexError, ValueError, ZeroDivisionError) as error:
        missing = str(error.args[0]) if isinstance(error, KeyError) else str(error)
        raise LoadFailed(f"{path} does not fit its network; missing: {missing}") from error
    refuse_keys(path, (), _left_over(state, parts.values()), ())
    # without memory of their own: filling a billion numbers at random, to be overwritten, takes seconds
    with init_empty_weights(include_buffers=False):
        unet: UNet2DConditionModel = UNet2DConditionModel.from_config(unet_config)  # pyright: ignore[reportAssignmentType]
        vae: AutoencoderKL = AutoencoderKL.from_config(vae_config)  # pyright: ignore[reportAssignmentType]
        text_encoder = CLIPTextModel(CLIPTextConfig(**text_config))
    for module, part in zip((unet, vae, text_encoder), parts.values(), strict=True):
        named = _as_named_by(module.state_dict(), part)
        load_strictly(module, {name: value.to(dtype) for name, value in named.items()}, path, assign=True)
        module.eval()
    return unet, vae, text_encoder


def _check_family(path: Path, state: State) -> None:
    family = next((title for mark, title in _MARKS if any(re.match(mark, name) for name in state)), "")
    if family:
        raise LoadFailed(f"{path} is a checkpoint of {family}; this engine draws with Stable Diffusion 1.x")
    if any("lora" in name for name in state):
        raise LoadFailed(f"{path} is a LoRA, no checkpoint; put it into the folder loras")
    if _FIRST not in state:
        raise LoadFailed(f"{path} is no Stable Diffusion checkpoint; missing: {_FIRST}")
    channels = state[_FIRST].shape[1]
    if channels != Published.latent_channels:
        raise LoadFailed(
            f"{path} is a variant of {channels} channels, for inpainting or editing; this engine draws with "
            "Stable Diffusion 1.x"
        )


def _part(state: State, prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _text(state: State) -> dict[str, torch.Tensor]:
    """Some merging programs leave "text_model." out."""
    return {name.removeprefix("text_model."): value for name, value in _part(state, _TEXT).items()}


def _as_named_by(own: State, part: State) -> State:
    """Versions of transformers differ in whether the text encoder's names begin with "text_model."."""
    prefix = "text_model."
    if any(name.startswith(prefix) for name in own):
        return {prefix + name: value for name, value in part.items()}
    return part


def _left_over(state: State, parts: Iterable[State]) -> set[str]:
    """Tensors that found no place: a converted one shares its memory with the one it came from."""
    used = {value.data_ptr() for part in parts for value in part.values()}
    return {name for name, value in state.items() if value.data_ptr() not in used}


def _unet_config(state: State) -> dict[str, Any]:
    levels: list[list[tuple[int, bool]]] = [[]]
    blocks = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("input_blocks."))
    for number in range(1, blocks):
        place = f"input_blocks.{number}"
        if f"{place}.0.op.weight" in state:
            levels.append([])
        else:
            wide = state[f"{place}.0.in_layers.2.weight"].shape[0]
            levels[-1].append((wide, any(name.startswith(f"{place}.1.") for name in state)))
    attends = [level[0][1] for level in levels]
    return {
        "sample_size": Published.latent_side,
        "in_channels": Published.latent_channels,
        "out_channels": Published.latent_channels,
        "block_out_channels": [level[0][0] for level in levels],
        "layers_per_block": len(levels[0]),
        "down_block_types": ["CrossAttnDownBlock2D" if attend else "DownBlock2D" for attend in attends],
        "up_block_types": ["CrossAttnUpBlock2D" if attend else "UpBlock2D" for attend in reversed(attends)],
        "cross_attention_dim": state["middle_block.1.transformer_blocks.0.attn2.to_k.weight"].shape[1],
        "attention_head_dim": Published.heads,
    }


def _vae_config(state: State) -> dict[str, Any]:
    levels = 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.down."))
    blocks = {name.split(".")[4] for name in state if name.startswith("encoder.down.0.block.")}
    return {
        "block_out_channels": [state[f"encoder.down.{n}.block.0.conv1.weight"].shape[0] for n in range(levels)],
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "layers_per_block": len(blocks),
        "latent_channels": Published.latent_channels,
        "sample_size": Published.latent_side * 8,
        "scaling_factor": 0.18215,
    }


def _text_config(state: State) -> dict[str, Any]:
    words, width = state["embeddings.token_embedding.weight"].shape
    begin, end = (min(token, words - 2 + number) for number, token in enumerate(Published.tokens))
    return {
        "vocab_size": words,
        "hidden_size": width,
        "projection_dim": width,
        "intermediate_size": state["encoder.layers.0.mlp.fc1.weight"].shape[0],
        "num_hidden_layers": 1 + max(int(name.split(".")[2]) for name in state if name.startswith("encoder.layers.")),
        "num_attention_heads": max(1, width // Published.head_width),
        "max_position_embeddings": state["embeddings.position_embedding.weight"].shape[0],
        "hidden_act": "quick_gelu",
        "bos_token_id": begin,
        "eos_token_id": end,
        "pad_token_id": end,
    }
