"""Follows a project for one open page: an endless, cheap look at its newest job, coalesced into whole screens.

Reading happens in short thread calls and waiting in the event loop, so that any number of open pages costs no threads.
A job started from another page or the command line shows here just as well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from studio.errors import NotFound, StudioError
from studio.jobs.store import Job
from tabs.form import SIZES
from tabs.job_html import Screen
from tabs.job_view import JobView, fold
from tabs.projects import Desk, Entry, read_report

ACTIVE_SECONDS = 0.4
IDLE_SECONDS = 1.0
_SHELF_SECONDS = 2.5
# A page that was closed is only noticed when something is sent to it.
_HEARTBEAT_SECONDS = 5.0
NO_FILM = Screen("", "", "", *SIZES["512x512"], JobView())


@dataclass(frozen=True)
class Look:
    """What one page should show now."""

    screen: Screen
    entries: tuple[Entry, ...]


class Follower:
    """One page's memory of the job it watches, so that each look reads only new events."""

    def __init__(self, desk: Desk, project: str) -> None:
        self._desk, self._project = desk, project
        self._screen = NO_FILM
        self._job: Job | None = None
        self._entries: tuple[Entry, ...] = ()
        self._entries_at = float("-inf")

    def look(self) -> Look:
        """Blocking; for a thread. A project that was deleted looks like none; a disk that fails is what is shown."""
        now = time.monotonic()
        before = self._screen.state
        try:
            self._screen = self._read() if self._project else NO_FILM
            if self._screen.state != before or now - self._entries_at > _SHELF_SECONDS:
                self._entries, self._entries_at = tuple(self._desk.entries()), now
        except NotFound:
            self._screen, self._job = NO_FILM, None
        except StudioError as error:
            self._screen, self._job = replace(NO_FILM, state="failed", view=JobView(error=error.to_json())), None
        return Look(self._screen, self._entries)

    def _read(self) -> Screen:
        projects = self._desk.studio.projects
        job = self._desk.job(self._project)
        title = projects.get(self._project).title
        if job is None:
            self._job = None
            return replace(NO_FILM, project=self._project, title=title)
        view = self._view(job)
        state = self._desk.state(job)
        screen = Screen(self._project, title, state, job.request["width"], job.request["height"], view)
        if state != "done":
            return screen
        same = self._screen.view.seq == view.seq and self._screen.report is not None
        return replace(screen, report=self._screen.report if same else read_report(job.project))

    def _view(self, job: Job) -> JobView:
        """The view of the present run; a run that began anew starts from an empty one."""
        known = self._job
        fresh = known is None or (known.id, known.first_seq) != (job.id, job.first_seq)
        view = JobView(seq=job.first_seq - 1) if fresh else self._screen.view
        self._job = job
        return fold(view, self._desk.studio.events(job.id, view.seq), Path(job.project))


async def follow(follower: Follower, attached: Callable[[], bool]) -> AsyncIterator[Look]:
    """Each change as it comes, and a sign of life when nothing changes; ends when `attached` says no."""
    shown: Look | None = None
    sent = 0.0
    while attached():
        look = await asyncio.to_thread(follower.look)
        if not attached():
            return
        if look != shown or time.monotonic() - sent > _HEARTBEAT_SECONDS:
            shown, sent = look, time.monotonic()
            yield look
        await asyncio.sleep(ACTIVE_SECONDS if look.screen.active else IDLE_SECONDS)


class Attachments:
    """Which watch of each browser page is its newest: opening another project ends the one before."""

    def __init__(self) -> None:
        self._newest: dict[str, int] = {}

    def attach(self, page: str) -> Callable[[], bool]:
        number = self._newest[page] = self._newest.get(page, 0) + 1
        return lambda: self._newest.get(page) == number

    def forget(self, page: str) -> None:
        self._newest.pop(page, None)
