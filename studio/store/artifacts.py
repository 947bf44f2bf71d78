"""The project folder as the checkpoint: a finished piece is known by the key of everything it was made from.

A piece is there when its manifest carries the key asked for and every file has the content that was recorded. Files
are written before their manifest and both atomically: killed at any moment, a piece is the old one, the new one, or
not found and made again. Nothing else has to be remembered to go on after a crash.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from studio.atomic import storage_errors, sweep
from studio.errors import StorageFailed
from studio.store.atomic import read_json, write_json
from studio.store.names import check_id


class Artifacts:
    """The finished pieces of the project in `folder`. Names are ids: `segment-03`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, name: str, key: str) -> Path | None:
        """The first file of piece `name` when it was made with `key` and is undamaged; None otherwise."""
        files = self.find_files(name, key)
        return files[0] if files else None

    def find_files(self, name: str, key: str) -> tuple[Path, ...]:
        """All files of the piece, in the order they were recorded; () when it has to be made."""
        manifest = self._read(name)
        if not manifest or manifest["key"] != key:
            return ()
        if not all(self._is_intact(relative, facts) for relative, facts in manifest["files"].items()):
            return ()
        return tuple(self._folder / relative for relative in manifest["files"])

    def key_of(self, name: str) -> str | None:
        """The key piece `name` was last recorded with, whether or not its files are still there."""
        manifest = self._read(name)
        return manifest["key"] if manifest else None

    def record(self, name: str, key: str, paths: Sequence[Path]) -> None:
        """Notes that `paths`, complete and inside the project, are piece `name` made with `key`.

        Raises StorageFailed; ValueError for a path outside the project or none at all.
        """
        if not paths:
            raise ValueError(f"artifact {name} has no files")
        files: dict[str, Any] = {}
        for path in paths:
            relative = path.absolute().relative_to(self._folder.absolute()).as_posix()
            with storage_errors(path):
                files[relative] = {"size": path.stat().st_size, "sha256": file_digest(path)}
        target = self._manifest(name)
        with storage_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
        write_json(target, {"key": key, "files": files})

    def forget(self, name: str) -> None:
        """Piece `name` will be made anew; its files stay until then."""
        target = self._manifest(name)
        with storage_errors(target):
            target.unlink(missing_ok=True)

    def clean_temporary(self) -> list[Path]:
        """Removes what killed runs left half-written, and only that; returns it."""
        return sweep(self._folder)

    def _manifest(self, name: str) -> Path:
        return self._folder / ".studio" / "artifacts" / f"{check_id('artifact', name)}.json"

    def _read(self, name: str) -> dict[str, Any] | None:
        path = self._manifest(name)
        if not path.is_file():
            return None
        try:
            body = read_json(path)
        except StorageFailed:  # a damaged manifest says the same as none: the piece is made again
            return None
        return body if _is_manifest(body) else None

    def _is_intact(self, relative: str, facts: Mapping[str, Any]) -> bool:
        """Whether the file is a regular one inside the project with the recorded content. Content, not time stamps:
        a project may have been copied, and a disk may have lost what it promised."""
        path = self._folder / relative
        parts = Path(relative).parts
        if os.path.isabs(relative) or ".." in parts or not parts:
            return False
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode) or status.st_size != facts["size"]:
                return False
            inside = path.resolve().is_relative_to(self._folder.resolve())
            return inside and file_digest(path) == facts["sha256"]
        except OSError:
            return False


def _is_manifest(body: object) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("key"), str) or not isinstance(body.get("files"), dict):
        return False
    return bool(body["files"]) and all(
        isinstance(f, dict) and {"size", "sha256"} <= f.keys() for f in body["files"].values()
    )


def file_digest(path: Path) -> str:
    """SHA-256 of the file's content, hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
