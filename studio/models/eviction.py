"""Which unloaded models stay in RAM. A pure function: no state, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """A model in RAM, or on its way. `frequency`: aged uses; `reload_seconds`: a load from disk; `size` in bytes.

    wanted  somebody waits for it: it goes back to the device next, and must not be dropped just before
    """

    key: str
    size: int
    reload_seconds: float
    frequency: float
    wanted: bool = False

    @property
    def value(self) -> float:
        """Seconds of loading each byte is expected to save (greedy-dual size frequency, Cherkasova 1998)."""
        return self.frequency * self.reload_seconds / max(1, self.size)


def choose_kept(candidates: Iterable[Candidate], budget: int) -> frozenset[str]:
    """The keys to keep: the wanted first, then the most valuable, each that still fits into `budget` bytes."""
    kept: set[str] = set()
    for candidate in sorted(candidates, key=lambda c: (not c.wanted, -c.value, c.key)):
        if candidate.size <= budget:
            budget -= candidate.size
            kept.add(candidate.key)
    return frozenset(kept)
