"""How near a sentence or a line on the screen comes to a question, word for word: by rarity, by meaning, by sound."""
# ruff: noqa: E501, SIM905 - word lists are read as text

from __future__ import annotations

import functools
import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from studio.index.answers import View
from studio.index.evidence import Evidence
from studio.index.grammar import FRAME
from studio.index.lexicon import FUNCTION_WORDS, PHRASES
from studio.index.thesaurus import ALIKE, GENERAL, is_word, kin
from studio.index.words import Token, content, is_name, same, stem, stems, tokens

HEARD_SO = 0.7
"""What a word counts that sounds like the one asked for, where nobody says that one."""
NEAR, AROUND = 0.8, 0.45
"""What a word counts that only the title or the sentence a pronoun points at has; that only the neighbours have."""
LIGHT_WEIGHT, LEAST_WEIGHT = 0.2, 0.3
STANDING, SHORT = 60.0, 20.0
"""Seconds up to which a text on the screen belongs to what is said meanwhile, and what is said to the text."""
ASIDE = 0.4
"""What a word counts in a clause that only says when or if."""
TITLES = 10.0
"""Seconds from the beginning in which what stands on the screen is what the video is about."""
_LIGHT = frozenset(map(stem, """take make do have give get go come put keep use need want let try set work turn add
exist include be there lead call name happen kind sort type thing item part way mean new main current total whole entire
special official good actual final exact possible allow able can should must would actually often usually today now
person people one amount much many long time place use using seem look like necessary require please also together
first last big sit stand""".split())) | FRAME  # fmt: skip
"""Words that a right answer may well do without."""
_SIDES = tuple(
    tuple(frozenset(map(stem, side.split())) for side in line.split("|"))
    for line in (
        "first|last final", "open|close closed shut", "before|after", "winter|summer|spring|autumn fall",
        "monday|tuesday|wednesday|thursday|friday|saturday|sunday", "morning|afternoon|evening|night",
        "january|february|march|april|may|june|july|august|september|october|november|december",
        "left|right", "high highest maximum most|low lowest minimum least", "cheap cheapest low lowest|expensive dearest",
        "home|away", "begin start|end finish stop", "arrive arrival|leave depart departure", "buy purchase|sell",
        "hot warm|cold cool", "win|lose", "north|south|east|west", "front|back", "inside indoor|outside outdoor",
        "brother|sister|mother|father|son|daughter|husband|wife|grandmother|grandfather|uncle|aunt|cousin",
        "son|daughter", "increase rise grow|decrease fall drop", "old|new", "big large|small", "wet|dry", "long|short",
        "men man|women woman", "boy|girl", "breakfast|lunch|dinner supper", "android|iphone ios|windows|mac", "dark|light",
        "for favor|against", "outward|return", "single|double", "early earliest|late latest", "teach|learn", "red|green|blue|yellow|white|black|orange|purple|pink|brown|grey",
    )
)  # fmt: skip
"""Things of one sort of which a sentence on one says nothing on the other."""
_TAIL = frozenset(("by", "in", "at", "on", "for", "with", "from", "to", "near", "into"))
_PRONOUN = re.compile(r"\b(?:it|its|it's|he|his|him|she|her|they|them|their|this|that|these|those|both|one)\b", re.I)
_FORBIDS = re.compile(
    r"\b(?:no(?!\s+(?:idea|problem|doubt))|never|(?:do|does|must|may|can|should)(?:\s+not|n['’]t)|not\s+(?:allowed|permitted))\b",
    re.I,
)
_TO_YOU = re.compile(r"\b(?:you|your|please|yourself)\b", re.I)
_SHOWN_ON = re.compile(
    r"\b(?:shown\s+)?(?:on|in|according\s+to|from)\s+the\s+(?:map|slide|screen|chart|table|graph|board|label|picture|graphic|caption)\b",
    re.I,
)
"""Where to look, which the text that stands there needn't say."""
_HELPING = frozenset(("do", "does", "did", "should", "must", "can", "may", "will", "would", "could", "have", "for"))
SYNONYM = 0.9
"""The level of words that mean the same in most of their senses."""
_BACKWARD = 25.0
"""Seconds back to the sentence that a pronoun may point at."""


@dataclass(frozen=True)
class Term:
    """A word of the question: its `weight`, whether no answer may lack it (a name or a figure), and whether it is who
    may be spoken to ("what do visitors ...": "please ...")."""

    stem: str
    weight: float
    exacting: bool
    audience: bool = False


@dataclass(frozen=True)
class Close:
    """`own` and `whole` 0..1: how much of the question, by weight, the piece has itself, and with what stands around;
    `missing` the terms that are nowhere; `opposed` where it is about another thing of the same sort."""

    evidence: Evidence
    own: float
    whole: float
    missing: tuple[Term, ...]
    opposed: bool


class Corpus:
    """All that is said and written in a video, ready to be compared with questions."""

    def __init__(self, whole: View) -> None:
        self.whole = whole
        self.pieces = whole.of_source("transcript", "screen_text", "frame")
        self._places = {id(one): at for at, one in enumerate(self.pieces)}
        self._stems = [words_of(one.text) for one in self.pieces]
        self._titles = [words_of(one.title) if one.title else frozenset() for one in self.pieces]
        shown = whole.of_source("screen_text")
        self._shown = [one for one in shown if one.end - one.start < STANDING]
        self._said = whole.of_source("transcript")
        self._known: dict[str, Mapping[str, float]] = {}
        self._rarities: dict[str, float] = {}
        titles = [one.text for one in shown
                  if one.start < TITLES and not one.title and not re.search(r"\d", one.text)]  # fmt: skip
        self._topic = frozenset().union(*map(words_of, [whole.index.video.name.replace("_", " "), *titles]))
        self.vocabulary = frozenset().union(*self._stems, *self._titles)

    def terms(self, text: str, absorbed: Iterable[str]) -> list[Term]:
        """The words of `text` that an answer has to do with, each weighed by how few pieces have it or one like it."""
        left_out = frozenset(absorbed)
        found: dict[str, Term] = {}
        clause = re.search(r"\w\s+(?:when|while|if|because)\s+", text, re.I)
        aside = clause.end() - 1 if clause else 0
        shown = _SHOWN_ON.search(text)
        owned = [token for token in tokens(text) if token.text.casefold() in ("owns", "owned", "owner")]
        for token in [*content(text), *owned]:
            if token.stem in left_out or token.stem in found:
                continue
            if shown and shown.start() <= token.start < shown.end():
                continue
            light = token.stem in _LIGHT and not is_name(text, token) and token.text.casefold() != "made"
            weight = LIGHT_WEIGHT if light else self._rarity(token.stem)
            weight *= ASIDE if 0 < aside < token.start else 1.0
            inside = token.is_number and text[: token.start][-1:].isalpha()
            named = not light and not inside and (token.is_number or is_name(text, token))
            found[token.stem] = Term(token.stem, weight, named, not named and _is_audience(text, token))
        return list(found.values())

    def _rarity(self, word: str) -> float:
        """From 1 for a word that nothing in the video is like, down to LEAST_WEIGHT for one that stands everywhere."""
        if word not in self._rarities:
            near = {other for other, level in self._levels(word).items() if level >= HEARD_SO}
            having = sum(1 for one in self._stems if near & one)
            count = max(2, len(self._stems))
            self._rarities[word] = max(LEAST_WEIGHT, 1.0 - math.log(1 + having) / math.log(1 + count))
        return self._rarities[word]

    def levels(self, terms: Sequence[Term]) -> dict[str, Mapping[str, float]]:
        """For each term the stems of the video that may stand for it, and how far."""
        # a word that the question has itself stands for that one alone: no "market" for "sell" in "sold at the market"
        own = {term.stem for term in terms}
        return {
            term.stem: {
                word: level for word, level in self._levels(term.stem).items() if level >= 0.9 or word not in own
            }
            for term in terms
        }

    def _levels(self, asked: str) -> Mapping[str, float]:
        if asked not in self._known:
            levels = {word: level for word in self.vocabulary if (level := _level(asked, word))}
            if not any(level >= 0.9 for level in levels.values()):
                levels |= {word: HEARD_SO for word in self.vocabulary if sounds_like(asked, word)}
            self._known[asked] = levels
        return self._known[asked]

    def closest(self, question: str, absorbed: Iterable[str], most: int = 60) -> list[Close]:
        """The pieces nearest to `question`, the nearest first; `absorbed` stems of it needn't be matched."""
        terms = self.terms(question, absorbed)
        if not terms:
            return []
        levels = self.levels(terms)
        total = sum(term.weight for term in terms)
        rough: list[tuple[float, int]] = []
        for at, (own, title) in enumerate(zip(self._stems, self._titles, strict=True)):
            got = sum(
                term.weight * max(_best(levels[term.stem], own), NEAR * _best(levels[term.stem], title))
                for term in terms
            )
            if got > 0:
                rough.append((got / total, at))
        rough.sort(key=lambda pair: (-pair[0], pair[1]))
        # "how big" asks for a measure: a small thing has one too
        asked = frozenset(stems(question)) - frozenset(absorbed)
        nearest = self._with_followers([at for _, at in rough[:most]])
        found = [self._close(at, terms, levels, asked) for at in nearest]
        return sorted(found, key=lambda one: (-round(one.whole + 0.3 * one.own, 3), one.evidence.start))

    def shares(self, terms: Sequence[Term], text: str) -> bool:
        """Whether `text` has one of `terms` itself or a plain synonym, or words that may stand for two of them: "trail"
        may be "dog", but of a question on dogs that alone makes no passage."""
        levels, words = self.levels(terms), words_of(text)
        found = [_best(levels[term.stem], words) for term in terms if term.weight > LIGHT_WEIGHT]
        return any(level >= SYNONYM for level in found) or sum(1 for level in found if level) > 1

    def _with_followers(self, nearest: Sequence[int]) -> list[int]:
        """`nearest` and the sentences right after them that go on with "she" or "it" and needn't name what they mean."""
        found = dict.fromkeys(nearest)
        for at in nearest:
            after = self.whole.neighbour(self.pieces[at], 1)
            if after is not None and _PRONOUN.search(after.text):
                found.setdefault(self._places[id(after)])
        return list(found)

    def _close(
        self, at: int, terms: Sequence[Term], levels: Mapping[str, Mapping[str, float]], asked: frozenset[str]
    ) -> Close:
        one = self.pieces[at]
        own_words, near, beside_it = self._stems[at], self._near(at), self._around(one)
        around = beside_it | self._topic
        turned = opposed(asked, own_words)
        before = self.whole.neighbour(one, -1) if near and one.source == "transcript" else None
        named = words_of(subject(before.text)) if before is not None else near
        to_you = one.source == "transcript" and _TO_YOU.search(one.text) is not None
        own = whole = 0.0
        missing: list[Term] = []
        for term in terms:
            here = _best(levels[term.stem], own_words)
            beside = max(
                here,
                NEAR * _best(levels[term.stem], named if term.exacting else near),
                AROUND * _best(levels[term.stem], around),
            )
            if term.stem in turned:
                here = beside = NEAR
            if not here and to_you and term.audience:
                here = beside = NEAR
            pointed = named if term.exacting else near
            own += term.weight * max(here, NEAR * _best(levels[term.stem], pointed) if pointed else 0.0)
            whole += term.weight * beside
            if beside == 0.0 or (term.exacting and not any(_best(levels[term.stem], words)
                                                           for words in (own_words, named, beside_it))):  # fmt: skip
                missing.append(term)
        total = sum(term.weight for term in terms)
        return Close(one, own / total, whole / total, tuple(missing), bool(turned))

    def _near(self, at: int) -> frozenset[str]:
        """The words of the title over a line, or of the sentences that a pronoun points at."""
        one = self.pieces[at]
        if one.source != "transcript":
            return self._titles[at]
        before = self.whole.neighbour(one, -1)
        found: frozenset[str] = frozenset()
        if before is not None and one.start - before.end < _BACKWARD:
            if len(before.text.split()) <= 3 or _PRONOUN.search(one.text):
                found |= words_of(before.text)
            if re.match(r"(?:and |so |but )?(?:it|they|he|she|this|that)\b", before.text, re.I):
                further = self.whole.neighbour(before, -1)
                found |= words_of(further.text) if further is not None else frozenset()
        return found

    def _around(self, one: Evidence) -> frozenset[str]:
        """The words of the sentences beside `one` and of what stands on the screen meanwhile."""
        found: set[str] = set()
        if one.source == "transcript":
            for step in (-1, 1):
                beside = self.whole.neighbour(one, step)
                if beside is not None and abs(beside.start - one.start) < _BACKWARD:
                    found |= words_of(beside.text)
            meanwhile = self._meanwhile(self._shown, one.start - STANDING, one.end + 1.0)
            found.update(word for other in meanwhile if other.end > one.start - 1.0 for word in words_of(other.text))
        elif one.end - one.start < SHORT:
            meanwhile = self._meanwhile(self._said, one.start - SHORT, one.end)
            found.update(word for other in meanwhile if other.end > one.start for word in words_of(other.text))
        return frozenset(found)

    def _meanwhile(self, ordered: Sequence[Evidence], start: float, end: float) -> Sequence[Evidence]:
        """Those of `ordered` that begin from `start` to `end`."""
        low = bisect_left(ordered, start, key=lambda one: one.start)
        return ordered[low : bisect_left(ordered, end, key=lambda one: one.start)]


def _is_audience(text: str, token: Token) -> bool:
    """Whether `token` is people in general: a plural without "the"."""
    before = text[: token.start].split()[-1:]
    plural = token.text.casefold().endswith("s") and (not before or before[0].casefold() in _HELPING)
    return plural and kin("person", token.stem) == GENERAL


def subject(text: str) -> str:
    """`text` up to the first preposition behind its subject: what an "it" in the next sentence may stand for."""
    words = tokens(text)
    cut = next((token.start for token in words[3:] if token.stem in _TAIL), len(text))
    return text[:cut]


def opposed(asked: frozenset[str], there: frozenset[str]) -> frozenset[str]:
    """The words of `asked` of which `there` names another of the same sort: the first train, not the last one."""
    found: frozenset[str] = frozenset()
    for sides in _SIDES:
        meant = [side for side in sides if side & asked]
        if len(meant) == 1 and not meant[0] & there and any(side & there for side in sides if side is not meant[0]):
            found |= meant[0] & asked
    return found


def _best(levels: Mapping[str, float], words: frozenset[str]) -> float:
    if len(levels) < len(words):
        return max((level for word, level in levels.items() if word in words), default=0.0)
    return max((levels[word] for word in words if word in levels), default=0.0)


@functools.lru_cache(maxsize=50_000)
def _level(asked: str, there: str) -> float:
    if asked == there:
        return 1.0
    if asked[:1].isdigit() or there[:1].isdigit() or there in FUNCTION_WORDS:
        return 0.0
    return same(asked, there) or kin(asked, there) or (ALIKE if _shortened(asked, there) else 0.0)


def _shortened(asked: str, there: str) -> bool:
    """Whether `there` is `asked` cut short ("ext." for "extension")."""
    return 3 <= len(there) <= 5 and len(asked) >= len(there) + 3 and asked.startswith(there) and not is_word(there)


@functools.lru_cache(maxsize=20_000)
def words_of(text: str) -> frozenset[str]:
    """The stems of `text`, and those of words that a recogniser cut in two put together ("dash board")."""
    found = tokens(text)
    plain = f" {' '.join(token.text.casefold() for token in found)} "
    phrases = [stem("forbid")] if _FORBIDS.search(text) else []
    phrases += [stem(meant) for phrase, meant in PHRASES.items() if f" {phrase} " in plain]
    pairs = (stem(f"{a.text}{b.text}") for a, b in pairwise(found) if _joins(a) and _joins(b))
    return frozenset((*(token.stem for token in found), *phrases, *pairs))


def _joins(token: Token) -> bool:
    return token.is_content and not token.is_number and len(token.text) >= 4


_CLASSES = str.maketrans("bpfvcgjkqsxzdtlmnr", "ppffkkkkksssttlmmr")


@functools.lru_cache(maxsize=50_000)
def sounds_like(one: str, other: str) -> bool:
    """Whether a recogniser may take one stem for the other: the same consonants in a row, and much the same letters."""
    if min(len(one), len(other)) < 4 or one[:1].isdigit() or other[:1].isdigit() or one[0] != other[0]:
        return False
    if abs(len(one) - len(other)) > 3:
        return False
    return skeleton(one) == skeleton(other) and distance(one, other) <= max(2, len(one) // 3)


@functools.lru_cache(maxsize=20_000)
def skeleton(word: str) -> str:
    """The consonants of `word` by how they sound, doubled ones once."""
    sounds = re.sub(r"[aeiouyhw]", "", word.casefold().replace("ph", "f").replace("ck", "k")).translate(_CLASSES)
    return re.sub(r"(.)\1+", r"\1", sounds)


def distance(one: str, other: str) -> int:
    """Levenshtein's: letters to change, put in or take out."""
    row = list(range(len(other) + 1))
    for at, a in enumerate(one, 1):
        last, row[0] = row[0], at
        for to, b in enumerate(other, 1):
            last, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, last + (a != b))
    return row[-1]
