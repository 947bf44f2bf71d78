"""Stable Diffusion of the real classes at tiny size: written, loaded, asked for small pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import PaintRequest, Weights
from studio.engines.image.stable_diffusion import StableDiffusion
from tests.engines import tiny_diffusion as tiny
from tests.engines.test_image_contract import request_for, silent

ITEM = "stable-diffusion-1.5"
EXTRAS = ("taesd", "ip-adapter-sd15", "lcm-lora-sd15")


def write_models(folder: Path) -> Path:
    """A model folder with everything in it."""
    tiny.save_stable_diffusion(folder / ITEM)
    tiny.save_taesd(folder / "taesd")
    tiny.save_ip_adapter(folder / "ip-adapter-sd15")
    tiny.save_lora(folder / "lcm-lora-sd15" / "pytorch_lora_weights.safetensors", 7)
    tiny.save_lora(folder / "loras" / "noir.safetensors", 1)
    tiny.save_lora(folder / "loras" / "v1.5 oil.safetensors", 2, layout="diffusers", rank=3)
    tiny.save_original(folder / "checkpoints" / "one.safetensors")
    return folder


def load(models: Path, *extras: str, rung: int = 0, precision: str = "float32") -> StableDiffusion:
    parts = {ITEM: models / ITEM, **{item: models / item for item in extras}}
    return StableDiffusion("stable-diffusion", "cpu", rung, Weights(parts, models, precision))


def asked(characters: int = 0, prompt: str = "a lighthouse", **options: object) -> PaintRequest:
    request = request_for(side=64, characters=(0,) * characters)
    return replace(request, shot=replace(request.shot, prompt=prompt), options={"steps": 4, **options})


def paint(engine: StableDiffusion, request: PaintRequest) -> np.ndarray:
    return engine.paint(request, silent, CancelToken()).image


def difference(one: np.ndarray, other: np.ndarray) -> int:
    return int(np.abs(one.astype(int) - other.astype(int)).max())


def unlike(one: np.ndarray, other: np.ndarray) -> bool:
    """Equal pictures are equal to the last bit here; a random network tells different ones by little."""
    return float((one != other).mean()) > 0.03
