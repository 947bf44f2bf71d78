"""Hybrid retrieval: which evidence is nearest to a question, by words and, where an encoder is there, by meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from studio.index.evidence import Evidence
from studio.index.words import stems

if TYPE_CHECKING:
    import numpy as np

K1, B = 1.2, 0.75
"""Robertson and Zaragoza, The Probabilistic Relevance Framework (2009): the usual values."""
FUSED = 60.0
"""Reciprocal rank fusion: Cormack, Clarke and Büttcher (SIGIR 2009)."""


class Encoder(Protocol):
    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """(n, width) float32, each row of length 1."""
        ...


class Bm25:
    """BM25 over documents given as stems."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(document) for document in documents]
        self._lengths = [max(1, len(document)) for document in documents]
        self._mean = sum(self._lengths) / len(self._lengths) if documents else 1.0
        self._having: Counter[str] = Counter(word for counts in self._counts for word in counts)

    def weight(self, word: str) -> float:
        """Inverse document frequency, above 0 for every word."""
        having = self._having[word]
        return math.log(1.0 + (len(self._counts) - having + 0.5) / (having + 0.5))

    def scores(self, query: Sequence[str]) -> list[float]:
        wanted = [(word, self.weight(word)) for word in set(query) if word in self._having]
        return [
            sum(w * self._part(at, word) for word, w in wanted if word in self._counts[at])
            for at in range(len(self._counts))
        ]

    def _part(self, at: int, word: str) -> float:
        times = self._counts[at][word]
        return times * (K1 + 1) / (times + K1 * (1 - B + B * self._lengths[at] / self._mean))


@dataclass(frozen=True)
class Vectors:
    """Search by meaning: `encoder`, and the file in which the evidence's vectors are kept, None for nowhere."""

    encoder: Encoder
    cache: Path | None = None


def nearest(question: str, pieces: Sequence[Evidence], vectors: Vectors | None = None) -> list[Evidence]:
    """`pieces` by nearness to `question`, those without any likeness left out; with `vectors` the orders by words and
    by meaning are fused."""
    lexical = Bm25([stems(f"{one.title} {one.text}") for one in pieces]).scores(stems(question))
    ranks = [at for at in sorted(range(len(pieces)), key=lambda at: -lexical[at]) if lexical[at] > 0]
    fused = {at: 1.0 / (FUSED + rank) for rank, at in enumerate(ranks)}
    if vectors is not None and pieces:
        from studio.index.embeddings import LIKE, likeness

        near = likeness(question, [one.text for one in pieces], vectors.encoder, vectors.cache)
        order = [at for at in sorted(range(len(pieces)), key=lambda at: -near[at]) if near[at] >= LIKE]
        for rank, at in enumerate(order):
            fused[at] = fused.get(at, 0.0) + 1.0 / (FUSED + rank)
    return [pieces[at] for at, _ in sorted(fused.items(), key=lambda pair: (-pair[1], pair[0]))]
