"""The door: a request is checked against its files, and they are copied in, before it may become a job.

Runs in the page's or the command's process, so that a refusal reaches the person before anything is queued.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path, storage_errors
from studio.errors import BadInput
from studio.media.audio import check_song
from studio.media.pictures import check_picture
from studio.music.board import settled_shots
from studio.music.lyrics import read_lyrics
from studio.music.storyboard import clean_text
from studio.music.styles import choose_style
from studio.pipelines.music_video import TASKS
from studio.requests import ComparisonRequest, MusicVideoRequest, fingerprint
from studio.store.names import safe_name
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.models.registry import Registry
    from studio.music.shots import Style
    from studio.settings import Settings

_CHUNK = 1024 * 1024


@dataclass(frozen=True)
class Admitted:
    """A request whose files are copies in its project. `digest` is equal for equal requests into one project."""

    request: MusicVideoRequest
    digest: str


class Admission:
    def __init__(self, settings: Settings, registry: Registry, styles: Mapping[str, Style]) -> None:
        self._settings, self._registry, self._styles = settings, registry, styles

    def music_video(self, request: MusicVideoRequest) -> Admitted:
        """Raises BadInput, EngineUnavailable or StorageFailed, and then leaves nothing behind."""
        limits = self._settings.limits
        style = choose_style(self._styles, request.style)
        self._check_engines(request)
        if len(request.characters) > limits.characters:
            raise BadInput("--character", f"{len(request.characters)} pictures", f"1 to {limits.characters} pictures")
        settled = settled_shots(request.shots, self._styles, len(request.characters))
        check_song(request.audio, "--audio", limits)
        for picture in request.characters:
            check_picture(picture, "--character", limits)
        if request.captions:
            read_lyrics(request.captions, "--captions", limits)
        project = Project.at(request.project, "--out")
        kept = replace(
            copy_in(request, project),
            style=style.name,
            shots=tuple(settled[index].to_json() for index in sorted(settled)),
            title=clean_text(request.title),
            artist=clean_text(request.artist),
        )
        return Admitted(kept, fingerprint({"kind": request.kind, **kept.to_json()}))

    def comparison(self, request: ComparisonRequest) -> ComparisonRequest:
        """Both sides as films; raises what `music_video` raises."""
        film = self.music_video(request.film).request
        other = self.music_video(replace(request, film=film).other).request
        changes = {name: getattr(other, name) for name in request.changes}
        return replace(request, film=film, changes=changes)

    def _check_engines(self, request: MusicVideoRequest) -> None:
        for task in request.engines:
            if task not in TASKS:
                raise BadInput("--engine", task, f"a task out of {', '.join(TASKS)}")
        for task in TASKS:
            self._registry.choose(task, request.engines.get(task), request.substitutes)


def copy_in(request: MusicVideoRequest, project: Project) -> MusicVideoRequest:
    """The request with its files copied into `project`. The same content has the same name there, so that a rerun
    copies nothing; the manifest notes what the person called them."""
    characters = [_copied(path, project, f"character-{n}") for n, path in enumerate(request.characters, 1)]
    captions = _copied(request.captions, project, "captions") if request.captions else None
    kept = replace(
        request,
        audio=_copied(request.audio, project, "song"),
        characters=tuple(characters),
        captions=captions,
        project=project.folder,
    )
    names = dict(project.info().names)
    pairs = zip(request.files, kept.files, strict=True)
    names |= {copy.name: safe_name(source.name) for source, copy in pairs if source.parent != project.inputs}
    project.update(names=names)
    return kept


def _copied(source: Path, project: Project, name: str) -> Path:
    """`source` as inputs/NAME-DIGEST.EXT."""
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    target = project.inputs / f"{name}-{digest.hexdigest()[:16]}{_suffix(source)}"
    if not target.exists():
        with storage_errors(target):
            project.inputs.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as partial:
            shutil.copyfile(source, partial)
    return target


def _suffix(source: Path) -> str:
    """The file's suffix where it is an ordinary one: names come from strangers."""
    suffix = source.suffix.lower()
    return suffix if suffix[1:].isalnum() and suffix.isascii() and len(suffix) <= 6 else ""
