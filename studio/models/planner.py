"""Before the start: what will fit on this card, at which rung, in about what time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.models.book import MemoryBook
from studio.models.cards import EngineCard
from studio.models.rungs import gigabytes, starting_rung


@dataclass(frozen=True)
class Prospect:
    """How an engine would run: at `rung`, needing `need` bytes of `capacity`; `measured` where that was seen on this
    machine and is no estimate. `fits`: whether even the last rung is expected to. `seconds` to expect, None where
    nobody knows yet."""

    card: EngineCard
    rung: int
    need: int
    capacity: int
    measured: bool
    fits: bool
    seconds: float | None = None

    def __str__(self) -> str:
        card = self.card
        if card.embedded:
            return f"{card.title}: needs no device memory"
        source = "measured here" if self.measured else "estimated"
        how = card.rungs[self.rung]
        if not self.fits:
            return (
                f"{card.title}: needs {gigabytes(self.need)} even with {how}, and {gigabytes(self.capacity)} are there"
            )
        lower = "" if self.rung == 0 else f", not {card.rungs[0]}"
        return f"{card.title}: {how}{lower}, {gigabytes(self.need)} of {gigabytes(self.capacity)} ({source})"

    def to_json(self) -> dict[str, Any]:
        return {
            "engine": self.card.key,
            "rung": self.rung,
            "rung_words": self.card.rungs[self.rung],
            "need_bytes": self.need,
            "capacity_bytes": self.capacity,
            "measured": self.measured,
            "fits": self.fits,
            "seconds": self.seconds,
        }


def prospects(cards: Iterable[EngineCard], capacity: int, book: MemoryBook) -> list[Prospect]:
    """Of every engine."""
    return [prospect(card, capacity, book.measured(card)) for card in cards]


def prospect(card: EngineCard, capacity: int, measured: Mapping[int, int], seconds: float | None = None) -> Prospect:
    """`capacity` bytes the device offers; `measured` as MemoryBook has it."""
    rung, _ = starting_rung(card, measured, capacity, 0)
    need = 0 if card.embedded else measured.get(rung, card.memory[rung])
    return Prospect(card, rung, need, capacity, rung in measured, card.embedded or need <= capacity, seconds)
