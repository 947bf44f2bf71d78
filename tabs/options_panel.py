"""The options of an engine as fields, drawn from the description its card names: one panel for every engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from studio.errors import BadInput

if TYPE_CHECKING:
    from studio.compose import Steering, Studio

NOTHING: Mapping[str, Any] = {"engine": "", "title": "", "fields": [], "values": {}}
"""The panel of an engine that can be asked nothing: it is not seen."""


def options_panel(assets: Path, elem_id: str, label: str) -> gr.HTML:
    """A component whose value is a panel's: see assets/options.js. It triggers "steer" with {values}."""
    return gr.HTML(
        value=dict(NOTHING),
        label=label,
        html_template='<div class="ks-options" hidden></div>',
        js_on_load=(assets / "options.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
    )


def panel_value(studio: Studio, task: str, engine: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The panel of `engine`, "" for the studio's own choice, standing at `values`."""
    try:
        card = studio.registry.wanted(task, engine or None)
    except BadInput:  # a checkpoint that has gone; the engine's own field says so
        return {**NOTHING, "engine": engine}
    return {"engine": engine, "title": card.title, "fields": studio.options(task, card.name), "values": dict(values)}


def steering_panel(job: str, steering: Steering | None, preview: str) -> dict[str, Any]:
    """The panel of what can be changed while the job `job` draws; unseen where nothing can. `preview`: the address of
    the picture as it comes, "" for none."""
    if steering is None:
        return dict(NOTHING)
    values = {"fields": list(steering.fields), "values": dict(steering.values)}
    return {"engine": "", "title": steering.engine, **values, "live": True, "job": job, "preview": preview}


def moved_panel(studio: Studio, task: str, engine: str, panel: Any) -> dict[str, Any]:
    """The panel after another engine was chosen, with what stood in `panel` where the engine has the same option."""
    fresh = panel_value(studio, task, engine, {})
    names = {field["name"] for field in fresh["fields"]}
    return {**fresh, "values": {name: value for name, value in _values(panel).items() if name in names}}


def read_panel(panel: Any, engine: str) -> dict[str, Any]:
    """What stands in the panel of `engine`; {} where it is still another engine's. The request checks the values."""
    return _values(panel) if isinstance(panel, Mapping) and panel.get("engine") == engine else {}


def _values(panel: Any) -> dict[str, Any]:
    values = panel.get("values") if isinstance(panel, Mapping) else None
    return {str(name): value for name, value in values.items()} if isinstance(values, Mapping) else {}
