"""Stretches of the video that a question names by what happens there: "when the music starts", "after STOP appears"."""

from __future__ import annotations

import re
from dataclasses import replace

from studio.index.answers import View
from studio.index.grammar import SAY, SHOW
from studio.index.mentions import moment_of
from studio.index.questions import Question, routed
from studio.index.times import Window

_CLAUSE = re.compile(
    rf"(?:,?\s+|^)(?P<side>when|while|as|once|after|before|until|during)\s+(?P<what>(?:the\s+)?[^,?]*?\b(?:{SAY}|{SHOW}|starts?|begins?|ends?|stops?|plays?|playing|music|silence|song)\b[^,?]*?)\s*(?:,|\?|$)",
    re.I,
)
LEAD = 1.0
"""Seconds around an event that belong to it."""


def event_window(question: Question, whole: View) -> Question:
    """`question` held to the event that it names; as it is where it names none or has a window already."""
    if question.window is not None or question.kind not in (
        "lookup",
        "happens",
        "text_in",
        "said_in",
        "look",
        "counter",
        "faces",
    ):
        return question
    match = _CLAUSE.search(question.text)
    if match is None or (match.start() == 0 and match["side"].casefold() == "when" and not match.group().endswith(",")):
        return question
    moment = moment_of(whole, match["what"])
    if moment is None:
        return question
    length = whole.index.video.duration
    start, end = moment
    side = match["side"].casefold()
    if side in ("after", "once"):
        span = Window(end, length, "span", match.group())
    elif side in ("before", "until"):
        span = Window(0.0, max(start - 0.05, 0.0), "span", match.group())
    else:
        span = Window(max(0.0, start - LEAD), min(max(end, start + LEAD), length), "span", match.group())
    rest = " ".join(question.text.replace(match.group(), " ", 1).split()).rstrip("?") + "?"
    return replace(routed(rest, whole.index), text=question.text, rest=rest, window=span)
