"""Stable Video Diffusion from disk, in the layout of diffusers that its repositories have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.engines.image.diffusion.checkpoint import DIFFUSERS, TRANSFORMERS, read_json, stored
from studio.engines.loading import pretrained
from studio.errors import LoadFailed

if TYPE_CHECKING:
    import torch
    from diffusers.models.autoencoders.autoencoder_kl_temporal_decoder import AutoencoderKLTemporalDecoder
    from diffusers.models.unets.unet_spatio_temporal_condition import UNetSpatioTemporalConditionModel
    from transformers import CLIPVisionModelWithProjection

PIPELINE = "StableVideoDiffusionPipeline"
CONDITIONS = 3
"""Numbers that the UNet is told of a clip: frame rate, motion bucket, noise on the picture."""


@dataclass
class Network:
    """The parts of a checkpoint, on the CPU and in evaluation mode.

    schedule  how it was trained, for the scheduler;  mean, std  of red, green and blue as the image encoder wants them
    """

    unet: UNetSpatioTemporalConditionModel
    vae: AutoencoderKLTemporalDecoder
    image_encoder: CLIPVisionModelWithProjection
    schedule: Mapping[str, Any]
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def frames(self) -> int:
        """Of a clip as it was trained: 14, or 25 for the one called XT."""
        return int(self.unet.config["num_frames"])

    @property
    def area(self) -> int:
        """Pixels of a frame as it was trained: 1024 x 576."""
        return (int(self.unet.config["sample_size"]) * 8) ** 2


def load_network(folder: Path, dtype: torch.dtype) -> Network:
    """Raises LoadFailed naming keys that don't fit, a checkpoint of something else, or what is missing."""
    from diffusers.models.autoencoders.autoencoder_kl_temporal_decoder import AutoencoderKLTemporalDecoder
    from diffusers.models.unets.unet_spatio_temporal_condition import UNetSpatioTemporalConditionModel
    from transformers import CLIPVisionModelWithProjection

    kind = read_json(folder / "model_index.json").get("_class_name")
    if kind != PIPELINE:
        raise LoadFailed(f"{folder} is a checkpoint for {kind}; this engine films with {PIPELINE}")
    homes = {name: folder / name for name in ("unet", "vae", "image_encoder")}
    unet = pretrained(UNetSpatioTemporalConditionModel, homes["unet"], dtype, **stored(homes["unet"], DIFFUSERS))
    vae = pretrained(AutoencoderKLTemporalDecoder, homes["vae"], dtype, **stored(homes["vae"], DIFFUSERS))
    files = stored(homes["image_encoder"], TRANSFORMERS)
    encoder = pretrained(CLIPVisionModelWithProjection, homes["image_encoder"], dtype, **files)
    _check_fit(folder, unet, encoder)
    schedule = read_json(folder / "scheduler" / "scheduler_config.json")
    mean, std = _normalisation(folder / "feature_extractor" / "preprocessor_config.json")
    return Network(unet, vae, encoder, schedule, mean, std)


def _check_fit(folder: Path, unet: UNetSpatioTemporalConditionModel, encoder: CLIPVisionModelWithProjection) -> None:
    """Parts that load, each for itself, and don't belong together."""
    wanted, given = unet.config["cross_attention_dim"], encoder.config.projection_dim
    if wanted != given:
        raise LoadFailed(f"{folder}: its UNet wants {wanted} numbers of a picture and its image encoder gives {given}")
    told, known = unet.config["addition_time_embed_dim"] * CONDITIONS, unet.add_embedding.linear_1.in_features
    if told != known:
        raise LoadFailed(f"{folder}: its UNet wants {known} numbers of a clip and is told {told}")


def _normalisation(path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    body = read_json(path)
    read = []
    for name in ("image_mean", "image_std"):
        values = body.get(name)
        if not isinstance(values, list) or len(values) != 3 or not all(isinstance(v, int | float) for v in values):
            raise LoadFailed(f"{path} has no {name} of three numbers")
        read.append(tuple(float(value) for value in values))
    return read[0], read[1]
