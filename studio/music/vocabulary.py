"""What a sentence asks to be drawn: settings, hours, weather, mood, things and colours, in the order it names them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from studio.music.words import (
    COLOUR_WORDS,
    HOUR_WORDS,
    MOOD_WORDS,
    PHRASES,
    SETTING_WORDS,
    THING_WORDS,
    UNRELATED,
    WEATHER_WORDS,
)

_NEGATIONS = frozenset(
    ("no", "not", "without", "never", "nor", "none", "neither", "nobody", "kein", "keine", "keinen", "keiner", "ohne",
     "keinem", "nicht", "niemals", "nie", "sans", "pas", "aucun", "aucune", "jamais", "sin", "ningún", "ninguna",
     "nunca", "jamás", "sem", "nenhum", "nenhuma", "senza", "nessun", "nessuna", "non")
)  # fmt: skip
_BEFORE_A_SIN = frozenset(("a", "my", "your", "our", "his", "her", "their", "the", "of", "in", "and", "with", "for"))
"""In English "sin" is a noun; in Spanish it means "without"."""
_NOT_AT_THE_END = ("n't", "n’t", "-free", "-frei", "-less")
_TURNS = frozenset(
    ("but", "aber", "sondern", "mais", "pero", "sino", "mas", "ma", "però", "instead", "then", "dann", "puis", "luego")
)
"""Words after which a negation no longer holds."""
_CJK_BEFORE = ("没有", "沒有", "无", "無", "不是")
_CJK_AFTER = re.compile(r"(の|が|は|も)?(ない|なし|無し|無く|なく|ではな|じゃな|抜き)")
_FIRST_CJK = 0x2E7F
_JOURNEY = re.compile(
    r"\b(from .+ (to|into|through)|then|until|towards?|afterwards?|finally|waits? for|waiting for|through the night"
    r"|von .+ (zu|zum|bis|ans)|de .+ à)\b"
)
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[.,;:!?。、，！？]")


@dataclass(frozen=True)
class Reading:
    """What was found in a sentence, each without repeats and in the order it was named.

    `journey` is true when the places or hours follow one another ("from the city to the sea") rather than share
    one picture ("a city by the sea").
    """

    settings: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()
    weathers: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    journey: bool = False


def read_sentence(sentence: str) -> Reading:
    """Reads `sentence` by word, not by part of a word: "car" is not in "scarf". What is negated ("no rain", "ohne
    Regen", "雨のない") doesn't count. Accents may be left out. Any language's unknown words are simply not found."""
    text = unicodedata.normalize("NFKC", sentence).casefold()
    journey = bool(_JOURNEY.search(text))
    for phrase, word in PHRASES.items():
        text = re.sub(rf"\b{re.escape(phrase.casefold())}\b", word, text)
    wanted = _wanted(_TOKEN.findall(text))
    colours = {name: name for name in COLOUR_WORDS}
    return Reading(
        settings=_found(wanted, SETTING_WORDS),
        hours=_found(wanted, HOUR_WORDS),
        weathers=_found(wanted, WEATHER_WORDS),
        moods=_found(wanted, MOOD_WORDS),
        things=_found(wanted, THING_WORDS),
        colours=tuple(dict.fromkeys(COLOUR_WORDS[name] for name in _found(wanted, colours))),
        journey=journey,
    )


def _wanted(tokens: list[str]) -> list[str]:
    """The words that are not negated: a negation reaches three words on, to a comma or a "but", and over an "or"."""
    wanted: list[str] = []
    reach, before = 0, ""
    for token in tokens:
        a_noun = token == "sin" and before in _BEFORE_A_SIN
        before = token
        if token in _TURNS or not token[0].isalnum():
            reach = 0
        elif (token in _NEGATIONS and not a_noun) or token.endswith(_NOT_AT_THE_END):
            reach = 3
        elif reach and token in ("or", "oder", "ou", "o", "and", "und", "et", "y"):
            reach = 2
        elif reach:
            reach -= 1
        else:
            wanted.append(token)
    return wanted


def _found(tokens: list[str], vocabulary: Mapping[str, str]) -> tuple[str, ...]:
    words = _index(tuple(vocabulary.items()))
    names: list[str] = []
    for token in tokens:
        if any(ord(character) > _FIRST_CJK for character in token):
            names += _in_run(token, words)
            continue
        name = next((words[form] for form in _forms(token) if form in words), None)
        names += [name] if name else [words[part] for part in _folded(token).split("-")[:-1] if part in words]
    return tuple(dict.fromkeys(names))


@cache
def _index(vocabulary: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    """Word -> name, under the words' own spelling and without accents."""
    spelled = {word.casefold(): name for name, line in vocabulary for word in line.split()}
    return {**{_folded(word): name for word, name in spelled.items()}, **spelled}


def _forms(token: str) -> tuple[str, ...]:
    """`token` as it stands, without a genitive or a plural, without accents, and the last part of a compound."""
    bare = re.sub(r"^[ldcjmnstqu]{1,2}['’]|['’]s$", "", token)
    plain = _folded(bare)
    single = plain[:-1] if len(plain) > 4 and plain.endswith("s") and not plain.endswith("ss") else plain
    return token, bare, plain, single, plain.rsplit("-", 1)[-1]


def _folded(word: str) -> str:
    """`word` without accents; characters that are no accented letters stay."""
    if any(ord(character) > _FIRST_CJK for character in word):
        return word
    parts = unicodedata.normalize("NFD", word)
    return "".join(character for character in parts if not unicodedata.combining(character))


def _in_run(run: str, words: Mapping[str, str]) -> list[str]:
    """Chinese and Japanese have no spaces: the longest words inside the run of characters, from left to right."""
    names, at = [], 0
    while at < len(run):
        word = next((run[at : at + size] for size in range(7, 0, -1) if _known(run[at : at + size], words)), run[at])
        after = at + len(word)
        negated = run[:at].endswith(_CJK_BEFORE) or _CJK_AFTER.match(run, after)
        if word in words and not negated:
            names.append(words[word])
        at = after
    return names


def _known(word: str, words: Mapping[str, str]) -> bool:
    return word in words or word in UNRELATED
