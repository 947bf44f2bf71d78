"""The Music Video room laid out: four numbered steps from top to bottom, each a widget group, then the projects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.music.styles import DEFAULT_STYLE
from tabs.engine_choice import engine_inputs
from tabs.job_html import Screen, screen_html
from tabs.music.board_html import board_html, board_script
from tabs.music.characters import characters_input
from tabs.music.comparing import Comparing, build_comparing
from tabs.music.desk import Desk
from tabs.music.form import ENGINE_TASKS, Form, number_inputs, sentence_input, size_input, song_input, words_inputs
from tabs.music.song_player import song_player_script
from tabs.music.style_chooser import style_chooser
from tabs.options_panel import options_panel
from tabs.shelf import OPEN_SCRIPT

_TASK_SCRIPT = """
element.addEventListener('click', event => { if (event.target.closest('[data-cancel]')) trigger('cancel', {}); });
"""


@dataclass(frozen=True)
class Room:
    """The room's widgets beside its form. `current` holds the open project's id, `remembered` the same in the
    browser, so that a reload comes back to it."""

    form: Form
    current: gr.State
    remembered: gr.BrowserState
    title: gr.Textbox
    message: gr.HTML
    player: gr.HTML
    board: gr.HTML
    task: gr.HTML
    steer: gr.HTML
    screen: gr.HTML
    details: gr.HTML
    shelf: gr.HTML
    comparing: Comparing
    draw: gr.Button
    render: gr.Button
    cancel: gr.Button
    resume: gr.Button
    rename: gr.Button
    new: gr.Button
    bring: gr.UploadButton
    export: gr.HTML
    delete: gr.Button
    confirm_delete: gr.Button
    keep: gr.Button

    @property
    def opened(self) -> list[Any]:
        """What changes when a project is opened, in the order of `Handlers.opened`."""
        return [self.current, self.remembered, self.title, self.message, *self.form.widgets]

    @property
    def live(self) -> list[Any]:
        """What follows the project, in the order of `Handlers.watch`'s results."""
        shown = [self.player, self.board, self.task, self.steer, self.screen, self.details, self.comparing.result]
        shown.append(self.export)
        return [*shown, self.shelf, self.draw, self.render, self.cancel, self.resume, self.delete]


def build_room(desk: Desk, empty: Screen) -> Room:
    """Lays the widgets out; needs a gr.Blocks around it."""
    studio, assets = desk.studio, desk.studio.settings.assets
    limits = studio.settings.limits
    bare: dict[str, Any] = {"apply_default_css": False}
    current, remembered = gr.State(None), gr.BrowserState("", storage_key="kinora-project", secret="kinora")
    with gr.Row(elem_id="project-bar"):
        title = gr.Textbox(
            label="Project", show_label=False, placeholder="Untitled film", container=False, max_length=120,
            elem_id="title", html_attributes=gr.InputHTMLAttributes(autocomplete="off"), scale=1,
        )  # fmt: skip
        rename = gr.Button("Rename", size="sm", elem_id="rename", scale=0, min_width=72)
        new = gr.Button("New", size="sm", elem_id="new", scale=0, min_width=72)
        bring = gr.UploadButton(
            "Import", size="sm", file_types=[".zip"], type="filepath", elem_id="import", scale=0, min_width=72
        )
        export = gr.HTML("", elem_id="export", min_height=0, **bare)
        delete = gr.Button("Delete", size="sm", elem_id="delete", scale=0, min_width=72, visible="hidden")
    with gr.Row(elem_id="confirm"):
        gr.HTML("<p>Delete this project with its film and pictures? This can't be undone.</p>")
        confirm_delete = gr.Button("Delete for good", variant="stop", size="sm", elem_id="confirm-delete", scale=0)
        keep = gr.Button("Keep it", size="sm", elem_id="keep", scale=0)
    _step(1, "Song")
    with gr.Row(elem_id="song-step"):
        with gr.Column(scale=1, min_width=220, elem_id="song-file"):
            song = song_input()
        with gr.Column(scale=4, min_width=320):
            player = gr.HTML("", elem_id="player", js_on_load=song_player_script(assets), **bare)
    tempo = gr.State(None)
    _step(2, "Characters and look")
    with gr.Row(elem_id="cast-step"):
        with gr.Column(min_width=320):
            characters = characters_input(limits.characters)
            prompt = sentence_input(limits)
        with gr.Column(min_width=320):
            style = style_chooser(studio.styles(), DEFAULT_STYLE)
            size = size_input()
    with gr.Row(elem_id="board-head"):
        _step(3, "Storyboard")
        draw = gr.Button("Draw the storyboard", size="sm", elem_id="draw", scale=0, min_width=190)
    board = gr.HTML(board_html(None), elem_id="board", js_on_load=board_script(assets), **bare)
    with gr.Column(elem_id="toasts"):
        message = gr.HTML("", elem_id="message", **bare)
        steer = options_panel(assets, "steer", "While it draws")
        task = gr.HTML("", elem_id="task", js_on_load=_TASK_SCRIPT, **bare)
    _step(4, "Film")
    with gr.Row(elem_id="bench"):
        with gr.Column(elem_id="inputs", min_width=300):
            captions, card_title, artist, visualizer = words_inputs()
            with gr.Accordion("More settings", open=False, elem_id="advanced"), gr.Row():
                seed, fps = number_inputs()
                image_engine, video_engine = engine_inputs(studio, ENGINE_TASKS, "music")
            image_options = options_panel(assets, "image-options", "Options of the pictures")
            video_options = options_panel(assets, "video-options", "Options of the motion")
            render = gr.Button("Render", variant="primary", size="lg", elem_id="render")
        with gr.Column(elem_id="stage", min_width=320):
            screen = gr.HTML(screen_html(empty), elem_id="screen", **bare)
            cancel = gr.Button("Cancel", size="sm", elem_id="cancel", visible="hidden")
            resume = gr.Button("Resume", size="sm", elem_id="resume", visible="hidden")
            details = gr.HTML("", elem_id="details", **bare)
    comparing = build_comparing(studio)
    gr.HTML('<h2 class="ks-heading">Projects</h2>', **bare)
    shelf = gr.HTML("", elem_id="shelf", js_on_load=OPEN_SCRIPT, **bare)
    form = Form(
        song, characters, prompt, style, size, seed, fps, tempo, captions, card_title, artist, visualizer,
        image_engine, video_engine, image_options, video_options,
    )  # fmt: skip
    return Room(
        form, current, remembered, title, message, player, board, task, steer, screen, details, shelf, comparing,
        draw, render, cancel, resume, rename, new, bring, export, delete, confirm_delete, keep,
    )  # fmt: skip


def _step(number: int, words: str) -> None:
    gr.HTML(f'<h2 class="ks-step"><b>{number}</b>{words}</h2>', apply_default_css=False)
