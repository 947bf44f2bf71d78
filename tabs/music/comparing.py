"""Asking for a comparison: two sides, each as the project is or with a look, a seed, engines and options of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import gradio as gr

from studio.errors import BadInput
from studio.requests import MusicVideoRequest
from tabs.engine_choice import engine_inputs
from tabs.music.comparison_html import comparison_html
from tabs.music.form import ENGINE_TASKS
from tabs.options_panel import moved_panel, options_panel, panel_value, read_panel

if TYPE_CHECKING:
    from studio.compose import Studio

SAME = "As in the project"
_SCRIPT = """
element.addEventListener('click', event => {
    const use = event.target.closest('[data-use]');
    if (use) trigger('use', { side: use.dataset.use });
});
element.addEventListener('play', event => {
    for (const other of element.querySelectorAll('video')) if (other !== event.target) other.pause();
}, true);
"""
_MOMENTS = [(f"Shot {number + 1}", number) for number in range(1, 6)]


@dataclass(frozen=True)
class Side:
    """The widgets of one side, in the order of `side_changes`' values. "" is the project's own."""

    style: gr.Dropdown
    seed: gr.Textbox
    image_engine: gr.Dropdown
    video_engine: gr.Dropdown
    image_options: gr.HTML
    video_options: gr.HTML

    @property
    def widgets(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    @property
    def engines(self) -> list[Any]:
        return [self.image_engine, self.video_engine]

    @property
    def panels(self) -> list[Any]:
        return [self.image_options, self.video_options]


@dataclass(frozen=True)
class Comparing:
    box: gr.Accordion
    a: Side
    b: Side
    moment: gr.Dropdown
    start: gr.Button
    result: gr.HTML


def build_comparing(studio: Studio) -> Comparing:
    """Needs a gr.Blocks around it."""
    with gr.Accordion("Compare two settings", open=False, elem_id="compare") as box:
        with gr.Row(elem_id="compare-sides"):
            a, b = (_build_side(studio, name) for name in "ab")
        with gr.Row(elem_id="compare-ask"):
            moment = gr.Dropdown(_MOMENTS, value=4, label="Two bars from", min_width=120, elem_id="compare-moment")
            start = gr.Button("Compare", elem_id="compare-start", scale=0, min_width=140)
        result = gr.HTML(
            comparison_html("", None, None), elem_id="comparison", js_on_load=_SCRIPT, apply_default_css=False
        )
    return Comparing(box, a, b, moment, start, result)


def _build_side(studio: Studio, name: str) -> Side:
    looks = [(SAME, ""), *((style.title, style.name) for style in studio.styles().values())]
    prefix, assets = f"compare-{name}", studio.settings.assets
    with gr.Column(min_width=300, elem_id=prefix):
        gr.HTML(f'<h3 class="ks-side">{name.upper()}</h3>', apply_default_css=False)
        with gr.Row():
            style = gr.Dropdown(looks, value="", label="Look", elem_id=f"{prefix}-style", min_width=140)
            # no gr.Number: an empty one is sent as 0
            seed = gr.Textbox(label="Seed", placeholder=SAME, max_length=10, elem_id=f"{prefix}-seed", min_width=120)
        with gr.Row():
            image_engine, video_engine = engine_inputs(studio, ENGINE_TASKS, prefix, SAME)
        image_options = options_panel(assets, f"{prefix}-image-options", "Options of the pictures")
        video_options = options_panel(assets, f"{prefix}-video-options", "Options of the motion")
    return Side(style, seed, image_engine, video_engine, image_options, video_options)


def side_changes(request: MusicVideoRequest, values: Sequence[Any]) -> dict[str, Any]:
    """What a side, its widgets standing at `values`, changes of the project's film. Raises BadInput."""
    style, seed, *more = values
    chosen, panels = more[: len(ENGINE_TASKS)], more[len(ENGINE_TASKS) :]
    changes: dict[str, Any] = {"style": style} if style and style != request.style else {}
    number = _seed(str(seed or "").strip(), request.seed)
    changes |= {"seed": number} if number != request.seed else {}
    named = {task: str(name) for task, name in zip(ENGINE_TASKS, chosen, strict=True) if name}
    engines = {**request.engines, **named}
    options = {task: dict(given) for task, given in request.options.items()}
    for task, panel in zip(ENGINE_TASKS, panels, strict=True):
        engine = engines.get(task, "")
        if isinstance(panel, Mapping) and panel.get("fields") and panel.get("engine") == engine:
            options[task] = read_panel(panel, engine)
        elif engine != request.engines.get(task, ""):
            options[task] = {}
    options = {task: given for task, given in options.items() if given}
    if engines != request.engines:
        changes["engines"] = engines
    return changes | ({"options": options} if options != request.options else {})


def _seed(text: str, own: int) -> int:
    if not text:
        return own
    if not text.isdecimal():
        raise BadInput("--seed", text, "a whole number from 0 to 2147483647")
    return int(text)


def project_panels(studio: Studio, request: MusicVideoRequest | None, chosen: Sequence[Any]) -> list[dict[str, Any]]:
    """A side's panels of options where it has `chosen` these engines; the project's own stand as the project has
    them."""
    return [
        _panel(studio, request, task, str(name or ""), None) for task, name in zip(ENGINE_TASKS, chosen, strict=True)
    ]


def moved_panels(
    studio: Studio, request: MusicVideoRequest | None, chosen: Sequence[Any], panels: Sequence[Any]
) -> list[dict[str, Any]]:
    """The same after another engine was chosen: what stood there is kept where the new one has it too."""
    trios = zip(ENGINE_TASKS, chosen, panels, strict=True)
    return [_panel(studio, request, task, str(name or ""), panel) for task, name, panel in trios]


def _panel(studio: Studio, request: MusicVideoRequest | None, task: str, chosen: str, before: Any) -> dict[str, Any]:
    own = request.engines.get(task, "") if request else ""
    engine = chosen or own
    if isinstance(before, Mapping):
        return dict(before) if before.get("engine") == engine else moved_panel(studio, task, engine, before)
    given = request.options.get(task, {}) if request and engine == own else {}
    return panel_value(studio, task, engine, given)
