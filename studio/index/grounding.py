"""Whether what is said stands in what is cited."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.index.answers import Citation, Draft
from studio.index.words import content, is_name, misread, same, stems, tokens

SUPPORTED = 0.75
"""The share of a sentence's content words that its evidence must have; its names and numbers must all be there."""
_OURS = frozenset(
    stems(
        "it is said that the screen reads shows yes no also video scene at in read so far this not certain speaker "
        "says mentions shown on text according to states"
    )
)
"""Words an answer is put together with."""


def grounded(draft: Draft) -> bool:
    """Whether each word of `draft` that isn't the studio's own stands in what it cites."""
    return bool(draft.citations) and supports(draft.text, (one.quote for one in draft.citations), 1.0)


def supports(text: str, quotes: Iterable[str], share: float = SUPPORTED) -> bool:
    """Whether `quotes` have every name and number of `text` and at least `share` of its content words."""
    plain = re.sub(r"\[[^\]]*\]", " ", text)
    there = set(stems(" ".join(quotes)))
    words = [token for token in content(plain) if token.stem not in _OURS]
    if not words:
        return bool(there)
    missing = [token for token in words if not any(same(token.stem, other) for other in there)]
    # a capital where the sentence begins may be a name too: better a sentence lost than a name invented
    if any(
        token.is_number or is_name(plain, token) or (token is words[0] and token.text[:1].isupper())
        for token in missing
    ):
        return all(any(misread(token.stem, other) for other in there) for token in missing)
    return len(words) - len(missing) >= share * len(words) - 1e-9


def cited_quotes(citations: Iterable[Citation]) -> list[str]:
    return [one.quote for one in citations]


def numbers(text: str) -> set[str]:
    return {token.stem for token in tokens(text) if token.is_number}
