"""What a person may set of a picture, read from PaintRequest.options and checked. Light: pages read it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.contracts.options import LIVE, ONLY_LIVE, Choice, Option, Schema
from studio.engines.image.diffusion.schedulers import DEFAULT_SCHEDULER, FEW_STEP, SCHEDULERS

MOST_LORAS = 8
MOST_CHARACTERS = 2000
"""Of a negative prompt."""


@dataclass(frozen=True)
class Sampling:
    """How a picture is sampled.

    guidance   1 leaves the prompt unenforced and needs half the work;  few_step  "", or a name of FEW_STEP
    loras      (name, weight) in the order given;  strength  0..1 how much of a start is drawn anew, None to find it
    likeness   0..1, how much characters look like their pictures;  compile  whether torch.compile is tried
    words      added to the prompt
    """

    steps: int = 20
    guidance: float = 7.5
    negative_prompt: str = ""
    scheduler: str = DEFAULT_SCHEDULER
    loras: tuple[tuple[str, float], ...] = ()
    few_step: str = ""
    strength: float | None = None
    likeness: float = 0.6
    compile: bool = field(default=False)
    words: str = ""


@dataclass(frozen=True)
class Change:
    """What is changed in the middle of a picture; None leaves it."""

    guidance: float | None = None
    loras: tuple[tuple[str, float], ...] | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    words: str | None = None


def read_options(options: Mapping[str, Any]) -> Sampling:
    """Raises BadInput naming the option, its value and what is accepted."""
    return Sampling(**OPTIONS.read(options))


def read_change(values: Mapping[str, Any]) -> Change:
    """What PaintRequest.steer said. Raises BadInput."""
    return Change(**OPTIONS.read_live(values))


_FEW_STEP_WORDS = {"lcm": "LCM, 4 to 8 steps", "hyper": "Hyper-SD, 4 to 8 steps"}
_FEW_STEP_CHOICES = tuple(
    Choice(
        name,
        _FEW_STEP_WORDS[name],
        mode.item,
        {"steps": mode.steps, "guidance": mode.guidance, "scheduler": mode.scheduler},
        without=("scheduler",),
    )
    for name, mode in FEW_STEP.items()
)
_SCHEDULER_CHOICES = tuple(Choice(name, name) for name in SCHEDULERS)

OPTIONS = Schema(
    "image",
    (
        Option(
            "words", "text", "Added to every sentence", "", most=MOST_CHARACTERS, live=LIVE,
            help="Such as: film grain, soft light",
        ),
        Option(
            "negative_prompt", "text", "Not in the picture", "", most=MOST_CHARACTERS, live=LIVE,
            help="Such as: blurry, text",
        ),
        Option("few_step", "choice", "Speed", "", choices=(Choice("", "Full quality"), *_FEW_STEP_CHOICES)),
        Option("steps", "whole", "Steps", Sampling.steps, 1, 150, 1),
        Option(
            "guidance", "number", "Guidance", Sampling.guidance, 1.0, 30.0, 0.5, live=LIVE,
            help="How closely the sentence is followed",
        ),
        Option("scheduler", "choice", "Scheduler", DEFAULT_SCHEDULER, choices=_SCHEDULER_CHOICES),
        Option("likeness", "number", "Likeness of the characters", Sampling.likeness, 0.0, 1.0, 0.05),
        Option("strength", "number", "How much of a start is drawn anew", None, 0.05, 1.0, 0.05, shown=False),
        Option("loras", "mix", "LoRAs", {}, -2.0, 2.0, 0.05, most=MOST_LORAS, usual=0.8, live=LIVE),
        Option("compile", "flag", "Compiled", default=False, shown=False),
        Option("prompt", "text", "Another sentence", None, most=MOST_CHARACTERS, live=ONLY_LIVE, shown=False),
    ),
)  # fmt: skip
"""Of every Stable Diffusion engine; presets/engines.yaml names it."""
