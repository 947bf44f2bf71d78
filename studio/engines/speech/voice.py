"""What the embedded engine's own voices have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

import numpy as np

from studio.speech.timing import TimedPhoneme, TimedWord

if TYPE_CHECKING:
    from studio.cancellation import CancelToken
    from studio.contracts import Sound

_Timed = TypeVar("_Timed", TimedWord, TimedPhoneme)

SHORTEST_PAUSE = 0.045
"""Seconds; silence shorter than a stop's closure is no pause."""


@dataclass(frozen=True)
class Said:
    """A sound with the times of its words and phonemes, () where they aren't known."""

    sound: Sound
    words: tuple[TimedWord, ...] = ()
    phonemes: tuple[TimedPhoneme, ...] = ()


QUIET_TAIL_SECONDS = 0.06
QUIET = 0.03
"""Share of the loudest frame below which a phoneme has faded away."""


class Voice(ABC):
    """A voice of its own. `name` as options["speaker"] names it; `title` as a person reads it; `rough` where going
    through WORLD softens it."""

    name: ClassVar[str]
    rough: ClassVar[bool] = False
    title: str

    @abstractmethod
    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:
        """`text`, written out in words; `speed` a factor. Same arguments, same sound. Raises Cancelled, LoadFailed."""


@dataclass(frozen=True)
class Sign:
    """One sign a network reads: `symbol` in IPA ("" silence, None what is heard with the sign before it, such as a
    length mark, and "+" with the one after it, such as a stress mark), `frames` it lasts, `word` it belongs to."""

    symbol: str | None
    frames: float
    word: int


def timed_phonemes(signs: Sequence[Sign], frame_seconds: float) -> tuple[TimedPhoneme, ...]:
    """Signs, whose frames cover the sound without gaps, as phonemes with their times."""
    out: list[TimedPhoneme] = []
    at = waiting = 0.0
    for sign in signs:
        end = at + sign.frames * frame_seconds
        if sign.symbol == "+":
            waiting = waiting or at
        elif sign.symbol is None and out:
            out[-1] = replace(out[-1], end=end)
        else:
            out.append(TimedPhoneme(sign.symbol or "", waiting or at, end))
            waiting = 0.0
        at = end
    return tidy(out)


def timed_words(words: Sequence[str], signs: Sequence[Sign], frame_seconds: float) -> tuple[TimedWord, ...]:
    """From each word's first sounded sign to its last; words of which nothing sounds are left out."""
    ends = np.cumsum([sign.frames for sign in signs]) * frame_seconds
    starts = np.concatenate([[0.0], ends[:-1]]) if len(ends) else ends
    spans: dict[int, tuple[float, float]] = {}
    for sign, start, end in zip(signs, starts, ends, strict=True):
        if sign.word >= 0 and sign.symbol != "":
            spans[sign.word] = (spans.get(sign.word, (float(start), 0.0))[0], float(end))
    return tuple(TimedWord(words[i], *spans[i]) for i in sorted(spans))


def tidy(phonemes: Sequence[TimedPhoneme]) -> tuple[TimedPhoneme, ...]:
    """Without empty spans; neighbouring pauses made one; pauses too short to be one added to the phoneme before."""
    out: list[TimedPhoneme] = []
    for phoneme in phonemes:
        if phoneme.end <= phoneme.start:
            continue
        short = not phoneme.symbol and phoneme.end - phoneme.start < SHORTEST_PAUSE
        if out and (short or (not phoneme.symbol and not out[-1].symbol)):
            out[-1] = replace(out[-1], end=phoneme.end)
        else:
            out.append(phoneme)
    return tuple(out)


def shared_out(words: Sequence[str], groups: Sequence[int]) -> list[int]:
    """The word that each of len(words) or fewer sounded groups of `groups` signs begins with.

    A phonemiser runs small words together ("of the" is one group); as many groups as words go one to one, else a
    group begins with the word that lies as far into the text as the group into the signs.
    """
    if len(words) == len(groups):
        return list(range(len(words)))
    letters = np.cumsum([0, *(len(word) for word in words)]) / max(1, sum(len(word) for word in words))
    signs = np.cumsum([0, *groups[:-1]]) / max(1, sum(groups))
    return [int(np.argmin(np.abs(letters[:-1] - share))) for share in signs]


def moved(items: tuple[_Timed, ...], by: float, end: float) -> tuple[_Timed, ...]:
    """Times earlier by `by` seconds, kept within 0 and `end`."""
    earlier = (replace(item, start=max(0.0, item.start - by), end=min(end, item.end - by)) for item in items)
    return tuple(item for item in earlier if item.end > item.start)


def settled(said: Said, lead: float) -> Said:
    """With all times earlier by `lead` seconds, and the silence that a network counts to the phoneme before it given
    back: what has faded away for longer than QUIET_TAIL_SECONDS is a pause."""
    seconds = said.sound.seconds
    size = max(1, said.sound.sample_rate // 100)
    count = len(said.sound.samples) // size
    power = np.square(said.sound.samples[: count * size].reshape(count, size)).mean(axis=1)
    loud = power > QUIET**2 * power.max(initial=0.0)
    phonemes: list[TimedPhoneme] = []
    for phoneme in moved(said.phonemes, lead, seconds):
        heard = np.flatnonzero(loud[int(phoneme.start * 100) : int(phoneme.end * 100) + 1])
        fades = phoneme.start + (int(heard[-1]) + 1) / 100 if len(heard) else phoneme.end
        if phoneme.symbol and phoneme.end - fades > QUIET_TAIL_SECONDS:
            phonemes += [replace(phoneme, end=fades), TimedPhoneme("", fades, phoneme.end)]
        else:
            phonemes.append(phoneme)
    if phonemes and phonemes[-1].end < seconds:
        phonemes.append(TimedPhoneme("", phonemes[-1].end, seconds))
    words = (_until_faded(word, phonemes) for word in moved(said.words, lead, seconds))
    return Said(said.sound, tuple(words), tidy(phonemes))


def _until_faded(word: TimedWord, phonemes: Sequence[TimedPhoneme]) -> TimedWord:
    ends = [p.end for p in phonemes if p.symbol and word.start - 1e-6 <= p.start < word.end]
    return replace(word, end=min(word.end, max(ends))) if ends else word
