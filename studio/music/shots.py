"""The storyboard's words: what each of the seven shots shows, and the style that colours all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Colour = str  # "#rrggbb"


@dataclass(frozen=True)
class Shot:
    """One keyframe to be drawn, at `time` seconds of the song.

    prompt      the whole sentence, as a weights engine gets it
    characters  indices into the project's characters that are in the picture
    setting     one or more of the painter's settings, e.g. ("city", "sea")
    hour        dawn, day, golden, dusk or night
    weather     clear, clouds, rain, snow, fog or storm
    mood        calm, warm, tense, euphoric, melancholy, dark or dreamy
    palette     five colours, dark to light
    framing     wide, medium or close
    camera      push_in, pull_out, pan_left, pan_right, tilt_up, tilt_down, orbit or drift
    intensity   0..1, of the song at that moment
    """

    index: int
    time: float
    description: str
    prompt: str
    characters: tuple[int, ...]
    setting: tuple[str, ...]
    hour: str
    weather: str
    mood: str
    palette: tuple[Colour, ...]
    framing: str
    camera: str
    intensity: float
    seed: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Shot:
        lists = {name: tuple(body[name]) for name in ("characters", "setting", "palette")}
        return cls(**{**body, **lists})


@dataclass(frozen=True)
class Style:
    """A look, read from presets/styles/NAME.yaml. Strengths 0..1.

    palettes    named five-colour palettes, dark to light; the storyboard picks one by mood
    prompt      words added to every prompt for weights engines
    """

    name: str
    title: str
    description: str
    prompt: str
    palettes: Mapping[str, tuple[Colour, ...]]
    line: float
    texture: float
    grain: float
    bloom: float
    vignette: float
    contrast: float
    saturation: float
