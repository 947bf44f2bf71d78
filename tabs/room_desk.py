"""What a room knows of its projects: the list of them, and their jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from studio.errors import BadInput
from tabs.job_view import Picture
from tabs.shelf import Entry

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.jobs.store import Job
    from studio.store.projects import ProjectInfo, ProjectStore


class RoomDesk(ABC):
    """A room's projects and jobs, joined. `kinds`: those of its projects, as requests name them; `busy`: why nothing
    else may be asked for while the whole is made."""

    kinds: ClassVar[tuple[str, ...]]
    busy: ClassVar[str]

    def __init__(self, studio: Studio, store: ProjectStore) -> None:
        self.studio, self.store = studio, store

    @staticmethod
    @abstractmethod
    def is_whole(job: Job) -> bool:
        """Whether the job is to make the whole, a film or a message, and not a part of it."""

    @abstractmethod
    def poster(self, folder: Path) -> Picture | None:
        """The picture a project is listed with; None while it has none."""

    def entries(self) -> list[Entry]:
        """Newest first."""
        latest = {job.project: job for job in reversed(self.studio.jobs(limit=1000)) if self.is_whole(job)}
        entries = [self._entry(info, latest.get(info.folder)) for info in self.store.list() if info.kind in self.kinds]
        return sorted(entries, key=lambda entry: entry.updated, reverse=True)

    def _entry(self, info: ProjectInfo, job: Job | None) -> Entry:
        updated = max(info.updated, job.updated) if job else info.updated
        state = "damaged" if info.damaged else self.state(job)
        return Entry(info.id, info.title, updated, state, self.poster(info.folder))

    def jobs(self, project: str) -> list[Job]:
        """The project's last jobs, newest first. Raises NotFound for a project that isn't there."""
        return self.studio.project_jobs(self.store.folder(project))

    def whole_job(self, project: str) -> Job | None:
        """The newest job that was to make the whole."""
        return next((job for job in self.jobs(project) if self.is_whole(job)), None)

    def state(self, job: Job | None) -> str:
        if job is None:
            return ""
        return "interrupted" if self.studio.is_interrupted(job) else job.state

    def make_way(self, project: str) -> None:
        """Smaller work that waits is overtaken by newer work. Raises BadInput while the whole is made: that is not
        disturbed."""
        for job in self.jobs(project):
            if not job.active or self.studio.is_interrupted(job):
                continue
            if self.is_whole(job):
                raise BadInput("--out", self.store.get(project).title, "one at a time", self.busy)
            if job.state == "queued":
                self.studio.cancel(job.id)
