"""Engines that left the device and wait in RAM, within a budget of bytes. Owned by the scheduler's thread."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from studio.models.eviction import Candidate, choose_kept
from studio.models.outcomes import Held
from studio.models.states import Build, Slot


@dataclass(frozen=True)
class Kept:
    build: Build
    engine: Held
    size: int
    since: float


class RamTier:
    """`budget` and sizes in bytes, sizes as measured on the device."""

    def __init__(self, budget: int) -> None:
        self.budget = budget
        self._kept: dict[str, Kept] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._kept

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._kept))

    @property
    def used(self) -> int:
        return sum(kept.size for kept in self._kept.values())

    def make_room(
        self, newcomer: Slot, slots: Mapping[str, Slot], wanted: Set[str], now: float
    ) -> tuple[bool, list[str]]:
        """Whether `newcomer`, about to leave the device, is worth keeping, and who has to go for it. `wanted`: the
        models somebody waits for."""
        key = newcomer.entry.card.key
        sizes = {name: kept.size for name, kept in self._kept.items()} | {key: newcomer.statistics.bytes}
        stay = choose_kept(
            (_candidate(slots[name], size, name in wanted, now) for name, size in sizes.items()), self.budget
        )
        return key in stay, [name for name in self._kept if name not in stay] if key in stay else []

    def add(self, key: str, kept: Kept) -> None:
        self._kept[key] = kept

    def take(self, key: str) -> Kept | None:
        return self._kept.pop(key, None)

    def expired(self, now: float, seconds: float) -> list[str]:
        return [key for key, kept in self._kept.items() if now - kept.since >= seconds]

    def next_expiry(self, seconds: float) -> float | None:
        return min((kept.since + seconds for kept in self._kept.values()), default=None)


def _candidate(slot: Slot, size: int, wanted: bool, now: float) -> Candidate:
    statistics = slot.statistics
    return Candidate(slot.entry.card.key, size, statistics.last_load_seconds, statistics.frequency(now), wanted)
