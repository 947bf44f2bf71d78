"""How overlays look: colours out of a shot's palette, and the face that goes with a medium."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Rgb = tuple[int, int, int]

_FACES = {
    "oil": "serif", "watercolour": "serif", "pastel": "serif",
    "ink": "poster", "woodcut": "poster", "riso": "poster", "papercut": "poster",
}  # fmt: skip
_LIGHTEST_INK, _LEAST_ACCENT, _DARKEST_SHADE = 0.95, 0.66, 0.06


@dataclass(frozen=True)
class Canvas:
    """Pixels of the film's frames, and frames a second."""

    width: int
    height: int
    fps: Fraction

    @property
    def margins(self) -> tuple[float, float]:
        """Pixels at the sides, and at top and bottom, that a screen may cut off: 5 % of the frame, after EBU R 95.
        No word goes there."""
        return 0.05 * self.width, 0.05 * self.height

    @property
    def unit(self) -> float:
        """The height of a caption's letters in pixels: by the frame's height, less in a portrait."""
        return max(11.0, min(0.054 * self.height, 0.076 * self.width))


@dataclass(frozen=True)
class Look:
    """`ink` of the words, `accent` of what is sung and sounding, `shade` behind them; `face` one of lettering.FACES."""

    ink: Rgb = (252, 250, 246)
    accent: Rgb = (255, 200, 110)
    shade: Rgb = (10, 10, 14)
    face: str = "sans"


def look_for(palette: Sequence[str], medium: str = "film") -> Look:
    """The look of a shot: `palette` "#rrggbb" dark to light, `medium` as a style names it. Ink is its lightest colour
    nearly white, shade its darkest nearly black, accent its most colourful one light enough to read."""
    colours = [_hls(colour) for colour in palette]
    hue, _, vivid = colours[-1]
    ink = _rgb(hue, _LIGHTEST_INK, min(vivid, 0.6))
    hue, _, vivid = colours[0]
    shade = _rgb(hue, min(colours[0][1], _DARKEST_SHADE), min(vivid, 0.5))
    hue, light, vivid = max(colours[1:], key=lambda c: c[2] * (1 - abs(2 * c[1] - 1)))
    accent = _rgb(hue, max(light, _LEAST_ACCENT), vivid)
    return Look(ink, accent, shade, _FACES.get(medium, "sans"))


def _hls(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return colorsys.rgb_to_hls(red, green, blue)


def _rgb(hue: float, light: float, vivid: float) -> Rgb:
    red, green, blue = colorsys.hls_to_rgb(hue, light, vivid)
    return round(red * 255), round(green * 255), round(blue * 255)
