"""Sessions as the page knows them: their videos, and the reading of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import storage_errors
from studio.jobs.store import Job
from studio.requests import VideoRequest
from studio.store.artifacts import file_digest
from tabs.chat.asking import Questions, is_question
from tabs.job_view import Picture
from tabs.room_desk import RoomDesk
from tabs.shelf import poster

if TYPE_CHECKING:
    from studio.compose import Studio, VideoSession


@dataclass(frozen=True)
class Video:
    """A session's video. `file` what is played of it, relative to the session: a copy that browsers can play where they
    can't play the video itself. `index` the version of what was read of it, "" before anything was."""

    number: int
    name: str
    file: str
    index: str
    offset: float = 0.0

    def to_json(self, session: str) -> dict[str, str | int | float]:
        """As assets/chat/viewer.js reads it."""
        home = f"media/{session}"
        return {
            "number": self.number,
            "name": self.name,
            "source": f"{home}/{self.file}",
            "offset": self.offset,
            "index": f"{home}/videos/{self.number:02d}/watch.json?v={self.index}" if self.index else "",
        }


class ChatDesk(RoomDesk):
    """The sessions, each of one or more videos."""

    kinds = ("", VideoRequest.kind)
    busy = "its videos are being read; stop that first"

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.sessions)
        self.questions = Questions()

    @staticmethod
    def is_whole(job: Job) -> bool:
        return job.kind == VideoRequest.kind

    def poster(self, folder: Path) -> Picture | None:
        frames = sorted((folder / "videos" / "01" / "frames").glob("[0-9]*.jpg"))[:1]
        return poster(folder, frames[0].relative_to(folder).as_posix()) if frames else None

    def request(self, session: str) -> VideoRequest | None:
        """What is, or is to be, read. None while there is no video."""
        body = self.store.get(session).request
        return VideoRequest.from_json(body) if body else None

    def draft(self, title: str, video: Path) -> str:
        """A new session whose video is not read yet; returns its id. `video` is one of our own making: it is copied as
        it is, which costs the start of the page nothing."""
        session = self.store.create(title)
        copy = session.inputs / f"video-1-{file_digest(video)[:16]}{video.suffix}"
        with storage_errors(copy):
            copy.parent.mkdir(exist_ok=True)
            shutil.copyfile(video, copy)
        request = VideoRequest(session.folder, (copy,))
        session.update(kind=request.kind, request=request.to_json(), names={copy.name: video.name})
        return session.id

    def read(self, session: str) -> Job | None:
        """Begins, or goes on with, the reading of a session's videos; None where there is none."""
        request = self.request(session)
        return self.studio.index(request) if request else None

    def add(self, session: str, files: tuple[Path, ...], engines: Mapping[str, str] | None = None) -> tuple[str, Job]:
        """`files` join the session, or a new one for "", which does not outlive a refusal; returns its id. `engines`
        read them, {task: name}, those of the session where it has some."""
        chosen = self.store.open(session) if session else self.store.create(files[0].stem)
        known = self.request(chosen.id)
        videos = (*(known.videos if known else ()), *files)
        readers = known.engines if known else engines or {}
        try:
            job = self.studio.index(VideoRequest(chosen.folder, videos, engines=readers))
        except BaseException:
            if not session:
                self.store.delete(chosen.id)
            raise
        return chosen.id, job

    def asked_of_worker(self, session: str) -> Job | None:
        """The job that answers the newest question of the conversation, while it does."""
        return next((job for job in self.jobs(session) if is_question(job) and job.active), None)

    def stop_answering(self, session: str) -> None:
        """Every question that is being answered is left alone."""
        self.questions.stop(session)
        for job in self.jobs(session):
            if is_question(job) and job.active:
                self.studio.cancel(job.id)

    def videos(self, session: VideoSession) -> tuple[Video, ...]:
        """In the order they came; one whose reading has not begun is played as it was brought."""
        request, names = self.request(session.id), self.store.get(session.id).names
        begun = {video.number: video for video in session.videos()}
        videos = []
        for number, path in enumerate(request.videos if request else (), 1):
            video = begun.get(number)
            if video is None:
                file = path.relative_to(session.folder).as_posix()
                videos.append(Video(number, names.get(path.name, path.name), file, ""))
                continue
            index = poster(session.folder, video.index) if video.index else None
            videos.append(
                Video(number, video.name, video.playable or video.source, index.version if index else "", video.offset)
            )
        return tuple(videos)
