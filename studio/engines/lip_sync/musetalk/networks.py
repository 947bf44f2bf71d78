"""MuseTalk's networks: a crop's latents, the mouth painted into them in one pass, and the picture they decode to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.contracts import Weights
from studio.engines.loading import load_strictly, pretrained, read_state, torch_dtype, weights_file
from studio.errors import LoadFailed

SIDE = 256
"""Pixels of a crop's side; a latent's is an eighth."""

HIDDEN = SIDE // 2
"""The row from which the network does not see the face that it is to paint."""


@dataclass(frozen=True)
class Effort:
    """Frames that go through a network at once, frames that are worked on together, and whether only the network at
    work is on the device."""

    batch: int
    group: int
    offload: bool = False


EFFORTS = (Effort(8, 8), Effort(4, 4), Effort(2, 2), Effort(1, 1), Effort(1, 16, offload=True))
"""One a rung. Offloaded, frames are grouped so that the networks change places seldom."""


class MouthPainter:
    """`parts`: musetalk-v15 and sd-vae-ft-mse, as their repositories have them. Raises LoadFailed."""

    def __init__(self, weights: Weights, device: str, effort: Effort, width: int) -> None:
        self.effort, self._device = effort, device
        self._dtype = torch_dtype(weights.precision)
        from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL

        # Any: the libraries' own annotations know neither their outputs nor torch's methods
        self._unet: Any = _read_unet(weights.parts["musetalk-v15"] / "musetalkV15", self._dtype)
        # the decoder rounds visibly in bfloat16 and may overflow in float16; it is a tenth of the UNet
        vae: Any = pretrained(AutoencoderKL, weights.parts["sd-vae-ft-mse"], torch.float32)
        self._vae: Any = vae.requires_grad_(False)
        _check_fit(self._unet, self._vae, width)
        self._scale = float(self._vae.config["scaling_factor"])
        self.enter_device()

    def enter_device(self) -> None:
        layout = torch.channels_last if self._device.startswith("cuda") else torch.contiguous_format
        for module in (self._unet, self._vae):
            module.to(device="cpu" if self.effort.offload else self._device, memory_format=layout)

    def leave_device(self) -> None:
        for module in (self._unet, self._vae):
            module.to("cpu")

    @torch.inference_mode()
    def latents(self, crops: np.ndarray) -> torch.Tensor:
        """(n, 8, 32, 32) of faces `crops` (n, SIDE, SIDE, 3) uint8: each with its lower half hidden, and whole.

        The distribution's mode is taken, not a sample: the same crop always has the same latents.
        """
        whole = torch.from_numpy(np.ascontiguousarray(crops)).permute(0, 3, 1, 2).float() / 127.5 - 1
        hidden = whole.clone()
        hidden[:, :, HIDDEN:] = -1

        def encode(pixels: torch.Tensor) -> torch.Tensor:
            return self._vae.encode(pixels).latent_dist.mode() * self._scale

        with self._present(self._vae):
            return torch.cat([self._batched(encode, hidden), self._batched(encode, whole)], dim=1)

    @torch.inference_mode()
    def paint(self, latents: torch.Tensor, heard: np.ndarray) -> np.ndarray:
        """(n, SIDE, SIDE, 3) float32, 0..255: the crops of `latents` (n, 8, 32, 32) saying what is `heard`, the
        conditions (n, steps, width). Raises LoadFailed where the network gives no finite picture."""
        steps = torch.zeros(1, dtype=torch.long, device=self._device)

        def paint(latent: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            return self._unet(
                latent.to(self._dtype), steps, encoder_hidden_states=condition.to(self._dtype)
            ).sample.float()

        with self._present(self._unet):
            painted = self._batched(paint, latents, torch.from_numpy(heard))
        with self._present(self._vae):
            pixels = self._batched(self.decode, painted)
        if not bool(torch.isfinite(pixels).all()):
            raise LoadFailed(f"MuseTalk's network gives no finite picture in {self._dtype}: its weights are damaged")
        return pixels.permute(0, 2, 3, 1).numpy()

    def decode(self, latent: torch.Tensor) -> torch.Tensor:
        """(n, 3, SIDE, SIDE) 0..255 of `latent` (n, 4, 32, 32)."""
        return (self._vae.decode(latent / self._scale).sample.clamp(-1, 1) + 1) * 127.5

    def _batched(self, work: Callable[..., torch.Tensor], *inputs: torch.Tensor) -> torch.Tensor:
        """`work` in batches of one size, the last filled up: what a frame becomes does not depend on its company."""
        count, batch, done = len(inputs[0]), self.effort.batch, []
        for start in range(0, count, batch):
            parts = [each[start : start + batch] for each in inputs]
            length = len(parts[0])
            filled = [torch.cat([part, part[-1:].expand(batch - length, *part.shape[1:])]) for part in parts]
            done.append(work(*(part.to(self._device) for part in filled))[:length].cpu())
        return torch.cat(done)

    @contextmanager
    def _present(self, module: torch.nn.Module) -> Iterator[None]:
        if not self.effort.offload:
            yield
            return
        module.to(self._device)
        try:
            yield
        finally:
            module.to("cpu")


def _read_unet(folder: Path, dtype: torch.dtype) -> torch.nn.Module:
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    path = folder / "musetalk.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LoadFailed(f"{path} can't be read: {error}") from error
    try:
        with torch.device("meta"):  # nothing is drawn at random only to be overwritten
            unet: Any = UNet2DConditionModel.from_config(config)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, RuntimeError) as error:
        raise LoadFailed(f"{path} describes no network that can be built: {error}") from error
    file = weights_file(folder, "unet")
    state = read_state(file)
    for name in state:  # one by one: the file is twice as large as what is kept of it
        state[name] = state[name].to(dtype)
    load_strictly(unet, state, file, assign=True)
    return unet.eval().requires_grad_(False)


def _check_fit(unet: Any, vae: Any, width: int) -> None:
    latent, shrunk = int(vae.config["latent_channels"]), 2 ** (len(vae.config["block_out_channels"]) - 1)
    wanted = {"in_channels": 2 * latent, "out_channels": latent, "cross_attention_dim": width}
    for name, value in wanted.items():
        if unet.config[name] != value:
            raise LoadFailed(f"MuseTalk's {name} is {unet.config[name]}, its VAE and Whisper need {value}")
    if shrunk != 8:
        raise LoadFailed(f"MuseTalk's VAE makes pictures {shrunk} times smaller instead of 8 times")
