"""Words of one meaning, and more general ones, out of WordNet 3.1 (assets/words)."""

from __future__ import annotations

import functools
import gzip
from dataclasses import dataclass
from pathlib import Path

from studio.index.lexicon import EVERYDAY
from studio.index.words import same, stem

TABLE = Path(__file__).resolve().parents[2] / "assets" / "words" / "wordnet.tsv.gz"
ALIKE, GENERAL = 0.75, 0.65
"""What a word of one meaning counts beside the word itself, and what the more general one counts."""


@dataclass(frozen=True)
class _Entry:
    alike: frozenset[str]
    general: frozenset[str]


_NOTHING = _Entry(frozenset(), frozenset())


def kin(asked: str, there: str) -> float:
    """How far `there` says what `asked` asks after, both stems: 0 where nothing is known of it. A question may ask more
    generally than a sentence speaks ("which animals?" of peacocks), not the other way round."""
    entry, other = _entry(there), _entry(asked)
    if asked in entry.alike or there in other.alike or there in _everyday().get(asked, ()):
        return ALIKE
    return GENERAL if asked in entry.general else 0.0


def matches(asked: str, there: str) -> bool:
    """Whether the stem `there` stands for the stem `asked`."""
    return asked == there or same(asked, there) > 0 or kin(asked, there) > 0


def is_word(word: str) -> bool:
    """Whether `word`, in small letters, is an English word that is in the table."""
    return stem(word) in _table()


@functools.lru_cache(maxsize=20_000)
def _entry(word: str) -> _Entry:
    line = _table().get(word)
    if line is None:
        return _NOTHING
    alike, _, general = line.partition("\t")
    return _Entry(frozenset(alike.split()), frozenset(general.split()))


@functools.cache
def _everyday() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for line in EVERYDAY:
        group = frozenset(map(stem, line.split()))
        for word in group:
            table[word] = table.get(word, frozenset()) | group
    return table


@functools.cache
def _table() -> dict[str, str]:
    """What is known of each word, by its stem. The file has stems already: making them takes half a second."""
    lines = gzip.decompress(TABLE.read_bytes()).decode().splitlines()
    return {word: rest for word, _, rest in (line.partition("\t") for line in lines)}
