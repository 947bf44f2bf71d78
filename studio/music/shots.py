"""The storyboard's words: what each of the seven shots shows, and the style that colours all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

Colour = str  # "#rrggbb"

SETTINGS = (
    "mountains", "city", "sea", "forest", "desert", "stage", "club", "room", "road", "space", "abstract",
)  # fmt: skip
HOURS = ("dawn", "day", "golden", "dusk", "night")
WEATHERS = ("clear", "clouds", "rain", "snow", "fog", "storm")
MOODS = ("calm", "warm", "tense", "euphoric", "melancholy", "dark", "dreamy")
FRAMINGS = ("wide", "medium", "close")
CAMERAS = ("push_in", "pull_out", "pan_left", "pan_right", "tilt_up", "tilt_down", "orbit", "drift")
MOTIFS = ("striped_sun", "grid", "wet_streets", "blinds")
MEDIUMS = ("film", "watercolour", "papercut", "woodcut", "ink", "cel", "flat", "oil", "pastel", "riso")


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

    palettes    five-colour palettes, dark to light, by mood; the storyboard picks the nearest mood there is
    prompt      words added to every prompt for weights engines
    medium      how the embedded painter lays colour on, one of MEDIUMS
    natural     0 the palette's colours alone .. 1 skies blue and leaves green, as far as the palette allows
    paper       tooth of the sheet;  scanlines, fringe  those of a tube and of a worn tape
    motifs      what the embedded painter likes to put in, among MOTIFS
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
    medium: str = "film"
    natural: float = 0.5
    paper: float = 0.0
    scanlines: float = 0.0
    fringe: float = 0.0
    motifs: tuple[str, ...] = ()
