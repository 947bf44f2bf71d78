"""The one place that runs the ffmpeg program: without a shell, with its messages drained, stopped by the token.

People's files reach it as an open descriptor on standard input (`fd:`) and never by name: no name can be taken for an
option or a protocol, and a playlist in disguise has no protocol left by which it could open a second file.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from studio.cancellation import CancelToken
from studio.errors import EngineUnavailable, StorageFailed, StudioError, brief

_KEPT_LINES = 60
_LONGEST_LINE = 1000
_TOO_LARGE = "the file grew larger than the system allows"
_DISK_FAULTS = (
    ("No space left on device", "the disk is full; free some space and start again"),
    ("Disk quota exceeded", "the disk quota is used up; free some space and start again"),
    ("File too large", _TOO_LARGE),
    ("Read-only file system", "the disk is read-only"),
    ("Permission denied", "writing there is not allowed"),
)
_SIGXFSZ = -25
_PREFIX = re.compile(r"^(\[[^\]]*\] )*\[(warning|error|fatal|panic)\] ")


def program() -> str:
    """The path of the ffmpeg program. Raises EngineUnavailable when there is none for this machine."""
    import imageio_ffmpeg

    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise EngineUnavailable("ffmpeg", str(error), "install ffmpeg or set IMAGEIO_FFMPEG_EXE") from error


def file_url(path: Path) -> str:
    """`path` for an ffmpeg argument: no character of a name means anything to ffmpeg after `file:`."""
    return f"file:{path.absolute()}"


@dataclass(frozen=True)
class Finished:
    """How a run ended. `warnings` and `errors`: ffmpeg's lines of that level, without the prefix, oldest first;
    of a very long list the middle is left out."""

    returncode: int
    warnings: tuple[str, ...]
    errors: tuple[str, ...]

    def fault(self, work: str, output: Path | None = None) -> StudioError:
        """Why a run with a returncode other than 0 failed; StorageFailed when the place of `output` is to blame."""
        disk = self._disk_fault()
        if output is not None and disk:
            place = brief(output.parent, 200)
            return StorageFailed(f"{brief(output.name, 200)} in {place} can't be written: {disk}")
        why = self.errors[0] if self.errors else f"ffmpeg ended with code {self.returncode}"
        return StudioError(f"{work} failed: {why}")

    def _disk_fault(self) -> str:
        if self.returncode == _SIGXFSZ:
            return _TOO_LARGE
        text = "\n".join(self.errors)
        return next((why for sign, why in _DISK_FAULTS if sign in text), "")


class Ffmpeg:
    """A running ffmpeg. Killed when `cancel` is set, when the object is dropped, and by `kill`."""

    def __init__(
        self,
        arguments: Sequence[str],
        cancel: CancelToken,
        stdin: IO[bytes] | int = subprocess.DEVNULL,
        stdout: IO[bytes] | int = subprocess.DEVNULL,
    ) -> None:
        cancel.check()
        command = [program(), "-hide_banner", "-nostdin", "-y", "-loglevel", "repeat+level+warning", *arguments]
        self._process = subprocess.Popen(
            command,
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,  # Ctrl-C in a terminal is ours to handle: ffmpeg would end the file early
            creationflags=0x08000000 if sys.platform == "win32" else 0,  # no console window
        )
        self._messages = _Messages(self._process.stderr)
        self._cancel = cancel
        self._forget = cancel.on_cancel(self._process.kill)
        self._finalizer = weakref.finalize(self, _kill, self._process)

    @property
    def stdin(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def finish(self) -> Finished:
        """Waits for the end. Raises Cancelled when the token is set."""
        if self._process.stdin is not None:
            _close(self._process.stdin)
        returncode = self._process.wait()
        warnings, errors = self._messages.collect()
        self.kill()
        self._cancel.check()
        return Finished(returncode, warnings, errors)

    def kill(self) -> None:
        """Ends the program and waits for it; harmless when it ended already."""
        self._forget()
        self._finalizer()


def run(arguments: Sequence[str], cancel: CancelToken, stdin: IO[bytes] | int = subprocess.DEVNULL) -> Finished:
    """Runs ffmpeg to its end. Raises Cancelled within half a second of the token, the program gone."""
    ffmpeg = Ffmpeg(arguments, cancel, stdin)
    try:
        return ffmpeg.finish()
    finally:
        ffmpeg.kill()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            _close(stream)


def _close(stream: IO[bytes]) -> None:
    try:
        stream.close()
    except BrokenPipeError:  # the reader died first; its own exit code tells why
        return


class _Messages:
    """Reads ffmpeg's standard error to the end, so that it never blocks on a full pipe."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        self._first: list[str] = []
        self._last: deque[str] = deque(maxlen=_KEPT_LINES)
        self._thread = threading.Thread(target=self._drain, args=(stream,), name="ffmpeg messages", daemon=True)
        self._thread.start()

    def _drain(self, stream: IO[bytes]) -> None:
        with io.BufferedReader(cast(io.FileIO, stream)) as reader:
            while line := reader.readline(_LONGEST_LINE):
                kept = self._first if len(self._first) < _KEPT_LINES else self._last
                kept.append(line.decode("utf-8", "replace").strip())

    def collect(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        self._thread.join()
        lines = [*self._first, *self._last]
        return _of_level(lines, ("warning",)), _of_level(lines, ("error", "fatal", "panic"))


def _of_level(lines: Iterable[str], levels: tuple[str, ...]) -> tuple[str, ...]:
    found = ((_PREFIX.match(line), line) for line in lines)
    return tuple(line[match.end() :] for match, line in found if match and match.group(2) in levels)
