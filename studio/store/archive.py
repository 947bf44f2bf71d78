"""A project as one ZIP file, and back: nothing outside the folder is read, and nothing outside is ever written."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from studio.atomic import atomic_path, is_temporary, storage_errors
from studio.errors import BadInput, StorageFailed

_ACCEPTED = "a project exported by this studio (.zip)"
_MOST_ENTRIES = 10_000
_LONGEST_PART = 150
_DEEPEST = 8
_CHUNK_BYTES = 1 << 20
_COMPRESSED = frozenset({".mp4", ".m4a", ".mp3", ".jpg", ".jpeg", ".png", ".webp", ".flac", ".ogg", ".zip"})
_FORBIDDEN = frozenset('<>:"\\|?*')


def write_archive(folder: Path, target: Path, without: Collection[str] = ()) -> None:
    """All regular files under `folder`, atomically to `target`; links, temporary files and the folders named in
    `without` are left out."""
    with atomic_path(target) as partial, zipfile.ZipFile(partial, "w", allowZip64=True) as archive:
        for path in _files(folder, without):
            packed = zipfile.ZIP_STORED if path.suffix.lower() in _COMPRESSED else zipfile.ZIP_DEFLATED
            archive.write(path, path.relative_to(folder).as_posix(), packed)


def _files(folder: Path, without: Collection[str]) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_temporary(name) and name not in without)
        for name in sorted(names):
            path = Path(root, name)
            if stat.S_ISREG(path.lstat().st_mode) and not is_temporary(name):
                yield path


class _Refused(Exception):
    """Why an archive is not accepted; becomes BadInput where the parameter is known."""


def read_archive(source: Path, folder: Path, parameter: str, most_bytes: int, accepted: str = _ACCEPTED) -> None:
    """Unpacks `source` into the empty `folder`, at most `most_bytes` in all.

    Raises BadInput naming `parameter` and what is `accepted` for what is no ZIP file, is encrypted or damaged, holds
    links, devices or names that leave the folder or clash, or unpacks to more than `most_bytes`; StorageFailed when
    the disk can't hold it.
    """
    try:
        if not source.is_file():
            raise _Refused("there is no such file")
        with zipfile.ZipFile(source) as archive:
            _unpack_all(archive, folder, most_bytes)
    except _Refused as refused:
        raise BadInput(parameter, source, accepted, str(refused)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, PermissionError) as error:
        reason = "it is no ZIP file, or a damaged or encrypted one"
        raise BadInput(parameter, source, accepted, reason) from error


def _unpack_all(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> None:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_entries(entries)
    total = sum(entry.file_size for entry in entries)
    if total > most_bytes:
        raise _Refused(f"it unpacks to {total / 1e6:.0f} MB, the most is {most_bytes / 1e6:.0f} MB")
    with storage_errors(folder):
        free = shutil.disk_usage(folder).free
    if total > free:
        raise StorageFailed(f"{total / 1e6:.0f} MB are needed in {str(folder.parent)!r}, {free / 1e6:.0f} MB are free")
    for entry in entries:
        _unpack(archive, entry, folder / entry.filename)


def _check_entries(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > _MOST_ENTRIES:
        raise _Refused(f"it holds {len(entries)} files, the most is {_MOST_ENTRIES}")
    seen: set[str] = set()
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG):
            raise _Refused("it holds a link or a device")
        if not _is_inside(entry.filename):
            raise _Refused("it holds a name that leads out of its folder or that no disk takes")
        folded = entry.filename.casefold()
        if folded in seen:
            raise _Refused("it holds one name twice")
        seen.add(folded)
    if any(str(parent) in seen for name in seen for parent in PurePosixPath(name).parents):
        raise _Refused("it holds a file and a folder of one name")


def _is_inside(name: str) -> bool:
    """Whether `name` stays in its folder on every system: plain relative parts, nothing a disk would reinterpret."""
    parts = name.split("/")
    if not 1 <= len(parts) <= _DEEPEST or PurePosixPath(name).is_absolute():
        return False
    return all(_is_plain(part) for part in parts)


def _is_plain(part: str) -> bool:
    if not part or part in (".", "..") or part != part.rstrip(". ") or len(part) > _LONGEST_PART or is_temporary(part):
        return False
    return all(character.isprintable() and character not in _FORBIDDEN for character in part)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Writes one entry; never more than its header announced, which the total was checked by."""
    written = 0
    with storage_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(entry) as source, target.open("xb") as file:
            while chunk := source.read(_CHUNK_BYTES):
                written += len(chunk)
                if written > entry.file_size:
                    raise _Refused("a file in it is larger than it says")
                file.write(chunk)
