"""Projects as the page knows them: what is listed, and what is read of one when it is opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.jobs.store import Job
from tabs.form import FormValues
from tabs.job_view import Picture
from tabs.markup import escape, picture_url, when_words

if TYPE_CHECKING:
    from studio.compose import Studio

STATE_WORDS = {
    "": "Draft",
    "queued": "Waiting",
    "running": "Rendering",
    "done": "Finished",
    "failed": "Failed",
    "cancelled": "Stopped",
    "interrupted": "Interrupted",
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
        latest = self._latest_jobs()
        found = []
        for info in self.studio.projects.list():
            job = latest.get(info.folder.resolve())
            updated = max(info.updated, job.updated) if job else info.updated
            found.append(Entry(info.id, info.title, updated, self.state(job), _poster(info.folder)))
        return sorted(found, key=lambda entry: entry.updated, reverse=True)

    def job(self, project: str) -> Job | None:
        """The project's newest job."""
        folder = self.studio.projects.folder(project)
        return self.studio.latest_job(folder)

    def submit(self, project: str, title: str, values: FormValues) -> tuple[str, Job]:
        """Renders into `project`, or into a new one for "", which does not outlive a refusal."""
        if project:
            return project, self.studio.submit(values.request(self.studio.projects.folder(project)))
        made = self.studio.projects.create(title.strip() or values.suggested_title())
        try:
            return made.id, self.studio.submit(values.request(made.folder))
        except BaseException:
            self.studio.projects.delete(made.id)
            raise

    def state(self, job: Job | None) -> str:
        if job is None:
            return ""
        return "interrupted" if self.studio.is_interrupted(job) else job.state

    def _latest_jobs(self) -> Mapping[Path, Job]:
        return {job.project.resolve(): job for job in reversed(self.studio.jobs(limit=1000))}


def read_report(folder: Path) -> Mapping[str, Any] | None:
    """report.json; None while there is none or it is being replaced by another run's."""
    path = folder / "report.json"
    if not path.is_file():
        return None
    body = json.loads(path.read_text(encoding="utf-8"))
    return body if isinstance(body, dict) else None


def shelf_html(entries: list[Entry], current: str) -> str:
    if not entries:
        return '<p class="ks-shelf-empty">Films you make are kept here.</p>'
    return f'<ul class="ks-shelf">{"".join(_card(entry, entry.id == current) for entry in entries)}</ul>'


def _card(entry: Entry, current: bool) -> str:
    picture = (
        f'<img src="{picture_url(entry.id, entry.poster, small=True)}" alt="" loading="lazy">'
        if entry.poster
        else "<i></i>"
    )
    words = STATE_WORDS.get(entry.state, entry.state)
    return (
        f'<li><button type="button" data-project="{escape(entry.id)}" aria-current="{"true" if current else "false"}">'
        f'<span class="ks-poster">{picture}</span><b>{escape(entry.title)}</b>'
        f'<small><span class="ks-state" data-state="{escape(entry.state)}">{escape(words)}</span>'
        f"<time>{escape(when_words(entry.updated))}</time></small></button></li>"
    )


def _poster(folder: Path) -> Picture | None:
    path = folder / "keyframes" / "01.png"
    try:
        return Picture("keyframes/01.png", str(path.stat().st_mtime_ns))
    except OSError:
        return None
