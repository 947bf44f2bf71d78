"""Characters that look like their pictures: IP-Adapter, put into the UNet for the pictures that need it.

Source: Ye et al., "IP-Adapter: Text Compatible Image Prompt Adapter for Text-to-Image Diffusion Models", 2023.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import torch

from studio.engines.image.diffusion.placement import plain_attention, sliced_attention
from studio.engines.loading import pretrained, read_state, refuse_keys, weights_file

if TYPE_CHECKING:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

_MEAN, _SPREAD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""Of the pictures CLIP was trained on: preprocessor_config.json of openai/clip-vit-large-patch14."""

_TOKENS = 4
"""Image tokens of the plain adapter."""


class Likeness:
    """`folder` in the layout of h94/IP-Adapter. Its weights stay in RAM while they aren't used."""

    def __init__(self, folder: Path, unet: UNet2DConditionModel, device: str, sliced: bool) -> None:
        from transformers import CLIPVisionModelWithProjection

        dtype = unet.dtype
        self._unet, self._dtype, self._device, self._sliced = unet, dtype, device, sliced
        self._encoder: Any = pretrained(CLIPVisionModelWithProjection, folder / "models" / "image_encoder", dtype)
        path = weights_file(folder / "models", "ip-adapter_sd15")
        state = {name: value.to(dtype) for name, value in read_state(path).items()}
        self._check(path, state)
        self._state = {part: _within(state, f"{part}.") for part in ("image_proj", "ip_adapter")}
        self._attached = False

    @torch.no_grad()
    def embed(self, pictures: Sequence[np.ndarray]) -> torch.Tensor:
        """(n, width) of n pictures (h, w, 3), of any sizes."""
        side = int(self._encoder.config.image_size)
        batch = torch.stack([_prepared(picture, side) for picture in pictures])
        self._encoder.to(self._device)
        try:
            return self._encoder(batch.to(self._device, self._dtype)).image_embeds
        finally:
            self._encoder.to("cpu")

    def attach(self, scale: float) -> None:
        """From now on the UNet wants image embeddings, and heeds them by `scale` 0..1."""
        if not self._attached:
            self._attached = True
            plain_attention(self._unet)
            self._unet._load_ip_adapter_weights([self._state])  # what its pipelines call
            if self._sliced:
                sliced_attention(self._unet)
        processors: list[Any] = list(self._unet.attn_processors.values())
        for processor in processors:
            if hasattr(processor, "scale"):
                processor.scale = [scale]

    def detach(self) -> None:
        if self._attached:
            self._unet.encoder_hid_proj = None
            self._unet.config.encoder_hid_dim_type = None  # pyright: ignore[reportAttributeAccessIssue]
            plain_attention(self._unet)
            if self._sliced:
                sliced_attention(self._unet)
            self._attached = False

    @property
    def attached(self) -> bool:
        return self._attached

    def _check(self, path: Path, state: dict[str, torch.Tensor]) -> None:
        """Raises LoadFailed naming tensors that have no place in this UNet, or that it misses."""
        width, seen = int(self._unet.config["cross_attention_dim"]), int(self._encoder.config.projection_dim)
        shapes: dict[str, tuple[int, ...]] = {
            "image_proj.proj.weight": (_TOKENS * width, seen),
            "image_proj.proj.bias": (_TOKENS * width,),
            "image_proj.norm.weight": (width,),
            "image_proj.norm.bias": (width,),
        }
        crossings = [name for name in self._unet.attn_processors if name.endswith("attn2.processor")]
        for number, name in enumerate(crossings):
            module: Any = self._unet.get_submodule(name.removesuffix(".processor"))
            for letter in "kv":
                shapes[f"ip_adapter.{2 * number + 1}.to_{letter}_ip.weight"] = (module.to_k.out_features, width)
        wrong = [
            f"{name} is {tuple(state[name].shape)} instead of {shape}"
            for name, shape in shapes.items()
            if name in state and tuple(state[name].shape) != shape
        ]
        refuse_keys(path, shapes.keys() - state.keys(), state.keys() - shapes.keys(), wrong)


def _within(state: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}


def _prepared(picture: np.ndarray, side: int) -> torch.Tensor:
    """(3, side, side) as CLIP wants it; the whole picture, on a square of its border's mean colour."""
    rows, columns = picture.shape[:2]
    most = max(rows, columns)
    border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).mean(axis=0)
    square = np.empty((most, most, 3), np.uint8)
    square[:] = border.round().astype(np.uint8)
    top, left = (most - rows) // 2, (most - columns) // 2
    square[top : top + rows, left : left + columns] = picture
    small = cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA if most > side else cv2.INTER_CUBIC)
    values = (small.astype(np.float32) / 255.0 - np.array(_MEAN, np.float32)) / np.array(_SPREAD, np.float32)
    return torch.from_numpy(values).permute(2, 0, 1)
