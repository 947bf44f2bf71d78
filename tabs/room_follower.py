"""What following a project is in every room: its jobs folded as their events come, the shelf now and then."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from studio.errors import NotFound, StudioError
from studio.store.atomic import read_json
from tabs.job_html import Screen, Task
from tabs.job_view import JobView, fold

if TYPE_CHECKING:
    from studio.jobs.store import Job
    from tabs.room_desk import RoomDesk

_SHELF_SECONDS = 2.5


L = TypeVar("L", bound=Any)
"""A frozen dataclass with `screen` and `entries`."""


class RoomFollower(ABC, Generic[L]):
    """One page's memory of the project it watches, so that each look reads only what is new. `nothing` is the look of
    no project."""

    def __init__(self, desk: RoomDesk, project: str, nothing: L) -> None:
        self._desk, self._project, self._nothing = desk, project, nothing
        self._views: dict[str, tuple[Job, JobView]] = {}
        self._look = nothing
        self._entries_at = float("-inf")

    @abstractmethod
    def _read(self) -> L:
        """The look of the project that is watched. Raises NotFound, StudioError."""

    def look(self) -> L:
        """Blocking; for a thread. A project that was deleted looks like none; a disk that fails is what is shown."""
        before = self._look
        none = replace(self._nothing, entries=before.entries)
        try:
            look = self._read() if self._project else none
        except NotFound:
            self._views, look = {}, none
        except StudioError as error:
            broken = replace(self._nothing.screen, state="failed", view=JobView(error=error.to_json()))
            self._views, look = {}, replace(none, screen=broken)
        now = time.monotonic()
        if look.screen.state != before.screen.state or now - self._entries_at > _SHELF_SECONDS:
            look, self._entries_at = replace(look, entries=tuple(self._desk.entries())), now
        self._look = look
        return look

    def _screen(self, job: Job | None, size: tuple[int, int]) -> Screen:
        """What is shown of the job that makes the whole; `size` of the film in pixels."""
        title = self._desk.store.get(self._project).title
        if job is None:
            return Screen(self._project, title, "", *size, JobView())
        view, state = self._view(job), self._desk.state(job)
        screen = Screen(self._project, title, state, *size, view)
        if state != "done":
            return screen
        known = self._look.screen
        same = known.view.seq == view.seq and known.project == self._project and known.report is not None
        return replace(screen, report=known.report if same else read_report(job.project))

    def _task(self, job: Job) -> Task | None:
        """Smaller work that goes on, or went wrong."""
        state = self._desk.state(job)
        goal = str(job.request.get("goal", job.kind))
        return Task(goal, state, self._view(job)) if state not in ("done", "cancelled") else None

    def _view(self, job: Job) -> JobView:
        """The view of the present run; a run that began anew starts from an empty one."""
        known, view = self._views.get(job.id, (None, JobView()))
        if known is None or known.first_seq != job.first_seq:
            view = JobView(seq=job.first_seq - 1)
        view = fold(view, self._desk.studio.events(job.id, view.seq), Path(job.project))
        self._views[job.id] = (job, view)
        return view


def read_report(folder: Path) -> Mapping[str, Any] | None:
    """report.json; None while there is none. Raises StorageFailed for a damaged one."""
    path = folder / "report.json"
    return read_json(path) if path.is_file() else None
