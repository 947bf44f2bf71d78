"""The ways of sampling a person may choose, and the few-step modes that bring their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEDULERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "dpm++ 2m karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler a": ("EulerAncestralDiscreteScheduler", {}),
    "ddim": ("DDIMScheduler", {}),
    "lcm": ("LCMScheduler", {}),
}
"""Name -> class of diffusers and what is set besides how the checkpoint was trained."""

DEFAULT_SCHEDULER = "dpm++ 2m karras"


@dataclass(frozen=True)
class FewStep:
    """A LoRA that needs a few steps, `item` of presets/weights.yaml, and how it wants to be sampled.

    Source: the model cards of latent-consistency/lcm-lora-sdv1-5 (4 to 8 steps, guidance 1 to 2) and of
    ByteDance/Hyper-SD (8 steps of DDIM with trailing timesteps, no guidance).
    """

    item: str
    steps: int
    guidance: float
    scheduler: str
    changes: Mapping[str, Any]


FEW_STEP: Mapping[str, FewStep] = {
    "lcm": FewStep("lcm-lora-sd15", 6, 1.5, "lcm", {}),
    "hyper": FewStep("hyper-sd15-lora", 8, 1.0, "ddim", {"timestep_spacing": "trailing"}),
}


def make_scheduler(name: str, few_step: str, schedule: Mapping[str, Any]) -> Any:
    """A new scheduler of SCHEDULERS for a checkpoint trained as `schedule` says; schedulers keep state."""
    import diffusers

    kind, changes = SCHEDULERS[name]
    extra = FEW_STEP[few_step].changes if few_step else {}
    return getattr(diffusers, kind).from_config({**schedule, **changes, **extra})
