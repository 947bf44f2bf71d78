"""What a person may set of a diffusion model's pictures, beside the form: seen while one is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

_STEPS, _GUIDANCE, _LIKENESS, _LORA_WEIGHT = 20, 7.5, 0.6, 0.8
NAMES = ("negative_prompt", "steps", "guidance", "likeness", "few_step", "loras", "lora_weight")
_FEW_STEP = (("Full quality", ""), ("LCM, 4 to 8 steps", "lcm"), ("Hyper-SD, 4 to 8 steps", "hyper"))


def diffusion_inputs(models: Path) -> list[Any]:
    """In the order of NAMES."""
    return [
        gr.Textbox(label="Not in the picture", placeholder="blurry, text", max_length=2000, elem_id="sd-negative"),
        gr.Slider(1, 60, _STEPS, step=1, label="Steps", elem_id="sd-steps"),
        gr.Slider(1.0, 15.0, _GUIDANCE, step=0.5, label="Guidance", elem_id="sd-guidance"),
        gr.Slider(0.0, 1.0, _LIKENESS, step=0.05, label="Likeness of the characters", elem_id="sd-likeness"),
        gr.Radio(list(_FEW_STEP), value="", label="Speed", elem_id="sd-few-step", elem_classes="ks-pills"),
        gr.Dropdown(
            lora_names(models), value=[], multiselect=True, label="LoRAs, out of models/loras", elem_id="sd-loras"
        ),
        gr.Slider(0.1, 1.5, _LORA_WEIGHT, step=0.1, label="Weight of each", elem_id="sd-lora-weight"),
    ]


def lora_names(models: Path) -> list[str]:
    return [path.stem for path in sorted((models / "loras").glob("*.safetensors"))]


def read_options(values: Sequence[Any]) -> dict[str, Any]:
    """The options of a request; what stands at its default is left out."""
    given = dict(zip(NAMES, values, strict=True))
    loras = {str(name): float(given["lora_weight"] or _LORA_WEIGHT) for name in given["loras"] or ()}
    few_step = given["few_step"] or ""
    numbers = {"steps": (int(given["steps"] or _STEPS), _STEPS), "guidance": (given["guidance"], _GUIDANCE)}
    # A few-step mode has figures of its own.
    changed = (
        {} if few_step else {name: value for name, (value, usual) in numbers.items() if value not in (None, usual)}
    )
    if given["likeness"] not in (None, _LIKENESS):
        changed["likeness"] = given["likeness"]
    texts = {"negative_prompt": (given["negative_prompt"] or "").strip(), "few_step": few_step}
    return changed | {name: text for name, text in texts.items() if text} | ({"loras": loras} if loras else {})


def show_options(options: Mapping[str, Any]) -> list[Any]:
    """Updates that put a request's options into the widgets."""
    loras = options.get("loras") or {}
    return [
        options.get("negative_prompt", ""),
        options.get("steps", _STEPS),
        options.get("guidance", _GUIDANCE),
        options.get("likeness", _LIKENESS),
        options.get("few_step", ""),
        list(loras),
        next(iter(loras.values()), _LORA_WEIGHT),
    ]
