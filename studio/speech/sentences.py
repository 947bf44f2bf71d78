"""A text cut into sentences that a voice can say in one breath."""

from __future__ import annotations

import re

from studio.speech.abbreviations import CLOSING, CONTINUING, MONTHS_AND_PARTS
from studio.speech.text import ASIAN, readable_text

LONGEST = 220
"""Characters; what speech networks are trained on seldom goes beyond 15 s."""

LONGEST_ASIAN = 90

_END = re.compile(r"[.!?…。！？｡]+[\"'”’»«)\]）」』】〉》]*")
_BREAK = re.compile(r"\n(?=\s*(?:[-•*–—]\s|\n|[^a-zа-яà-ÿ\s]))|(?<=[.!?…。！？:：;])\n")
_BULLET = re.compile(r"^\s*[-•*–—]\s+")
_WIDE_STOP = re.compile(r"[。！？｡]")
_LAST_WORD = re.compile(r"(\S+)$")
_CUTS = (
    re.compile(r"[;:；：—]\s*|\s[–-]\s"),
    re.compile(r",\s|[，、]"),
    re.compile(r"\s"),
)


def sentences(text: str, language: str) -> tuple[str, ...]:
    """The text's sentences in order, none without a word, each of at most LONGEST characters (LONGEST_ASIAN where a
    character is a syllable). Raises BadInput as studio.speech.text.readable_text does."""
    found: list[str] = []
    for line in _BREAK.split(readable_text(text, language)):
        for sentence in _split(_BULLET.sub("", line).replace("\n", " ").strip(), language):
            _add(found, sentence)
    longest = LONGEST_ASIAN if language in ASIAN else LONGEST
    return tuple(piece for sentence in found for piece in _shortened(sentence, longest))


def _add(found: list[str], piece: str) -> None:
    """A piece without a word belongs to the sentence before it."""
    if any(character.isalnum() for character in piece):
        found.append(piece)
    elif found:
        found[-1] += piece


def _split(line: str, language: str) -> list[str]:
    parts, start = [], 0
    for stop in _END.finditer(line):
        if _ends(line[start : stop.start()], stop.group(), line[stop.end() :], language):
            parts.append(line[start : stop.end()].strip())
            start = stop.end()
    return [part for part in [*parts, line[start:].strip()] if part]


def _ends(before: str, stop: str, after: str, language: str) -> bool:
    """Whether `stop` ends a sentence."""
    if _WIDE_STOP.search(stop):
        # a quotation that the sentence goes on after
        return stop[-1] in "。！？｡" or not after or after[0].isspace() or after[0] in "「『“《（"
    if not after or not before.strip():
        return bool(before.strip())
    follower = after.lstrip()
    if not after[0].isspace() and language not in ASIAN:
        return stop[0] != "." and follower[:1].isupper()
    if not after[0].isspace() and stop[0] == ".":
        return not after[0].isascii()
    if follower[:1].islower():
        return False
    return stop[0] != "." or not _abbreviated(before, stop, follower, language)


def _abbreviated(before: str, stop: str, follower: str, language: str) -> bool:
    """Whether a full stop before a capital or a digit is only a shortened word's."""
    match = _LAST_WORD.search(before.strip())
    if match is None or stop.startswith(".."):
        return False
    word = match.group(1).lstrip("(\"'“‘«„[").lower()
    if word in CLOSING.get(language, ()) and follower[:1].isupper():
        former = before.strip()[: match.start(1)].split()
        # "on Main St." ends here, "to St. Louis" goes on
        return word == "st" and not (former and former[-1][0].isupper())
    if word in CONTINUING.get(language, ()) or word in CONTINUING["any"]:
        return True
    if word.isdigit():
        # a list's number, or a German ordinal before a month
        return match.start(1) == 0 or (
            language == "de" and re.split(r"[\s.,]", follower, maxsplit=1)[0] in MONTHS_AND_PARTS
        )
    initials = re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", word)
    return initials is not None and word != "i" and match.group(1)[-1].isupper()


def _shortened(sentence: str, longest: int) -> list[str]:
    """Cut at the strongest sign near the middle of what is too long."""
    if len(sentence) <= longest:
        return [sentence]
    low, high = round(0.25 * min(len(sentence), 2 * longest)), min(longest, len(sentence) - 1)
    middle = min(len(sentence) // 2, round(0.8 * longest))
    cut = high
    for pattern in _CUTS:
        places = [match.end() for match in pattern.finditer(sentence) if low <= match.end() <= high]
        if places:
            cut = min(places, key=lambda place: abs(place - middle))
            break
    parts = [part.strip() for part in (sentence[:cut], sentence[cut:])]
    return [piece for part in parts if any(c.isalnum() for c in part) for piece in _shortened(part, longest)]
