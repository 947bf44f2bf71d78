"""What the Video Message room shows of a message now: the photo, the words as they are said, the film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tabs.job_html import Screen, Task
from tabs.job_view import JobView, Picture
from tabs.message.desk import MessageDesk
from tabs.message.portrait_html import PortraitView
from tabs.message.screen_html import Version, read_versions
from tabs.message.speech_html import SpeechView, read_speech
from tabs.room_follower import RoomFollower
from tabs.shelf import Entry

if TYPE_CHECKING:
    pass

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


class MessageFollower(RoomFollower[MessageLook]):
    """One page's memory of the message it watches."""

    def __init__(self, desk: MessageDesk, project: str) -> None:
        super().__init__(desk, project, MessageLook(NO_MESSAGE, ()))
        self._desk: MessageDesk = desk
        self._stamp: object = None

    def _read(self) -> MessageLook:
        jobs = self._desk.jobs(self._project)
        whole = next((job for job in jobs if self._desk.is_whole(job)), None)
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


def first_seconds(screen: Screen) -> Picture | None:
    """The first talking seconds, once they are there and while the rest is made."""
    if not screen.active or not screen.view.segments:
        return None
    return Picture("segments/01.mp4", str(screen.view.stages[0].label if screen.view.stages else ""))
