"""Where something is said or shown: when, how often, what comes before and after it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.index.answers import Citation, Draft, View, cite, cites, marks, quoted
from studio.index.evidence import Evidence
from studio.index.grammar import SAY, SHOW
from studio.index.lexicon import FIRST_ORDINALS
from studio.index.palette import COLOURS
from studio.index.questions import Question, content_words
from studio.index.times import Window, clock
from studio.index.words import misread, same, stem, stems

_SAID = re.compile(
    r"\b(?:said|say|says|saying|spoken|speaks?|talks?|talked|talking|utter|tell|told|hear|heard)\b", re.I
)
_SHOWN = re.compile(
    r"\b(?:shown?|appears?|displayed|written|visible|seen?|on\s+(?:the\s+)?screen|text|sign|slide|caption|title|read)\b",
    re.I,
)
_SOUND_EVENT = re.compile(
    r"\b(?:the\s+)?(?P<kind>music|song|silence|speech|talking|speaking|noise|bang|loud\s+\w+)\b(?:\s+(?P<edge>starts?|started|begins?|began|ends?|ended|stops?|stopped|plays?|playing|is\s+heard))?\W*$",
    re.I,
)
_PLAIN = (
    frozenset(
        map(
            stem,
            [
                "big",
                "large",
                "small",
                "little",
                "huge",
                "bottom",
                "top",
                "upper",
                "lower",
                "main",
                "on-screen",
                "screen",
                "first",
                "last",
                "other",
                "same",
                "current",
            ],
        )
    )
    | COLOURS.keys()
)
"""What a sign is called by its looks, which can't be told from its words."""
_LAST = ("last", "final", "closing")
AFTERWARDS = 20.0
"""Seconds after a thing in which what is said or shown still counts as coming after it."""


@dataclass(frozen=True)
class Mention:
    """`at` the second it is said or comes up; `times` it is in this piece."""

    evidence: Evidence
    at: float
    times: int


def find(view: View, topic: str, sources: Sequence[str] = ("transcript", "screen_text")) -> list[Mention]:
    """Where `topic` is said or shown, in time order; its words in a row, else all of them in one sentence."""
    wanted = [word for word in stems(topic) if word in content_words(topic)] or stems(topic)
    if not wanted:
        return []
    pieces = view.of_source(*sources)
    for alike in (lambda a, b: a == b, lambda a, b: same(a, b) > 0, misread):
        found = [
            _mention(view, one, times, wanted) for one in pieces if (times := _times(stems(one.text), wanted, alike))
        ]
        if found:
            return sorted(found, key=lambda each: each.at)
    return []


def _times(words: Sequence[str], wanted: Sequence[str], alike) -> int:
    if len(wanted) == 1:
        return sum(alike(wanted[0], word) for word in words)
    rows = sum(
        all(alike(a, b) for a, b in zip(wanted, words[at:], strict=False)) for at in range(len(words) - len(wanted) + 1)
    )
    return rows or int(all(any(alike(each, word) for word in words) for each in wanted))


def _mention(view: View, one: Evidence, times: int, wanted: Sequence[str]) -> Mention:
    at = one.start
    if one.source == "transcript":
        heard = (word for said in view.index.speech for word in said.words
                 if one.start - 0.01 <= word.start <= one.end and same(wanted[0], stem_of(word.text)))  # fmt: skip
        at = next((word.start for word in heard), one.start)
    return Mention(one, at, times)


def stem_of(word: str) -> str:
    found = stems(word)
    return found[0] if found else stem("-" + word) if word else ""


def _sources(text: str) -> tuple[str, ...]:
    """The sources that a question's verb points at."""
    said, shown = bool(_SAID.search(text)), bool(_SHOWN.search(text))
    if said and not shown:
        return ("transcript",)
    return ("screen_text",) if shown and not said else ("transcript", "screen_text")


def _found(view: View, question: Question, topic: str) -> list[Mention]:
    """Mentions where the verb points, else anywhere: "shown" is also asked of what is only said."""
    return find(view, topic, _sources(question.text)) or find(view, topic)


def when(view: View, question: Question) -> Draft | None:
    found = _found(view, question, question.topic)
    if not found:
        return None
    if question.relation in _LAST:
        found = found[-1:]
    elif question.relation in ("first", "opening") or len(found) == 1:
        found = found[:1]
    shown = found[:5]
    times = ", ".join(f"[{clock(each.at)}]" for each in shown)
    more = f" and {len(found) - 5} more times" if len(found) > 5 else ""
    scene = f" (scene {shown[0].evidence.scene})" if len(shown) == 1 and shown[0].evidence.scene else ""
    text = f"At {times}{more}{scene}. {quoted(shown[0].evidence)}."
    return Draft(text, cites([each.evidence for each in shown]), shown[0].evidence.confidence * 0.95, measured=True)


def count(view: View, question: Question) -> Draft | None:
    topic = question.topic
    sources = _sources(question.text)
    found = find(view, topic, sources)
    if not found:
        return None
    said = sum(each.times for each in found if each.evidence.source == "transcript")
    shown = sum(1 for each in found if each.evidence.source == "screen_text")
    parts = [f"said {_said_times(said)}" if said else "", f"shown on screen {_said_times(shown)}" if shown else ""]
    total = said + shown
    lead = f"{_said_times(total)} in all: " if said and shown else ""
    citations = cites([each.evidence for each in found])
    text = f"{lead}“{topic}” is {' and '.join(part for part in parts if part)}{marks(citations)}."
    return Draft(text, citations, min(each.evidence.confidence for each in found) * 0.9, measured=True)


def _said_times(count: int) -> str:
    return "once (1 time)" if count == 1 else f"{count} times"


def exists(view: View, question: Question) -> Draft | None:
    found = _found(view, question, question.topic)
    if not found:
        return None
    citations = cites([each.evidence for each in found[:3]])
    return Draft(f"Yes. {quoted(found[0].evidence)}{marks(citations)}.", citations, found[0].evidence.confidence * 0.95)


def gone(view: View, question: Question) -> Draft | None:
    """When a text leaves the screen for the last time."""
    found = find(view, question.topic, ("screen_text",))
    if not found:
        return None
    one = max((each.evidence for each in found), key=lambda each: each.end)
    return Draft(f"At [{clock(one.end)}]. {quoted(one)}.", (cite(one),), 0.9 * one.confidence, measured=True)


def duration_of(view: View, question: Question) -> Draft | None:
    found = find(view, question.topic, ("screen_text",))
    if not found:
        return None
    one = found[0].evidence
    length = one.end - one.start
    text = f"{length:.0f} seconds, from [{clock(one.start)}] to {clock(one.end)}: “{one.text}”."
    return Draft(text, (cite(one),), one.confidence * 0.9, measured=True)


def text_in(view: View, question: Question) -> Draft | None:
    """The texts that stand in the window; of the slide that an ordinal names; those about the topic where one is named.
    A counter's readings only where nothing else stands there."""
    readings = {text for one in view.index.texts if one.kind == "counter" for _, text in one.readings}
    written = view.of_source("screen_text")
    pieces = [one for one in written if one.text not in readings] or written
    asked = question.text.casefold()
    number = _slide_number(asked)
    if number is not None:
        slides = _slides(pieces)
        pieces = slides[number] if -len(slides) <= number < len(slides) else []
    if "ticker" in asked:
        pieces = _of_kind(view, "ticker") or pieces
    elif question.topic and number is None and set(stems(question.topic)) - _PLAIN:
        pieces = [each.evidence for each in find(view, question.topic, ("screen_text",))]
    elif re.search(r"\b(?:title|headline|heading)\b", asked):
        pieces = [one for one in pieces if not one.title][:1]
    if not pieces:
        return None
    told = listing(pieces, question.window, "The screen reads")
    # which sign is the red one can't be told from its words
    return replace(told, confidence=0.4) if set(stems(question.topic)) & COLOURS.keys() else told


def _slide_number(text: str) -> int | None:
    """Which slide or sign an ordinal names, from 0, -1 for the last; None where none does."""
    match = re.search(
        rf"\b(last|final|opening|{'|'.join(FIRST_ORDINALS)}|\d+(?:st|nd|rd|th))\s+(?:slide|sign|caption|title|text|banner|screen|headline|poster|board|label|message)s?\b",
        text,
    )
    if match is None:
        return None
    word = match[1]
    if word in ("last", "final"):
        return -1
    return 0 if word == "opening" else (FIRST_ORDINALS.get(word) or int(re.sub(r"\D", "", word))) - 1


def _slides(pieces: Sequence[Evidence]) -> list[list[Evidence]]:
    """Texts that stand together, in time order."""
    slides: list[list[Evidence]] = []
    for one in pieces:
        if slides and one.start < min(other.end for other in slides[-1]) - 0.3:
            slides[-1].append(one)
        else:
            slides.append([one])
    return slides


def _of_kind(view: View, topic: str) -> list[Evidence]:
    if "ticker" not in topic.casefold():
        return []
    texts = {one.text for one in view.index.texts if one.kind == "ticker"}
    return [one for one in view.of_source("screen_text") if one.text in texts]


def said_in(view: View, question: Question) -> Draft | None:
    said = view.of_source("transcript")
    return listing(said, question.window, "It is said") if said else None


def said_about(view: View, question: Question) -> Draft | None:
    found = [each.evidence for each in find(view, question.topic, ("transcript",))]
    found = found or [each.evidence for each in find(view, question.topic)]
    if not found:
        return None
    verb = "It is said" if found[0].source == "transcript" else "The screen reads"
    return listing(found[:3], question.window, verb)


def listing(pieces: Sequence[Evidence], span: Window | None, verb: str, most: int = 6) -> Draft:
    shown: list[Evidence] = []
    for one in pieces:
        if one.text not in {other.text for other in shown}:
            shown.append(one)
    rest = len(shown) - most
    shown = shown[:most]
    citations = [cite(one, span) for one in shown]
    told = "; ".join(f"“{one.text}” [{clock(each.start)}]" for one, each in zip(shown, citations, strict=True))
    more = f"; and {rest} more" if rest > 0 else ""
    return Draft(f"{verb}: {told}{more}.", tuple(citations), min(one.confidence for one in shown), measured=True)


def edge_item(view: View, question: Question) -> Draft | None:
    """The first or last thing said or shown."""
    sources = _sources(question.text)
    if question.topic.casefold() in ("sentence", "word", "words") and sources != ("screen_text",):
        sources = ("transcript",)
    elif question.topic.casefold() in ("text", "title", "slide", "sign", "caption", "line"):
        sources = ("screen_text",)
    pieces = view.of_source(*sources)
    if not pieces:
        return None
    last = question.relation in _LAST
    one = max(pieces, key=lambda each: each.start) if last else pieces[0]
    return Draft(f"{quoted(one)}{marks([cite(one)])}.", (cite(one),), one.confidence * 0.95)


def moment_of(view: View, topic: str) -> tuple[float, float] | None:
    """From when to when the thing that `topic` names is said, shown or heard; None where it isn't."""
    for kind, pattern in (("ticker", r"\bticker\b"), ("counter", r"\b(?:counter|timer|countdown)\b")):
        texts = [one for one in view.index.texts if one.kind == kind]
        if texts and re.search(pattern, topic, re.I):
            return texts[0].start, texts[0].end
    event = _SOUND_EVENT.search(topic)
    if event:
        kind = {"song": "music", "talking": "speech", "speaking": "speech", "bang": "loud event"}.get(
            event["kind"].casefold(), event["kind"].casefold()
        )
        kind = "loud event" if kind.startswith("loud") else kind
        spans = [one for one in view.index.sounds if one.kind == kind]
        if spans:
            ended = re.match(r"(?:end|stop)", event["edge"] or "", re.I) is not None
            return (
                (spans[-1].end, spans[-1].end)
                if ended
                else (spans[0].start, spans[0].start if event["edge"] else spans[0].end)
            )
    named = re.sub(
        rf"\b(?:{SAY}|{SHOW}|is|are|was|were|gets?|being|text|sign|slide|caption|title|the\s+word|appears?|shown|mentioned|said|says|mentions|displayed|disappears?)\b",
        " ",
        topic,
        flags=re.I,
    )
    found = find(view, named, _sources(topic)) or find(view, named)
    return (found[0].at, found[0].evidence.end) if found else None


def order(view: View, question: Question) -> Draft | None:
    """What is said or shown next to the thing that the topic names."""
    before = question.relation.startswith(("before", "preced", "prior"))
    moment = moment_of(view.whole, question.topic)
    if moment is None:
        return None
    return beside(view, moment, before, _sources(question.rest.replace(question.topic, " ")))


def beside(view: View, moment: tuple[float, float], before: bool, sources: Sequence[str]) -> Draft | None:
    """The last piece before or the first one after `moment`; words on the screen go before words said at that time."""
    start, end = moment
    found: list[Evidence] = []
    readings = {text for one in view.index.texts for _, text in one.readings}
    for source in sources:
        pieces = [one for one in view.of_source(source) if one.text not in readings]
        if before:
            found += [
                one for one in pieces if one.start < start - 0.05 and one.end <= start + 0.5 + (end - start) * 0.5
            ][-1:]
        else:
            found += [
                one
                for one in pieces
                if one.start >= end - 0.3 or (one.start > start + 0.05 and source == "screen_text")
            ][:1]
    if not found:
        return None
    near = min(found, key=lambda one: start - one.end if before else one.start - end)
    told = [near, *(one for one in found if one is not near and abs(one.start - near.start) <= 3.0)]
    citations = cites(told)
    return Draft(f"{'. '.join(quoted(one) + marks([cite(one)]) for one in told)}.", citations, 0.85 * near.confidence)


def compare_order(view: View, question: Question) -> Draft | None:
    """Which of two things comes first; whether one comes before the other."""
    one, other = (find(view, topic) for topic in (question.topic, question.other))
    if not one or not other:
        return None
    first, second = (one[0], question.topic), (other[0], question.other)
    if second[0].at < first[0].at:
        first, second = second, first
    citations: tuple[Citation, ...] = cites([first[0].evidence, second[0].evidence])
    told = f"“{first[1]}” comes at [{clock(first[0].at)}], before “{second[1]}” at [{clock(second[0].at)}]."
    relation = question.relation.split()[0]
    if relation in ("before", "earlier", "after", "later") and not re.search(
        r"\bwhich\b|\bwhat\b", question.text, re.I
    ):
        holds = (first[1] == question.topic) == (relation in ("before", "earlier"))
        told = f"{'Yes' if holds else 'No'}. {told}"
    elif relation in ("last", "later"):
        told = f"“{second[1]}” comes last. {told}"
    return Draft(told, citations, 0.9 * min(first[0].evidence.confidence, second[0].evidence.confidence), measured=True)
