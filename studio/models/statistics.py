"""What the manager remembers of each model's life in this process."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

HALF_LIFE_SECONDS = 600.0
"""A use counts half after this long: what was popular an hour ago does not hold RAM against what is used now."""


@dataclass
class Statistics:
    """Counts and seconds since the start; `bytes` is the device memory the last load took, measured.

    restores       loads that came from the RAM tier
    unreturned     bytes that did not come back after the last unload, within the gauge's patience
    discarded      engines thrown away because a lease left something behind
    """

    loads: int = 0
    restores: int = 0
    unloads: int = 0
    failures: int = 0
    out_of_memory: int = 0
    discarded: int = 0
    uses: int = 0
    load_seconds: float = 0.0
    use_seconds: float = 0.0
    wait_seconds: float = 0.0
    last_load_seconds: float = 0.0
    bytes: int = 0
    unreturned: int = 0
    _frequency: float = 0.0
    _counted_at: float = 0.0

    def used(self, now: float, waited: float) -> None:
        self._frequency, self._counted_at = self.frequency(now) + 1.0, now
        self.uses += 1
        self.wait_seconds += waited

    def loaded(self, seconds: float, size: int, restored: bool) -> None:
        self.loads += 1
        self.restores += restored
        self.load_seconds += seconds
        self.bytes = size
        # A restore says nothing about what a load from disk costs, which is what eviction weighs.
        if not restored:
            self.last_load_seconds = seconds

    def frequency(self, now: float) -> float:
        """Uses, aged with a half-life of `HALF_LIFE_SECONDS`."""
        return self._frequency * 0.5 ** ((now - self._counted_at) / HALF_LIFE_SECONDS)

    def to_json(self) -> dict[str, Any]:
        return {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(self).items()
            if not name.startswith("_")
        }
