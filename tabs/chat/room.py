"""The Video Chat room laid out: the video with its timeline, scenes and words; beside it the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from studio.index.questions import LONGEST
from tabs.chat.desk import ChatDesk
from tabs.chat.live import NO_SESSION
from tabs.chat.talk_html import Home, talk_html
from tabs.chat.viewer import add_component, reading_html, viewer_component
from tabs.engine_choice import engine_inputs
from tabs.shelf import OPEN_SCRIPT

ENGINE_TASKS = ("vision", "transcript", "chat")


@dataclass(frozen=True)
class ModelPanel:
    """The widgets that name a language model."""

    url: gr.Textbox
    name: gr.Textbox
    key: gr.Textbox
    use: gr.Button
    said: gr.HTML


@dataclass(frozen=True)
class ChatRoom:
    """The room's widgets. `current` holds the open session's id, `remembered` the same in the browser, so that a reload
    comes back to it; `model` a language model that was named on this page."""

    current: gr.State
    remembered: gr.BrowserState
    model: gr.State
    title: gr.Textbox
    message: gr.HTML
    add: gr.HTML
    view: gr.HTML
    reading: gr.HTML
    talk: gr.HTML
    pending: gr.HTML
    question: gr.Textbox
    send: gr.Button
    stop: gr.Button
    by_model: gr.Checkbox
    vision: gr.Dropdown
    transcript: gr.Dropdown
    chat: gr.Dropdown
    panel: ModelPanel
    cancel: gr.Button
    resume: gr.Button
    shelf: gr.HTML
    new: gr.Button
    export: gr.HTML
    forget: gr.Button
    delete: gr.Button

    @property
    def opened(self) -> list[Any]:
        """What changes when a session is opened, in the order of `ChatHandlers._opened`."""
        return [self.current, self.remembered, self.title, self.message]

    @property
    def live(self) -> list[Any]:
        """What follows the session, in the order of `ChatHandlers.watch`'s results."""
        shown = [self.view, self.reading, self.talk, self.export, self.shelf]
        buttons = [self.cancel, self.resume, self.delete, self.forget]
        return [*shown, *buttons, self.pending, self.send, self.stop]


def build_chat_room(desk: ChatDesk) -> ChatRoom:
    """Lays the widgets out; needs a gr.Blocks around it."""
    settings = desk.studio.settings
    assets = settings.assets
    bare: dict[str, Any] = {"apply_default_css": False}
    current, remembered = gr.State(None), gr.BrowserState("", storage_key="kinora-session", secret="kinora")
    model = gr.State(None)
    with gr.Row(elem_id="chat-bar", elem_classes="ks-bar"):
        title = gr.Textbox(
            label="Session", show_label=False, placeholder="No video yet", container=False, max_length=120,
            elem_id="chat-title", elem_classes="ks-title", scale=1,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
        )  # fmt: skip
        new = gr.Button("New", size="sm", elem_id="chat-new", scale=0, min_width=72)
        export = gr.HTML("", elem_id="chat-export", min_height=0, **bare)
        forget = gr.Button("Clear chat", size="sm", elem_id="chat-forget", scale=0, min_width=84, visible="hidden")
        delete = gr.Button("Delete", size="sm", elem_id="chat-delete", scale=0, min_width=72, visible="hidden")
    with gr.Row(elem_id="chat-bench"):
        with gr.Column(scale=3, min_width=320, elem_id="chat-left"):
            view = viewer_component(assets)
            add = add_component(assets)
        with gr.Column(scale=2, min_width=300, elem_id="chat-right"):
            reading = gr.HTML(reading_html(NO_SESSION), elem_id="chat-reading", **bare)
            with gr.Row(elem_id="chat-ends"):
                cancel = gr.Button("Stop reading", size="sm", elem_id="chat-cancel", visible="hidden")
                resume = gr.Button("Go on reading", size="sm", elem_id="chat-resume", visible="hidden")
            with gr.Column(elem_id="chat-talk-box"):
                talk = gr.HTML(
                    talk_html(Home(), (), (), ""), elem_id="chat-talk",
                    js_on_load=(assets / "chat" / "talk.js").read_text(encoding="utf-8"), **bare,
                )  # fmt: skip
                pending = gr.HTML("", elem_id="chat-pending", **bare)
            with gr.Row(elem_id="chat-ask"):
                question = gr.Textbox(
                    label="Question", show_label=False, container=False, max_length=LONGEST, lines=1,
                    placeholder="Ask about the video", elem_id="chat-question", scale=1,
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
                )  # fmt: skip
                send = gr.Button("Ask", variant="primary", elem_id="chat-send", scale=0, min_width=84)
                stop = gr.Button("Stop", elem_id="chat-stop", scale=0, min_width=84, visible="hidden")
            by_model = _by_model(settings.chat_url, settings.chat_model)
            panel = _model_panel(bare)
            with gr.Accordion("Engines", open=False, elem_id="chat-engines"):
                vision, transcript, chat = engine_inputs(desk.studio, ENGINE_TASKS, "chat")
    with gr.Column(elem_id="chat-toasts", elem_classes="ks-toasts"):
        message = gr.HTML("", elem_id="chat-message", **bare)
    gr.HTML('<h2 class="ks-heading">Videos</h2>', **bare)
    shelf = gr.HTML("", elem_id="chat-shelf", js_on_load=OPEN_SCRIPT, **bare)
    return ChatRoom(
        current, remembered, model, title, message, add, view, reading, talk, pending, question, send, stop, by_model,
        vision, transcript, chat, panel,
        cancel, resume, shelf, new, export, forget, delete,
    )  # fmt: skip


def _by_model(url: str, name: str) -> gr.Checkbox:
    """Off until a person switches it on: reading is local, and so is chat."""
    host = urlsplit(url).hostname or ""
    label = f"Let {name} at {host} word the answers"
    return gr.Checkbox(False, label=label, visible=bool(url and name), elem_id="chat-by-model")


def _model_panel(bare: dict[str, Any]) -> ModelPanel:
    with gr.Accordion("Use a language model", open=False, elem_id="chat-model"):
        url = gr.Textbox(label="Address", placeholder="http://127.0.0.1:11434/v1", elem_id="chat-model-url")
        with gr.Row():
            name = gr.Textbox(label="Model", placeholder="qwen3", min_width=120, elem_id="chat-model-name")
            key = gr.Textbox(
                label="Key, where one is needed", type="password", min_width=120, elem_id="chat-model-key",
                html_attributes=gr.InputHTMLAttributes(autocomplete="off"),
            )  # fmt: skip
        use = gr.Button("Use it on this page", size="sm", elem_id="chat-model-use")
        words = (
            '<p class="ks-quiet">Any OpenAI-compatible endpoint. Its answers are held to what was read of the video; '
            "nothing is sent there unless you switch it on.</p>"
        )
        said = gr.HTML(words, elem_id="chat-model-said", **bare)
    return ModelPanel(url, name, key, use, said)
