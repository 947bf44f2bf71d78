"""A fact that somebody says or that stands on the screen, found by the question's own words.

A sentence answers only if it, or the title or the sentence it hangs on, has every content word of the question, and if
it says a thing of the wanted kind that the question doesn't say itself. That is strict on purpose: a question on the
right topic for a fact that is not there must find nothing.
"""
# ruff: noqa: E501 - a pattern is read as one line

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from studio.index.answers import Draft, View, cite, marks, quoted
from studio.index.evidence import Evidence
from studio.index.grammar import FRAME
from studio.index.mentions import listing
from studio.index.palette import COLOURS
from studio.index.questions import Question
from studio.index.retrieval import Bm25
from studio.index.spans import Wanted, spans, wanted
from studio.index.words import content, is_name, misread, overlap, same, stem, stems, tokens

_ANAPHOR = re.compile(
    r"^(?:and\s+|but\s+|so\s+|then\s+|now\s+)?(?:it|its|it's|he|his|she|her|they|their|this|that|these|those|both)\b",
    re.I,
)
_ANAPHOR_REASON = re.compile(r"^(?:because|that's because|that is because|this is because|the reason)\b", re.I)
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|none|without|cannot)\b|n['’]t\b", re.I)
_POLAR = re.compile(
    r"^(?:and\s+)?(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|may|might|must|isn't|aren't|wasn't|don't|doesn't|didn't|won't|can't)\b",
    re.I,
)
_SHOWN_DOING = re.compile(
    r"^(?:and\s+)?(?:when|at\s+(?:what|which)\s+(?:time|point|moment))\s+(?:do|does|did|is|are|was|were)\s+(?:he|she|they|we|i|you|the\s+(?:speaker|narrator|presenter|woman|man|host|teacher|cook|chef))\b",
    re.I,
)
_GREETING = re.compile(r"^(?:hello|hi|hey|thanks?|thank\s+you|ok(?:ay)?|bye|good(?:bye|\s+\w+))\W*$", re.I)
_QUESTION = re.compile(
    r"(?:(?:and|so|but|well|then|okay)\s+)*(?:what|how|why|where|when|who|which)\s+(?:\w+\s+){0,2}?"
    r"(?:do|does|did|is|are|was|were|can|could|have|has|would|will|should)\s+(?:you|we|they|he|she|it|the|your|people)\b",
    re.I,
)
_OWN_NAME = re.compile(r"\bmy name(?: is|['’]s) ([\w'’-]+(?: [A-Z][\w'’-]+)*)", re.I)
SPEAKING = 60.0
"""Seconds for which a person who gave their name is taken to go on speaking."""
_SPEAKER = re.compile(
    r"\bname\s+of\s+the\s+(?:speaker|narrator|presenter|host|person|woman|man|teacher)\W*$|\b(?:the\s+(?:speaker|narrator|presenter|host|person|woman|man|teacher)['’]s|his|her|their)\s+name\W*$|^who\s+(?:is|was)\s+(?:the\s+)?(?:speaker|speaking|talking|narrator|narrating|presenter|presenting|host)\W*$|\bspeaker\s+(?:called|named)\W*$",
    re.I,
)
_TAIL = frozenset(["by", "in", "at", "on", "for", "with", "from", "to", "near", "into"])
_TYPED = ("weekday", "month", "money", "percent", "year", "clock")
CONTEXT = 0.6
"""What a word that only the title or the sentence before has is worth, beside one of the sentence itself."""
_LIGHT = frozenset(
    map(
        stem,
        [
            "call",
            "item",
            "list",
            "new",
            "main",
            "currently",
            "current",
            "final",
            "actual",
            "total",
            "whole",
            "entire",
            "special",
            "official",
            "good",
            "name",
            "need",
            "require",
            "use",
            "there",
        ],
    )
)


@dataclass(frozen=True)
class Found:
    """`support` 0..1, how much of the question stands in the sentence itself; `bonus` 0..1, how many of the words that
    needn't; `spans` what answers it."""

    evidence: Evidence
    support: float
    spans: tuple[str, ...]
    bonus: float = 0.0


def asks(text: str) -> bool:
    """Whether `text` is a question itself: what it asks is said after it."""
    return text.rstrip().endswith("?") or _QUESTION.match(text) is not None


def is_polar(text: str) -> bool:
    return _POLAR.match(text) is not None and " or " not in text


def asked_stems(text: str) -> list[str]:
    """The stems that evidence must have: content words but those that point at the video; all where none is left."""
    words = [token.stem for token in content(text)]
    kept = [word for word in words if word not in FRAME]
    return list(dict.fromkeys(kept))


def look_up(view: View, question: Question) -> Draft | None:  # noqa: PLR0911 - one a kind of question
    """The best sentence of `view`, None where no sentence answers."""
    text, whole = question.rest, view.whole
    if _GREETING.match(text):
        return None
    if is_polar(text):
        return _polar(view, text, whole)
    if _SPEAKER.search(text):
        return _introduced(view)
    want = wanted(text)
    asked = [word for word in asked_stems(text) if word not in want.absorbed]
    if not asked:
        return _only(view, want, text)
    if want.kinds[0] in ("person", "name"):
        return None
    found = search(view, whole, asked, want, text)
    if not found and want.kinds[0] in ("email", "url", "phone") and not names_in(text):
        return _only(view, want, text)
    if not found and _SHOWN_DOING.match(text):
        return _at_its_time(search(view, whole, asked, Wanted(("any",)), ""))
    if not found:
        return None
    best = found[0]
    under = _under(best.evidence, view) if want.kinds == ("any",) else []
    if under:
        return listing([best.evidence, *under], None, "The screen reads")
    rivals = [
        one for one in found[1:] if one.support > best.support - 0.02 and one.spans != best.spans and best.spans[0]
    ]
    return _told(best, rivals[:1], want)


def _under(heading: Evidence, view: View) -> list[Evidence]:
    """The lines under a heading that was asked for ("what is on the menu?"); [] for a line that says something itself."""
    if (
        heading.source != "screen_text"
        or heading.title
        or re.search(r"\d|[.!?]$", heading.text)
        or len(heading.text.split()) > 3
    ):
        return []
    return [one for one in view.of_source("screen_text") if heading.text in one.title]


def _introduced(view: View) -> Draft | None:
    """Who speaks, where they give their name."""
    for one in view.of_source("transcript"):
        match = re.search(
            r"\b[Mm]y name(?: is|['’]s) ([\w'’-]+(?: [A-Z][\w'’-]+)*)|\b(?:I am|I['’]m|[Tt]his is) ([A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*)",
            one.text,
        )
        if match:
            citation = cite(one)
            name = match[1] or match[2]
            return Draft(f"{_sentence(name)}{quoted(one)}{marks([citation])}.", (citation,), 0.9 * one.confidence)
    return None


def _only(view: View, want: Wanted, text: str) -> Draft | None:
    """The one thing of the wanted kind that there is: "what is the phone number?" needs no more words."""
    if want.kinds[0] in ("any", "person", "name", "place", "reason", "number"):
        return None
    asked = frozenset(stems(text))
    told = [
        (one, found) for one in view.of_source("transcript", "screen_text") if (found := spans(one.text, want, asked))
    ]
    if not told or len({found[0].casefold() for _, found in told}) > 1:
        return None
    return _told(Found(told[0][0], 0.5, tuple(told[0][1])), (), want)


def _at_its_time(found: list[Found]) -> Draft | None:
    """When somebody in the video does or says a thing: the video's own time."""
    if not found:
        return None
    citation = cite(found[0].evidence)
    text = f"At{marks([citation])}. {quoted(found[0].evidence)}."
    return Draft(text, (citation,), 0.9 * found[0].evidence.confidence)


def _told(best: Found, rivals: Iterable[Found], want: Wanted) -> Draft:
    citation = cite(best.evidence)
    lead = _sentence(best.spans[0]) if best.spans[0] and want.kinds[0] not in ("reason", "place", "any") else ""
    text = f"{lead}{quoted(best.evidence)}{marks([citation])}."
    citations = [citation]
    for rival in rivals:
        other = cite(rival.evidence)
        text += f" Also: {quoted(rival.evidence)}{marks([other])}."
        citations.append(other)
    confidence = best.evidence.confidence * (0.55 + 0.45 * best.support)
    return Draft(text, tuple(citations), confidence)


def _sentence(span: str) -> str:
    span = span.strip(" .,;:")
    written = span if re.search(r"[@/]|www|\w\.\w", span) else span[:1].upper() + span[1:]
    return f"{written}. " if span else ""


def search(view: View, whole: View, asked: list[str], want: Wanted, text: str) -> list[Found]:
    """Sentences that have all of `asked` and something `want`ed, the best first."""
    pieces = view.of_source("transcript", "screen_text")
    weights = Bm25([stems(one.text) for one in whole.of_source("transcript", "screen_text")])
    spelled = _spelled(asked, whole)
    all_asked = frozenset(stems(text))
    found: list[Found] = []
    soft = [token.stem for token in content(text) if token.stem in FRAME and token.stem not in want.absorbed]
    soft += [word for word in asked if word in _LIGHT and word not in soft]
    written = {token.text.casefold() for token in content(text)}
    for one in pieces:
        support = supported(one, whole, spelled, weights) if not asks(one.text) else None
        if support is None:
            continue
        answering = one if want.kinds != ("reason",) else _with_reason(one, whole)
        told = spans(answering.text, want, all_asked | frozenset(spelled))
        if told:
            found.append(Found(answering, support, tuple(told), bonus=overlap(soft, stems(one.text))))
    return sorted(
        found,
        key=lambda one: (
            -round(0.7 * one.support + 0.3 * one.bonus, 3),
            -len(written & {token.text.casefold() for token in tokens(one.evidence.text)}),
            len(one.evidence.text) > 200,
            one.evidence.start,
        ),
    )


def _with_reason(one: Evidence, whole: View) -> Evidence:
    """The sentence after `one` where that gives the reason ("That's because ...")."""
    after = whole.neighbour(one, 1)
    return after if after is not None and _ANAPHOR_REASON.match(after.text) else one


def _spelled(asked: list[str], whole: View) -> list[str]:
    """`asked` as the video's recognisers spelled it: a word it never has goes for the one it was misread as."""
    known = {word for one in whole.of_source("transcript", "screen_text") for word in stems(f"{one.text} {one.title}")}
    spelled: list[str] = []
    for word in asked:
        if any(same(word, other) for other in known):
            spelled.append(word)
        else:
            spelled.append(next((other for other in sorted(known) if misread(word, other)), word))
    return spelled


def supported(one: Evidence, whole: View, asked: Iterable[str], weights: Bm25) -> float | None:
    """How much of `asked`, by weight, `one` has itself; None where a word is neither there nor in what it hangs on."""
    own, around = stems(one.text), stems(_around(one, whole))
    total = got = 0.0
    own_words = 0
    for word in asked:
        if word in _LIGHT and not any(same(word, other) for other in (*own, *around)):
            continue
        weight = weights.weight(word) if not word[:1].isdigit() else max(weights.weight(word), 1.0)
        total += weight
        here = max((same(word, other) for other in own), default=0.0)
        if here:
            own_words += 1
            got += weight * here
        elif any(same(word, other) for other in around):
            got += weight * CONTEXT
        else:
            return None
    if total == 0.0 or (own_words == 0 and not one.title and not _ANAPHOR.match(one.text)):
        return None
    return got / total


def _around(one: Evidence, whole: View) -> str:
    """What gives `one` its meaning: the title over a line; the sentence before one that begins with "it" or "she"."""
    if one.source == "screen_text":
        return one.title
    parts: list[str] = []
    at: Evidence | None = one
    while at is not None and _ANAPHOR.match(at.text) and len(parts) < 2:
        at = whole.neighbour(at, -1)
        if at is not None and one.start - at.end < 15.0:
            parts.append(_subject(at.text))
    after = whole.neighbour(one, 1)
    if after is not None and _ANAPHOR_REASON.match(after.text):
        parts.append(after.text)
    if re.search(r"\bI\b|\b[Mm]y\b|\bi (?:am|was|have|had)\b", one.text):
        parts += [
            match[1]
            for said in whole.said_between(one.start - SPEAKING, one.start)
            if (match := _OWN_NAME.search(said.text))
        ][-1:]
    return " ".join(parts)


def _subject(text: str) -> str:
    """`text` up to the first preposition behind its subject: what an "it" in the next sentence may stand for."""
    words = tokens(text)
    cut = next((token.start for token in words[3:] if token.stem in _TAIL), len(text))
    return text[:cut]


def _polar(view: View, text: str, whole: View) -> Draft | None:
    """Yes with the sentence that says so; no where it is denied, or where another day, sum or colour is said."""
    asked = asked_stems(text)
    if not asked:
        return None
    found = search(view, whole, asked, Wanted(("claim",)), "")
    if found and len(asked) >= 2:
        best = found[0].evidence
        denied = bool(_NEGATED.search(best.text)) != bool(_NEGATED.search(text))
        citation = cite(best)
        confidence = best.confidence * (0.5 + 0.4 * found[0].support)
        return Draft(f"{'No' if denied else 'Yes'}. {quoted(best)}{marks([citation])}.", (citation,), confidence)
    return _contradicted(view, text, asked, whole)


def _contradicted(view: View, text: str, asked: list[str], whole: View) -> Draft | None:
    for kind in (*_TYPED, "colour"):
        want = Wanted((kind,))
        claimed = spans(text, want, frozenset())
        if not claimed:
            continue
        claim = {word for span in claimed for word in stems(span)}
        rest = [word for word in asked if word not in claim]
        found = search(view, whole, rest, want, "") if len(rest) >= 2 else []
        if found and not claim & set(stems(" ".join(found[0].spans))):
            citation = cite(found[0].evidence)
            text = f"No. {quoted(found[0].evidence)}{marks([citation])}."
            return Draft(text, (citation,), 0.75 * found[0].evidence.confidence)
    return None


def names_in(text: str) -> list[str]:
    """The stems written as names or numbers in `text`: an answer may not bring one of its own."""
    return [token.stem for token in tokens(text) if token.is_number or is_name(text, token)]


def visual(text: str) -> bool:
    """Whether the question is about how things look or who is seen: what the embedded reader doesn't know."""
    pattern = (r"\b(?:wear|wears|wearing|holding?|holds|hair|face|dress(?:ed)?|outfit|shirt|hat|animal|breed|object|objects|"
               r"look(?:s|ing)?\s+like|shapes?|in\s+the\s+(?:background|picture|foreground)|gesture|emotion|expression|smil\w+|sitting|standing|"
               r"who\s+(?:is|are)\s+(?:the|this|that)\s+(?:person|man|woman|girl|boy|people)|what\s+(?:is|are)\s+(?:this|that|these|those)|"
               r"ethnicity|gender|room|building|landscape|weather|logo|vehicle|make of|brand of)\b")  # fmt: skip
    words = {token.stem for token in content(text)}
    coloured = re.match(r"^(?:is|are|was|were)\b", text, re.I) is not None and bool(words & COLOURS.keys())
    return bool(re.search(pattern, text, re.I)) or coloured or bool(re.search(r"\bwhat\s+colou?r\b", text, re.I))
