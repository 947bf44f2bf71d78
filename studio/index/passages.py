"""Where to look when a question is not answered: the passages of the video that come nearest to it.

They are offered as what they are, not as an answer: that a sentence is about the thing asked for is far easier to tell
than that it answers the question.
"""

from __future__ import annotations

from studio.index.answers import Citation, View, cite
from studio.index.closeness import Close, Corpus
from studio.index.naming import asked_of
from studio.index.questions import Question

MOST = 3
_SHARE = 0.25
"""The share of a question, by weight, below which a passage has only words in common with it by chance."""


def passages(view: View, question: Question, corpus: Corpus) -> tuple[Citation, ...]:
    """At most MOST, the nearest first, none twice and none next to another; () where nothing is near."""
    text = question.rest or question.text
    asked = asked_of(text)
    absorbed = asked.absorbed if asked else frozenset()
    terms = corpus.terms(text, absorbed)
    allowed = {id(one) for one in view.evidence}
    found: list[Close] = []
    for close in corpus.closest(text, absorbed):
        near = id(close.evidence) in allowed and close.whole >= _SHARE and not close.opposed
        if near and corpus.shares(terms, close.evidence.text) and not any(_same_place(close, other) for other in found):
            found.append(close)
    return tuple(cite(close.evidence, question.window) for close in found[:MOST])


def _same_place(one: Close, other: Close) -> bool:
    first, second = one.evidence, other.evidence
    if first.source == second.source and first.text.casefold() == second.text.casefold():
        return True
    return first.start < second.end and second.start < first.end and first.source == second.source == "transcript"
