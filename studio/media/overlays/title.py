"""The opening card: the song's title, a thin rule growing under it, and whose it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.frames import frame_at
from studio.media.lettering import Lettering, Run, TypeStyle
from studio.media.overlays.look import Canvas, Look, Rgb
from studio.media.overlays.sprite import Sprite, shaded, sprite_of

LONGEST_SECONDS = 4.0
_SHARE = 0.3  # of a short film that the card may take
_CENTRE = 0.44  # of the frame's height: where the eye puts the middle
_GONE = 0.18  # of the card's time, at its end, that it takes to go
_ARRIVED = 0.16
_VEIL = 0.44
_SCALES = (1.0, 0.85, 0.72, 0.6, 0.5, 0.42, 0.33)
_LETTERS_APART = 0.16  # ems between the title's letters at the start, closing to a quarter of it


@dataclass(frozen=True)
class _Line:
    text: str
    style: TypeStyle
    width: float
    height: float


class TitleCard:
    """Shows `title` and `artist` (either may be "") from the film's first frame for up to four seconds, for less in a
    film of less than thirteen; `seconds` is the film's length."""

    def __init__(
        self, title: str, artist: str, canvas: Canvas, look: Look, lettering: Lettering, *, seconds: float = math.inf
    ) -> None:
        self._canvas, self._look, self._lettering = canvas, look, lettering
        self.missing = lettering.missing(title + artist)
        self.frames = max(1, frame_at(min(LONGEST_SECONDS, _SHARE * seconds), canvas.fps))
        self._title = self._fitted(lettering.clean(title).strip(), 2.1 * canvas.unit, 3)
        self._artist = self._fitted(lettering.clean(artist).strip(), 0.82 * canvas.unit, 2)
        heights = [line.height for line in (self._title, self._artist) if line]
        self._gap = 0.55 * canvas.unit
        self._top = _CENTRE * canvas.height - (sum(heights) + 2 * self._gap * (len(heights) - 1)) / 2

    def shows(self, number: int) -> bool:
        return 0 <= number < self.frames and bool(self._title or self._artist)

    def draw(self, frame: np.ndarray, number: int) -> None:
        done = (number + 1) / (self.frames + 1)
        if self._title:
            opacity = _presence(done, 0.0)
            self._veil.lay(frame, opacity)
            self._lettered(self._title, self._top, _LETTERS_APART * (1 - 0.75 * _eased(done))).lay(frame, opacity)
        if self._artist:
            if self._title:
                self._rule(frame, _eased(min(1.0, done / 0.5)), _presence(done, 0.06))
            self._artist_sprite.lay(frame, _presence(done, 0.12))

    @property
    def _below(self) -> float:
        return self._top + (self._title.height if self._title else 0.0)

    @cached_property
    def _artist_sprite(self) -> Sprite:
        assert self._artist is not None
        return self._lettered(self._artist, self._below + (2 * self._gap if self._title else 0.0), 0.14)

    @cached_property
    def _veil(self) -> Sprite:
        """A soft darkness behind the card, deepest in its middle."""
        assert self._title is not None
        height, width = self._canvas.height, self._canvas.width
        bottom = self._below + 2 * self._gap + (self._artist.height if self._artist else 0.0)
        reach = 0.5 * (bottom - self._top) + 3.2 * self._canvas.unit
        rows = (np.arange(height) - (self._top + bottom) / 2) / reach
        columns = (np.arange(width) - width / 2) / (0.62 * width)
        alpha = _VEIL * np.clip(1 - rows[:, None] ** 2 - columns[None] ** 2, 0, 1) ** 1.6
        # half a step of noise hides the bands a smooth ramp shows in eight bits
        noise = np.random.default_rng(0).random(alpha.shape)
        colour = np.array([*self._look.shade, 255])
        picture = np.floor(alpha[..., None] * colour + np.where(alpha > 0, noise, 0)[..., None])
        sprite = sprite_of(np.ascontiguousarray(picture.astype(np.uint8)), 0, 0)
        assert sprite is not None
        return sprite

    def _fitted(self, text: str, pixels: float, most_lines: int) -> _Line | None:
        """The text as large as `pixels` where it fits `most_lines` within the margins, else smaller, to a third; one
        too long even then ends in an ellipsis."""
        if not text:
            return None
        room = (self._canvas.width - 2 * self._canvas.margins[0]) * 0.92
        for scale in _SCALES:
            # measured with its letters far apart: closing up must not break the lines anew
            style = TypeStyle(self._look.face, max(10.0, pixels * scale), _LETTERS_APART, 1.16)
            longest = max(self._lettering.measure(word, style, 1e6).width for word in text.split())
            if self._lettering.measure(text, style, room).lines <= most_lines and longest <= room:
                break
        else:
            style = TypeStyle(self._look.face, max(10.0, pixels * _SCALES[-1]), _LETTERS_APART, 1.16)
            kept = len(text)
            while kept and self._lettering.measure(text, style, room).lines > most_lines:
                kept -= 1
                text = text[:kept].rstrip() + "…"
        width = self._lettering.balanced(text, style, room)
        return _Line(text, style, width, self._lettering.measure(text, style, width).height)

    def _lettered(self, line: _Line, top: float, tracking: float) -> Sprite:
        style = TypeStyle(line.style.face, line.style.pixels, tracking, line.style.leading)
        padding = math.ceil(0.8 * style.pixels)
        ink: Rgb = self._look.ink
        picture = self._lettering.picture([Run(line.text, (*ink, 255))], style, line.width, padding)
        left = round((self._canvas.width - math.ceil(line.width)) / 2) - padding
        sprite = sprite_of(shaded(picture, self._look.shade, style.pixels * 0.6), left, round(top) - padding)
        assert sprite is not None
        return sprite

    def _rule(self, frame: np.ndarray, grown: float, opacity: float) -> None:
        thick = max(1, round(0.055 * self._canvas.unit))
        half = round(grown * 1.6 * self._canvas.unit)
        middle, top = self._canvas.width // 2, round(self._below + self._gap - thick / 2)
        target = frame[top : top + thick, middle - half : middle + half]
        mixed = target * (1 - opacity) + np.array(self._look.accent) * opacity
        target[:] = np.round(mixed).astype(np.uint8)


def _eased(done: float) -> float:
    """Fast at first, then settling: 1 - (1 - x)^3."""
    return 1 - (1 - done) ** 3


def _presence(done: float, wait: float) -> float:
    """Opacity, 0..1, at the share `done` of the card's time of a part that comes `wait` of it later."""
    near = min((done - wait) / _ARRIVED, (1 - done) / _GONE)
    near = min(1.0, max(0.0, near))
    return near * near * (3 - 2 * near)
