"""Sentences of a language model, let through only with evidence that bears them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.engines.chat.prompt import NOT_THERE
from studio.index.answers import Citation, cite, marks
from studio.index.evidence import Evidence
from studio.index.grounding import supports

_IDS = re.compile(r"\[((?:e\d+[\s,;]*)+)\]", re.I)
_END = re.compile(r"(?<=[.!?。！？\]])(?=\s+[^\s\[])|\n+")
SHARE = 0.6
"""The share of a sentence's content words that its evidence must have: other words may be used, not other facts."""


@dataclass(frozen=True)
class Checked:
    """`text` with its times for ids, "" where it was dropped."""

    text: str
    citations: tuple[Citation, ...] = ()


class SentenceCutter:
    """A reply cut into its sentences, each as soon as the next one begins."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: str) -> list[str]:
        """The sentences that end with `piece`."""
        *whole, self._rest = _END.split(self._rest + piece)
        return [one.strip() for one in whole if one.strip()]

    def rest(self) -> list[str]:
        """What is left when the reply has ended."""
        left, self._rest = self._rest.strip(), ""
        return [left] if left else []


def refuses(sentence: str) -> bool:
    return NOT_THERE in sentence


def checked(sentence: str, evidence: Sequence[Evidence]) -> Checked:
    """`sentence` if it cites evidence that exists and has its names, its figures and most of its words."""
    numbers = [int(number) for group in _IDS.findall(sentence) for number in re.findall(r"\d+", group)]
    if not numbers or not all(1 <= number <= len(evidence) for number in numbers):
        return Checked("")
    plain = re.sub(r"\s+([.!?,])", r"\1", _IDS.sub("", sentence)).strip()
    cited = [evidence[number - 1] for number in dict.fromkeys(numbers)]
    if not plain or not supports(plain, (f"{one.title} {one.text}" for one in cited), SHARE):
        return Checked("")
    citations = tuple(cite(one) for one in cited)
    ending = plain[-1] if plain[-1] in ".!?" else "."
    return Checked(f"{plain.rstrip('.!?')}{marks(citations)}{ending}", citations)
