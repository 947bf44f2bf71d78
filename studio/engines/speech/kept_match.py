"""How a voice was brought near to a reference, kept beside the reference: finding it takes seconds, reading none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from studio.atomic import storage_errors
from studio.engines.speech.matching import Settings
from studio.engines.speech.voice import Voice
from studio.errors import StorageFailed
from studio.store.atomic import read_json, write_json

_VERSION = 1
"""Raised when matching finds other settings than before."""


@dataclass(frozen=True)
class KeptMatch:
    """One file: of one reference, language and speaker."""

    path: Path

    @classmethod
    def at(cls, cache: Path | None, key: str) -> KeptMatch | None:
        """None where nothing is to be kept."""
        digest = hashlib.sha256(f"{_VERSION} {key}".encode()).hexdigest()[:20]
        return cls(cache / f"match-{digest}.json") if cache is not None else None

    def read(self, voices: Sequence[Voice]) -> tuple[Voice, Settings] | None:
        """None where there is nothing, or nothing of use: it is then found anew."""
        if not self.path.is_file():
            return None
        try:
            body = read_json(self.path)
            title = body.pop("voice")
            voice = next(one for one in voices if one.title == title)
            gain = np.array(body.pop("gain"), np.float64)
            settings = Settings(**{name: float(value) for name, value in body.items()}, gain=gain)
        except (StorageFailed, StopIteration, KeyError, TypeError, ValueError, AttributeError):
            return None
        return (voice, settings) if gain.ndim == 1 and np.isfinite(gain).all() else None

    def write(self, voice: Voice, settings: Settings) -> None:
        body = {name: value for name, value in asdict(settings).items() if name != "gain"}
        with storage_errors(self.path):
            self.path.parent.mkdir(exist_ok=True)
        gain = [float(value) for value in settings.gain]
        write_json(self.path, {"voice": voice.title, **body, "gain": gain})
