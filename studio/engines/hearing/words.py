"""Words of a text as they are compared and counted: without case, punctuation or accents of writing."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'"})
# scripts written without spaces: each character counts as a word, as is usual when errors are counted
_UNSPACED = r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
_WORD = re.compile(rf"{_UNSPACED}|(?:(?!{_UNSPACED})[\w'])+")


def normal_words(text: str) -> list[str]:
    """The words of `text` in order: lower case, no punctuation, hyphens as spaces, apostrophes kept inside words."""
    plain = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold().replace("_", " ")
    return [word for each in _WORD.findall(plain) if (word := each.strip("'"))]


def word_error_rate(reference: str, hypothesis: str) -> float:
    """Substitutions, deletions and insertions over the number of words of `reference`; above 1 where much is added.

    0 for two texts without a word, 1 for words where none were expected. Numbers count by how they are written.
    """
    wanted, found = normal_words(reference), normal_words(hypothesis)
    if not wanted:
        return 1.0 if found else 0.0
    return _edits(wanted, found) / len(wanted)


def _edits(one: list[str], other: list[str]) -> int:
    """Levenshtein's distance, row by row."""
    above = list(range(len(other) + 1))
    for row, word in enumerate(one, 1):
        current = [row]
        for column, candidate in enumerate(other, 1):
            same = above[column - 1] + (word != candidate)
            current.append(min(same, above[column] + 1, current[column - 1] + 1))
        above = current
    return above[-1]
