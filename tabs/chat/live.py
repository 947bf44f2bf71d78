"""What the Video Chat room shows of a session now: its videos, how far they are read, the conversation."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.store.conversation import KeptTurn
from tabs.chat.asking import Asked
from tabs.chat.desk import ChatDesk, Video
from tabs.job_html import Screen
from tabs.job_view import JobView
from tabs.room_follower import RoomFollower
from tabs.shelf import Entry

if TYPE_CHECKING:
    from studio.compose import VideoSession

NO_SESSION = Screen("", "", "", 16, 9, JobView())
_SUGGEST_SECONDS = 5.0


@dataclass(frozen=True)
class ChatLook:
    """What one page should show now. `asked`: what is being answered."""

    screen: Screen
    entries: tuple[Entry, ...]
    videos: tuple[Video, ...] = ()
    turns: tuple[KeptTurn, ...] = ()
    suggestions: tuple[str, ...] = ()
    asked: Asked | None = None

    @property
    def active(self) -> bool:
        return self.screen.active or self.asked is not None


class ChatFollower(RoomFollower[ChatLook]):
    """One page's memory of the session it watches."""

    def __init__(self, desk: ChatDesk, session: str) -> None:
        super().__init__(desk, session, ChatLook(NO_SESSION, ()))
        self._desk: ChatDesk = desk
        self._opened: VideoSession | None = None
        self._suggested_for: object = None
        self._suggested_at = float("-inf")

    def _read(self) -> ChatLook:
        screen = self._screen(self._desk.whole_job(self._project), (16, 9))
        self._opened = self._opened or self._desk.studio.session(self._project)
        videos = self._desk.videos(self._opened)
        asked, turns = self._asked(), self._opened.turns()
        if asked is not None and asked.is_answered(turns):
            asked = None
        look = replace(self._look, screen=screen, videos=videos, turns=turns, asked=asked)
        read = tuple(video.index for video in videos)
        due = not screen.active or time.monotonic() - self._suggested_at > _SUGGEST_SECONDS
        if due and read != self._suggested_for and not look.turns:
            self._suggested_for, self._suggested_at = read, time.monotonic()
            look = replace(look, suggestions=self._opened.suggestions())
        return look

    def _asked(self) -> Asked | None:
        """Read before the conversation: what ended in between stands there."""
        here = self._desk.questions.latest(self._project)
        job = None if here else self._desk.asked_of_worker(self._project)
        return here if job is None else Asked(str(job.request["question"]), self._view(job).text, job.created)
