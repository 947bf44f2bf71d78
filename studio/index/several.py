"""Several videos asked at once: which of them a question means, and their answers together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from studio.index.answers import Answer, Coverage

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NAMED = re.compile(
    r"\b(?:(?:the\s+)?(?P<word>" + "|".join(_ORDINALS) + r"|last)\s+(?:video|clip|film|recording|file)|"
    r"(?:the\s+)?(?:video|clip|film|recording|file)\s+(?:number\s+|no\.?\s*|#)?(?P<number>\d))\b",
    re.I,
)
OVERALL = frozenset(("duration", "resolution", "frame_rate", "scene_count", "summary"))
"""Kinds of question that each video has an answer to."""


def meant(question: str, names: Sequence[str]) -> tuple[int | None, str]:
    """The number, from 1, of the video that `question` names by place or file name, and the question with "this video"
    for that; (None, question) where it names none. The number may be beyond the last one."""
    for number, name in enumerate(names, 1):
        for written in (name, PurePath(name).stem):
            found = re.search(rf"(?<!\w){re.escape(written)}(?!\w)", question, re.I)
            if len(written) >= 3 and found and names.count(name) == 1:
                return number, _of_this(question, found)
    found = _NAMED.search(question)
    if found is None:
        return None, question
    word = (found["word"] or "").casefold()
    number = len(names) if word == "last" else _ORDINALS.index(word) + 1 if word else int(found["number"])
    return number, _of_this(question, found)


def named(text: str, names: Mapping[int, str]) -> tuple[set[int], str]:
    """The numbers of all videos that `text` names by place or by their file's whole name, and the text without that.
    `names` by number."""
    found: set[int] = set()
    for number, name in names.items():
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        if len(name) >= 3 and re.search(pattern, text, re.I):
            found.add(number)
            text = re.sub(pattern, " ", text, flags=re.I)
    for each in _NAMED.finditer(text):
        word = (each["word"] or "").casefold()
        found.add(max(names) if word == "last" else _ORDINALS.index(word) + 1 if word else int(each["number"]))
    return found, _NAMED.sub(" ", text)


def _of_this(question: str, found: re.Match[str]) -> str:
    return f"{question[: found.start()]}this video{question[found.end() :]}"


def together(answers: Sequence[Answer], names: Sequence[str]) -> Answer:
    """The answers of all videos as one, each under its video's name."""
    told = [(name, one) for name, one in zip(names, answers, strict=True) if not one.abstained]
    if not told:
        return answers[0]
    text = " ".join(f"{name}: {one.answer}" for name, one in told)
    coverage = Coverage(
        round(sum(one.coverage.seen_seconds for one in answers), 3),
        round(sum(one.coverage.total_seconds for one in answers), 3),
    )
    citations = tuple(cited for _, one in told for cited in one.citations)
    return replace(told[0][1], answer=text, confidence=min(one.confidence for _, one in told), coverage=coverage,
                   citations=citations)  # fmt: skip
