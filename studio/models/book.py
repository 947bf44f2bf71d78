"""What models were seen to need on this machine, kept between runs: peaks by rung, and the rungs that worked."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.errors import StorageFailed
from studio.models.cards import EngineCard
from studio.models.rungs import gigabytes
from studio.store.atomic import read_json, write_json


def device_key(title: str, total: int) -> str:
    """What a MemoryBook knows a device by: its title and how many bytes it has."""
    return f"{title}, {gigabytes(total)}"


class MemoryBook:
    """One JSON file: device -> engine -> {rung's words: bytes} and {shape of the work: rung's words}.

    `device` tells cards apart: what was measured on one says nothing of another. Without a `path` it is forgotten with
    the process. Threads may share it.
    """

    def __init__(self, path: Path | None = None, device: str = "") -> None:
        self._path, self._device = path, device
        self._lock = threading.Lock()
        self._body = self._read()

    def measured(self, card: EngineCard) -> dict[int, int]:
        """{rung: bytes the engine and its work took at most}."""
        known = self._page(card).get("bytes", {})
        return {rung: int(known[words]) for rung, words in enumerate(card.rungs) if words in known}

    def worked(self, card: EngineCard) -> dict[str, int]:
        """{shape of the work: rung it ran through at after memory had run out}."""
        known = self._page(card).get("worked", {})
        return {shape: card.rungs.index(words) for shape, words in known.items() if words in card.rungs}

    def note_peak(self, card: EngineCard, rung: int, count: int) -> bool:
        """Whether it was more than was known."""
        with self._lock:
            known = self._own(card).setdefault("bytes", {})
            if count <= known.get(card.rungs[rung], 0):
                return False
            known[card.rungs[rung]] = count
            self._write()
        return True

    def note_worked(self, card: EngineCard, shape: str, rung: int) -> None:
        with self._lock:
            known = self._own(card).setdefault("worked", {})
            if known.get(shape) != card.rungs[rung]:
                known[shape] = card.rungs[rung]
                self._write()

    def _page(self, card: EngineCard) -> Mapping[str, Any]:
        with self._lock:
            return self._body.get(self._device, {}).get(card.key, {})

    def _own(self, card: EngineCard) -> dict[str, Any]:
        return self._body.setdefault(self._device, {}).setdefault(card.key, {})

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.is_file():
            return {}
        try:
            body = read_json(self._path)
        except StorageFailed:  # a damaged book only costs a measurement
            return {}
        return body if isinstance(body, dict) else {}

    def _write(self) -> None:
        if self._path is not None:
            write_json(self._path, self._body)
