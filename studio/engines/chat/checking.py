"""Sentences of a language model, let through only with evidence that bears them out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.contracts import VideoAsked
from studio.engines.chat.prompt import NOT_THERE
from studio.index.answers import Citation, cite, marks
from studio.index.evidence import Evidence
from studio.index.grounding import supports
from studio.index.several import named

_IDS = re.compile(r"\[((?:e\d+[\s,;]*)+)\]", re.I)
_END = re.compile(r"(?<=[.!?。！？\]])(?=\s+[^\s\[])|\n+")
SHARE = 0.6
"""The share of a sentence's content words that its evidence must have: other words may be used, not other facts."""


@dataclass(frozen=True)
class Checked:
    """`text` with its times for ids, "" where it was dropped. `names_video`: it says itself which video it is of."""

    text: str
    citations: tuple[Citation, ...] = ()
    names_video: bool = False


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


def checked(sentence: str, evidence: Sequence[Evidence], videos: Sequence[VideoAsked]) -> Checked:
    """`sentence` if it cites evidence that exists and has its names, its figures and most of its words. `videos`: of
    each piece of evidence; a sentence that names some must cite them and no others."""
    numbers = [int(number) for group in _IDS.findall(sentence) for number in re.findall(r"\d+", group)]
    if not numbers or not all(1 <= number <= len(evidence) for number in numbers):
        return Checked("")
    plain = re.sub(r"\s+([.!?,])", r"\1", _IDS.sub("", sentence)).strip()
    cited = [evidence[number - 1] for number in dict.fromkeys(numbers)]
    of = [videos[number - 1].number for number in dict.fromkeys(numbers)]
    names, claim = set[int](), plain
    if len({one.number for one in videos}) > 1:
        names, claim = named(plain, {one.number: one.name for one in videos})
    if names and names != set(of):
        return Checked("")
    if not plain or not supports(claim, (f"{one.title} {one.text}" for one in cited), SHARE):
        return Checked("")
    citations = tuple(replace(cite(one), video=number) for one, number in zip(cited, of, strict=True))
    ending = plain[-1] if plain[-1] in ".!?" else "."
    return Checked(f"{plain.rstrip('.!?')}{marks(citations)}{ending}", citations, bool(names))
