"""Words as they are compared: tokens, number words, stems, and which of them carry a question's meaning.

Stems are light (plurals, -ing, -ed, irregular forms); tokens of scripts without spaces are pairs of characters, which
is what BM25 systems use for them.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from studio.index.lexicon import DERIVED, FUNCTION_WORDS, IRREGULAR, MEANINGS, ORDINALS, SCALES, UNITS

_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*(?:st|nd|rd|th)?|[^\W\d_]+(?:['’][^\W\d_]+)*|[%$€£¥]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SIGNS = {"%": "percent", "$": "dollar", "€": "euro", "£": "pound", "¥": "yen"}
_VOWELS = frozenset("aeiouy")
_NUMBER_WORDS = UNITS.keys() | SCALES.keys()


@dataclass(frozen=True)
class Token:
    """`text` as written from character `start` to `end`; `stem` as compared."""

    text: str
    stem: str
    start: int
    end: int

    @property
    def is_number(self) -> bool:
        return self.stem[:1].isdigit()

    @property
    def is_content(self) -> bool:
        if self.text == "May":  # the month
            return True
        return self.stem not in FUNCTION_WORDS and self.text.casefold() not in FUNCTION_WORDS


def tokens(text: str) -> list[Token]:
    """Tokens in order; a number said in words is one token whose stem is written in digits."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if _WIDE.search(word) and len(word) > 1:
            pairs = (word[at : at + 2] for at in range(len(word) - 1))
            found += [Token(pair, pair, match.start() + at, match.start() + at + 2) for at, pair in enumerate(pairs)]
        else:
            found.append(Token(word, stem(word), match.start(), match.end()))
    return _numbers_joined(found)


def stems(text: str) -> list[str]:
    return list(_stems(text))


@functools.lru_cache(maxsize=20_000)
def _stems(text: str) -> tuple[str, ...]:
    """Kept: a question goes over all sentences of a long video several times."""
    return tuple(token.stem for token in tokens(text))


def content(text: str) -> list[Token]:
    return [token for token in tokens(text) if token.is_content]


@functools.lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """`word` as compared: case, possessive, plural and tense taken off."""
    plain = (word if word.isascii() else unicodedata.normalize("NFKC", word)).casefold().replace("’", "'")
    if plain in _SIGNS:
        return _SIGNS[plain]
    if plain[0].isdigit():
        return _digits(plain)
    plain = plain.removesuffix("'s").removesuffix("'").replace("'", "")
    if plain in ORDINALS:
        return str(ORDINALS[plain])
    if plain in FUNCTION_WORDS or plain in UNITS or plain in SCALES:
        return plain
    if plain in IRREGULAR:
        return _without_ending(IRREGULAR[plain])
    return _without_ending(plain)


def _digits(word: str) -> str:
    word = re.sub(r"(?:st|nd|rd|th)$", "", word)
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", word):
        word = word.replace(",", "")
    if re.fullmatch(r"\d+\.\d*0+", word):
        word = word.rstrip("0").rstrip(".")
    return word


def _without_ending(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and _VOWELS & set(base):
            doubled = len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz"
            word = base[:-1] if doubled else base
            break
    if len(word) > 4 and word.endswith("i"):
        word = word[:-1] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("e") else word


def _numbers_joined(found: Sequence[Token]) -> list[Token]:
    """Runs of number words ("twenty three", "three hundred", "fourteen point seven") as one token each."""
    joined: list[Token] = []
    at = 0
    while at < len(found):
        # a number word is its own stem; most words are none, and a long video has a hundred thousand
        end = _number_end(found, at) if found[at].stem in _NUMBER_WORDS else at
        if end > at:
            words = [token.text.casefold() for token in found[at:end]]
            joined.append(Token(" ".join(words), _value(words), found[at].start, found[end - 1].end))
            at = end
        else:
            joined.append(found[at])
            at += 1
    return joined


def _number_end(found: Sequence[Token], at: int) -> int:
    """Where the number words that begin at `at` end; `at` itself where none do."""
    begins = found[at].text.casefold()
    if begins not in UNITS and not (begins in SCALES and (not at or found[at - 1].text.casefold() == "a")):
        return at
    end = at + 1
    while end < len(found):
        word = found[end].text.casefold()
        more = found[end + 1].text.casefold() if end + 1 < len(found) else ""
        if word in SCALES or (word in UNITS and _continues(found[at:end], word)):
            end += 1
        elif (
            word in ("and", "point") and more in UNITS and (word == "point" or found[end - 1].text.casefold() in SCALES)
        ):
            end += 2
        else:
            break
    return end


def _continues(before: Sequence[Token], word: str) -> bool:
    """Whether `word` belongs to the number before it: "twenty three" does, "three four" doesn't."""
    words = [token.text.casefold() for token in before]
    if "point" in words:
        return UNITS[word] < 10
    last = words[-1]
    return last in SCALES or (20 <= UNITS.get(last, 0) < 100 and 0 < UNITS[word] < 10)


def _value(words: Sequence[str]) -> str:
    total, current = 0, 0
    for at, word in enumerate(words):
        if word == "point":
            fraction = "".join(str(UNITS[digit]) for digit in words[at + 1 :] if digit in UNITS)
            return f"{total + current}.{fraction}"
        if word in UNITS:
            current += UNITS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in SCALES:
            total, current = total + max(current, 1) * SCALES[word], 0
    return str(total + current)


def same(one: str, other: str) -> float:
    """How far two stems mean the same: 1 equal, 0.9 derived from each other or of one meaning, 0 else."""
    if one == other:
        return 1.0
    if one[:1].isdigit() or other[:1].isdigit():
        return 0.0
    if other in _meaning(one) or _derived(one, other):
        return 0.9
    return 0.0


def misread(one: str, other: str) -> bool:
    """Whether `other` may be `one` as a recogniser got it wrong: one letter off in six, first letter kept."""
    if min(len(one), len(other)) < 6 or one[0] != other[0] or abs(len(one) - len(other)) > 1:
        return False
    if one.isdigit() or other.isdigit():
        return False
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[at + 1 :] == other[at + 1 :] or one[at:] == other[at + 1 :] or one[at + 1 :] == other[at:]


@functools.cache
def _meanings() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for line in MEANINGS:
        group = frozenset(stem(word) for word in line.split())
        for word in group:
            table[word] = table.get(word, frozenset()) | group
    return table


def _meaning(word: str) -> frozenset[str]:
    return _meanings().get(word, frozenset())


def _derived(one: str, other: str) -> bool:
    """Whether both are one stem of at least four letters with endings that derive words ("design", "designer"), or the
    longer names who does it, with the last letter doubled ("drum", "drummer")."""
    if one[:3] != other[:3]:
        return False
    common = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    if common >= 4 and one[common:] in DERIVED and other[common:] in DERIVED:
        return True
    base, longer = sorted((one, other), key=len)
    return len(base) >= 3 and longer == f"{base}{base[-1]}er"


def is_name(text: str, token: Token) -> bool:
    """Whether `token` of `text` is written as a name: a capital where no sentence begins, or capitals with digits."""
    if not token.text[:1].isupper() or not token.is_content:
        return False
    before = text[: token.start].rstrip("\"'“”‘(«[ ")
    begins = not before or before[-1] in ".!?:\n•-"
    return not begins and any(character.islower() for character in text)


def overlap(wanted: Iterable[str], there: Iterable[str]) -> float:
    """The share of `wanted` stems that have a like one in `there`."""
    wanted, there = list(wanted), set(there)
    return sum(any(same(one, other) for other in there) for one in wanted) / len(wanted) if wanted else 0.0
