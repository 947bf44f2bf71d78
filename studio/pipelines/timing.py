"""How long each stage took on this machine, kept between runs, for an ETA that is measured and not guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.errors import StorageFailed
from studio.models.planner import Pace
from studio.store.atomic import read_json, write_json

_WEIGHT = 0.4  # of the newest run in the moving average: a machine's load changes from day to day


@dataclass(frozen=True)
class Amount:
    """How much work a stage is: `units` that its time grows with (song seconds, pictures, frames x megapixels), and
    the `engine` that does it, "" for the studio itself."""

    stage: str
    units: float
    engine: str = ""

    @property
    def rate_name(self) -> str:
        return f"{self.stage} {self.engine}".strip()


class Timings:
    """Seconds per unit by stage, a moving average in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rates(self) -> Mapping[str, float]:
        if not self._path.exists():
            return {}
        try:
            body = read_json(self._path)
        except StorageFailed:  # a damaged history only costs the ETA
            return {}
        return {k: float(v) for k, v in body.items() if isinstance(v, int | float)} if isinstance(body, dict) else {}

    def learn(self, amount: Amount, seconds: float) -> None:
        rates = dict(self.rates())
        rate = seconds / max(amount.units, 1e-9)
        known = rates.get(amount.rate_name)
        rates[amount.rate_name] = rate if known is None else (1 - _WEIGHT) * known + _WEIGHT * rate
        write_json(self._path, rates)


_SQUARE = 512 * 512 / 1e6
_TYPICAL = {
    "image": ("keyframes", _SQUARE, "a picture of 512x512"),
    "video": ("segments", 24 * _SQUARE, "a second of film, 512x512 at 24 frames a second"),
    "cutout": ("cutout", 1.0, "a photo"),
    "inpaint": ("repair", 1.0, "a photo"),
    "speech": ("speech", 1.0, "a second of speech"),
    "lip_sync": ("lips", 24.0, "a second of film at 24 frames a second"),
    "vision": ("pictures-1", 60.0, "a minute of video"),
    "transcript": ("speech-1", 60.0, "a minute of video"),
}
"""task -> the stage that tells how fast its engines are, how many of that stage's units make the work, and the work."""


def paces(rates: Mapping[str, float]) -> dict[str, Pace]:
    """By engine key, what it took for an amount of work that a person can picture."""
    found: dict[str, Pace] = {}
    for name, rate in rates.items():
        stage, _, key = name.partition(" ")
        wanted, units, work = _TYPICAL.get(key.partition("/")[0], ("", 0.0, ""))
        if stage == wanted:
            found[key] = Pace(rate * units, work)
    return found


def remaining_seconds(
    rates: Mapping[str, float], amounts: Sequence[Amount], share_done: float, elapsed: float
) -> float | None:
    """Seconds until the last of `amounts` ends; the first is under way, `share_done` (0..1) of it in `elapsed`
    seconds. None while any part has neither history nor progress to judge by."""
    current, *later = amounts
    history = rates.get(current.rate_name)
    expected = None if history is None else history * current.units
    if share_done >= 0.1:
        measured = elapsed / share_done
        expected = measured if expected is None else (1 - share_done) * expected + share_done * measured
    if expected is None or any(a.rate_name not in rates for a in later):
        return None
    return max(0.0, expected * (1 - share_done)) + sum(rates[a.rate_name] * a.units for a in later)
