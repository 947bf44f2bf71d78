"""Questions about what is seen, answered by what a model wrote of the pictures: quoted as a description, never taken
for more."""

from __future__ import annotations

from studio.index.answers import Draft, View, cite, cites, marks, quoted
from studio.index.evidence import Evidence
from studio.index.grammar import FRAME
from studio.index.lookup import is_polar
from studio.index.measured import central, happens, summary
from studio.index.mentions import listing
from studio.index.questions import Question
from studio.index.spans import spans, wanted
from studio.index.times import clock
from studio.index.words import content, is_name, same, stems, tokens

SOURCE = "frame"
_VERB = "the pictures are described as"
_PEOPLE = frozenset(stems("person people man woman child boy girl baby player singer dancer cook worker crowd couple"))
_ASKED_OF = frozenset(
    stems(
        "describe description look object animal person people somebody someone anybody anyone wear dress hold do "
        "colour color place room shape background foreground visible"
    )
)
"""What a question may ask after: the description says which one it is, not what kind of thing that is."""
_FREE = ("any", "claim", "colour", "place")
"""Kinds of answer that a description needn't have a figure or a name for."""


def shows(view: View, question: Question) -> Draft | None:
    """The descriptions that have every thing the question names."""
    pieces = view.of_source(SOURCE)
    text = question.topic or question.rest
    named = [token.stem for token in content(text) if token.stem not in FRAME]
    asked = [word for word in named if word not in _ASKED_OF]
    if not asked and question.window is None:
        return None
    found = [one for one in pieces if _has_all(one, asked) and _answers(one, question, asked)]
    if not found:
        return None
    best = found[0]
    confidence = 0.9 * best.confidence
    if question.kind == "when":
        shown = found[-1:] if question.relation in ("last", "final") else found[:5]
        times = ", ".join(dict.fromkeys(f"[{clock(one.start)}]" for one in shown))
        return Draft(f"At {times}. {quoted(shown[0])}.", cites(shown), confidence, measured=True)
    lead = "Yes. " if question.kind == "exists" or is_polar(question.text) else ""
    citations = cites(found[:3], question.window)
    others = "".join(f" Also: {quoted(one)}{marks([cite(one)])}." for one in found[1:3] if one.text != best.text)
    return Draft(f"{lead}{quoted(best)}{marks(citations[:1])}.{others}", citations, confidence, measured=True)


def _has_all(one: Evidence, asked: list[str]) -> bool:
    there = stems(one.text)
    return all(any(same(word, other) for other in there) for word in asked)


def _answers(one: Evidence, question: Question, asked: list[str]) -> bool:
    """Whether it has what the question wants to hear: a figure, a name, a person."""
    if question.kind in ("when", "exists") or is_polar(question.text):
        return True
    want = wanted(question.rest)
    if want.kinds[0] == "person":
        return bool(_PEOPLE & set(stems(one.text))) or any(is_name(one.text, token) for token in tokens(one.text))
    return any(kind in _FREE for kind in want.kinds) or bool(spans(one.text, want, frozenset(asked)))


def happens_seen(view: View, question: Question) -> Draft | None:
    """What happens in a stretch, with what is seen in it first."""
    told = happens(view, question)
    if question.window is None:
        return told
    return _before(view.of_source(SOURCE), told, question)


def summary_seen(view: View, question: Question) -> Draft | None:
    """The summary, and what is seen; that alone where nothing is said or written."""
    told = summary(view, question)
    pieces = view.of_source(SOURCE)
    if not view.of_source("transcript", "screen_text") and pieces:
        told = None
    distinct = list({one.text: one for one in reversed(pieces)}.values())[::-1]
    return _before(sorted(central(distinct, 3) or distinct[:3], key=lambda one: one.start), told, question)


def _before(pieces: list[Evidence], told: Draft | None, question: Question) -> Draft | None:
    """`told` behind the descriptions of `pieces`."""
    if not pieces:
        return told
    part = listing(pieces, question.window, f"{_VERB[:1].upper()}{_VERB[1:]}", most=3)
    if told is None:
        return part
    text, cited = f"{part.text} {told.text}", (*part.citations, *told.citations)
    return Draft(text, cited, min(part.confidence, told.confidence), measured=True)
