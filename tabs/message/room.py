"""The Video Message room laid out: photo, voice, words, message; then the messages made so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from tabs.engine_choice import engine_inputs
from tabs.message.desk import CONSENT, MessageDesk
from tabs.message.form import (
    ENGINE_TASKS,
    LANGUAGE_NAMES,
    MessageForm,
    background_inputs,
    manner_inputs,
    photo_input,
    picture_inputs,
    voice_input,
    words_inputs,
)
from tabs.message.live import NO_MESSAGE
from tabs.message.people import people_html, people_script
from tabs.message.portrait_html import portrait_html
from tabs.message.screen_html import message_html
from tabs.message.speech_html import speech_html
from tabs.shelf import OPEN_SCRIPT

_TASK_SCRIPT = """
element.addEventListener('click', event => { if (event.target.closest('[data-cancel]')) trigger('cancel', {}); });
"""


@dataclass(frozen=True)
class VoiceMaking:
    """The widgets that make a voice."""

    name: gr.Textbox
    spoken: gr.Audio
    files: gr.File
    language: gr.Dropdown
    consent: gr.Checkbox
    make: gr.Button
    said: gr.HTML
    bring: gr.UploadButton


@dataclass(frozen=True)
class MessageRoom:
    """The room's widgets beside its form. `current` holds the open message's id, `remembered` the same in the browser,
    so that a reload comes back to it."""

    form: MessageForm
    current: gr.State
    remembered: gr.BrowserState
    title: gr.Textbox
    message: gr.HTML
    people: gr.HTML
    portrait: gr.HTML
    voices: VoiceMaking
    hear: gr.Button
    speech: gr.HTML
    task: gr.HTML
    make: gr.Button
    screen: gr.HTML
    cancel: gr.Button
    resume: gr.Button
    details: gr.HTML
    shelf: gr.HTML
    new: gr.Button
    export: gr.HTML
    delete: gr.Button

    @property
    def opened(self) -> list[Any]:
        """What changes when a message is opened, in the order of `MessageHandlers.opened`."""
        return [self.current, self.remembered, self.title, self.message, self.people, *self.form.widgets]

    @property
    def live(self) -> list[Any]:
        """What follows the message, in the order of `MessageHandlers.watch`'s results."""
        shown = [self.portrait, self.speech, self.task, self.screen, self.details, self.export, self.shelf]
        return [*shown, self.make, self.hear, self.cancel, self.resume, self.delete]


def build_message_room(desk: MessageDesk) -> MessageRoom:
    """Lays the widgets out; needs a gr.Blocks around it."""
    assets, limits = desk.studio.settings.assets, desk.studio.settings.limits
    bare: dict[str, Any] = {"apply_default_css": False}
    current, remembered = gr.State(None), gr.BrowserState("", storage_key="kinora-message", secret="kinora")
    with gr.Row(elem_id="say-bar", elem_classes="ks-bar"):
        title = gr.Textbox(
            label="Message", show_label=False, placeholder="Untitled message", container=False, max_length=120,
            elem_id="say-title", elem_classes="ks-title", scale=1,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
        )  # fmt: skip
        new = gr.Button("New", size="sm", elem_id="say-new", scale=0, min_width=72)
        export = gr.HTML("", elem_id="say-export", min_height=0, **bare)
        delete = gr.Button("Delete", size="sm", elem_id="say-delete", scale=0, min_width=72, visible="hidden")
    _step(1, "Photo")
    with gr.Row(elem_id="say-photo-step", elem_classes="ks-pair"):
        with gr.Column(scale=2, min_width=280):
            photo = photo_input(assets)
            people = gr.HTML(people_html(()), elem_id="say-people", js_on_load=people_script(), **bare)
            background, colour, picture = background_inputs()
        with gr.Column(scale=3, min_width=320):
            portrait = gr.HTML(
                portrait_html(None, False), elem_id="say-portrait",
                js_on_load=(assets / "portrait.js").read_text(encoding="utf-8"), **bare,
            )  # fmt: skip
    _step(2, "Voice")
    with gr.Row(elem_id="say-voice-step", elem_classes="ks-pair"):
        with gr.Column(scale=2, min_width=280):
            voice = voice_input(assets)
        with gr.Column(scale=3, min_width=320):
            voices = _build_voice_making(bare)
    _step(3, "Words")
    with gr.Row(elem_id="say-words-step", elem_classes="ks-pair"):
        with gr.Column(scale=3, min_width=320):
            language, text, audio = words_inputs(limits)
        with gr.Column(scale=2, min_width=280):
            with gr.Accordion("How it is said", open=False, elem_id="say-manner"):
                speed, pitch, volume, pause = manner_inputs()
            hear = gr.Button("Hear it", elem_id="say-hear")
            speech = gr.HTML(speech_html(None, False), elem_id="say-speech", **bare)
    _step(4, "Message")
    with gr.Row(elem_id="say-bench", elem_classes="ks-pair"):
        with gr.Column(scale=2, min_width=280):
            with gr.Accordion("More settings", open=False, elem_id="say-more"):
                motion, captions, repair, height, seed = picture_inputs()
                with gr.Row():
                    engines = engine_inputs(desk.studio, ENGINE_TASKS, "say")
            make = gr.Button("Make the message", variant="primary", size="lg", elem_id="say-make")
        with gr.Column(scale=3, min_width=320):
            screen = gr.HTML(message_html(NO_MESSAGE, None), elem_id="say-screen", **bare)
            cancel = gr.Button("Cancel", size="sm", elem_id="say-cancel", visible="hidden")
            resume = gr.Button("Resume", size="sm", elem_id="say-resume", visible="hidden")
            details = gr.HTML("", elem_id="say-details", **bare)
    with gr.Column(elem_id="say-toasts", elem_classes="ks-toasts"):
        message = gr.HTML("", elem_id="say-message", **bare)
        task = gr.HTML("", elem_id="say-task", js_on_load=_TASK_SCRIPT, **bare)
    gr.HTML('<h2 class="ks-heading">Messages</h2>', **bare)
    shelf = gr.HTML("", elem_id="say-shelf", js_on_load=OPEN_SCRIPT, **bare)
    form = MessageForm(
        photo, background, colour, picture, voice, language, text, audio, speed, pitch, volume, pause, motion,
        captions, repair, height, seed, *engines,
    )  # fmt: skip
    return MessageRoom(
        form, current, remembered, title, message, people, portrait, voices, hear, speech, task, make, screen, cancel,
        resume, details, shelf, new, export, delete,
    )  # fmt: skip


def _step(number: int, words: str) -> None:
    gr.HTML(f'<h2 class="ks-step"><b>{number}</b>{words}</h2>', apply_default_css=False)


def _build_voice_making(bare: dict[str, Any]) -> VoiceMaking:
    with gr.Accordion("A new voice from three seconds of speech", open=False, elem_id="say-new-voice"):
        with gr.Row():
            name = gr.Textbox(label="Name", max_length=100, min_width=150, elem_id="say-voice-name")
            choices = [(words, code) for code, words in LANGUAGE_NAMES.items()]
            language = gr.Dropdown(
                choices, value="en", label="Language spoken", min_width=150, elem_id="say-voice-language"
            )
        spoken = gr.Audio(label="Record it", sources=["microphone"], type="filepath", elem_id="say-voice-spoken")
        files = gr.File(
            label="Or recordings, any format", file_count="multiple", type="filepath", height=118,
            elem_id="say-voice-files",
        )  # fmt: skip
        consent = gr.Checkbox(False, label=CONSENT, elem_id="say-voice-consent")
        with gr.Row():
            make = gr.Button("Keep this voice", elem_id="say-voice-make", scale=0, min_width=160)
            bring = gr.UploadButton(
                "Import a voice", file_types=[".zip"], type="filepath", elem_id="say-voice-import", scale=0,
                min_width=160,
            )  # fmt: skip
        said = gr.HTML("", elem_id="say-voice-said", **bare)
    return VoiceMaking(name, spoken, files, language, consent, make, said, bring)
