"""Which worker seat is taken: a lock file held for a process's whole life and freed by its death, however it died."""

from __future__ import annotations

from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout


def seat_lock(data: Path, seat: str) -> BaseFileLock:
    """The lock a seat's worker holds; `acquire` it, never delete the file."""
    folder = data / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    return FileLock(folder / f"{seat}.lock")


def is_held(lock: BaseFileLock) -> bool:
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
