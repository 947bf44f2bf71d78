"""One batch of pictures, from prompts to pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.contracts import Size
from studio.engines.image.diffusion.adapters import Adapters, Lora
from studio.engines.image.diffusion.canvas import composition, fitted, portrait
from studio.engines.image.diffusion.checkpoint import Network
from studio.engines.image.diffusion.likeness import Likeness
from studio.engines.image.diffusion.options import Change, read_change
from studio.engines.image.diffusion.pieces import REFINE_STRENGTH, Meter, Piece, say
from studio.engines.image.diffusion.previews import Previewer, from_picture, to_picture
from studio.engines.image.diffusion.prompts import PromptReader, gather
from studio.engines.image.diffusion.sampling import Course, Guidance, denoise
from studio.engines.image.diffusion.schedulers import FEW_STEP, make_scheduler
from studio.errors import BadInput, LoadFailed, StudioError


@dataclass(frozen=True)
class Parts:
    """What an engine draws with. `few_step`: where the LoRAs of FEW_STEP are; `unet` may be compiled."""

    network: Network
    reader: PromptReader
    adapters: Adapters
    likeness: Likeness | None
    previewer: Previewer
    few_step: Mapping[str, Path]
    device: str


class Painting:
    """`pieces` go together (Piece.goes_with), steered by the same hand. `unet`: the network's, or it compiled."""

    def __init__(self, parts: Parts, pieces: Sequence[Piece], unet: Any, meter: Meter) -> None:
        self._parts, self._pieces, self._unet, self._meter = parts, pieces, unet, meter
        self._sampling = pieces[0].sampling
        self._generators = [torch.Generator().manual_seed(piece.request.seed) for piece in pieces]
        self._change = Change()
        self._said: Mapping[str, Any] = {}
        self._held: Mapping[str, Any] = {}
        self._steps = dict.fromkeys((piece.number for piece in pieces), 0)
        self._noted: dict[int, Mapping[str, Any]] = {}

    def pictures(self) -> list[np.ndarray]:
        """(H, W, 3) of each piece's own size."""
        first = self._pieces[0]
        self._adapt(self._sampling.loras)
        images = self._prepare_likeness()
        self._read(images)
        latents = self._pass(self._base_course(), self._pieces)
        results = []
        for number, piece in enumerate(self._pieces):
            picture = self._decoded(piece, latents[number])
            if first.canvas.refined:
                picture = self._refined(number, picture, first.canvas.refined, images)
            self._meter.step()
            results.append(fitted(picture, piece.request.size))
        return results

    # ---- what guides ----

    def _adapt(self, named: Sequence[tuple[str, float]]) -> None:
        mode, adapters = self._sampling.few_step, self._parts.adapters
        loras = [_few_step_lora(mode, self._parts.few_step)] if mode else []
        adapters.use([*loras, *adapters.find(named)])

    def _prepare_likeness(self) -> torch.Tensor | None:
        """Image embeddings (n, k, width) of the batch's characters; None where no adapter is needed."""
        likeness = self._parts.likeness
        if likeness is None:
            return None
        if not self._pieces[0].cast:
            likeness.detach()
            return None
        seen = torch.stack([likeness.embed([portrait(one) for one in piece.cast]) for piece in self._pieces])
        likeness.attach(self._sampling.likeness)
        return seen

    def _read(self, images: torch.Tensor | None) -> None:
        """Sets what guides from the next step on."""
        change, reader = self._change, self._parts.reader
        words = self._sampling.words if change.words is None else change.words
        prompts = [_joined(piece.prompt if change.prompt is None else change.prompt, words) for piece in self._pieces]
        negatives = [
            piece.negative_prompt if change.negative_prompt is None else change.negative_prompt
            for piece in self._pieces
        ]
        guide = gather([reader.read(text) for text in (*negatives, *prompts)])
        both = None if images is None else torch.cat([torch.zeros_like(images), images])
        scale = self._sampling.guidance if change.guidance is None else change.guidance
        self._guidance = Guidance(scale, guide, both)

    def _steered(self) -> Guidance:
        """What guides the step ahead, after asking the person."""
        steer = self._pieces[0].request.steer
        said = dict(steer()) if steer else {}
        if said != self._said:
            self._said = said
            self._turn(said)
        self._count()
        return self._guidance

    def _turn(self, said: Mapping[str, Any]) -> None:
        """From now on as `said`; as before, with a word on why, where a LoRA can't be used: hours of work are not lost
        to a try."""
        change = read_change(said)
        try:
            self._adapt(self._sampling.loras if change.loras is None else change.loras)
        except (BadInput, LoadFailed) as error:
            say(self._pieces[0].request, f"what was asked for while it was drawn was left out: {error}")
            self._adapt(self._sampling.loras if self._change.loras is None else self._change.loras)
            return
        self._change, self._held = change, said
        images = self._guidance.images
        self._read(None if images is None else images[len(self._pieces) :])

    def _count(self) -> None:
        """Counts the step ahead for each picture it works on, and notes what holds for it from there."""
        for piece in self._pieces:
            number, noted = piece.number, piece.request.noted
            self._steps[number] += 1
            if noted and self._noted.get(number, {}) != self._held:
                self._noted[number] = self._held
                noted(self._steps[number], sum(piece.steps), self._held)

    # ---- passes ----

    def _base_course(self) -> Course:
        canvas, strength = self._pieces[0].canvas, self._pieces[0].strength
        noise = torch.stack([_noise(canvas.base, generator) for generator in self._generators])
        course = Course(self._sampling.steps, noise.to(self._parts.device), self._generators)
        if strength is None:
            return course
        starts = []
        for piece in self._pieces:
            shot = piece.request.shot
            starts.append(self._encoded(composition(piece.cast, shot.palette, shot.framing, canvas.base)))
        return Course(course.steps, course.noise, course.generators, torch.stack(starts), strength)

    def _refined(self, number: int, picture: np.ndarray, size: Size, images: torch.Tensor | None) -> np.ndarray:
        """`picture` enlarged and drawn over once more; alone, for it is large."""
        piece, generator = self._pieces[number], self._generators[number]
        noise = _noise(size, generator)[None].to(self._parts.device)
        start = self._encoded(fitted(picture, size))[None]
        course = Course(self._sampling.steps, noise, [generator], start, REFINE_STRENGTH)
        everybody = self._pieces
        self._pieces = [piece]
        self._read(None if images is None else images[number : number + 1])
        latents = self._pass(course, [piece])
        self._pieces = everybody
        return self._decoded(piece, latents[0])

    def _pass(self, course: Course, pieces: Sequence[Piece]) -> torch.Tensor:
        scheduler = make_scheduler(self._sampling.scheduler, self._sampling.few_step, self._parts.network.schedule)

        def after(number: int, guess: torch.Tensor) -> None:
            turn = number % len(pieces)  # one preview a step, whatever the batch
            show = pieces[turn].request.show
            if show:
                show(self._parts.previewer.picture(guess[turn]))
            self._meter.step(len(pieces))

        return denoise(self._unet, scheduler, course, self._steered, after)

    # ---- pixels ----

    @torch.no_grad()
    def _encoded(self, picture: np.ndarray) -> torch.Tensor:
        """Latents (4, h / 8, w / 8), float32. The distribution's middle: no noise but the seed's."""
        vae = self._parts.network.vae
        values = from_picture(picture)[None].to(self._parts.device, vae.dtype)
        middle = vae.encode(values).latent_dist.mode()[0]  # pyright: ignore[reportAttributeAccessIssue]
        return middle.float() * vae.config["scaling_factor"]

    @torch.no_grad()
    def _decoded(self, piece: Piece, latents: torch.Tensor) -> np.ndarray:
        """(h, w, 3). Raises StudioError where the UNet gave no numbers."""
        vae: Any = self._parts.network.vae
        if not bool(torch.isfinite(latents).all()):
            raise StudioError(f"the network computed no picture in {self._parts.network.unet.dtype}: not a number")
        scaled = latents[None] / vae.config["scaling_factor"]
        values = _decode(vae, scaled)
        if not bool(torch.isfinite(values).all()) and vae.dtype != torch.float32:
            say(piece.request, f"the picture was decoded in float32: in {_title(vae.dtype)} its numbers overflowed")
            dtype = vae.dtype
            vae.to(torch.float32)
            try:
                values = _decode(vae, scaled)
            finally:
                vae.to(dtype)
        if not bool(torch.isfinite(values).all()):
            raise StudioError("the VAE decoded no picture: not a number")
        return to_picture(values[0])


def _joined(prompt: str, words: str) -> str:
    return ", ".join(filter(None, (prompt, words)))


def _decode(vae: Any, latents: torch.Tensor) -> torch.Tensor:
    return vae.decode(latents.to(vae.dtype)).sample


def _noise(size: Size, generator: torch.Generator) -> torch.Tensor:
    """(4, h / 8, w / 8), drawn on the CPU: the same on every device."""
    return torch.randn((4, size.height // 8, size.width // 8), generator=generator)


def _title(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _few_step_lora(mode: str, there: Mapping[str, Path]) -> Lora:
    item = FEW_STEP[mode].item
    if mode not in there:
        accepted = f"{', '.join(there) or 'none of the few-step modes'} with the weights that are there"
        why = f"its weights {item} are missing, fetch them with python -m studio models fetch {item}"
        raise BadInput("--option image.few_step", mode, accepted, why)
    return Lora(mode, there[mode], 1.0)
