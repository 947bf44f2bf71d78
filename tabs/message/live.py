"""What the Video Message room shows of a message now: the photo, the words as they are said, the film."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import NotFound, StudioError
from tabs.job_html import Screen, Task
from tabs.job_view import JobView, Picture, fold
from tabs.message.desk import MessageDesk, is_message
from tabs.message.portrait_html import PortraitView
from tabs.message.screen_html import Version, read_versions
from tabs.message.speech_html import SpeechView, read_speech
from tabs.music.desk import read_report
from tabs.shelf import Entry

if TYPE_CHECKING:
    from studio.jobs.store import Job

_SHELF_SECONDS = 2.5
NO_MESSAGE = Screen("", "", "", 512, 512, JobView())


@dataclass(frozen=True)
class MessageLook:
    """What one page should show now; `portrait`, `speech` None while there is none."""

    screen: Screen
    entries: tuple[Entry, ...]
    task: Task | None = None
    portrait: PortraitView | None = None
    speech: SpeechView | None = None
    versions: tuple[Version, ...] = ()

    @property
    def active(self) -> bool:
        return self.screen.active or (self.task is not None and self.task.active)


class MessageFollower:
    """One page's memory of the message it watches, so that each look reads only what is new."""

    def __init__(self, desk: MessageDesk, project: str) -> None:
        self._desk, self._project = desk, project
        self._views: dict[str, tuple[Job, JobView]] = {}
        self._look = MessageLook(NO_MESSAGE, ())
        self._stamp: object = None
        self._entries_at = float("-inf")

    def look(self) -> MessageLook:
        """Blocking; for a thread. A message that was deleted looks like none; a disk that fails is what is shown."""
        before = self._look
        try:
            look = self._read() if self._project else MessageLook(NO_MESSAGE, before.entries)
        except NotFound:
            self._views, look = {}, MessageLook(NO_MESSAGE, before.entries)
        except StudioError as error:
            broken = replace(NO_MESSAGE, state="failed", view=JobView(error=error.to_json()))
            self._views, look = {}, MessageLook(broken, before.entries)
        now = time.monotonic()
        if look.screen.state != before.screen.state or now - self._entries_at > _SHELF_SECONDS:
            look, self._entries_at = replace(look, entries=tuple(self._desk.entries())), now
        self._look = look
        return look

    def _read(self) -> MessageLook:
        jobs = self._desk.jobs(self._project)
        whole = next((job for job in jobs if is_message(job)), None)
        newest = jobs[0] if jobs else None
        task = self._task(newest) if newest and newest is not whole else None
        facts = self._desk.photo_facts(self._project)
        size = (facts["width"], facts["height"]) if facts else (512, 512)
        look = replace(self._look, screen=self._screen(whole, size), task=task)
        stamp = tuple(self._stamps())
        if stamp == self._stamp:
            return look
        self._stamp = stamp
        request = self._desk.request(self._project)
        portrait = PortraitView.of(self._project, self._home, facts, request) if facts and request else None
        speech, versions = read_speech(self._project, self._home), read_versions(self._home)
        return replace(look, portrait=portrait, speech=speech, versions=versions)

    @property
    def _home(self) -> Path:
        return self._desk.studio.projects.folder(self._project)

    def _stamps(self) -> Iterator[int]:
        home = self._home
        for name in (
            "project.json",
            "photo.json",
            "cutout.png",
            ".studio/cutout.json",
            "speech",
            "speech.wav",
            "versions",
        ):
            try:
                yield (home / name).stat().st_mtime_ns
            except OSError:
                yield 0

    def _screen(self, job: Job | None, size: tuple[int, int]) -> Screen:
        title = self._desk.studio.projects.get(self._project).title
        if job is None:
            return replace(NO_MESSAGE, project=self._project, title=title, width=size[0], height=size[1])
        view, state = self._view(job), self._desk.state(job)
        screen = Screen(self._project, title, state, *size, view)
        if state != "done":
            return screen
        known = self._look.screen
        same = known.view.seq == view.seq and known.project == self._project and known.report is not None
        return replace(screen, report=known.report if same else read_report(job.project))

    def _task(self, job: Job) -> Task | None:
        state = self._desk.state(job)
        goal = str(job.request.get("goal", job.kind))
        return Task(goal, state, self._view(job)) if state not in ("done", "cancelled") else None

    def _view(self, job: Job) -> JobView:
        known, view = self._views.get(job.id, (None, JobView()))
        if known is None or known.first_seq != job.first_seq:
            view = JobView(seq=job.first_seq - 1)
        view = fold(view, self._desk.studio.events(job.id, view.seq), Path(job.project))
        self._views[job.id] = (job, view)
        return view


def first_seconds(screen: Screen) -> Picture | None:
    """The first talking seconds, once they are there and while the rest is made."""
    if not screen.active or not screen.view.segments:
        return None
    return Picture("segments/01.mp4", str(screen.view.stages[0].label if screen.view.stages else ""))
