"""Stable Video Diffusion at tiny size, saved as its repository lays it out: same folders, file names and tensors."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLTemporalDecoder,
    EulerDiscreteScheduler,
    StableVideoDiffusionPipeline,
    UNetSpatioTemporalConditionModel,
)
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

WIDTH = 32
"""Of what the image encoder says of a picture."""

FRAMES = 6


def tiny_video_unet() -> UNetSpatioTemporalConditionModel:
    """Filmed at 64 x 64."""
    torch.manual_seed(0)
    return UNetSpatioTemporalConditionModel(
        sample_size=8,
        num_frames=FRAMES,
        block_out_channels=(32, 32),
        layers_per_block=1,
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        cross_attention_dim=WIDTH,
        num_attention_heads=2,
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=24,
    ).eval()


def tiny_temporal_vae() -> AutoencoderKLTemporalDecoder:
    """Eight pixels a latent, like the published one."""
    torch.manual_seed(1)
    return AutoencoderKLTemporalDecoder(
        block_out_channels=(32, 32, 32, 32), down_block_types=("DownEncoderBlock2D",) * 4, latent_channels=4
    ).eval()


def tiny_picture_encoder() -> CLIPVisionModelWithProjection:
    torch.manual_seed(2)
    config = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=WIDTH,
        projection_dim=WIDTH,
        num_attention_heads=2,
        num_hidden_layers=1,
        image_size=224,
        patch_size=56,
    )
    return CLIPVisionModelWithProjection(config).eval()


def published_scheduler() -> EulerDiscreteScheduler:
    """scheduler/scheduler_config.json of stabilityai/stable-video-diffusion-img2vid."""
    return EulerDiscreteScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        interpolation_type="linear",
        num_train_timesteps=1000,
        prediction_type="v_prediction",
        sigma_max=700.0,
        sigma_min=0.002,
        steps_offset=1,
        timestep_spacing="leading",
        timestep_type="continuous",
        use_karras_sigmas=True,
    )


def save_stable_video(folder: Path, half: bool = False) -> Path:
    """The layout of stable-video-diffusion-img2vid, with the names that its files of half precision have."""
    pipeline = StableVideoDiffusionPipeline(
        vae=tiny_temporal_vae(),
        image_encoder=tiny_picture_encoder(),
        unet=tiny_video_unet(),
        scheduler=published_scheduler(),
        feature_extractor=CLIPImageProcessor(
            crop_size={"height": 224, "width": 224}, size={"shortest_edge": 224}, do_normalize=True
        ),
    )
    if half:
        pipeline.to(dtype=torch.float16)
    pipeline.save_pretrained(folder, variant="fp16" if half else None)
    assert json.loads((folder / "model_index.json").read_text())["_class_name"] == "StableVideoDiffusionPipeline"
    return folder
