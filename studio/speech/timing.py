"""When what is said: words and phonemes with their times, as engines know them or an aligner finds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TimedWord:
    """`text` as spoken, from `start` to `end`, seconds from the sound's first sample."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class TimedPhoneme:
    """`symbol` in IPA without stress or length marks, "" for silence; `start` to `end` in seconds."""

    symbol: str
    start: float
    end: float


def as_written(words: Sequence[TimedWord], text: str) -> list[TimedWord]:
    """The words as `text` has them, with the marks that belong to them; unchanged where they aren't those of it."""
    at = 0
    starts: list[int] = []
    for word in words:
        found = text.find(word.text, at)
        if found < 0:
            return list(words)
        starts.append(found)
        at = found + len(word.text)
    starts[:1] = [0][: len(starts)]
    ends = [*starts[1:], len(text)]
    return [replace(word, text=text[a:b].strip()) for word, a, b in zip(words, starts, ends, strict=True)]
