"""The Music Video room's inputs: the widgets, and the way from their values to a request and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import BadInput
from studio.music.styles import DEFAULT_STYLE
from studio.requests import TITLE_CHARACTERS, MusicVideoRequest
from studio.settings import Limits
from tabs.engine_choice import chosen as chosen_engines
from tabs.music.characters import chosen, shown
from tabs.options_panel import read_panel
from tabs.uploads import cached, uploaded

ENGINE_TASKS = ("image", "video")
SIZES: Mapping[str, tuple[int, int]] = {
    "512x512": (512, 512),
    "960x540": (960, 540),
    "540x960": (540, 960),
    "1080x1080": (1080, 1080),
    "1280x720": (1280, 720),
    "720x1280": (720, 1280),
}
_SIZE_CHOICES = (
    ("Square 512", "512x512"),
    ("Wide 960×540", "960x540"),
    ("Tall 540×960", "540x960"),
    ("Square 1080", "1080x1080"),
    ("Wide 1280×720", "1280x720"),
    ("Tall 720×1280", "720x1280"),
)


@dataclass(frozen=True)
class FormValues:
    """What stands in the form. `song` and `characters` are files; `tempo` None to find it."""

    song: Path | None = None
    characters: tuple[Path, ...] = ()
    prompt: str = ""
    style: str = DEFAULT_STYLE
    size: str = "512x512"
    seed: int = 0
    fps: int = 24
    tempo: float | None = None
    captions: Path | None = None
    title: str = ""
    artist: str = ""
    visualizer: str = ""
    engines: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def suggested_title(self) -> str:
        """The song's name, as the person's file had it."""
        words = re.sub(r"[\s_]+", " ", self.song.stem).strip() if self.song else ""
        return words[:80] or "Untitled film"

    def request(self, project: Path, goal: str = "film") -> MusicVideoRequest:
        """Raises BadInput naming the field."""
        if self.song is None:
            raise BadInput("--audio", "(none)", "a song in any usual format", "a film needs its song")
        if self.size not in SIZES:
            raise BadInput("--width", self.size, ", ".join(SIZES))
        width, height = SIZES[self.size]
        return MusicVideoRequest(
            audio=self.song,
            characters=self.characters,
            project=project,
            prompt=self.prompt,
            style=self.style,
            seed=self.seed,
            width=width,
            height=height,
            fps=self.fps,
            tempo=self.tempo,
            goal=goal,
            captions=self.captions,
            title=self.title,
            artist=self.artist,
            visualizer=self.visualizer,
            engines=self.engines,
            # Whoever chose an engine is told what it lacks, and not given another one.
            substitutes=not self.engines,
            options=self.options,
        )


def values_of_request(request: MusicVideoRequest) -> FormValues:
    """The form that led to a request."""
    size = f"{request.width}x{request.height}"
    return FormValues(
        song=request.audio,
        characters=request.characters,
        prompt=request.prompt,
        style=request.style or DEFAULT_STYLE,
        size=size if size in SIZES else "512x512",
        seed=request.seed,
        fps=request.fps,
        tempo=request.tempo,
        captions=request.captions,
        title=request.title,
        artist=request.artist,
        visualizer=request.visualizer,
        engines=request.engines,
        options=request.options,
    )


@dataclass(frozen=True)
class Form:
    """The widgets, in the order of `read`'s arguments and `show`'s results. `tempo` is set by the song player."""

    song: gr.File
    characters: gr.HTML
    prompt: gr.Textbox
    style: gr.HTML
    size: gr.Radio
    seed: gr.Number
    fps: gr.Number
    tempo: gr.State
    captions: gr.File
    title: gr.Textbox
    artist: gr.Textbox
    visualizer: gr.Radio
    image_engine: gr.Dropdown
    video_engine: gr.Dropdown
    image_options: gr.HTML
    video_options: gr.HTML

    @property
    def widgets(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]


TEMPO = [field.name for field in fields(Form)].index("tempo")


def song_input() -> gr.File:
    return gr.File(label="Song", type="filepath", file_count="single", height=118, elem_id="song")


def sentence_input(limits: Limits) -> gr.Textbox:
    return gr.Textbox(
        label="One sentence", placeholder="Two friends drive through a neon city until the sun comes up", lines=3,
        max_lines=5, max_length=limits.prompt_characters, elem_id="prompt",
    )  # fmt: skip


def size_input() -> gr.Radio:
    return gr.Radio(list(_SIZE_CHOICES), value="512x512", label="Format", elem_id="size", elem_classes="ks-pills")


def number_inputs() -> tuple[gr.Number, gr.Number]:
    """Seed and frames a second."""
    seed = gr.Number(
        label="Seed", value=0, precision=0, minimum=0, maximum=2**31 - 1, min_width=110,
        info="The same seed draws the same film", elem_id="seed",
    )  # fmt: skip
    fps = gr.Number(
        label="Frames a second", value=24, precision=0, minimum=8, maximum=60, min_width=110, info="8 to 60",
        elem_id="fps",
    )  # fmt: skip
    return seed, fps


def words_inputs() -> tuple[gr.File, gr.Textbox, gr.Textbox, gr.Radio]:
    """What may stand over the pictures: captions, title, artist, the sound drawn."""
    title = gr.Textbox(label="Title card", placeholder="none", max_length=TITLE_CHARACTERS, elem_id="card-title")
    artist = gr.Textbox(label="Artist", placeholder="none", max_length=TITLE_CHARACTERS, elem_id="card-artist")
    captions = gr.File(label="Captions (.lrc, .srt)", type="filepath", height=118, elem_id="captions")
    visualizer = gr.Radio(
        [("None", ""), ("Spectrum", "spectrum"), ("Waveform", "waveform")], value="", label="Sound drawn",
        elem_id="visualizer", elem_classes="ks-pills",
    )  # fmt: skip
    return captions, title, artist, visualizer


def read(widgets: Sequence[Any], uploads: Path) -> FormValues:
    """The widgets' values as Gradio gives them, in the order of `Form.widgets`. Raises BadInput for a file that is
    not among the uploads."""
    song, characters, prompt, style, size, seed, fps, tempo, captions, title, artist, visualizer, *more = widgets
    engines = chosen_engines(ENGINE_TASKS, more[: len(ENGINE_TASKS)])
    panels = zip(ENGINE_TASKS, more[len(ENGINE_TASKS) :], strict=True)
    options = {task: read_panel(panel, engines.get(task, "")) for task, panel in panels}
    return FormValues(
        song=uploaded(song, uploads) if song else None,
        characters=chosen(characters, uploads),
        prompt=(prompt or "").strip(),
        style=style or DEFAULT_STYLE,
        size=size or "512x512",
        seed=int(seed or 0),
        fps=24 if fps is None else int(fps),
        tempo=tempo or None,
        captions=uploaded(captions, uploads) if captions else None,
        title=(title or "").strip(),
        artist=(artist or "").strip(),
        visualizer=visualizer or "",
        engines=engines,
        options={task: values for task, values in options.items() if values},
    )


Panel = Callable[[str, str, Mapping[str, Any]], Mapping[str, Any]]
"""From a task, an engine and its options to what its panel of options shows."""


def show(values: FormValues, cache: Path, names: Mapping[str, str], panel: Panel) -> list[Any]:
    """Updates that put `values` into the widgets; their files are copied to `cache`, the only place the page serves
    uploads from, as what people called them (`names`). A file that is gone leaves its widget empty."""
    song = cached(values.song, cache, names) if values.song else None
    characters = [path for path in (cached(p, cache, names) for p in values.characters) if path]
    captions = cached(values.captions, cache, names) if values.captions else None
    plain = (values.prompt, values.style, values.size, values.seed, values.fps, values.tempo)
    engines = [values.engines.get(task, "") for task in ENGINE_TASKS]
    options = [panel(task, values.engines.get(task, ""), values.options.get(task, {})) for task in ENGINE_TASKS]
    return [
        song,
        shown(characters),
        *plain,
        captions,
        values.title,
        values.artist,
        values.visualizer,
        *engines,
        *options,
    ]
