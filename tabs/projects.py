"""Projects as the page knows them: what is listed, and what is read of one when it is opened."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path, storage_errors
from studio.jobs.store import Job
from studio.store.atomic import read_json
from tabs.form import FormValues, values_of_request
from tabs.job_view import Picture
from tabs.markup import escape, picture_url, when_words

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.store.projects import ProjectInfo

STATE_WORDS = {
    "": "Draft",
    "queued": "Waiting",
    "running": "Rendering",
    "done": "Finished",
    "failed": "Failed",
    "cancelled": "Stopped",
    "interrupted": "Interrupted",
    "damaged": "Damaged",
}


@dataclass(frozen=True)
class Entry:
    """A line of the list. `updated` ISO 8601; `state` as STATE_WORDS has them."""

    id: str
    title: str
    updated: str
    state: str
    poster: Picture | None

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "title": self.title, "updated": self.updated, "state": self.state or "draft"}


class Desk:
    """The studio's projects and jobs, joined."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def entries(self) -> list[Entry]:
        """Newest first."""
        latest = {job.project: job for job in reversed(self.studio.jobs(limit=1000))}
        entries = [self._entry(info, latest.get(info.folder)) for info in self.studio.projects.list()]
        return sorted(entries, key=lambda entry: entry.updated, reverse=True)

    def _entry(self, info: ProjectInfo, job: Job | None) -> Entry:
        updated = max(info.updated, job.updated) if job else info.updated
        state = "damaged" if info.damaged else self.state(job)
        return Entry(info.id, info.title, updated, state, _poster(info.folder))

    def job(self, project: str) -> Job | None:
        """The project's newest job. Raises NotFound for a project that isn't there."""
        return self.studio.latest_job(self.studio.projects.folder(project))

    def state(self, job: Job | None) -> str:
        if job is None:
            return ""
        return "interrupted" if self.studio.is_interrupted(job) else job.state

    def values(self, project: str) -> FormValues:
        """What the project was rendered from, or is to be."""
        job = self.job(project)
        request = job.request if job else self.studio.projects.get(project).request
        return values_of_request(request) if request else FormValues()

    def draft(self, title: str, values: FormValues) -> str:
        """A new project with copies of the form's files, not rendered yet; returns its id."""
        project = self.studio.projects.create(title)
        project.inputs.mkdir()
        song, *characters = (_copied(path, project.inputs) for path in (values.song, *values.characters) if path)
        kept = replace(values, song=song, characters=tuple(characters))
        project.update(request=kept.request(project.folder).to_json())
        return project.id

    def submit(self, project: str, title: str, values: FormValues) -> tuple[str, Job]:
        """Renders into `project`, or into a new one for "", which does not outlive a refusal."""
        projects = self.studio.projects
        chosen = projects.open(project) if project else projects.create(title.strip() or values.suggested_title())
        try:
            job = self.studio.submit(values.request(chosen.folder))
        except BaseException:
            if not project:
                projects.delete(chosen.id)
            raise
        chosen.update(kind=job.kind, job=job.id, request=job.request)
        return chosen.id, job


def read_report(folder: Path) -> Mapping[str, Any] | None:
    """report.json; None while there is none. Raises StorageFailed for a damaged one."""
    path = folder / "report.json"
    return read_json(path) if path.is_file() else None


def shelf_html(entries: list[Entry], current: str) -> str:
    if not entries:
        return '<p class="ks-shelf-empty">Films you make are kept here.</p>'
    return f'<ul class="ks-shelf">{"".join(_card(entry, entry.id == current) for entry in entries)}</ul>'


def _card(entry: Entry, current: bool) -> str:
    picture = (
        f'<img src="{picture_url(entry.id, entry.poster, small=True)}" alt="" loading="lazy">'
        if entry.poster
        else '<svg viewBox="0 0 48 27" aria-hidden="true"><path d="M20.5 8.5v10l8-5z"/></svg>'
    )
    words = STATE_WORDS.get(entry.state, entry.state)
    return (
        f'<li><button type="button" data-project="{escape(entry.id)}" aria-current="{"true" if current else "false"}">'
        f'<span class="ks-poster">{picture}</span><b>{escape(entry.title)}</b>'
        f'<small><span class="ks-state" data-state="{escape(entry.state)}">{escape(words)}</span>'
        f"<time>{escape(when_words(entry.updated))}</time></small></button></li>"
    )


def _copied(source: Path, folder: Path) -> Path:
    target = folder / source.name
    with storage_errors(target), atomic_path(target) as partial:
        shutil.copyfile(source, partial)
    return target


def _poster(folder: Path) -> Picture | None:
    path = folder / "keyframes" / "01.png"
    try:
        return Picture("keyframes/01.png", str(path.stat().st_mtime_ns))
    except OSError:
        return None
