"""What a picture looks like while it is being drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import torch

if TYPE_CHECKING:
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

_RGB = (
    (0.3512, 0.2297, 0.3227),
    (0.3250, 0.4974, 0.2350),
    (-0.2829, 0.1762, 0.2721),
    (-0.2120, -0.2616, -0.7177),
)
"""Red, green and blue, -1..1, that each latent channel of Stable Diffusion 1.x stands for.
Source: ComfyUI, comfy/latent_formats.py, class SD15, latent_rgb_factors."""


class Previewer:
    """With TAESD (a tiny decoder, see github.com/madebyollin/taesd) where there is one, else by a linear map."""

    def __init__(self, taesd: AutoencoderTiny | None) -> None:
        self._taesd = taesd

    @torch.no_grad()
    def picture(self, latents: torch.Tensor) -> np.ndarray:
        """(h, w, 3) of `latents` (4, h / 8, w / 8), the sampler's present guess of the finished picture."""
        if self._taesd is not None:
            (decoded,) = self._taesd.decode(latents[None].to(self._taesd.dtype), return_dict=False)
            return to_picture(decoded[0])
        factors = torch.tensor(_RGB, device=latents.device)
        small = to_picture(torch.einsum("chw,cr->rhw", latents.float(), factors))
        return cv2.resize(small, None, fx=8, fy=8, interpolation=cv2.INTER_CUBIC)


def to_picture(values: torch.Tensor) -> np.ndarray:
    """(h, w, 3) uint8 of `values` (3, h, w) in -1..1."""
    scaled = (values.float() / 2 + 0.5).clamp(0, 1).permute(1, 2, 0) * 255.0
    return scaled.round().to(torch.uint8).cpu().numpy()


def from_picture(picture: np.ndarray) -> torch.Tensor:
    """(3, h, w) in -1..1 of an (h, w, 3) uint8 picture."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1).float() / 127.5 - 1.0
