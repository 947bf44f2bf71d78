"""From one picture to a clip: encoded, denoised, decoded, as diffusers' StableVideoDiffusionPipeline does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.engines.image.diffusion.canvas import fitted
from studio.engines.image.diffusion.placement import Placement
from studio.engines.image.diffusion.previews import Previewer, from_picture, to_picture
from studio.engines.video.diffusion.canvas import GRID, plan_canvas
from studio.engines.video.diffusion.checkpoint import Network
from studio.engines.video.diffusion.options import Sampling

FEWEST = 4
"""Frames of a clip."""

_NATIVE = Size(1024, 576)

_GRAIN = 8
"""Pixels of a latent."""


@dataclass(frozen=True)
class Effort:
    """How much is done at once.

    decode   frames decoded together;  offload  networks are on the device one by one, guided and unguided apart
    frames, area  shares of a clip's frames and of a frame's pixels that are filmed
    """

    decode: int
    offload: bool = False
    frames: float = 1.0
    area: float = 1.0


EFFORTS = (
    Effort(8),
    Effort(4),
    Effort(2),
    Effort(1),
    Effort(1, offload=True),
    Effort(1, offload=True, frames=0.6),
    Effort(1, offload=True, frames=0.6, area=0.4),
)
"""A rung each."""


@dataclass(frozen=True)
class Watch:
    """Who looks on. `show` gets a rough picture of the clip's middle; `share` what more is done, all of a clip is 1."""

    cancel: CancelToken
    share: Callable[[float], None]
    show: Callable[[np.ndarray], None] | None = None


class Filmer:
    """Sets pictures in motion with one network on one device."""

    def __init__(self, network: Network, device: str, effort: Effort) -> None:
        self._network, self._device, self._effort = network, device, effort
        if effort.offload:
            network.unet.enable_forward_chunking()
        self._placement = Placement([network.image_encoder, network.unet, network.vae], device, effort.offload)
        self._previewer = Previewer(None)

    @property
    def placement(self) -> Placement:
        return self._placement

    @property
    def frames(self) -> int:
        """Of a clip."""
        return max(FEWEST, round(self._network.frames * self._effort.frames))

    def canvas(self, size: Size) -> Size:
        return plan_canvas(size, self._network.area * self._effort.area)

    def rehearse(self) -> None:
        """One step of a clip: a network that doesn't compute, and device memory that won't do, are found out."""
        native = self.canvas(_NATIVE)
        # without a device of its own nothing runs out, and a clip in full takes minutes
        canvas = native if self._device.startswith("cuda") else Size(GRID, GRID)
        grey = np.full((canvas.height, canvas.width, 3), 128, np.uint8)
        watch = Watch(CancelToken(), lambda _share: None)
        self._filmed(grey, canvas, torch.Generator().manual_seed(0), (Sampling(steps=1), watch))

    def clip(self, picture: np.ndarray, seed: int, sampling: Sampling, watch: Watch) -> list[np.ndarray]:
        """`frames` pictures of the size of `canvas`; the first is about `picture` (H, W, 3). Same seed, same clip."""
        watch.cancel.check()
        canvas = self.canvas(Size(picture.shape[1], picture.shape[0]))
        return self._filmed(picture, canvas, torch.Generator().manual_seed(seed), (sampling, watch))

    @torch.no_grad()
    def _filmed(
        self, picture: np.ndarray, canvas: Size, generator: torch.Generator, how: tuple[Sampling, Watch]
    ) -> list[np.ndarray]:
        sampling, watch = how
        start = self._start(picture, canvas, generator, sampling)
        self._placement.rest()
        shape = (1, self.frames, 4, canvas.height // _GRAIN, canvas.width // _GRAIN)
        noise = torch.randn(shape, generator=generator).to(self._device)
        latents = self._denoised(noise, start, sampling, watch)
        made = self.decoded(latents[0], min(sampling.decode_chunk_size, self._effort.decode), watch)
        self._placement.rest()
        return made

    def _start(self, picture: np.ndarray, canvas: Size, generator: torch.Generator, sampling: Sampling) -> _Start:
        """What the UNet is told of the picture, without guidance and with it."""
        network = self._network
        seen = network.image_encoder(self._for_encoder(picture)).image_embeds[:, None].float()
        still = from_picture(fitted(picture, canvas))[None]
        still = still + sampling.noise_aug_strength * torch.randn(still.shape, generator=generator)
        encoded = self._encoded(still)[:, None].repeat(1, self.frames, 1, 1, 1)
        # the network was told of one frame a second less than there are
        told = torch.tensor([[sampling.fps - 1, sampling.motion_bucket_id, sampling.noise_aug_strength]])
        states = torch.cat([torch.zeros_like(seen), seen])
        return _Start(states, torch.cat([torch.zeros_like(encoded), encoded]), told.to(self._device).repeat(2, 1))

    def _for_encoder(self, picture: np.ndarray) -> torch.Tensor:
        """(1, 3, side, side), as the published pipeline makes it: blurred by what is lost, then bicubic."""
        config: Any = self._network.image_encoder.config
        side = int(config.image_size)
        values = picture.astype(np.float32) / 127.5 - 1.0
        factors = [length / side for length in picture.shape[:2]]
        sigmas = [max((factor - 1.0) / 2.0, 0.001) for factor in factors]
        high, wide = (int(max(4.0 * sigma, 3)) | 1 for sigma in sigmas)
        values = cv2.GaussianBlur(values, (wide, high), sigmas[1], sigmaY=sigmas[0], borderType=cv2.BORDER_REFLECT_101)
        tensor = torch.from_numpy(values).permute(2, 0, 1)[None]
        tensor = torch.nn.functional.interpolate(tensor, (side, side), mode="bicubic", align_corners=True)
        mean, std = (torch.tensor(v)[None, :, None, None] for v in (self._network.mean, self._network.std))
        return self._at_work(((tensor + 1.0) / 2.0 - mean) / std, self._network.image_encoder)

    def _encoded(self, still: torch.Tensor) -> torch.Tensor:
        vae: Any = self._network.vae
        with _precise(vae):
            return vae.encode(self._at_work(still, vae)).latent_dist.mode().float()

    def _denoised(self, noise: torch.Tensor, start: _Start, sampling: Sampling, watch: Watch) -> torch.Tensor:
        """Latents (1, n, 4, h, w), kept in float32 whatever the UNet computes in."""
        from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler

        scheduler: Any = EulerDiscreteScheduler.from_config(dict(self._network.schedule))
        scheduler.set_timesteps(sampling.steps, device=self._device)
        guidance = torch.linspace(sampling.min_guidance, sampling.max_guidance, self.frames, device=self._device)
        guided = sampling.max_guidance > 1.0
        latents = noise * scheduler.init_noise_sigma
        for time in scheduler.timesteps:
            scaled = scheduler.scale_model_input(latents, time)
            without, wanted = self._predicted(scaled, time, start, guided)
            guess = without + guidance[None, :, None, None, None] * (wanted - without)
            result = scheduler.step(guess, time, latents)
            latents = result.prev_sample
            watch.share(_STEPS / sampling.steps)
            if watch.show:
                watch.show(self._previewer.picture(result.pred_original_sample[0, self.frames // 2]))
            watch.cancel.check()
        return latents

    def _predicted(
        self, scaled: torch.Tensor, time: torch.Tensor, start: _Start, guided: bool
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the UNet makes of it without the picture and with it; both the same where nothing is guided."""
        rows = [slice(0, 2)] if guided else [slice(1, 2)]
        if guided and self._effort.offload:
            rows = [slice(0, 1), slice(1, 2)]
        unet: Any = self._network.unet
        made = []
        for row in rows:
            given = torch.cat([scaled.expand(row.stop - row.start, -1, -1, -1, -1), start.latents[row]], dim=2)
            states, told = (self._at_work(value[row], unet) for value in (start.states, start.told))
            arguments = {"encoder_hidden_states": states, "added_time_ids": told, "return_dict": False}
            made.append(unet(self._at_work(given, unet), time, **arguments)[0].float())
        both = torch.cat(made)
        return both[:1], both[-1:]

    def decoded(self, latents: torch.Tensor, chunk: int, watch: Watch) -> list[np.ndarray]:
        """Pictures of `latents` (n, 4, h, w), `chunk` at once. The decoder looks at neighbouring frames: chunks overlap
        and pass one into the other, so that no seam is seen in time."""
        vae: Any = self._network.vae
        latents = latents / vae.config.scaling_factor
        pictures: list[np.ndarray] = []
        held: list[torch.Tensor] = []
        windows = list(_windows(len(latents), chunk))
        for first, last in windows:
            watch.cancel.check()
            values = self._at_work(latents[first:last], vae)
            new = list(vae.decode(values, num_frames=last - first).sample.float().cpu())
            for number, old in enumerate(held):
                new[number] = torch.lerp(old, new[number], (number + 1) / (len(held) + 1))
            kept = next((start for start, _ in windows if start > first), last) - first
            pictures += [to_picture(frame) for frame in new[:kept]]
            held = new[kept:]
            watch.share((1.0 - _STEPS) / len(windows))
        return pictures

    def _at_work(self, values: torch.Tensor, network: Any) -> torch.Tensor:
        return values.to(self._device, network.dtype)


_STEPS = 0.85
"""Share of a clip's work that is denoising."""


@dataclass(frozen=True)
class _Start:
    """Two of each, the first without the picture: states (2, 1, width), latents (2, n, 4, h, w), told (2, 3)."""

    states: torch.Tensor
    latents: torch.Tensor
    told: torch.Tensor


def _windows(count: int, chunk: int) -> Iterator[tuple[int, int]]:
    """First and last + 1 of frames that are decoded together; a quarter of each window is in the next one too."""
    stride = max(1, chunk - chunk // 4)
    first = 0
    while first + chunk < count:
        yield first, first + chunk
        first += stride
    yield first, count


@contextmanager
def _precise(vae: Any) -> Iterator[None]:
    """The published VAE's encoder overflows in float16; its configuration says so."""
    upcast = vae.dtype == torch.float16 and vae.config.force_upcast
    if upcast:
        torch.nn.Module.to(vae, torch.float32)  # diffusers' own warns of what is meant here
    try:
        yield
    finally:
        if upcast:
            torch.nn.Module.to(vae, torch.float16)
