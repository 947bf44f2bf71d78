"""What a question asks about and was not read yet: written by whoever asks, read by whoever reads, between batches."""

from __future__ import annotations

import secrets
from pathlib import Path

from studio.errors import StorageFailed
from studio.store.atomic import read_json, write_json

FILE = "wanted.json"
Span = tuple[float, float]


def want(folder: Path, span: Span) -> None:
    """`span`, seconds of the video whose index lies in `folder`, is to be read next. Raises StorageFailed."""
    write_json(folder / FILE, {"id": secrets.token_hex(8), "start": span[0], "end": span[1]})


class Wanted:
    """Each wish is handed out once."""

    def __init__(self, folder: Path) -> None:
        self._path, self._served = folder / FILE, ""

    def next(self) -> Span | None:
        """The last wish, unless it was handed out; None where there is none."""
        if not self._path.is_file():
            return None
        try:
            body = read_json(self._path)
            name, span = str(body["id"]), (float(body["start"]), float(body["end"]))
        except (StorageFailed, KeyError, TypeError, ValueError):  # a wish that can't be read only comes too late
            return None
        if name == self._served or not 0 <= span[0] <= span[1]:
            return None
        self._served = name
        return span


def merged(spans: list[Span]) -> tuple[Span, ...]:
    """`spans` in order, those that touch as one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1] + 1e-6:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif end > start:
            joined.append((start, end))
    return tuple(joined)


def covers(spans: tuple[Span, ...], wanted: Span) -> bool:
    """Whether `wanted` lies in one of `spans`, to half a second."""
    return any(start <= wanted[0] + 0.5 and end >= wanted[1] - 0.5 for start, end in spans)
