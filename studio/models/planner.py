"""Before the start: what will fit on this card, at which rung, in about what time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.models.book import MemoryBook
from studio.models.cards import EngineCard
from studio.models.rungs import gigabytes, starting_rung


@dataclass(frozen=True)
class Pace:
    """What an engine takes: `seconds` for what `work` says, as it was on this machine."""

    seconds: float
    work: str

    def __str__(self) -> str:
        return f"{self.seconds:.2g} s for {self.work} (measured here)"


@dataclass(frozen=True)
class Prospect:
    """How an engine would run: at `rung`, needing `need` bytes of `capacity`; `measured` where that was seen on this
    machine and is no estimate. `fits`: whether even the last rung is expected to. `pace`: None where it never ran."""

    card: EngineCard
    rung: int
    need: int
    capacity: int
    measured: bool
    fits: bool
    pace: Pace | None = None

    def __str__(self) -> str:
        return f"{self.card.title}: {self.memory_words()}" + (f"; {self.pace}" if self.pace else "")

    def memory_words(self) -> str:
        card = self.card
        if not any(card.memory):
            return "needs no device memory"
        source = "measured here" if self.measured else "estimated"
        how = card.rungs[self.rung]
        if not self.fits:
            return f"needs {gigabytes(self.need)} even with {how}, and {gigabytes(self.capacity)} are there"
        lower = "" if self.rung == 0 else f", not {card.rungs[0]}"
        return f"{how}{lower}, {gigabytes(self.need)} of {gigabytes(self.capacity)} ({source})"

    def to_json(self) -> dict[str, Any]:
        return {
            "engine": self.card.key,
            "rung": self.rung,
            "rung_words": self.card.rungs[self.rung],
            "need_bytes": self.need,
            "capacity_bytes": self.capacity,
            "measured": self.measured,
            "fits": self.fits,
            "seconds": self.pace and self.pace.seconds,
            "seconds_for": self.pace and self.pace.work,
        }


def prospects(
    cards: Iterable[EngineCard], capacity: int, book: MemoryBook, paces: Mapping[str, Pace] | None = None
) -> list[Prospect]:
    """Of every engine. `paces`: engine key -> what it took on this machine."""
    return [prospect(card, capacity, book.measured(card), (paces or {}).get(card.key)) for card in cards]


def prospect(card: EngineCard, capacity: int, measured: Mapping[int, int], pace: Pace | None = None) -> Prospect:
    """`capacity` bytes the device offers; `measured` as MemoryBook has it."""
    rung, _ = starting_rung(card, measured, capacity, 0)
    need = 0 if card.embedded else measured.get(rung, card.memory[rung])
    return Prospect(card, rung, need, capacity, rung in measured, card.embedded or need <= capacity, pace)
