"""When what is said: words and phonemes with their times, as engines know them or an aligner finds them."""

from __future__ import annotations

from dataclasses import dataclass


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
