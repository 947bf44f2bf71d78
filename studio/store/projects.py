"""Projects on disk: one folder each, a manifest in it, and nothing outside it ever touched."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.atomic import flush_folder, is_temporary, storage_errors, sweep, temporary_name
from studio.errors import BadInput, NotFound, StorageFailed
from studio.events import now_utc
from studio.requests import FILE_FIELDS, FILE_LIST_FIELDS
from studio.settings import Limits
from studio.store.archive import read_archive, write_archive
from studio.store.atomic import read_json, write_json
from studio.store.names import check_id, safe_name, slug

MANIFEST = "project.json"
_OUT = "a folder, new or yours, that can be written to"
_TITLE_CHARACTERS = 200
_LONGEST_INSIDE = 120
_FULL_DISK = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(frozen=True)
class ProjectInfo:
    """A project as listed. `created`, `updated` ISO 8601 in UTC; `kind` as requests name it, "" for a draft; `request`
    and `job` the last ones; `names` what people called the files in inputs/, by their names there; `damaged` why its
    manifest can't be read, "" when it can."""

    id: str
    title: str
    created: str
    updated: str
    folder: Path
    kind: str = ""
    job: str = ""
    request: Mapping[str, Any] | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    damaged: str = ""

    def to_json(self) -> dict[str, Any]:
        """The manifest."""
        body = {name: getattr(self, name) for name in ("id", "title", "created", "updated", "kind", "job")}
        return body | {"request": dict(self.request) if self.request is not None else None, "names": dict(self.names)}


class Project:
    """The folder everything of one piece of work is left in; one of ours, or any the user named with --out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def at(cls, folder: Path, parameter: str = "--out") -> Project:
        """The project in `folder`, made when it is not there. Files of others in it are left alone.

        Raises BadInput naming `parameter` for a file, a place that can't be written to, or an impossible path;
        StorageFailed when the disk is full.
        """
        try:
            path = Path(os.path.abspath(folder))
            path.mkdir(parents=True, exist_ok=True)
            probe = path / temporary_name("." + "x" * _LONGEST_INSIDE)  # paths of everything below must fit too
            probe.touch(exist_ok=False)
            probe.unlink(missing_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise BadInput(parameter, folder, _OUT, "there is a file of that name") from None
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in _FULL_DISK:
                with storage_errors(Path(folder)):
                    raise
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise BadInput(parameter, folder, _OUT, f"it can't be written to ({reason})") from None
        return cls(path)

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def manifest(self) -> Path:
        return self.folder / MANIFEST

    @property
    def inputs(self) -> Path:
        return self.folder / "inputs"

    @property
    def keyframes(self) -> Path:
        return self.folder / "keyframes"

    @property
    def segments(self) -> Path:
        return self.folder / "segments"

    @property
    def analysis(self) -> Path:
        return self.folder / "analysis.json"

    @property
    def waveform(self) -> Path:
        return self.folder / "inputs" / "waveform.json"

    @property
    def comparison(self) -> Path:
        return self.folder / "compare" / "comparison.json"

    @property
    def storyboard(self) -> Path:
        return self.folder / "storyboard.json"

    @property
    def report(self) -> Path:
        return self.folder / "report.json"

    @property
    def film(self) -> Path:
        return self.folder / "final_video.mp4"

    def info(self) -> ProjectInfo:
        """What the manifest says; never raises for a damaged one."""
        try:
            return _parse(read_json(self.manifest), self.folder)
        except StorageFailed as error:
            stamp = _changed(self.folder)
            return ProjectInfo(self.folder.name, self.folder.name, stamp, stamp, self.folder, damaged=str(error))

    def update(self, **changes: Any) -> ProjectInfo:
        """Writes the manifest with `changes` (title, kind, job, request, names) and the present time; a missing or
        damaged one is written anew."""
        info = replace(self.info(), **changes, updated=now_utc(), damaged="")
        write_json(self.manifest, info.to_json())
        return info


class ProjectStore:
    """All projects under `folder`. Ids are folder names; a link or a foreign folder among them is never followed."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self._folder, self._limits = folder, limits or Limits()

    def create(self, title: str) -> Project:
        """A new, empty project."""
        title = clean_title(title)
        project = Project(self._folder / f"{slug(title)}-{secrets.token_hex(4)}")
        with storage_errors(project.folder):
            project.folder.mkdir(parents=True)
        now = now_utc()
        write_json(project.manifest, ProjectInfo(project.folder.name, title, now, now, project.folder).to_json())
        return project

    def list(self) -> list[ProjectInfo]:
        """Newest change first. Damaged projects are listed with what is wrong."""
        if not self._folder.is_dir():
            return []
        with storage_errors(self._folder), os.scandir(self._folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
        infos = [Project(self._folder / name).info() for name in names if _is_id(name)]
        return sorted(infos, key=lambda info: info.updated, reverse=True)

    def folder(self, identity: str) -> Path:
        """The project's folder. Raises NotFound."""
        path = self._folder / check_id("project", identity)
        if path.is_symlink() or not path.is_dir():
            raise NotFound("project", identity, "the id of a project, as listed")
        return path

    def open(self, identity: str) -> Project:
        return Project(self.folder(identity))

    def get(self, identity: str) -> ProjectInfo:
        return self.open(identity).info()

    def rename(self, identity: str, title: str) -> ProjectInfo:
        """Changes the title; the id stays."""
        return self.open(identity).update(title=clean_title(title))

    def delete(self, identity: str) -> None:
        """Removes the project: gone from the list at once, even when removing its files is interrupted."""
        path = self.folder(identity)
        aside = self._folder / temporary_name()
        with storage_errors(path):
            path.rename(aside)
            flush_folder(self._folder)
            shutil.rmtree(aside)

    def export_zip(self, identity: str, path: Path) -> None:
        """Everything of the project as one file, to be imported anywhere."""
        write_archive(self.folder(identity), path)

    def import_zip(self, path: Path, parameter: str = "file") -> Project:
        """A new project from an exported file. Raises BadInput for anything that is none or tries to do harm."""
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / temporary_name()
            aside.mkdir()
        try:
            read_archive(path, aside, parameter, self._limits.upload_bytes)
            try:
                info = _parse(read_json(aside / MANIFEST), aside)
            except StorageFailed:
                raise BadInput(
                    parameter, path, "an exported project", f"its {MANIFEST} is missing or damaged"
                ) from None
            project = Project(self._folder / f"{slug(info.title)}-{secrets.token_hex(4)}")
            moved = replace(info, id=project.folder.name, job="", request=_rebased(info.request, aside, project.folder))
            write_json(aside / MANIFEST, moved.to_json())
            with storage_errors(project.folder):
                aside.rename(project.folder)
                flush_folder(self._folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return project

    def clean_temporary(self) -> None:
        """Removes half-deleted and half-imported projects of killed runs. Only while nobody imports or deletes."""
        if self._folder.is_dir():
            sweep(self._folder)


def clean_title(title: str) -> str:
    """One visible line of at most 200 characters. Raises BadInput for anything but text."""
    if not isinstance(title, str):
        raise BadInput("title", title, "text")
    line = " ".join("".join(c if c.isprintable() else " " for c in title[: _TITLE_CHARACTERS * 4]).split())
    return line[:_TITLE_CHARACTERS].strip() or "Untitled"


def _is_id(name: str) -> bool:
    try:
        return not is_temporary(name) and bool(check_id("project", name))
    except BadInput:
        return False


def _changed(folder: Path) -> str:
    """When the folder last changed, in the manifest's form; the epoch when it can't be read."""
    from datetime import UTC, datetime

    try:
        seconds = folder.stat().st_mtime
    except OSError:
        seconds = 0.0
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse(body: object, folder: Path) -> ProjectInfo:
    """The manifest's content, the id always the folder's own name. Raises StorageFailed when it is no manifest."""
    texts = ("title", "created", "updated")
    if not isinstance(body, dict) or not all(isinstance(body.get(name), str) for name in texts):
        raise StorageFailed(f"{folder.name}/{MANIFEST} is damaged: fields are missing")
    request, names = body.get("request"), body.get("names")
    return ProjectInfo(
        id=folder.name,
        title=clean_title(body["title"]),
        created=body["created"],
        updated=body["updated"],
        folder=folder,
        kind=str(body.get("kind") or ""),
        job=str(body.get("job") or ""),
        request=request if isinstance(request, dict) else None,
        names={str(k): safe_name(str(v)) for k, v in names.items()} if isinstance(names, dict) else {},
    )


def _rebased(request: Mapping[str, Any] | None, old: Path, new: Path) -> Mapping[str, Any] | None:
    """An imported request with its files in the new folder. None when one of them is not in the project: a file
    from elsewhere on this machine must never be what a stranger's project asks for."""
    if request is None:
        return None

    def moved(file: object) -> str | None:
        if file is None or file == "":
            return None
        name = str(file).replace("\\", "/").rsplit("/", maxsplit=1)[-1]
        if not name or name in (".", "..") or not (old / "inputs" / name).is_file():
            raise LookupError(name)
        return str(new / "inputs" / name)

    try:
        files = {name: moved(request[name]) for name in FILE_FIELDS if name in request}
        lists = {name: [moved(file) for file in request[name]] for name in FILE_LIST_FIELDS if name in request}
    except (LookupError, TypeError):
        return None
    if lists and not files.get("audio"):
        return None  # a music video without its song
    return {**request, **files, **lists, "project": str(new)}
