"""Keyframes by Stable Diffusion 1.5, or any checkpoint of its family. The safety checker is not loaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from studio.cancellation import CancelToken
from studio.contracts import ImageEngine, Keyframe, PaintRequest, Progress, Weights
from studio.engines.image.diffusion.adapters import Adapters
from studio.engines.image.diffusion.checkpoint import load_network
from studio.engines.image.diffusion.likeness import Likeness
from studio.engines.image.diffusion.painting import Painting, Parts
from studio.engines.image.diffusion.pieces import Meter, batches, make_pieces
from studio.engines.image.diffusion.placement import Placement, sliced_attention
from studio.engines.image.diffusion.previews import Previewer
from studio.engines.image.diffusion.prompts import PromptReader, gather
from studio.engines.image.diffusion.sampling import Course, Guidance, denoise
from studio.engines.image.diffusion.schedulers import DEFAULT_SCHEDULER, FEW_STEP, make_scheduler
from studio.engines.loading import pretrained, torch_dtype
from studio.errors import LoadFailed

BATCH = 7
"""Keyframes of a film. On the CPU one at a time: sharing buys nothing there, and RAM that runs out ends the process."""

SHARES = (1.0, 1.0, 1.0, 0.75, 0.5)
"""A rung each: how much of the native side is drawn."""

SLICED, OFFLOADED = 1, 2
"""Rungs from which on attention and the VAE work piece by piece, and the networks wait in RAM."""


class StableDiffusion(ImageEngine):
    """The first of `weights.parts` is the checkpoint; the others are extras by name."""

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        dtype = torch_dtype(weights.precision)
        parts = dict(weights.parts)
        item = next(iter(parts))
        network = load_network(parts.pop(item), _vocabularies(parts, weights.folder), dtype)
        if rung >= SLICED:
            sliced_attention(network.unet)
            network.vae.enable_slicing()
            network.vae.enable_tiling()
        unet: Any = network.unet
        if device.startswith("cuda"):
            unet.to(memory_format=torch.channels_last)
        self._placement = Placement([network.text_encoder, unet, network.vae], device, offload=rung >= OFFLOADED)
        self._parts: Parts | None = Parts(
            network=network,
            reader=PromptReader(network.tokenizer, network.text_encoder, device),
            adapters=Adapters(network.unet, network.text_encoder, weights.folder / "loras"),
            likeness=_likeness(parts, network.unet, device, rung),
            previewer=Previewer(_taesd(parts, dtype, device)),
            few_step={mode: _one_file(parts[few.item]) for mode, few in FEW_STEP.items() if few.item in parts},
            device=device,
        )
        self._compiled: Any = None
        self.batch = BATCH if rung < SLICED and device.startswith("cuda") else 1

    @property
    def parts(self) -> Parts:
        """Raises RuntimeError once the engine is closed."""
        if self._parts is None:
            raise RuntimeError(f"{self.name} is closed")
        return self._parts

    @torch.no_grad()
    def warm_up(self) -> None:
        """One step of a small picture: a network that doesn't compute is found out here."""
        parts = self.parts
        states = parts.reader.read("")
        noise = torch.zeros(1, 4, 8, 8, device=self.device)
        scheduler = make_scheduler(DEFAULT_SCHEDULER, "", parts.network.schedule)
        guidance = Guidance(1.0, gather([states, states]))
        course = Course(1, noise, [torch.Generator().manual_seed(0)])
        denoise(parts.network.unet, scheduler, course, lambda: guidance, lambda _number, _guess: None)
        self._placement.rest()

    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        """Raises BadInput for options (see diffusion/options.py), LoadFailed for a LoRA that doesn't fit."""
        return self.paint_many([request], progress, cancel)[0]

    def paint_many(self, requests: Sequence[PaintRequest], progress: Progress, cancel: CancelToken) -> list[Keyframe]:
        parts = self.parts
        pieces = make_pieces(requests, parts.network.native_side, SHARES[self.rung], parts.likeness is not None)
        meter = Meter(pieces, progress, cancel)
        keyframes: dict[int, Keyframe] = {}
        for group in batches(pieces, self.batch):
            unet = self._unet(group[0].sampling.compile)
            pictures = Painting(parts, group, unet, meter).pictures()
            keyframes |= {piece.number: Keyframe(picture) for piece, picture in zip(group, pictures, strict=True)}
        self._placement.rest()
        return [keyframes[number] for number in range(len(requests))]

    def reset(self) -> None:
        parts = self.parts
        parts.adapters.clear()
        if parts.likeness is not None:
            parts.likeness.detach()
        self._placement.rest()

    def residue(self) -> str:
        parts = self.parts
        if parts.likeness is not None and parts.likeness.attached:
            return "the IP-Adapter is still in the UNet"
        return parts.adapters.residue()

    def leave_device(self) -> bool:
        self.reset()
        self._compiled = None
        return self._placement.leave()

    def enter_device(self) -> None:
        self._placement.enter()

    def close(self) -> None:
        self._placement.close()
        self._parts = self._compiled = None

    def _unet(self, compiled: bool) -> Any:
        unet = self.parts.network.unet
        if not compiled:
            return unet
        if self._compiled is None:
            self._compiled = torch.compile(unet)
        return self._compiled


def _vocabularies(parts: dict[str, Path], models: Path) -> list[Path]:
    """Where a tokenizer may be: an item of its own, and the folder of the published checkpoint."""
    folders = [path for item, path in parts.items() if item == "clip-tokenizer"]
    published = parts.get("stable-diffusion-1.5", models / "stable-diffusion-1.5")
    return [*folders, published / "tokenizer"]


def _likeness(parts: dict[str, Path], unet: Any, device: str, rung: int) -> Likeness | None:
    folder = parts.get("ip-adapter-sd15")
    return Likeness(folder, unet, device, rung >= SLICED) if folder else None


def _taesd(parts: dict[str, Path], dtype: torch.dtype, device: str) -> Any:
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny

    folder = parts.get("taesd")
    if folder is None:
        return None
    taesd: Any = pretrained(AutoencoderTiny, folder, dtype)
    return taesd.to(device)


def _one_file(path: Path) -> Path:
    """The weights of an item that is one file, whatever it is called."""
    if path.is_file():
        return path
    files = sorted(path.glob("*.safetensors"))
    if len(files) != 1:
        raise LoadFailed(f"{path} holds {len(files)} .safetensors files instead of one")
    return files[0]
