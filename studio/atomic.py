"""Files that are wholly there or not at all, and a failing disk put into words. Both media and store write so.

A file is written under a temporary name in its own folder, flushed to the disk, and renamed. A process killed in
between leaves only a temporary name, which `sweep` recognises and removes unless somebody is still writing it.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.errors import StorageFailed, brief

_PARTIAL = re.compile(r"\.kinora-[0-9a-f]{16}\.partial(\.[^./\\]+)?")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO})
_WORDS = {
    errno.ENOSPC: "the disk is full; free some space and start again",
    errno.EDQUOT: "the disk quota is used up; free some space and start again",
    errno.EFBIG: "the file grew larger than the system allows",
    errno.EROFS: "the disk is read-only",
    errno.EIO: "the disk reports a fault",
    errno.EACCES: "writing there is not allowed",
    errno.EPERM: "writing there is not allowed",
    errno.ENOENT: "the folder is gone",
    errno.ENOTDIR: "part of the path is a file, not a folder",
    errno.EISDIR: "there is a folder of that name",
    errno.ENAMETOOLONG: "the path is too long",
    errno.EMFILE: "too many files are open",
}


def storage_failed(error: OSError, path: Path) -> StorageFailed:
    """`error`, met while writing or reading `path`, in words that name the place."""
    why = _WORDS.get(error.errno or 0, error.strerror or str(error))
    return StorageFailed(f"{brief(path, 200)} in {brief(path.parent, 200)} can't be written: {why}")


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns every OSError of the block into a StorageFailed that names `path`."""
    try:
        yield
    except OSError as error:
        raise storage_failed(error, path) from error


def is_temporary(name: str) -> bool:
    """Whether `name` is one that `atomic_path` or `temporary_name` made, and nobody else would."""
    return _PARTIAL.fullmatch(name) is not None


def temporary_name(suffix: str = "") -> str:
    """A hidden name nothing else has. `suffix` is kept at the end: writers tell the format by it."""
    return f".kinora-{secrets.token_hex(8)}.partial{suffix}"


@contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Yields an empty file beside `target`, with its suffix, to be written; it becomes `target` when the block ends.

    On any exception it is removed and `target` stays as it was. Raises StorageFailed when the folder is gone or not
    writable, or the disk fills up.
    """
    partial = target.parent / temporary_name(target.suffix)
    held: int | None = None
    try:
        with storage_errors(target):
            held = _create(partial)
        try:
            yield partial
        except OSError as error:
            if error.errno in _FULL or error.filename in (str(partial), partial):
                raise storage_failed(error, target) from error
            raise
        with storage_errors(target):
            flush(partial)
            os.replace(partial, target)
            flush_folder(target.parent)
    finally:
        if held is not None:
            os.close(held)
        with suppress(OSError):  # the fault that led here is the one to report
            partial.unlink(missing_ok=True)


def _create(partial: Path) -> int | None:
    """An open, locked descriptor of the new file: the lock tells `sweep` that its writer lives."""
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
    if sys.platform == "win32":  # an open file can't be renamed there, nor removed by a sweep while it is written
        os.close(descriptor)
        return None
    _lock(descriptor)
    return descriptor


def _lock(descriptor: int) -> bool:
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # held by a writer, or a file system without locks: either way, not ours to remove
        return False
    return True


def flush(path: Path) -> None:
    """Returns once the file's content is on the disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Returns once renames inside `folder` are on the disk."""
    if sys.platform == "win32":  # folders can't be opened there
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> list[Path]:
    """Removes what killed writers left anywhere under `folder`; returns it. Links are not followed."""
    removed: list[Path] = []
    for root, folders, files in os.walk(folder):
        for name in [name for name in folders if is_temporary(name)]:
            folders.remove(name)
            shutil.rmtree(Path(root, name), ignore_errors=True)
            removed.append(Path(root, name))
        removed += [Path(root, name) for name in files if is_temporary(name) and _remove_orphan(Path(root, name))]
    return removed


def _remove_orphan(partial: Path) -> bool:
    try:
        descriptor = os.open(partial, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        if sys.platform != "win32" and not _lock(descriptor):
            return False
        if sys.platform != "win32":
            partial.unlink(missing_ok=True)
    finally:
        os.close(descriptor)
    if sys.platform == "win32":
        with suppress(PermissionError):  # still open in its writer
            partial.unlink(missing_ok=True)
    return not partial.exists()
