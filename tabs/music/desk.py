"""Projects as the page knows them: what is listed, and what is read of one when it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.jobs.store import Job
from studio.requests import ComparisonRequest, MusicVideoRequest
from studio.store.artifacts import file_digest
from tabs.music.form import FormValues, values_of_request
from tabs.shelf import Entry, poster

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.store.projects import ProjectInfo


class Desk:
    """The studio's projects and jobs, joined."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio

    def entries(self) -> list[Entry]:
        """Newest first."""
        latest = {job.project: job for job in reversed(self.studio.jobs(limit=1000)) if is_film(job)}
        infos = [info for info in self.studio.projects.list() if info.kind in ("", MusicVideoRequest.kind)]
        entries = [self._entry(info, latest.get(info.folder)) for info in infos]
        return sorted(entries, key=lambda entry: entry.updated, reverse=True)

    def _entry(self, info: ProjectInfo, job: Job | None) -> Entry:
        updated = max(info.updated, job.updated) if job else info.updated
        state = "damaged" if info.damaged else self.state(job)
        return Entry(info.id, info.title, updated, state, poster(info.folder, "keyframes/01.png"))

    def job(self, project: str) -> Job | None:
        """The project's newest job. Raises NotFound for a project that isn't there."""
        return next(iter(self.jobs(project)), None)

    def jobs(self, project: str) -> list[Job]:
        """The project's last jobs, newest first. Raises NotFound for a project that isn't there."""
        return self.studio.project_jobs(self.studio.projects.folder(project))

    def film_job(self, project: str) -> Job | None:
        """The newest job that was to make the whole film."""
        return next((job for job in self.jobs(project) if is_film(job)), None)

    def state(self, job: Job | None) -> str:
        if job is None:
            return ""
        return "interrupted" if self.studio.is_interrupted(job) else job.state

    def request(self, project: str) -> MusicVideoRequest | None:
        """What the project is, or is to be, made from. None while it has no song."""
        body = self.studio.projects.get(project).request
        return MusicVideoRequest.from_json(body) if body else None

    def values(self, project: str) -> FormValues:
        request = self.request(project)
        return values_of_request(request) if request else FormValues()

    def draft(self, title: str, values: FormValues) -> str:
        """A new project, not rendered yet, with copies of the form's files; returns its id."""
        project = self.studio.projects.create(title)
        self.keep(project.id, values)
        return project.id

    def keep(self, project: str, values: FormValues) -> MusicVideoRequest:
        """Notes what stands in the form, so that nothing is lost with the page. Raises BadInput."""
        return self.studio.keep(self._request(project, values, "song"))

    def settle(self, project: str, shots: Sequence[Mapping[str, Any]]) -> None:
        """Notes which shots the person has settled."""
        request = self.request(project)
        if request is not None:
            self.studio.keep(replace(request, shots=tuple(shots)))

    def submit(self, project: str, title: str, values: FormValues, goal: str = "film") -> tuple[str, Job]:
        """Works towards `goal` in `project`, or in a new one for "", which does not outlive a refusal."""
        projects = self.studio.projects
        chosen = projects.open(project) if project else projects.create(title.strip() or values.suggested_title())
        try:
            self._make_way(chosen.id)
            job = self.studio.submit(self._request(chosen.id, values, goal))
        except BaseException:
            if not project:
                projects.delete(chosen.id)
            raise
        return chosen.id, job

    def draw(self, project: str) -> Job | None:
        """Draws the storyboard as it is noted; None while there are no characters to draw."""
        request = self.request(project)
        if request is None or not request.characters:
            return None
        self._make_way(project)
        return self.studio.submit(replace(request, goal="storyboard"))

    def compare(self, project: str, changes: Mapping[str, Any], moment: int) -> Job:
        """Films two bars as noted and with `changes`."""
        request = self.request(project)
        if request is None or not request.characters:
            raise BadInput("--character", "(none)", "at least one picture")
        self._make_way(project)
        film = replace(request, goal="film")
        return self.studio.compare(ComparisonRequest(film, changes, moment))

    def _request(self, project: str, values: FormValues, goal: str) -> MusicVideoRequest:
        """The form's request with the settled shots, which belong to the song they were settled for."""
        request, known = values.request(self.studio.projects.folder(project), goal), self.request(project)
        if known is None or not known.shots or song_digest(known.audio) != song_digest(request.audio):
            return request
        return replace(request, shots=known.shots)

    def _make_way(self, project: str) -> None:
        """A render is not disturbed; smaller work that still waits is overtaken by the newer one."""
        for job in self.jobs(project):
            if not job.active or self.studio.is_interrupted(job):
                continue
            if is_film(job):
                title = self.studio.projects.get(project).title
                raise BadInput("--out", title, "one render at a time", "this film is being rendered; cancel it first")
            if job.state == "queued":
                self.studio.cancel(job.id)


def is_film(job: Job) -> bool:
    return job.kind == MusicVideoRequest.kind and job.request.get("goal", "film") == "film"


def song_digest(path: Path) -> str:
    """Equal for equal content; "" for a file that is gone."""
    return file_digest(path) if path.is_file() else ""
