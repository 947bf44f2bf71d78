"""A cue's words cut to pages: at most two balanced lines of one size each, every word with the time it is sung."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

from studio.media.lettering import Lettering, TypeStyle

MOST_LINES = 2
_SIZES = (1.0, 0.92, 0.84)  # tried before a cue is parted
_PARTED_SIZE = 0.92
_LONGEST_PIECE = 12  # characters that stay together where a text has no spaces
_PIECES = re.compile(rf"\s*\S{{1,{_LONGEST_PIECE}}}\s*")


class WordLike(Protocol):
    """A stretch of a cue's text and its time; the texts, joined, are the cue's text. Seconds."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...


class CueLike(Protocol):
    """A text and its time in seconds; `words` () where only the line's time is known."""

    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def words(self) -> Sequence[WordLike]: ...


@dataclass(frozen=True)
class Timed:
    """A piece of text that lights up from `start` to `end`, seconds."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Page:
    """What is seen at once from `start` to `end`, seconds. `lit`: whether its pieces are sung one after another."""

    start: float
    end: float
    pieces: tuple[Timed, ...]
    style: TypeStyle
    lit: bool

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


def pages_of(cue: CueLike, lettering: Lettering, style: TypeStyle, width: float) -> list[Page]:
    """The cue as the fewest pages that fit `width`, smaller letters before a second page. Each starts when its first
    word is sung, or where that isn't known after its share of the letters."""
    words = [Timed(word.start, word.end, lettering.clean(word.text)) for word in cue.words]
    pieces = words if words else _spread(cue, lettering.clean(cue.text))
    pieces = [piece for piece in pieces if piece.text]
    if not "".join(piece.text for piece in pieces).strip():
        return []
    for scale in _SIZES:
        smaller = replace(style, pixels=style.pixels * scale)
        for kept in (pieces, _in_one_line(pieces)):
            if _fits("".join(p.text for p in kept).strip(), lettering, smaller, width):
                return [Page(cue.start, cue.end, _stripped(kept), smaller, bool(words))]
    smaller = replace(style, pixels=style.pixels * _PARTED_SIZE)
    parts = _parted(_in_one_line(pieces), lettering, smaller, width)
    starts = [cue.start, *(part[0].start for part in parts[1:]), cue.end]
    spans = zip(starts, starts[1:], parts, strict=False)
    return [Page(start, end, _stripped(part), smaller, bool(words)) for start, end, part in spans]


def _spread(cue: CueLike, text: str) -> list[Timed]:
    """Pieces of a text without word times, each given its share of the cue by its letters."""
    texts = _PIECES.findall(text)
    ends = [cue.start + (cue.end - cue.start) * n / max(1, len(text)) for n in accumulate(map(len, texts))]
    return [Timed(start, end, piece) for start, end, piece in zip([cue.start, *ends], ends, texts, strict=False)]


def _fits(text: str, lettering: Lettering, style: TypeStyle, width: float) -> bool:
    extent = lettering.measure(text, style, width)
    return extent.lines <= MOST_LINES and extent.width <= width


def _parted(pieces: list[Timed], lettering: Lettering, style: TypeStyle, width: float) -> list[list[Timed]]:
    """Into as few parts of about as many letters as fit; a single piece is never parted."""
    total = sum(len(piece.text) for piece in pieces)
    for count in range(2, len(pieces) + 1):
        parts: list[list[Timed]] = [[] for _ in range(count)]
        done = 0.0
        for piece in pieces:
            middle = done + len(piece.text) / 2
            parts[min(count - 1, int(count * middle / total))].append(piece)
            done += len(piece.text)
        parts = [part for part in parts if part]
        if all(_fits("".join(p.text for p in part).strip(), lettering, style, width) for part in parts):
            return parts
    return [[piece] for piece in pieces]


def _in_one_line(pieces: list[Timed]) -> list[Timed]:
    return [Timed(piece.start, piece.end, piece.text.replace("\n", " ")) for piece in pieces]


def _stripped(pieces: list[Timed]) -> tuple[Timed, ...]:
    first, last = pieces[0], pieces[-1]
    pieces = [Timed(first.start, first.end, first.text.lstrip()), *pieces[1:]]
    last = pieces[-1]
    return (*pieces[:-1], Timed(last.start, last.end, last.text.rstrip()))
