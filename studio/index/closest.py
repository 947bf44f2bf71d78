"""The answer to a question in words of its own: the sentence that comes nearest, if it comes near enough.

A sentence is taken if it has most of the question by weight (names and figures all), if it says a thing of the kind
that was asked for, and if it isn't about another thing of the same sort. What "near enough" is depends on how well the
kind of thing can be told: a price is one, a place may be anything behind "in".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.index.answers import Citation, Draft, View, cite, marks, quoted
from studio.index.closeness import LIGHT_WEIGHT, TITLES, Close, Corpus, subject, words_of
from studio.index.counters import counted_by_label
from studio.index.evidence import Evidence
from studio.index.grammar import SAY, SHOW
from studio.index.lookup import asks
from studio.index.naming import PLACED, Asked, asked_of
from studio.index.naming import told as told_by
from studio.index.people import introduced, names, written_so
from studio.index.questions import Question
from studio.index.retrieval import Vectors
from studio.index.spans import UNIT, Wanted, spans
from studio.index.thesaurus import is_word, matches
from studio.index.times import same_clock
from studio.index.words import content, stem

EXACT = frozenset(
    (
        "clock",
        "time",
        "date",
        "weekday",
        "month",
        "year",
        "money",
        "percent",
        "email",
        "url",
        "phone",
        "age",
        "colour",
        "frequency",
        *UNIT,
    )
)
NEED = {
    "exact": 0.58,
    "number": 0.55,
    "person": 0.6,
    "name": 0.64,
    "kind": 0.6,
    "place": 0.66,
    "reason": 0.62,
    "any": 0.69,
}
"""The share of a question, by weight, that a sentence must have for an answer of each sort. Found on the TUNED videos
of benchmarks/films/natural.py."""
OWN = 0.3
"""The share of it that must be in the sentence itself."""
ALL, FOLLOWS = 0.9, 6.0
"""The share from which a sentence has all of a question; seconds in which the next one goes on about it."""
CLAIMED = 0.6
"""The same for a yes or no."""
REPLIED = 0.6
"""The share that a question in the video has of the one that is asked of it, for its reply to answer both."""
WHOLE = 0.85
"""The share from which a sentence that brings something new answers even where the very words can't be told."""
MEANT = 0.3
"""What likeness of meaning (a cosine) beyond USUAL counts beside the words."""
USUAL = 0.45
_IDLE = frozenset(map(stem, ["include", "have", "get", "there", "exist", "be", "possible", "ever"]))
"""Words that a yes or no may do without."""
UNDONE = 0.12
"""How much more of the question a sentence must have that doesn't say the verb of it."""
_DONE = re.compile(
    r"\b(?:do|does|did|can|could|will|would|should|may|must)\s+(?:the\s+|a\s+|an\s+|my\s+|his\s+|her\s+|their\s+)?(?:[\w'’-]+\s+){1,4}?([a-z]+)(?:\s+(?:in|at|on|to|from|for|with|of|up|out|about|after|before|when|if|next|there|here|it|them)\b.*)?\W*$"
)
_TO_WHOM = re.compile(r"\b(?:to|by|from|with)\s+(?:the|a|an|our|my|his|her|their)\s+([\w'’]+(?:\s+\w+)?)", re.I)
_CAPTION = re.compile(r"^(?:[A-Z][\w.'’-]*\s+){1,3}[A-Z][\w'’-]+(?:,\s.*)?$")
"""A name as it stands under who speaks: "Anna Berg", "Anna Berg, reporter"."""
_BY = re.compile(r"\bby\s+(?:the\s+|an?\s+)?([\w'’-]+)", re.I)
_NEGATED = re.compile(r"\b(?:not|no|never|neither|nor|none|without|cannot|only)\b|n['’]t\b", re.I)


@dataclass(frozen=True)
class _Candidate:
    close: Close
    told: tuple[str, ...]
    score: float
    support: tuple[Evidence, ...] = ()


def nearest_answer(view: View, question: Question, corpus: Corpus, vectors: Vectors | None = None) -> Draft | None:
    """None where nothing comes near enough."""
    asked = asked_of(question.rest or question.text)
    if asked is None:
        return None
    if asked.speaker:
        return _introduction(view)
    allowed = {id(one) for one in view.evidence}
    close = [one for one in corpus.closest(asked.text, asked.absorbed) if id(one.evidence) in allowed]
    meaning = _meaning(asked.text, close, vectors)
    counter = None if asked.polar else counted_by_label(view, asked.text, [one.evidence for one in close[:8]])
    if counter is not None:
        return counter
    found: list[_Candidate] = []
    for one, like in zip(close, meaning, strict=True):
        candidate = _candidate(one, like, asked, corpus)
        if candidate is not None:
            found.append(candidate)
    if not found:
        return None
    best = max(found, key=lambda each: (round(each.score, 3), -each.close.evidence.start))
    if asked.polar:
        return _polar(best, asked)
    return _answer(best, found, asked, corpus)


def times_done(view: View, question: Question) -> Draft | None:
    """How often a thing is done, where a sentence tells: other than how often it is spoken of."""
    asked = asked_of(question.text)
    if asked is None or asked.kind != "frequency" or re.search(rf"\b(?:{SAY}|{SHOW})\b", question.text, re.I):
        return None
    near = nearest_answer(view, question, Corpus(view.whole))
    return near if near is not None and near.confidence >= 0.6 else None


def _introduction(view: View) -> Draft | None:
    """Who speaks, where they give their name."""
    for one in view.of_source("transcript"):
        if name := introduced(one.text):
            return _drafted(f"{name}. ", [one], 0.9 * one.confidence)
    for one in view.of_source("screen_text"):
        run = next(iter(names(one.text)), [])
        strange = any(not is_word(token.text.casefold()) for token in run)
        if one.start < TITLES and len(run) > 1 and _CAPTION.search(one.text) and (strange or "," in one.text):
            name = one.text[run[0].start : run[-1].end]
            return _drafted(f"{name}. ", [one], 0.7 * one.confidence)
    return None


def _meaning(text: str, close: Sequence[Close], vectors: Vectors | None) -> list[float]:
    if vectors is None or not close:
        return [USUAL] * len(close)
    from studio.index.embeddings import likeness

    return likeness(text, [one.evidence.text for one in close], vectors.encoder, vectors.cache)


def _candidate(one: Close, like: float, asked: Asked, corpus: Corpus) -> _Candidate | None:  # noqa: PLR0911 - one a reason to refuse
    if any(term.exacting for term in one.missing) or one.own < OWN:
        return None
    if one.opposed and not asked.polar:
        return None
    if asked.polar and (one.own < CLAIMED or any(term.stem not in _IDLE for term in one.missing)):
        return None
    if asks(one.evidence.text) and one.evidence.source == "transcript":
        return _replied(one, asked, corpus)
    told, support = told_by(one.evidence, asked, corpus)
    if (asked.kind in EXACT or asked.kind == "reason") and not one.missing and one.own > ALL:
        further = _continued(one, asked, corpus) if not told or asked.kind == "reason" else None
        if further is not None:
            return further
    light = all(term.weight <= LIGHT_WEIGHT for term in one.missing)
    if not told and asked.kind in ("person", "kind") and light and one.own >= WHOLE:
        told = _new(one.evidence, asked)
    if not told:
        return None
    need = NEED["exact" if asked.kind in EXACT else asked.kind if asked.kind in NEED else "any"]
    done = _DONE.search(asked.text)
    heavy = [term.stem for term in one.missing if term.weight > LIGHT_WEIGHT]
    if done and asked.kind not in EXACT and asked.kind != "number" and stem(done[1]) in heavy:
        need += UNDONE * (2 if asked.kind == "place" else 1)
    score = one.whole + MEANT * (like - USUAL)
    if score < need:
        return None
    return _Candidate(one, tuple(told), score + 0.15 * one.own, tuple(support))


def _new(one: Evidence, asked: Asked) -> list[str]:
    """[""] where `one` says more than was asked: for a person it has to be a name or somebody else's noun."""
    terms = [token.stem for token in content(asked.text)]
    fresh = [token for token in content(one.text) if not any(matches(term, token.stem) for term in terms)]
    if asked.kind == "person":
        agent = _BY.search(one.text)
        if agent and any(matches(term, stem(agent[1])) for term in terms):
            return []
        runs = [run for run in names(one.text) if not PLACED.search(one.text[: run[0].start])]
        named = [token for run in runs for token in run]
        behind = _TO_WHOM.search(one.text)
        inside = range(behind.start(1), behind.end()) if behind else range(0)
        fresh = [token for token in fresh if token in named or token.start in inside]
    return [""] if fresh and (len(terms) > 1 or not asked.role) else []


def _replied(one: Close, asked: Asked, corpus: Corpus) -> _Candidate | None:
    """What is said right after the very question that was asked."""
    after = corpus.whole.neighbour(one.evidence, 1)
    if after is None or asked.polar or one.whole < REPLIED or after.start - one.evidence.end > FOLLOWS:
        return None
    told, _ = told_by(after, asked, corpus)
    if asked.kind in EXACT and not told:
        return None
    return _Candidate(replace(one, evidence=after), tuple(told or [""]), one.whole, (one.evidence,))


def _continued(one: Close, asked: Asked, corpus: Corpus) -> _Candidate | None:
    """The sentence after one on the very thing that was asked: "They come by boat. The crossing takes an hour."."""
    after = corpus.whole.neighbour(one.evidence, 1)
    other = after is not None and re.match(r"(?:and |so |but )?(?:i|we|my|our|you|your|he|she)\b", after.text, re.I)
    terms = corpus.terms(asked.text, asked.absorbed)
    # "this is due to" means all of the sentence before
    names_asked = [term for term in terms if term.exacting and asked.kind != "reason"]
    subject_words = words_of(subject(one.evidence.text))
    if any(term.stem not in subject_words for term in names_asked):
        return None
    if after is None or other or asked.kind == "age" or after.start - one.evidence.end > FOLLOWS:
        return None
    told, _ = told_by(after, asked, corpus)
    return _Candidate(replace(one, evidence=after), tuple(told), 0.7 * one.whole, (one.evidence,)) if told else None


def _polar(best: _Candidate, asked: Asked) -> Draft | None:
    """Yes or no where nearly all of the question is in the sentence; else nothing."""
    one = best.close.evidence
    denied = bool(_NEGATED.search(one.text)) != bool(_NEGATED.search(asked.text))
    word = "No" if denied or best.close.opposed else "Yes"
    return _drafted(f"{word}. ", [one], one.confidence * 0.8 * min(1.0, best.score))


def _answer(best: _Candidate, found: Sequence[_Candidate], asked: Asked, corpus: Corpus) -> Draft:
    one = best.close.evidence
    lead, pieces = best.told[0], [*best.support, one]
    year = bool(spans(lead, Wanted(("year",)), frozenset()))  # "nineteen fifty one" is no time of day then
    for other in sorted(found, key=lambda each: -each.score)[:6]:
        evidence = other.close.evidence
        if (
            evidence is not one
            and asked.kind in ("clock", "time")
            and lead
            and not year
            and same_clock(lead, other.told[0])
        ):
            pieces.append(evidence)
            lead = lead if re.search(r"\d", lead) else other.told[0]
            break
    if asked.kind == "person" and lead and one.source == "transcript":
        lead, pieces = _spelled(lead, pieces, corpus)
    sure = bool(lead) and asked.kind not in ("reason", "place", "any")
    confidence = one.confidence * min(1.0, 0.35 + 0.6 * best.close.whole)
    return _drafted(_sentence(lead) if sure else "", pieces, confidence)


def _spelled(lead: str, pieces: list[Evidence], corpus: Corpus) -> tuple[str, list[Evidence]]:
    """A name as the screen writes it while it is said, which no recogniser mishears."""
    said = pieces[-1]
    if not names(lead):
        return lead, pieces
    shown = [
        each
        for each in corpus.whole.of_source("screen_text")
        if each.start < said.end + 5 and each.end > said.start - 5
    ]
    name = written_so(lead, [each.text for each in shown])
    if not name:
        return lead, pieces
    return name, [*pieces, next(each for each in shown if name in each.text)]


def _drafted(lead: str, pieces: Sequence[Evidence], confidence: float) -> Draft:
    citations: list[Citation] = []
    parts: list[str] = []
    for one in dict.fromkeys(pieces):
        citations.append(cite(one))
        parts.append(f"{quoted(one)}{marks(citations[-1:])}.")
    return Draft(f"{lead}{' '.join(parts)}", tuple(citations), confidence)


def _sentence(span: str) -> str:
    span = span.strip(" .,;:")
    written = span if re.search(r"[@/]|www|\w\.\w", span) else span[:1].upper() + span[1:]
    return f"{written}. " if span else ""
