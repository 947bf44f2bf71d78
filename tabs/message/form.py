"""The Video Message room's inputs: the widgets, and the way from their values to a request and back."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from studio.errors import BadInput
from studio.requests import MessageRequest
from studio.settings import Limits
from tabs.engine_choice import chosen as chosen_engines
from tabs.uploads import cached, uploaded

SPEAKER = "speaker:"
"""Before the name of one of the studio's own voices; before "voicevox/" and a style's id for one of VOICEVOX's."""
VOICEVOX = "voicevox/"
"""Before the name of one of the engine's own voices, where a voice is chosen."""
LANGUAGE_NAMES: Mapping[str, str] = {
    "en": "English", "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "de": "German", "fr": "French",
    "ru": "Russian", "pt": "Portuguese", "es": "Spanish", "it": "Italian",
}  # fmt: skip
ENGINE_TASKS = ("cutout", "inpaint", "speech", "lip_sync")
_BACKGROUNDS = (
    ("As it is", "keep"),
    ("Blurred", "blur"),
    ("A colour", "colour"),
    ("A picture", "picture"),
    ("Transparent", "transparent"),
)
_HEIGHTS = (("As the photo", "auto"), ("512", "512"), ("720", "720"), ("1080", "1080"))
_DEFAULT_COLOUR = "#2a4d6e"
_RGB = re.compile(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)")

_PHOTO_TEMPLATE = """<div class="ks-photo" tabindex="-1"><label class="ks-photo-add">
<input type="file" accept="image/*,video/*" aria-label="Choose a photo or a face video">
<svg viewBox="0 0 48 48" aria-hidden="true"><circle cx="24" cy="18" r="8"/>
<path d="M8 42c1-10 8-14 16-14s15 4 16 14"/></svg>
<b>Choose a photo</b><span></span></label><p class="ks-photo-said" hidden></p></div>"""
_VOICES_TEMPLATE = """<fieldset class="ks-voices-box"><legend>Whose voice</legend><div class="ks-voices"></div>
<audio hidden></audio></fieldset>"""


@dataclass(frozen=True)
class MessageValues:
    """What stands in the form. `photo`, `audio`, `picture` are files; `voice` a profile's id, or SPEAKER and a name;
    `height` "auto" or lines."""

    photo: Path | None = None
    background: str = "keep"
    colour: str = _DEFAULT_COLOUR
    picture: Path | None = None
    voice: str = ""
    language: str = "en"
    text: str = ""
    audio: Path | None = None
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0
    pause: float = 0.0
    motion: float = 1.0
    captions: bool = False
    repair: bool = True
    height: str = "auto"
    seed: int = 0
    engines: Mapping[str, str] = field(default_factory=dict)

    def suggested_title(self) -> str:
        """The first words."""
        words = " ".join(self.text.split()[:7])
        return words[:80] or "Untitled message"

    def request(self, project: Path, goal: str = "message") -> MessageRequest:
        """Raises BadInput naming the field."""
        if self.photo is None and goal != "speech":
            raise BadInput("--photo", "(none)", "a photo or a face video", "a message needs a face")
        speaker = self.voice.removeprefix(SPEAKER) if self.voice.startswith(SPEAKER) else ""
        engines = {**self.engines, "speech": "voicevox"} if speaker.startswith(VOICEVOX) else self.engines
        background = self.colour if self.background == "colour" else self.background
        return MessageRequest(
            project=project,
            photo=self.photo,
            text="" if self.audio else self.text,
            audio=self.audio,
            voice="" if speaker else self.voice,
            speaker=speaker.removeprefix(VOICEVOX),
            language=self.language,
            speed=self.speed,
            pitch=self.pitch,
            volume=self.volume,
            pause=self.pause,
            background=background,
            background_picture=self.picture if background == "picture" else None,
            lines=None if self.height == "auto" else int(self.height),
            motion=self.motion,
            captions=self.captions,
            repair=self.repair,
            seed=self.seed,
            engines=engines,
            # Whoever chose an engine is told what it lacks, and not given another one.
            substitutes=not engines,
            goal=goal,
        )


def _voice(request: MessageRequest) -> str:
    """As the form knows it."""
    if not request.speaker:
        return request.voice
    return SPEAKER + (VOICEVOX if request.engines.get("speech") == "voicevox" else "") + request.speaker


def values_of_request(request: MessageRequest) -> MessageValues:
    """The form that led to a request."""
    colour = request.background.startswith("#")
    return MessageValues(
        photo=request.photo,
        background="colour" if colour else request.background,
        colour=request.background if colour else _DEFAULT_COLOUR,
        picture=request.background_picture,
        voice=_voice(request),
        language=request.language,
        text=request.text,
        audio=request.audio,
        speed=request.speed,
        pitch=request.pitch,
        volume=request.volume,
        pause=request.pause,
        motion=request.motion,
        captions=request.captions,
        repair=request.repair,
        height=str(request.lines) if request.lines else "auto",
        seed=request.seed,
        engines=request.engines,
    )


@dataclass(frozen=True)
class MessageForm:
    """The widgets, in the order of `read`'s arguments and `show`'s results."""

    photo: gr.HTML
    background: gr.Radio
    colour: gr.ColorPicker
    picture: gr.File
    voice: gr.HTML
    language: gr.Dropdown
    text: gr.Textbox
    audio: gr.Audio
    speed: gr.Slider
    pitch: gr.Slider
    volume: gr.Slider
    pause: gr.Slider
    motion: gr.Slider
    captions: gr.Checkbox
    repair: gr.Checkbox
    height: gr.Radio
    seed: gr.Number
    cutout_engine: gr.Dropdown
    inpaint_engine: gr.Dropdown
    speech_engine: gr.Dropdown
    lip_sync_engine: gr.Dropdown

    @property
    def widgets(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]


def photo_input(assets: Path) -> gr.HTML:
    """A component whose value is {path, url, name} of the photo, None without one; it triggers "chosen"."""
    return gr.HTML(
        value=None,
        label="Photo",
        html_template=_PHOTO_TEMPLATE,
        js_on_load=(assets / "photo.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="say-photo",
    )


def voice_input(assets: Path) -> gr.HTML:
    """A component whose value is {chosen, voices}; it triggers "picked", "rename" and "remove"."""
    return gr.HTML(
        value={"chosen": "", "voices": []},
        label="Voice",
        html_template=_VOICES_TEMPLATE,
        js_on_load=(assets / "voices.js").read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id="say-voice",
    )


def background_inputs() -> tuple[gr.Radio, gr.ColorPicker, gr.File]:
    background = gr.Radio(
        list(_BACKGROUNDS), value="keep", label="Background", elem_id="say-background", elem_classes="ks-pills"
    )
    colour = gr.ColorPicker(value=_DEFAULT_COLOUR, label="Colour", elem_id="say-colour", visible=False)
    picture = gr.File(label="Background picture", type="filepath", height=118, elem_id="say-picture", visible=False)
    return background, colour, picture


def words_inputs(limits: Limits) -> tuple[gr.Dropdown, gr.Textbox, gr.Audio]:
    choices = [(name, code) for code, name in LANGUAGE_NAMES.items()]
    language = gr.Dropdown(choices, value="en", label="Language", min_width=150, elem_id="say-language")
    text = gr.Textbox(
        label="What it says", placeholder="Hello! I made this for you.", lines=4, max_lines=12,
        max_length=limits.message_characters, elem_id="say-text",
    )  # fmt: skip
    audio = gr.Audio(
        label="Or say it yourself", sources=["microphone", "upload"], type="filepath", elem_id="say-audio",
    )  # fmt: skip
    return language, text, audio


def manner_inputs() -> tuple[gr.Slider, gr.Slider, gr.Slider, gr.Slider]:
    """Speed, pitch, volume and pause."""
    return (
        gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Speed", elem_id="say-speed"),
        gr.Slider(-12, 12, 0, step=0.5, label="Pitch, semitones", elem_id="say-pitch"),
        gr.Slider(0.1, 2.0, 1.0, step=0.05, label="Volume", elem_id="say-volume"),
        gr.Slider(0.0, 3.0, 0.0, step=0.1, label="Longer pauses, seconds", elem_id="say-pause"),
    )


def picture_inputs() -> tuple[gr.Slider, gr.Checkbox, gr.Checkbox, gr.Radio, gr.Number]:
    """Motion, captions, repair, height and seed."""
    return (
        gr.Slider(0.0, 1.0, 1.0, step=0.1, label="Blinks, breath, motion of the head", elem_id="say-motion"),
        gr.Checkbox(False, label="Show the words", elem_id="say-captions"),
        gr.Checkbox(True, label="Mend what the cut-out damages", elem_id="say-repair"),
        gr.Radio(list(_HEIGHTS), value="auto", label="Height", elem_id="say-height", elem_classes="ks-pills"),
        gr.Number(0, label="Seed", precision=0, minimum=0, maximum=2**31 - 1, min_width=110, elem_id="say-seed"),
    )


def read(widgets: Sequence[Any], uploads: Path) -> MessageValues:
    """The widgets' values as Gradio gives them, in the order of `MessageForm.widgets`. Raises BadInput for a file that
    is not among the uploads."""
    given = dict(zip((field.name for field in fields(MessageForm)), widgets, strict=True))
    files = {
        "photo": given["photo"].get("path") if isinstance(given["photo"], Mapping) else None,
        "picture": given["picture"],
        "audio": given["audio"],
    }
    voice = given["voice"].get("chosen") if isinstance(given["voice"], Mapping) else ""
    defaults = MessageValues()
    numbers = {
        name: float(getattr(defaults, name) if given[name] is None else given[name])
        for name in ("speed", "pitch", "volume", "pause", "motion")
    }
    return replace(
        defaults,
        **{name: uploaded(path, uploads) if path else None for name, path in files.items()},
        **numbers,
        background=given["background"] or "keep",
        colour=hex_colour(given["colour"] or _DEFAULT_COLOUR),
        voice=str(voice or ""),
        language=given["language"] or "en",
        text=(given["text"] or "").strip(),
        captions=bool(given["captions"]),
        repair=bool(given["repair"]),
        height=given["height"] or "auto",
        seed=int(given["seed"] or 0),
        engines=chosen_engines(ENGINE_TASKS, [given[f"{task}_engine"] for task in ENGINE_TASKS]),
    )


def show(
    values: MessageValues, cache: Path, names: Mapping[str, str], voices: Sequence[Mapping[str, Any]]
) -> list[Any]:
    """Updates that put `values` into the widgets. A file or a voice that is gone leaves its widget empty."""
    photo, picture, audio = (
        cached(path, cache, names) if path else None for path in (values.photo, values.picture, values.audio)
    )
    chosen = values.voice if any(voice["id"] == values.voice for voice in voices) else ""
    upload = {"path": photo, "url": f"gradio_api/file={quote(photo)}", "name": Path(photo).name} if photo else None
    return [
        upload,
        values.background,
        gr.ColorPicker(values.colour, visible=values.background == "colour"),
        gr.File(picture, visible=values.background == "picture"),
        {"chosen": chosen, "voices": list(voices)},
        values.language,
        values.text,
        audio,
        values.speed,
        values.pitch,
        values.volume,
        values.pause,
        values.motion,
        values.captions,
        values.repair,
        values.height,
        values.seed,
        *(values.engines.get(task, "") for task in ENGINE_TASKS),
    ]


def hex_colour(text: str) -> str:
    """ "#rrggbb" of what a colour picker gives: that, or "rgba(r, g, b, a)". Raises BadInput."""
    if re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return text.lower()
    found = _RGB.match(text)
    if not found:
        raise BadInput("--background", text, "a colour such as #20304a")
    return "#" + "".join(f"{min(255, round(float(value))):02x}" for value in found.groups())
