"""From noise to latents, a step at a time; what guides it may change between steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from studio.engines.image.diffusion.prompts import Guide


@dataclass(frozen=True)
class Guidance:
    """What steers a step of n pictures.

    scale   classifier-free guidance; at 1 the unguided half is not computed
    guide   2 n prompts: the n negative ones, then the n positive
    images  image embeddings (2 n, k, width) in the same order, or None
    """

    scale: float
    guide: Guide
    images: torch.Tensor | None = None

    @property
    def guided(self) -> bool:
        return self.scale > 1.0


@dataclass(frozen=True)
class Course:
    """One way from noise to pictures: `noise` (n, 4, h, w) with a generator each; over `start`, latents of pictures,
    the last `strength` of the `steps` are gone, else all."""

    steps: int
    noise: torch.Tensor
    generators: Sequence[torch.Generator]
    start: torch.Tensor | None = None
    strength: float = 1.0

    @property
    def drawn(self) -> int:
        return drawn_steps(self.steps, 1.0 if self.start is None else self.strength)


def drawn_steps(steps: int, strength: float) -> int:
    return max(1, min(steps, int(steps * strength)))


@torch.no_grad()
def denoise(
    unet: Callable[..., Any],
    scheduler: Any,
    course: Course,
    ahead: Callable[[], Guidance],
    after: Callable[[int, torch.Tensor], None],
) -> torch.Tensor:
    """Latents (n, 4, h, w), float32.

    `ahead` is asked before each step; `after` gets its number, from 0, and the present guess of the finished latents.
    The latents are kept in float32 whatever the UNet computes in: twenty roundings to bfloat16 show as grain.
    """
    device, dtype = course.noise.device, unet.dtype  # pyright: ignore[reportFunctionMemberAccess] - a module
    scheduler.set_timesteps(course.steps, device=device)
    first = course.steps - course.drawn
    times = scheduler.timesteps[first * scheduler.order :]
    if hasattr(scheduler, "set_begin_index"):  # DDIM finds its place by the time itself
        scheduler.set_begin_index(first * scheduler.order)
    if course.start is None:
        latents = course.noise * scheduler.init_noise_sigma
    else:
        latents = scheduler.add_noise(course.start, course.noise, times[:1].repeat(len(course.noise)))
    for number, time in enumerate(times):
        guidance = ahead()
        scaled = scheduler.scale_model_input(latents, time).to(dtype)
        noise = _predicted(unet, scaled, time, guidance)
        result = scheduler.step(noise, time, latents, generator=list(course.generators))
        latents = result.prev_sample
        after(number, _guess(scheduler, result))
    return latents


def _predicted(unet: Callable[..., Any], latents: torch.Tensor, time: torch.Tensor, guidance: Guidance) -> torch.Tensor:
    count = len(latents)
    rows = slice(None) if guidance.guided else slice(count, None)
    guide, images = guidance.guide, guidance.images
    noise = unet(
        torch.cat([latents, latents]) if guidance.guided else latents,
        time,
        encoder_hidden_states=guide.states[rows].to(latents.dtype),
        encoder_attention_mask=None if guide.mask is None else guide.mask[rows],
        added_cond_kwargs={} if images is None else {"image_embeds": [images[rows].to(latents.dtype)]},
        return_dict=False,
    )[0].float()
    if not guidance.guided:
        return noise
    without, wanted = noise.chunk(2)
    return without + guidance.scale * (wanted - without)


def _guess(scheduler: Any, result: Any) -> Any:
    """What the sampler takes the finished latents to be, a tensor; schedulers name it differently."""
    for name in ("pred_original_sample", "denoised"):
        if getattr(result, name, None) is not None:
            return getattr(result, name)
    outputs = getattr(scheduler, "model_outputs", None) or [None]  # DPM++ keeps its last guesses for the next step
    return result.prev_sample if outputs[-1] is None else outputs[-1]
