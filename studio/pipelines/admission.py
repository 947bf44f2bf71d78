"""The door: a request is checked against its files, and they are copied in, before it may become a job.

Runs in the page's or the command's process, so that a refusal reaches the person before anything is queued.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.atomic import atomic_path, storage_errors
from studio.errors import BadInput
from studio.media.audio import check_song
from studio.media.footage import check_footage, looks_like_footage
from studio.media.pictures import check_picture
from studio.media.rewrap import read_tracks, rewrapped
from studio.media.song_file import check_recording
from studio.models.asked import check_asked
from studio.music.board import settled_shots
from studio.music.lyrics import read_lyrics
from studio.music.storyboard import clean_text
from studio.music.styles import choose_style
from studio.pipelines.music_video import TASKS
from studio.pipelines.video_index import RAW
from studio.pipelines.video_index import TASKS as VIDEO_TASKS
from studio.pipelines.video_message import TASKS as MESSAGE_TASKS
from studio.pipelines.video_message import tasks_of, wanted_engines
from studio.requests import (
    ComparisonRequest,
    MessageRequest,
    MusicVideoRequest,
    VideoRequest,
    VoiceRequest,
    fingerprint,
)
from studio.speech.sentences import sentences
from studio.store.names import safe_name
from studio.store.projects import Project
from studio.store.voices import VoiceStore

if TYPE_CHECKING:
    from studio.models.registry import Registry
    from studio.music.shots import Style
    from studio.settings import Limits, Settings

_CHUNK = 1024 * 1024


R = TypeVar("R", MusicVideoRequest, MessageRequest)


@dataclass(frozen=True)
class MessageAdmitted:
    """As Admitted."""

    request: MessageRequest
    digest: str


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

    def message(self, request: MessageRequest) -> MessageAdmitted:
        """Raises BadInput, NotFound, EngineUnavailable or StorageFailed, and then leaves nothing behind."""
        limits = self._settings.limits
        _check_tasks(request.engines, MESSAGE_TASKS)
        wanted = wanted_engines(request, self._settings)
        for task in tasks_of(request):
            substitutes = request.substitutes and (task != "speech" or self._settings.speech_fallback)
            self._registry.choose(task, wanted.get(task), substitutes)
        if len(request.text) > limits.message_characters:
            accepted = f"at most {limits.message_characters} characters"
            raise BadInput("--text", f"{len(request.text)} characters", accepted)
        if request.text and request.goal != "photo":
            sentences(request.text, request.language)
        if request.photo:
            check_portrait(request.photo, limits)
        if request.background_picture:
            check_picture(request.background_picture, "--background", limits)
        for path, parameter in ((request.audio, "--audio"), (request.reference, "--reference")):
            if path:
                check_recording(path, parameter, limits)
        if request.voice:
            VoiceStore(self._settings.voices).get(request.voice, "--voice")
        kept = copy_in(request, Project.at(request.project, "--out"))
        return MessageAdmitted(kept, fingerprint({"kind": request.kind, **kept.to_json()}))

    def voice(self, request: VoiceRequest) -> VoiceRequest:
        """Its recordings copied into its folder. Raises BadInput."""
        for path in request.references:
            check_recording(path, "--reference", self._settings.limits)
        project = Project.at(request.project)
        copies = [_copied(path, project, f"reference-{n}") for n, path in enumerate(request.references, 1)]
        return replace(request, project=project.folder, references=tuple(copies))

    def videos(self, request: VideoRequest) -> VideoRequest:
        """Its files copied into the session. Raises BadInput, EngineUnavailable or StorageFailed."""
        _check_tasks(request.engines, VIDEO_TASKS)
        for task in VIDEO_TASKS:
            self._registry.choose(task, request.engines.get(task), request.substitutes)
        limits = self._settings.limits
        for path in request.videos:
            check_footage(path, "FILE", limits)
            read_tracks(path, "FILE", limits)
        project = Project.at(request.project)
        copies = tuple(_rewrapped(path, project, number, limits) for number, path in enumerate(request.videos, 1))
        kept = replace(request, project=project.folder, videos=copies)
        _note_names(request, kept, project)
        return kept

    def comparison(self, request: ComparisonRequest) -> ComparisonRequest:
        """Both sides as films; raises what `music_video` raises. The project's own engine need not be able to run."""
        first, other = self.music_video(request.first).request, self.music_video(request.other).request
        film = replace(first, **{name: getattr(request.film, name) for name in request.base})
        return replace(
            request,
            film=replace(film, style=choose_style(self._styles, film.style).name),
            base={name: getattr(first, name) for name in request.base},
            changes={name: getattr(other, name) for name in request.changes},
        )

    def _check_engines(self, request: MusicVideoRequest) -> None:
        _check_tasks(request.engines, TASKS)
        _check_tasks(request.options, TASKS, "--option")
        for task in TASKS:
            name = request.engines.get(task)
            # asked of the engine that was asked for: one that stands in for it may have no such options
            check_asked(self._registry, self._registry.wanted(task, name), request.options.get(task, {}))
            self._registry.choose(task, name, request.substitutes)


def check_portrait(photo: Path, limits: Limits) -> None:
    """A picture, or a video of a face. Raises BadInput naming --photo."""
    if looks_like_footage(photo):
        check_footage(photo, "--photo", limits)
    else:
        check_picture(photo, "--photo", limits)


def _check_tasks(named: Mapping[str, Any], tasks: Sequence[str], parameter: str = "--engine") -> None:
    for task in named:
        if task not in tasks:
            raise BadInput(parameter, task, f"a task out of {', '.join(tasks)}")


def copy_in(request: R, project: Project) -> R:
    """The request with its files copied into `project`. The same content has the same name there, so that a rerun
    copies nothing; the manifest notes what the person called them."""
    kept = replace(request, project=project.folder, **_copies(request, project))
    _note_names(request, kept, project)
    return kept


Request = MusicVideoRequest | MessageRequest | VideoRequest


def _note_names(request: Request, kept: Request, project: Project) -> None:
    names = dict(project.info().names)
    pairs = zip(request.files, kept.files, strict=True)
    names |= {copy.name: safe_name(source.name) for source, copy in pairs if source.parent != project.inputs}
    project.update(names=names)


def _rewrapped(source: Path, project: Project, number: int, limits: Limits) -> Path:
    """`source` as inputs/video-NUMBER-DIGEST in a wrapping of ours; as it is, for the reader to convert, where none
    takes it."""
    if source.parent == project.inputs:
        return source
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:16]
    stem = project.inputs / f"video-{number}-{digest}"
    with storage_errors(stem):
        project.inputs.mkdir(parents=True, exist_ok=True)
    return rewrapped(source, stem, "FILE", limits) or _copied(source, project, f"video-{number}-{RAW}")


def _copies(request: MusicVideoRequest | MessageRequest, project: Project) -> dict[str, Any]:
    """The fields that hold files, with their copies."""
    if isinstance(request, MessageRequest):
        files = {name: getattr(request, name) for name in request.FILES}
        return {name: _copied(path, project, name.replace("_", "-")) for name, path in files.items() if path}
    characters = [_copied(path, project, f"character-{n}") for n, path in enumerate(request.characters, 1)]
    return {
        "audio": _copied(request.audio, project, "song"),
        "characters": tuple(characters),
        "captions": _copied(request.captions, project, "captions") if request.captions else None,
    }


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
