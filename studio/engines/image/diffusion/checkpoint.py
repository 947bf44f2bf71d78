"""A Stable Diffusion 1.x checkpoint from disk: a folder in the layout of diffusers, or one file in the original's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engines.image.diffusion.original import Published, load_original
from studio.engines.loading import pretrained
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTokenizer

_PIPELINES = ("StableDiffusionPipeline", "StableDiffusionImg2ImgPipeline")
_FAMILIES = {
    "StableDiffusionXLPipeline": "Stable Diffusion XL",
    "StableDiffusionXLImg2ImgPipeline": "Stable Diffusion XL",
    "StableDiffusion3Pipeline": "Stable Diffusion 3",
    "FluxPipeline": "FLUX",
    "StableDiffusionInpaintPipeline": "Stable Diffusion's inpainting variant",
}
_STATE_WIDTHS = {1024: "Stable Diffusion 2", 2048: "Stable Diffusion XL"}
"""Widths of the text's states in published families other than 1.x, which has 768."""

SCHEDULER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
    "steps_offset": 1,
    "set_alpha_to_one": False,
    "clip_sample": False,
}
"""How Stable Diffusion 1.5 was trained: scheduler/scheduler_config.json of its repository. One file doesn't say."""


@dataclass
class Network:
    """The parts of a checkpoint, on the CPU and in evaluation mode. `schedule`: how it was trained, for schedulers."""

    unet: UNet2DConditionModel
    vae: AutoencoderKL
    text_encoder: CLIPTextModel
    tokenizer: CLIPTokenizer
    schedule: Mapping[str, Any]

    @property
    def native_side(self) -> int:
        """Pixels of the square it was trained on: 512."""
        return int(self.unet.config["sample_size"]) * 8


def load_network(path: Path, vocabularies: Sequence[Path], dtype: torch.dtype) -> Network:
    """`vocabularies`: folders in which a tokenizer may lie, for a checkpoint that has none.

    Raises LoadFailed naming keys that don't fit, a family that isn't 1.x, or what is missing.
    """
    if path.is_file():
        network = Network(*load_original(path, dtype), load_tokenizer(vocabularies), SCHEDULER)
    else:
        network = _load_folder(path, vocabularies, dtype)
    words, known = len(network.tokenizer), network.text_encoder.config.vocab_size
    if words > known:
        raise LoadFailed(f"{path}: its text encoder knows {known} tokens and the tokenizer has {words}")
    return network


def load_tokenizer(folders: Sequence[Path]) -> CLIPTokenizer:
    """From the first folder with a vocabulary. Raises LoadFailed."""
    from transformers import CLIPTokenizer

    for folder in folders:
        if all((folder / name).is_file() for name in ("vocab.json", "merges.txt")):
            try:
                return CLIPTokenizer.from_pretrained(str(folder), local_files_only=True, model_max_length=77)
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise LoadFailed(f"the tokenizer in {folder} can't be read: {error}") from error
    raise LoadFailed(
        "a checkpoint of one file has no tokenizer: put vocab.json and merges.txt of openai/clip-vit-large-patch14 "
        "into models/clip-tokenizer, or fetch it with python -m studio models fetch clip-tokenizer"
    )


def _load_folder(folder: Path, vocabularies: Sequence[Path], dtype: torch.dtype) -> Network:
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextModel

    _check_family(folder)
    unet = pretrained(UNet2DConditionModel, folder / "unet", dtype, **stored(folder / "unet", DIFFUSERS))
    vae = pretrained(AutoencoderKL, folder / "vae", dtype, **stored(folder / "vae", DIFFUSERS))
    text_folder = folder / "text_encoder"
    text_encoder = pretrained(CLIPTextModel, text_folder, dtype, **stored(text_folder, TRANSFORMERS))
    tokenizer = load_tokenizer((folder / "tokenizer", *vocabularies))
    return Network(unet, vae, text_encoder, tokenizer, _schedule(folder))


DIFFUSERS, TRANSFORMERS = ("diffusion_pytorch_model", "diffusion_pytorch_model"), ("model", "pytorch_model")
"""Names of a component's weights as each library saves them: as safetensors, as a pickle."""


def stored(folder: Path, stems: tuple[str, str]) -> dict[str, Any]:
    """How `from_pretrained` is told which of a component's files to read: safetensors first, full precision first."""
    safe, pickled = stems
    for name, arguments in (
        (f"{safe}.safetensors", {"use_safetensors": True}),
        (f"{safe}.fp16.safetensors", {"use_safetensors": True, "variant": "fp16"}),
        (f"{pickled}.bin", {"use_safetensors": False}),
        (f"{pickled}.fp16.bin", {"use_safetensors": False, "variant": "fp16"}),
    ):
        if (folder / name).is_file():
            return arguments
    raise LoadFailed(f"{folder} has no {safe}.safetensors")


def _check_family(folder: Path) -> None:
    name = str(read_json(folder / "model_index.json").get("_class_name"))
    if name not in _PIPELINES:
        raise _another_family(folder, _FAMILIES.get(name, f"the kind {name}"))
    config = read_json(folder / "unet" / "config.json")
    width, channels = config.get("cross_attention_dim"), config.get("in_channels")
    if width in _STATE_WIDTHS:
        raise _another_family(folder, _STATE_WIDTHS[width])
    if channels != Published.latent_channels:
        raise _another_family(folder, f"a variant of {channels} channels, for inpainting or editing")


def _another_family(path: Path, family: str) -> LoadFailed:
    return LoadFailed(f"{path} is a checkpoint of {family}; this engine draws with Stable Diffusion 1.x")


def _schedule(folder: Path) -> Mapping[str, Any]:
    config = read_json(folder / "scheduler" / "scheduler_config.json")
    # what belongs to the scheduler it was saved with says nothing of the others
    return SCHEDULER | {name: config[name] for name in SCHEDULER if name in config}


def read_json(path: Path) -> Mapping[str, Any]:
    """The object in a configuration file. Raises LoadFailed."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LoadFailed(f"{path} can't be read: {error}") from error
    if not isinstance(body, dict):
        raise LoadFailed(f"{path} is no JSON object")
    return body
