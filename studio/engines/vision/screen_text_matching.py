"""How two readings of text relate: the same misread, a part of the other, another count, another wording, run on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from difflib import SequenceMatcher

ALIKE = 0.6
PART = 0.8
LEAST_OVERLAP = 4  # letters
WORD_KEPT = 0.5  # two words less alike than this are two words
_TWINS = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "5": "s", "8": "b", "2": "z"})
_DIGITS_FOR = str.maketrans("oOlI|ZzSsBb", "00111225588")


def folded(text: str) -> str:
    """`text` without what readings of one line differ in: case, accents, spaces, marks and letters that look alike."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if each.isalnum() or each == "|")
    return plain.translate(_TWINS).replace("rn", "m").replace("vv", "w")


def ratio(one: str, other: str) -> float:
    """0..1: twice the letters in common over all (Ratcliff and Metzener, 1988)."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= WORD_KEPT and matcher.quick_ratio() >= WORD_KEPT else 0.0


def numbers(text: str) -> tuple[str, ...]:
    """The numbers in `text`, letters that look like digits read as digits within them."""
    return tuple(each for word in text.split() for each in re.findall(r"\d+", _as_number(word)))


def _as_number(word: str) -> str:
    digits = sum(each.isdigit() for each in word)
    likely = digits and digits >= sum(each.isalpha() for each in word)
    return word.translate(_DIGITS_FOR) if likely else word


def frame(text: str) -> str:
    """`text` without its numbers: what stays the same on a counter or clock."""
    return " ".join(re.sub(r"\d+", "", _as_number(word)) for word in text.split())


def counts(one: str, other: str) -> bool:
    """Whether both are readings of one counter: other numbers in the same words."""
    here, there = numbers(one), numbers(other)
    if not here or not there or here == there:
        return False
    words, others = folded(frame(one)), folded(frame(other))
    if not words and not others:
        return True
    return len(here) == len(there) and (words == others or ratio(words, others) >= PART)


def is_part(one: str, other: str) -> bool:
    """Whether `one` is a part of `other`, some of it misread or clipped."""
    short, long = folded(one), folded(other)
    if len(short) < 3 or len(short) > len(long):
        return False
    if short in long:
        return True
    if len(long) < len(short) + 2:  # as long as the other: a misreading or another text, not a part
        return False
    blocks = SequenceMatcher(None, short, long, autojunk=False).get_matching_blocks()
    blocks = [block for block in blocks if block.size >= 2]
    if not blocks:
        return False
    span = blocks[-1].b + blocks[-1].size - blocks[0].b
    return sum(block.size for block in blocks) >= PART * max(len(short), span)


def alike(one: str, other: str) -> float:
    """0..1, how likely both are readings of the same line; at least ALIKE when they may be."""
    if counts(one, other):
        return 0.9
    score = ratio(folded(one), folded(other))
    if score < ALIKE and (is_part(one, other) or is_part(other, one)):
        return ALIKE
    return score


def reworded(one: str, other: str) -> bool:
    """Whether a word of `one` is another word in `other`; added or missing words don't count."""
    here, there = ([folded(word) for word in text.split()] for text in (one, other))
    for kind, i, k, j, m in SequenceMatcher(None, here, there, autojunk=False).get_opcodes():
        if kind == "replace" and ratio("".join(here[i:k]), "".join(there[j:m])) < WORD_KEPT:
            return True
    return False


def common(one: str, other: str) -> tuple[int, int, int] | None:
    """Where the longest stretch both have begins in `one` and in `other`, and its letters; None under LEAST_OVERLAP.
    Of a text that just comes in or is nearly gone fewer will do; its outermost letter is clipped."""
    block = SequenceMatcher(None, one, other, autojunk=False).find_longest_match()
    short, long = sorted((one, other), key=len)
    whole = len(short) >= 2 and (long.startswith(short) or long.endswith(short))
    clipped = len(short) >= 3 and (long.startswith(short[:-1]) or long.endswith(short[1:]))
    return (block.a, block.b, block.size) if whole or clipped or block.size >= LEAST_OVERLAP else None


def run_on(whole: str, text: str) -> str:
    """`whole` carried on by `text`, a later view of the same line moving to the left. They are sewn together in the
    middle of what both show: letters at the rim of a view are clipped and misread."""
    back = max(0, len(whole) - len(text) - 20)
    shared = common(whole[back:], text)
    if shared is None:
        return whole
    first, second, size = back + shared[0], shared[1], shared[2]
    if len(text) - second <= len(whole) - first:
        return whole
    return whole[: first + size // 2] + text[second + size // 2 :]


def run_before(whole: str, text: str) -> str:
    """`run_on` for a line that moves to the right."""
    return run_on(whole[::-1], text[::-1])[::-1]


def once(whole: str, least: int = 12) -> str:
    """`whole` of a line that runs round and round, once."""
    head = whole[:least]
    again = whole.find(head, least) if len(whole) > 2 * least else -1
    if again < 0:
        return whole
    rest = whole[again:]
    return whole[:again].rstrip() if ratio(rest[:200], whole[: len(rest)][:200]) >= PART else whole


def vote(readings: Mapping[str, float]) -> str:
    """The reading with most weight; a reading that shows a part of another is a vote for the whole, and readings as
    long as the winner settle each of its letters."""
    weights = dict(readings)
    for part, weight in readings.items():
        for whole in readings:
            if len(whole) >= len(part) + 3 and is_part(part, whole):
                weights[whole] += weight
    winner = max(weights, key=lambda text: (weights[text], len(text), text))
    voters = {text: weight for text, weight in readings.items() if len(text) == len(winner)}
    letters = []
    for place in range(len(winner)):
        tally: dict[str, float] = {}
        for text, weight in voters.items():
            tally[text[place]] = tally.get(text[place], 0.0) + weight
        letters.append(max(tally, key=lambda each: (tally[each], each == winner[place])))
    return "".join(letters)
