"""Questions that lean on the conversation: "and after that?", "what about the end?", "why?", "and the second one?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.index.answers import Turn
from studio.index.facts import VideoIndex
from studio.index.questions import asked_time
from studio.index.words import Token, is_name, tokens

_NEXT = re.compile(
    r"^(?:and\s+|so\s+|ok\s+)?(?:(?:what|how)\s+about\s+|what\s+(?:happens|comes|is\s+(?:said|shown)|follows|did\s+\w+\s+say|does\s+\w+\s+say)?\s*)?(?:right\s+|directly\s+)?(?P<side>after|before|next|then)(?:\s+(?:that|this|it|then))?\W*$",
    re.I,
)
_BARE = re.compile(
    r"^(?:and\s+|but\s+|so\s+)?(?P<word>why|when|where|who|how\s+much|how\s+many|how\s+long|how)(?:\s+(?:is|was)\s+(?:that|this|it))?(?:\s+(?:exactly|so|not|is\s+that|was\s+that|did\s+(?:it|that)\s+happen))?\W*$",
    re.I,
)
_ABOUT = re.compile(r"^(?:and\s+|but\s+)?(?:(?:what|how)\s+about|and|what\s+of)\s+(?P<rest>.+?)\W*$", re.I)
REMEMBERED = 6
"""Turns of the conversation a question may lean on."""
_PRONOUN = re.compile(r"\b(?:it|its|he|him|his|she|her|hers|they|them|their|that\s+one|(?:that|this)(?=\W*$))\b", re.I)


def next_to(question: str) -> str:
    """ "after" or "before" where `question` asks only what comes next to the answer before it; else ""."""
    match = _NEXT.match(question)
    return "" if match is None else "before" if match["side"].casefold() == "before" else "after"


def bare(question: str) -> str:
    """The question word of a question that is nothing else ("why?"), else ""."""
    match = _BARE.match(question)
    return "" if match is None else " ".join(match["word"].casefold().split())


def readings(question: str, history: Sequence[Turn], index: VideoIndex) -> list[str]:
    """What `question` may mean after `history`, the likeliest first; without a lean on it, only itself."""
    former = ""
    for turn in history[-REMEMBERED:]:
        if not next_to(turn.question) and not bare(turn.question):
            former = _readings(turn.question, former, index)[0]
    return _readings(question, former, index)


def _readings(question: str, former: str, index: VideoIndex) -> list[str]:
    if not former:
        return [question]
    match = _ABOUT.match(question)
    if match:
        rest = match["rest"]
        phrase = asked_time(rest, index)
        if phrase and not re.sub(r"\b(?:the|at|in|and)\b", "", rest.replace(phrase, "", 1), flags=re.I).strip(" ?.!,"):
            return [_other_time(former, phrase, index), question]
        # "and how heavy is it?" is a question of its own
        if re.match(r"(?:how|what|when|where|who|why|which|is|are|was|were|do|does|did|can)\b", rest, re.I):
            return _with_subject(rest, former, index)
        return [*_swapped(former, rest), question]
    return _with_subject(question, former, index)


def _with_subject(question: str, former: str, index: VideoIndex) -> list[str]:
    """`question` with what its pronoun may stand for."""
    if not _PRONOUN.search(question):
        return [question]
    phrase = asked_time(former, index)
    there = [f"{question.rstrip(' ?.!')} {phrase}?"] if phrase and not asked_time(question, index) else []
    named = [_PRONOUN.sub(lambda _, name=name: name, question, count=1) for name in _subjects(former)]
    return [*there, *named, question]


def _other_time(former: str, phrase: str, index: VideoIndex) -> str:
    """`former` asked of another stretch of the video."""
    old = asked_time(former, index)
    phrase = (
        phrase
        if re.match(r"(?:at|in|on|after|before|between|from|during|until|around)\b", phrase, re.I)
        else f"at {phrase}"
        if re.search(r"\b(?:end|beginning|start)|\d", phrase) and "scene" not in phrase
        else f"in {phrase}"
    )
    return former.replace(old, phrase, 1) if old else f"{former.rstrip(' ?.!')} {phrase}?"


def _swapped(former: str, other: str) -> list[str]:
    """`former` with each of its runs of content words put in the place of `other`: names first, later runs first."""
    plain = re.sub(r"^(?:the|a|an)\s+", "", other.strip(), flags=re.I)
    runs = _runs(former)
    runs.sort(key=lambda run: (not any(is_name(former, token) for token in run), -run[0].start))
    return [former[: run[0].start] + plain + former[run[-1].end :] for run in runs]


def _subjects(former: str) -> list[str]:
    """What the former question may have been about: its runs of content words, names first."""
    runs = _runs(former)
    runs.sort(key=lambda run: not any(is_name(former, token) for token in run))
    return [former[run[0].start : run[-1].end] for run in runs]


def _runs(text: str) -> list[list[Token]]:
    runs: list[list[Token]] = []
    words = tokens(text)
    for at, token in enumerate(words):
        if not token.is_content:
            continue
        if runs and runs[-1][-1] is words[at - 1] and is_name(text, token) == is_name(text, words[at - 1]):
            runs[-1].append(token)
        else:
            runs.append([token])
    singles = [[token] for run in runs if len(run) > 1 and not is_name(text, run[0]) for token in run]
    return runs + singles
