"""Sung lines and when they are sung, as every lyrics format gives them; and their words made fit to be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.errors import BadInput

_JOINERS = "\u200c\u200d"  # tell Persian and Indic letters, and the parts of an emoji, how to join
_NOTES = "♩♪♫♬"
_MOST_MARKS = 4  # accents on one letter; no script stacks more, but pranks do
_SPACE = re.compile(r"[^\S\n]+")


@dataclass(frozen=True)
class Word:
    """A part of a cue with its own time, in seconds. Spaces and line breaks belong to the words around them."""

    start: float
    end: float
    text: str


@dataclass(frozen=True)
class Cue:
    """`text` is sung from `start` to `end`, in seconds of the song, 0 <= start < end; "\\n" parts its lines.

    words  () where only the line's time is known; else in order, and their texts joined are `text`
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Makes the BadInput of one file."""

    parameter: str
    value: object
    accepted: str

    def __call__(self, reason: str) -> BadInput:
        return BadInput(self.parameter, self.value, self.accepted, reason)


def clean(text: str) -> str:
    """`text` composed (NFC), its spaces single, without control, direction and private characters, stray surrogates,
    heaps of accents, and the notes that subtitles put around a song."""
    kept, marks = [], 0
    for character in unicodedata.normalize("NFC", text):
        kind = unicodedata.category(character)
        marks = marks + 1 if kind == "Mn" else 0
        if character in _JOINERS or character == "\n":
            kept.append(character)
        elif kind in ("Zs", "Zl", "Zp") or character == "\t":
            kept.append(" ")
        elif kind[0] != "C" and character not in _NOTES and marks <= _MOST_MARKS:
            kept.append(character)
    return _SPACE.sub(" ", "".join(kept))


def plain_cue(start: float, end: float, text: str) -> Cue | None:
    """The cue of a line whose words have no times; None when nothing is left to show."""
    shown = _trim_lines(clean(text))
    return Cue(start, end, shown) if shown else None


def timed_cue(start: float, end: float, parts: Sequence[tuple[float, str]]) -> Cue | None:
    """The cue of (start, text) `parts`, each lasting to the next one's start. Times are brought into order and into
    start..end; parts without letters only end the one before. None when nothing is left to show."""
    tidy = _tidy([clean(text) for _, text in parts])
    begins: list[float] = []
    for begin, _ in parts:
        begins.append(min(max(begin, start, *begins[-1:]), end))
    spans = [*pairwise(begins), (begins[-1], end)] if begins else []
    words = tuple(Word(*span, text) for span, text in zip(spans, tidy, strict=True) if text)
    return Cue(start, end, "".join(word.text for word in words), words) if words else None


def _trim_lines(text: str) -> str:
    return "\n".join(line for line in (part.strip() for part in text.split("\n")) if line)


def _tidy(pieces: list[str]) -> list[str]:
    """The pieces of one text with spaces single across their borders, none at the ends, and none alone."""
    out: list[str] = []
    for piece in pieces:
        before = next((text for text in reversed(out) if text), " ")
        out.append(piece.lstrip() if before[-1].isspace() else piece)
        if not out[-1].strip() and out[-1]:  # a lone space goes to the word before it
            last = max(index for index, text in enumerate(out[:-1]) if text)
            out[last], out[-1] = out[last] + out[-1], ""
    for index in range(len(out) - 1, -1, -1):
        out[index] = out[index].rstrip()
        if out[index]:
            break
    return out
