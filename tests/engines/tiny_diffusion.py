"""Tiny random diffusion models, saved as their published repositories lay them out: same folders, same file names,
same names of tensors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from diffusers import AutoencoderKL, AutoencoderTiny, PNDMScheduler, UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPVisionConfig, CLIPVisionModelWithProjection

WIDTH = 64
"""Of the text encoder's and the image encoder's states, and so of the UNet's cross attention."""

TEXT_PREFIX = "text_model."
_OLD_ATTENTION = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
State = dict[str, torch.Tensor]


def tokenizer_files(folder: Path) -> None:
    """A CLIP vocabulary of single bytes: every text is as many tokens as it has bytes."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    letters = [chr(byte) for byte in printable] + [chr(256 + number) for number in range(len(others))]
    tokens = [*letters, *(letter + "</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    settings = {
        "tokenizer_class": "CLIPTokenizer",
        "model_max_length": 77,
        "bos_token": "<|startoftext|>",
        "eos_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
        "unk_token": "<|endoftext|>",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))


def tiny_unet(**changes: object) -> UNet2DConditionModel:
    """A UNet of two levels, drawn at 64 pixels, that heeds its words more than random weights would."""
    torch.manual_seed(0)
    config = {
        "sample_size": 8,
        "block_out_channels": (32, 64),
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
        "cross_attention_dim": WIDTH,
        "attention_head_dim": 8,
    }
    unet = UNet2DConditionModel(**(config | changes)).eval()
    with torch.no_grad():
        for name, weight in unet.named_parameters():
            if name.endswith("attn2.to_out.0.weight"):
                weight.mul_(12)
            elif name == "conv_out.weight":
                weight.mul_(4)
    return unet


def tiny_vae() -> AutoencoderKL:
    """Eight pixels a latent, like the published one."""
    torch.manual_seed(1)
    return AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        layers_per_block=1,
        sample_size=64,
    ).eval()


def tiny_text_encoder() -> CLIPTextModel:
    torch.manual_seed(2)
    config = CLIPTextConfig(
        vocab_size=514,
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_attention_heads=1,
        num_hidden_layers=2,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
    )
    return CLIPTextModel(config).eval()


def tiny_image_encoder() -> CLIPVisionModelWithProjection:
    torch.manual_seed(3)
    config = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_attention_heads=1,
        num_hidden_layers=1,
        image_size=32,
        patch_size=16,
    )
    return CLIPVisionModelWithProjection(config).eval()


def published_scheduler() -> PNDMScheduler:
    """As the repository of Stable Diffusion 1.5 has it."""
    return PNDMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        num_train_timesteps=1000,
        skip_prk_steps=True,
        steps_offset=1,
        set_alpha_to_one=False,
    )


def save_stable_diffusion(folder: Path) -> Path:
    """The layout of stable-diffusion-v1-5: safetensors, with the old names of the VAE's attention and of the text
    encoder's tensors, which the published files have."""
    tiny_unet().save_pretrained(folder / "unet")
    tiny_vae().save_pretrained(folder / "vae")
    tiny_text_encoder().save_pretrained(folder / "text_encoder")
    published_scheduler().save_pretrained(folder / "scheduler")
    tokenizer_files(folder / "tokenizer")
    rewrite(folder / "vae" / "diffusion_pytorch_model.safetensors", lambda state: _renamed(state, _old_attention))
    rewrite(folder / "text_encoder" / "model.safetensors", _published_text)
    parts = {
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "safety_checker": [None, None],
    }
    index = {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.6.0", **parts}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def rewrite(path: Path, change: Callable[[State], Mapping[str, torch.Tensor]]) -> None:
    """Puts `change` of its tensors in the place of a safetensors file."""
    changed = {name: value.contiguous() for name, value in change(load_file(path)).items()}
    save_file(changed, path, metadata={"format": "pt"})


def to_pickles(folder: Path) -> None:
    """The same checkpoint as .bin files."""
    for path in list(folder.rglob("*.safetensors")):
        name = "pytorch_model.bin" if path.parent.name == "text_encoder" else "diffusion_pytorch_model.bin"
        torch.save(load_file(path), path.with_name(name))
        path.unlink()


def to_half(folder: Path) -> None:
    """The same checkpoint as its fp16 variant."""
    for path in list(folder.rglob("*.safetensors")):
        state = {n: v.half() if v.is_floating_point() else v for n, v in load_file(path).items()}
        save_file(state, path.with_name(f"{path.stem}.fp16.safetensors"), metadata={"format": "pt"})
        path.unlink()


def save_taesd(folder: Path) -> Path:
    torch.manual_seed(4)
    AutoencoderTiny(
        encoder_block_out_channels=(8,) * 4,
        decoder_block_out_channels=(8,) * 4,
        num_encoder_blocks=(1, 1, 1, 1),
        num_decoder_blocks=(1, 1, 1, 1),
    ).save_pretrained(folder)
    return folder


def save_ip_adapter(folder: Path) -> Path:
    """The layout of h94/IP-Adapter: models/ip-adapter_sd15.safetensors and models/image_encoder/."""
    tiny_image_encoder().save_pretrained(folder / "models" / "image_encoder")
    generator = torch.Generator().manual_seed(5)
    unet = tiny_unet()
    crossings = [name for name in unet.attn_processors if "attn2" in name]
    state = {
        "image_proj.proj.weight": torch.randn(4 * WIDTH, WIDTH, generator=generator) * 0.2,
        "image_proj.proj.bias": torch.zeros(4 * WIDTH),
        "image_proj.norm.weight": torch.ones(WIDTH),
        "image_proj.norm.bias": torch.zeros(WIDTH),
    }
    for number, name in enumerate(crossings):
        wide = unet.get_submodule(name.removesuffix(".processor")).to_k.out_features
        for letter in "kv":
            weight = torch.randn(wide, WIDTH, generator=generator) * 0.5
            state[f"ip_adapter.{2 * number + 1}.to_{letter}_ip.weight"] = weight
    save_file(state, folder / "models" / "ip-adapter_sd15.safetensors", metadata={"format": "pt"})
    return folder


def save_lora(path: Path, seed: int, strength: float = 1.0, layout: str = "kohya", rank: int = 2) -> Path:
    """A LoRA of UNet and text encoder: `layout` kohya (as trainers and sharing sites have them) or diffusers."""
    generator = torch.Generator().manual_seed(seed)
    unet, text = tiny_unet(), tiny_text_encoder()
    layers = {f"unet.{n}": m for n, m in unet.named_modules() if re.search(r"attn2\.to_(q|k|v|out\.0)$", n)}
    projections = {n: m for n, m in text.named_modules() if n.endswith(("q_proj", "v_proj"))}
    layers |= {f"text_encoder.{TEXT_PREFIX}{n}": m for n, m in projections.items()}
    state: State = {}
    for name, layer in layers.items():
        down = torch.randn(rank, layer.in_features, generator=generator) / layer.in_features**0.5
        up = torch.randn(layer.out_features, rank, generator=generator) * strength
        if layout == "kohya":
            base = name.replace("unet.", "lora_unet_").replace("text_encoder.", "lora_te_").replace(".", "_")
            state |= {f"{base}.lora_down.weight": down, f"{base}.lora_up.weight": up}
            state[f"{base}.alpha"] = torch.tensor(float(rank))
        else:
            state |= {f"{name}.lora_A.weight": down, f"{name}.lora_B.weight": up}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(state, path, metadata={"format": "pt"})
    return path


# ---- the original layout: one file ------------------------------------------------------------------------


def save_original(path: Path) -> Path:
    """The same network as one file in the layout of the original program (v1-5-pruned.safetensors)."""
    state = {f"model.diffusion_model.{n}": v for n, v in _original_unet(tiny_unet().state_dict()).items()}
    state |= {f"first_stage_model.{n}": v for n, v in _original_vae(tiny_vae().state_dict()).items()}
    text = {f"{TEXT_PREFIX}{n}": v for n, v in tiny_text_encoder().state_dict().items()}
    text["text_model.embeddings.position_ids"] = torch.arange(77)[None]
    state |= {f"cond_stage_model.transformer.{n}": v for n, v in text.items()}
    state |= {"betas": torch.ones(1000), "alphas_cumprod": torch.ones(1000)}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({n: v.contiguous() for n, v in state.items()}, path)
    return path


_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
           "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}  # fmt: skip
_ENDS = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
         "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}  # fmt: skip


def _original_unet(state: Mapping[str, torch.Tensor], layers: int = 1, levels: int = 2) -> State:
    """Numbers of the original's blocks, which count resnets, down- and upsamplers through."""
    names = dict(_ENDS)
    for level in range(levels):
        for layer in range(layers):
            number = 1 + level * (layers + 1) + layer
            names[f"down_blocks.{level}.resnets.{layer}"] = f"input_blocks.{number}.0"
            names[f"down_blocks.{level}.attentions.{layer}"] = f"input_blocks.{number}.1"
        names[f"down_blocks.{level}.downsamplers.0.conv"] = f"input_blocks.{(level + 1) * (layers + 1)}.0.op"
        for layer in range(layers + 1):
            number = level * (layers + 1) + layer
            names[f"up_blocks.{level}.resnets.{layer}"] = f"output_blocks.{number}.0"
            names[f"up_blocks.{level}.attentions.{layer}"] = f"output_blocks.{number}.1"
        place = 2 if any(name.startswith(f"up_blocks.{level}.attentions") for name in state) else 1
        last = level * (layers + 1) + layers
        names[f"up_blocks.{level}.upsamplers.0.conv"] = f"output_blocks.{last}.{place}.conv"
    names |= {"mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1"}
    names["mid_block.resnets.1"] = "middle_block.2"

    def original(name: str) -> str:
        old = next(old for old in sorted(names, key=len, reverse=True) if name.startswith(old + "."))
        rest = name.removeprefix(old)
        for part, became in _RESNET.items() if ".resnets." in name else ():
            rest = rest.replace(f".{part}.", f".{became}.")
        return names[old] + rest

    return _renamed(state, original)


def _original_vae(state: Mapping[str, torch.Tensor], levels: int = 4) -> State:
    def original(name: str) -> str:
        name = re.sub(r"(encoder\.down)_blocks\.(\d+)\.resnets\.(\d+)", r"\1.\2.block.\3", name)
        name = re.sub(r"(encoder\.down)_blocks\.(\d+)\.downsamplers\.0", r"\1.\2.downsample", name)
        name = re.sub(r"(decoder\.up)_blocks\.(\d+)\.resnets", lambda m: f"{m[1]}.{levels - 1 - int(m[2])}.block", name)
        name = re.sub(
            r"(decoder\.up)_blocks\.(\d+)\.upsamplers\.0", lambda m: f"{m[1]}.{levels - 1 - int(m[2])}.upsample", name
        )
        name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
        name = name.replace("mid_block.attentions.0", "mid.attn_1").replace("conv_norm_out", "norm_out")
        name = name.replace("conv_shortcut", "nin_shortcut").replace("group_norm", "norm")
        for new, old in {"to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}.items():
            name = name.replace(f"attn_1.{new}.", f"attn_1.{old}.")
        return name

    renamed = _renamed(state, original)
    attention = re.compile(r"attn_1\.(q|k|v|proj_out)\.weight$")
    return {n: v[..., None, None] if attention.search(n) else v for n, v in renamed.items()}


def _renamed(state: Mapping[str, torch.Tensor], rename: Callable[[str], str]) -> State:
    return {rename(name): value for name, value in state.items()}


def _old_attention(name: str) -> str:
    for new, old in _OLD_ATTENTION.items():
        name = name.replace(f"mid_block.attentions.0.{new}.", f"mid_block.attentions.0.{old}.")
    return name


def _published_text(state: Mapping[str, torch.Tensor]) -> State:
    named = {TEXT_PREFIX + name.removeprefix(TEXT_PREFIX): value for name, value in state.items()}
    return named | {"text_model.embeddings.position_ids": torch.arange(77)[None]}
