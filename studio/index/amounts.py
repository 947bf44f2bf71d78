"""How many and how much: which number of a sentence counts or prices what was asked for."""
# ruff: noqa: PLR0911 - one return a way of counting

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.index.closeness import words_of
from studio.index.evidence import Evidence
from studio.index.spans import spans
from studio.index.thesaurus import matches
from studio.index.words import Token, content, stem, stems, tokens

if TYPE_CHECKING:
    from studio.index.naming import Asked

_VERB_LAST = re.compile(r"\b(?:do|does|did|can|could|will|would)\s+(?:[\w'’]+\s+){1,3}?(?P<verb>[a-z]+)\W*$", re.I)
_COMES_TO = frozenset(
    ("is", "are", "was", "were", "be", "s", "for", "at", "only", "just", "about", "now", "costs", "cost")
)
_THAT_COSTS = re.compile(
    r"(?:(?:and|but|so)\s+)?(?:that|this|it|they)(?:\s+one)?"
    r"(?:['’]s|['’]re|\s+(?:is|are|was|were|costs?))\s+(?:(?:only|just|about)\s+)?",
    re.I,
)
_PAYING = frozenset(map(stem, ("cost", "costs", "pay", "charge", "worth")))


def priced(text: str, asked: Asked) -> list[str]:
    """A bare number behind the thing whose price is asked for ("the vinyl is thirty") or behind "that one's"."""
    meant = _THAT_COSTS.match(text)
    words, terms = tokens(text), [token.stem for token in content(asked.text)]
    for at, token in enumerate(words):
        if not token.is_number or token.text == "one" or not at or not _counts(text, token):
            continue
        after = words[at + 1] if at + 1 < len(words) else None
        alone = after is None or not after.is_content or bool(text[token.end : after.start].strip())
        said = meant is not None and meant.end() == token.start
        if words[at - 1].stem in _PAYING or (alone and (said or _has_price(text, words, at, terms))):
            return [token.text]
    return []


def _has_price(text: str, words: Sequence[Token], at: int, terms: Sequence[str]) -> bool:
    """Whether the number at `at` comes right behind one of `terms`: "the vinyl is", not "machine 3" nor "No. 1"."""
    behind = list(itertools.takewhile(lambda token: token.text.casefold() in _COMES_TO, reversed(words[:at])))
    thing = at - len(behind) - 1
    if thing < 0 or not any(matches(term, words[thing].stem) for term in terms):
        return False
    return bool(behind) or re.search(r"[:=,]", text[words[thing].end : words[at].start]) is not None


def _things(asked: Asked) -> list[str]:
    """What is counted: in "how many parking spaces are there" the spaces."""
    match = re.search(
        r"\bhow\s+many\s+(?:different\s+|other\s+)?((?:[\w'-]+\s+){0,2}?[\w'-]+)\s+(?:is|are|was|were|do|does|did|has|have|had|can|will|would|should|of|in|on|go|goes|come|came|lead|take|took|live)\b",
        asked.text,
        re.I,
    )
    phrase = [token.stem for token in content(match[1])] if match else []
    return phrase[-1:] or list(asked.want.counted)


def _counts(text: str, token: Token) -> bool:
    """Whether the number `token` may count things: no time of day, no year, no share, no sum."""
    if re.fullmatch(r"(?:1[5-9]|20)\d\d", token.text) and re.search(
        r"\b(?:in|by|since|of|until|from|year)\s+$", text[: token.start]
    ):
        return False
    if re.search(r"[:./-]\d", token.text) or re.search(
        r"\b(?:at|until|till|number|no|room|chapter|item|version|episode|season|step|page|platform|line|floor|day|part|level|gate|table|track|tram|bus|route|ward|machine|act|exercise|unit|grade|channel|lesson|lap|round|zone)\s+$",
        text[: token.start],
        re.I,
    ):
        return False
    return not re.match(
        r"\s*(?:%|percent|per\s?cent|o['’]?clock|[ap]\.?m\b|dollars?|euros?|pounds?|EUR|USD|degrees|°|[$€£])",
        text[token.end :],
        re.I,
    )


def counted(one: Evidence, asked: Asked) -> list[str]:
    """Numbers of the things that are counted: right before them, else the only number of the sentence."""
    strict = spans(one.text, asked.want, frozenset(stems(asked.text)))
    if strict:
        return strict
    words = tokens(one.text)
    things = _things(asked)

    def of_another_thing(at: int) -> bool:
        """Whether the number right before a noun counts that one: "thirty six hours" no volunteers."""
        after = words[at + 1 : at + 3]
        counted = [
            token for token, _ in zip(after, itertools.takewhile(lambda token: token.is_content, after), strict=False)
        ]
        return bool(counted) and not any(matches(each, token.stem) for each in things for token in counted)

    here = [at for at, token in enumerate(words) if any(matches(each, token.stem) for each in things)]
    numbers = [at for at, token in enumerate(words)
               if token.is_number and _counts(one.text, token) and not of_another_thing(at)]  # fmt: skip
    direct = re.search(r"\b([\w-]+)\s+of\s+them\b", one.text, re.I)
    if direct:
        last = [at for at in numbers if words[at].end == direct.end(1)]
        if last:
            return [words[last[0]].text]
    if not numbers:
        return []
    near = [at for at in numbers if any(-4 <= at - place <= 5 for place in here)]
    if near:
        return [
            words[min(near, key=lambda at: min((place - at if place > at else at - place + 3) for place in here))].text
        ]
    if does := _VERB_LAST.search(asked.text):
        done = stem(does["verb"])
        right_after = [at for at in numbers if at and matches(done, words[at - 1].stem)]
        if right_after:
            return [words[right_after[0]].text]
    if not here and len(numbers) == 1 and any(matches(each, word) for each in things
                                              for word in words_of(one.title)):  # fmt: skip
        return [words[numbers[0]].text]
    return []
