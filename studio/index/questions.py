"""What kind of question is asked, told by its grammar: the words a kind consumes must leave nothing else to look up."""

from __future__ import annotations

import re
from dataclasses import dataclass

from studio.errors import BadInput
from studio.index.facts import VideoIndex
from studio.index.grammar import COUNTER, COUNTER_WORDS, FACE, FRAME, LOOK, LOOK_TRIGGER, PATTERNS, SOUND
from studio.index.palette import COLOURS
from studio.index.times import Window, window
from studio.index.words import content, stem, stems

LONGEST = 1000
"""Characters of a question."""


_POLITE = re.compile(
    r"^(?:(?:hey|hi|hello|ok(?:ay)?|so|well|please|thanks)\b[\s,!.]*)*"
    r"(?:(?:can|could|would|will)\s+you\s+(?:please\s+)?(?:tell|show|say|explain)\s+(?:to\s+)?(?:me|us)\s+|"
    r"do\s+you\s+know\s+|(?:please\s+)?tell\s+(?:me|us)\s+|i(?:['’]d|\s+would)?\s+(?:like|want)\s+to\s+know\s+|"
    r"i\s+wonder\s+|(?:in|from|according\s+to)\s+(?:the|this)\s+(?:video|clip|film|recording)\s*,\s*)?(?:please\s+)?"
    r"(?=(?:who|what|when|where|why|how|which|whose|is|are|does|do|did|was|were|about|the)\b)",
    re.I,
)
"""What people put before a question out of politeness."""
_VERBAL = re.compile(
    r"\b(?:who\w*|what|when|where|why|how|which|is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should|must|"
    r"may|might|read|describe|summar\w+|give|list|count|show|tell|say|explain|find|write|make|hello|hi|thanks?|and|about)\b"
    r"|[^\x00-\u024f]",
    re.I,
)
"""What a question has that is more than key words."""
_WHICH_SONG = re.compile(
    r"\b(?:which|what|whose)\s+(?:\w+\s+)?(?:song|music|melody|soundtrack)\b|\bwho(?:se|m)?\b|\b(?:writ|wrote|sing|sang|compos|record|about|call|name)\w*\b",
    re.I,
)
"""Asks after a name, which no measure of the sound tells."""
_DOES = re.compile(
    r"\b(?:i|you|we|they|he|she|people)\s+(?:\w+ly\s+|first\s+|next\s+|ever\s+)?(?:play(?:s|ed|ing)?|mov(?:e|es|ed|ing)|light|cut|tilt|zoom)\b|\bpeople\s+can\s+play\b",
    re.I,
)
"""What somebody does: nothing of the picture or the sound."""
_FACES = re.compile(r"\bhow many\b|\bfaces?\b|^(?:is|are|do|does)\b.*\b(?:there|appear|seen|visible|screen)\b", re.I)


@dataclass(frozen=True)
class Question:
    """`text` as asked; `rest` without its time expression; `topic` and `other` what it asks after, `relation` how
    ("first", "before", ...)."""

    text: str
    rest: str
    kind: str
    window: Window | None = None
    topic: str = ""
    other: str = ""
    relation: str = ""


def tidy(question: str) -> str:
    """`question` on one line. Raises BadInput for an empty one or one longer than LONGEST."""
    if len(question) > LONGEST:
        raise BadInput("question", question, f"at most {LONGEST} characters")
    text = " ".join("".join(c if c.isprintable() else " " for c in question).split())
    if not any(c.isalnum() for c in text):
        raise BadInput("question", question, "a question in words")
    return text


def routed(question: str, index: VideoIndex) -> Question:
    """`question` with its kind and the stretch it is held to. Raises BadInput as `tidy` does."""
    text = _POLITE.sub("", tidy(question), count=1)
    if not _VERBAL.search(text) and len(text.split()) <= 8:
        text = f"what is the {text}"  # "apple pie price"
    span, rest = window(text, index)
    consumed = _measured(text if span is None else rest, index)
    found = _by_pattern(text, rest, span)
    if (
        found.kind in ("lookup", "happens", "when", "exists", "order", "count", "duration_of", "compare_order")
        and consumed
    ):
        return Question(text, rest, consumed, span, relation=found.relation, topic=found.topic, other=found.other)
    return found


def _by_pattern(text: str, rest: str, span: Window | None) -> Question:
    for kind, pattern in PATTERNS:
        match = pattern.search(rest)
        if match is None:
            continue
        groups = match.groupdict()
        topic = unquoted(groups.get("topic") or "")
        if kind == "edge_item" and not topic:
            topic, groups["late"] = groups.get("late") or "", None
        relation = next((groups[name] for name in ("nth", "late", "relation") if groups.get(name)), "").casefold()
        if kind in ("count", "when", "exists") and topic and not content_words(topic):
            continue
        return Question(text, rest, kind, span, topic, unquoted(groups.get("other") or ""), relation)
    return Question(text, rest, "lookup", span)


def _measured(text: str, index: VideoIndex) -> str:
    """The kind that is answered by measuring, where the question's words leave nothing else to look up; else ""."""
    there = set(stems(re.sub(r"\b(?:scene|shot)s?\s+(?:number\s+)?\w+", "scene", text, flags=re.I)))
    words = {token.stem for token in content(text) if not token.is_number} - FRAME
    counters = [text for text in index.texts if text.kind == "counter"]
    if counters and there & COUNTER and not words - COUNTER_WORDS:
        return "counter"
    does = _DOES.search(text) is not None
    if not does and words & SOUND - {stem("background")} and not words - SOUND and not _WHICH_SONG.search(text):
        return "sound"
    if there & FACE and not words - FACE - {stem("different")}:
        return "faces" if _FACES.search(text) else ""
    if does or re.match(r"^(?:and\s+)?(?:who|whose|whom|why)\b", text, re.I):
        return ""
    named = words & COLOURS.keys()
    if (words & LOOK_TRIGGER or named) and not words - LOOK - COLOURS.keys() - {"than", "compar"}:
        return "look"
    return ""


def content_words(text: str) -> list[str]:
    """The stems that carry the meaning of `text`; all of them where none does ("is `it` said?")."""
    return [token.stem for token in content(text)]


def unquoted(topic: str) -> str:
    """A topic without the quotation marks and the words that only introduce it."""
    plain = re.sub(
        r"^(?:the\s+)?(?:(?:words?|phrase|term)\s+(?=\S)|(?:name|text|sign|slide|caption|title|number)\s+(?=[\"'“‘A-Z0-9]))",
        "",
        topic.strip(),
    )
    named = re.sub(r"[\"'”’]?\s+(?:signs?|slide|caption|text|banner|title|headline)$", "", plain)
    plain = named if content_words(named) else plain
    return plain.strip(" \"'“”‘’?!.,")


def asked_time(text: str, index: VideoIndex) -> str:
    """The words of `text` that name a stretch of the video; "" where there are none."""
    span, _ = window(text, index)
    return span.phrase if span is not None else ""
