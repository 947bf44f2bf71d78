"""Files from people, opened safely: only a regular file, readable, of an accepted size, and without ever blocking."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from studio.errors import BadInput

_KINDS = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


def open_regular(path: Path, parameter: str, accepted: str, most_bytes: int) -> BinaryIO:
    """`path` opened for reading. Raises BadInput naming `parameter` for anything but a file of 1..`most_bytes`."""

    def refuse(reason: str) -> BadInput:
        return BadInput(parameter, path, accepted, reason)

    try:
        # non-blocking: opening a pipe nobody writes to would otherwise wait for ever
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise refuse("it leads nowhere" if os.path.islink(path) else "there is no such file") from None
    except (OSError, ValueError) as error:
        if os.path.isdir(path):
            raise refuse("it is a folder") from None
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise refuse(f"it can't be opened ({reason})") from None
    try:
        facts = os.fstat(descriptor)
        for matches, words in _KINDS:
            if matches(facts.st_mode):
                raise refuse(words)
        if facts.st_size == 0:
            raise refuse("it is empty")
        if facts.st_size > most_bytes:
            raise refuse(f"it has {facts.st_size / 1e6:.0f} MB, the most is {most_bytes / 1e6:.0f} MB")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


class TameReader:
    """A file for PyAV. Seeking out of range answers -1 as the system's call does: PyAV would print the exception of a
    Python file, and broken files make its demuxers seek anywhere."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.name = "<upload>"  # never a real name: demuxers guess formats and neighbours from it

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._file.seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1

    def tell(self) -> int:
        return self._file.tell()
