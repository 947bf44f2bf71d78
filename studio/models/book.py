"""What models were seen to need on this machine, kept between runs: peaks by rung, and the rungs that worked."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from filelock import FileLock

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
    the process. Threads may share it, and so may processes: what another has noted is kept.
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
        if count <= self.measured(card).get(rung, 0):
            return False
        with self._noting(card) as page:
            known = page.setdefault("bytes", {})
            known[card.rungs[rung]] = max(count, known.get(card.rungs[rung], 0))
        return True

    def note_worked(self, card: EngineCard, shape: str, rung: int) -> None:
        if self.worked(card).get(shape) != rung:
            with self._noting(card) as page:
                page.setdefault("worked", {})[shape] = card.rungs[rung]

    def _page(self, card: EngineCard) -> Mapping[str, Any]:
        with self._lock:
            return self._body.get(self._device, {}).get(card.key, {})

    @contextmanager
    def _noting(self, card: EngineCard) -> Iterator[dict[str, Any]]:
        """The engine's page as it stands on disk, which is then written."""
        with self._lock, nullcontext() if self._path is None else FileLock(f"{self._path}.lock"):
            if self._path is not None:
                self._body = self._read()
            yield self._body.setdefault(self._device, {}).setdefault(card.key, {})
            if self._path is not None:
                write_json(self._path, self._body)

    def _read(self) -> dict[str, Any]:
        if self._path is None or not self._path.is_file():
            return {}
        try:
            body = read_json(self._path)
        except StorageFailed:  # a damaged book only costs a measurement
            return {}
        return body if isinstance(body, dict) else {}
