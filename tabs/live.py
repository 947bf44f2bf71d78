"""Follows a project for one open page: an endless, cheap look at its newest job, coalesced into whole screens.

Reading happens in short thread calls and waiting in the event loop, so that any number of open pages costs no threads.
A job started from another page or the command line shows here just as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.errors import NotFound, StudioError
from studio.jobs.store import Job
from studio.media.waveform import read_waveform
from studio.music.song import SongAnalysis
from tabs.board_html import BoardView
from tabs.comparison_html import read_comparison
from tabs.form import SIZES
from tabs.job_html import KEYFRAMES, Screen
from tabs.job_view import JobView, fold
from tabs.markup import file_url, picture_url
from tabs.projects import Desk, Entry, is_film, read_report
from tabs.song_player import Slide, SongView
from tabs.storyboard import Storyboards, read_song

ACTIVE_SECONDS = 0.4
IDLE_SECONDS = 1.0
_SHELF_SECONDS = 2.5
# A page that was closed is only noticed when something is sent to it.
_HEARTBEAT_SECONDS = 5.0
_LAST_LOOK_SECONDS = 3.0
NO_FILM = Screen("", "", "", *SIZES["512x512"], JobView())


@dataclass(frozen=True)
class Task:
    """Smaller work than a film that goes on, or went wrong: listening, drawing the storyboard, comparing."""

    goal: str
    state: str
    view: JobView

    @property
    def active(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True)
class Look:
    """What one page should show now. `song`, `board`, `comparison` None while there is none."""

    screen: Screen
    entries: tuple[Entry, ...]
    task: Task | None = None
    song: SongView | None = None
    board: BoardView | None = None
    comparison: Mapping[str, Any] | None = None


class Follower:
    """One page's memory of the project it watches, so that each look reads only what is new."""

    def __init__(self, desk: Desk, project: str) -> None:
        self._desk, self._project = desk, project
        self._boards = Storyboards(desk)
        self._views: dict[str, tuple[Job, JobView]] = {}
        self._look = Look(NO_FILM, ())
        self._stamp: object = None
        self._entries_at = float("-inf")

    def look(self) -> Look:
        """Blocking; for a thread. A project that was deleted looks like none; a disk that fails is what is shown."""
        before = self._look
        try:
            look = self._read() if self._project else Look(NO_FILM, before.entries)
        except NotFound:
            self._views, look = {}, Look(NO_FILM, before.entries)
        except StudioError as error:
            broken = replace(NO_FILM, state="failed", view=JobView(error=error.to_json()))
            self._views, look = {}, Look(broken, before.entries)
        now = time.monotonic()
        if look.screen.state != before.screen.state or now - self._entries_at > _SHELF_SECONDS:
            look, self._entries_at = replace(look, entries=tuple(self._desk.entries())), now
        self._look = look
        return look

    def _read(self) -> Look:
        jobs = self._desk.jobs(self._project)
        film = next((job for job in jobs if is_film(job)), None)
        newest = jobs[0] if jobs else None
        task = self._task(newest) if newest and newest is not film else None
        look = replace(self._look, screen=self._screen(film), task=task)
        drawing = bool(task and task.active and task.goal == "storyboard")
        stamp = (drawing, *self._stamps())
        if stamp == self._stamp:
            return look
        self._stamp = stamp
        board = self._boards.view(self._project, drawing)
        song = song_view(self._desk, self._project, board)
        comparison = read_comparison(self._desk.studio.projects.folder(self._project))
        return replace(look, song=song, board=board, comparison=comparison)

    def _stamps(self) -> Iterator[int]:
        """When what the board and the song are shown from last changed."""
        home = self._desk.studio.projects.open(self._project)
        inner = home.folder / ".studio"
        for path in (home.manifest, home.analysis, home.waveform, home.comparison, inner / "drawings"):
            yield _changed(path)
        for number in range(1, KEYFRAMES + 1):
            yield _changed(inner / "versions" / f"{number:02d}.json")

    def _screen(self, job: Job | None) -> Screen:
        title = self._desk.studio.projects.get(self._project).title
        if job is None:
            return replace(NO_FILM, project=self._project, title=title)
        view, state = self._view(job), self._desk.state(job)
        screen = Screen(self._project, title, state, job.request["width"], job.request["height"], view)
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
        """The view of the present run; a run that began anew starts from an empty one."""
        known, view = self._views.get(job.id, (None, JobView()))
        if known is None or known.first_seq != job.first_seq:
            view = JobView(seq=job.first_seq - 1)
        view = fold(view, self._desk.studio.events(job.id, view.seq), Path(job.project))
        self._views[job.id] = (job, view)
        return view


def song_view(desk: Desk, project: str, board: BoardView | None) -> SongView | None:
    """What the song player shows; None while the project has no song that was decoded."""
    home, request = desk.studio.projects.open(project), desk.request(project)
    if request is None or not home.waveform.is_file():
        return None
    song = home.folder / "inputs" / "song.wav"
    analysis = read_song(home.folder)
    pictures = [card for card in board.cards if card.picture] if board else []
    slides = tuple(
        Slide(picture_url(project, card.picture), card.shot["time"], card.shot["description"])
        for card in pictures
        if card.picture
    )
    return SongView(
        title=desk.studio.projects.get(project).title,
        audio_url=file_url(project, "inputs/song.wav", str(_changed(song))),
        waveform=read_waveform(home.waveform),
        analysis=_shown_moments(analysis, board) if analysis else None,
        slides=slides if board and len(slides) == len(board.cards) else (),
        typed_tempo=request.tempo,
        shape=request.size,
    )


def _shown_moments(analysis: SongAnalysis, board: BoardView | None) -> Mapping[str, Any]:
    """The analysis with its moments where the storyboard has put them."""
    body = analysis.to_json()
    if board is None or not board.cards:
        return body
    moments = [
        {**moment, "timestamp": card.shot["time"]}
        for moment, card in zip(body["key_moments"], board.cards, strict=True)
    ]
    return {**body, "key_moments": moments}


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


async def follow(follower: Follower, attachment: Attachment) -> AsyncGenerator[Look, None]:
    """Each change as it comes, and a sign of life when nothing changes; ends when `attachment` is left."""
    shown: Look | None = None
    sent = 0.0
    try:
        await attachment.begin()
        while attachment.wanted:
            look = await asyncio.to_thread(follower.look)
            if not attachment.wanted:
                return
            if look != shown or time.monotonic() - sent > _HEARTBEAT_SECONDS:
                shown, sent = look, time.monotonic()
                yield look
            active = look.screen.active or (look.task is not None and look.task.active)
            await attachment.pause(ACTIVE_SECONDS if active else IDLE_SECONDS)
    finally:
        attachment.over()


class Attachment:
    """One watch of a page. `wanted`: no newer one has begun; `over()` is said when it sends nothing any more."""

    def __init__(self, former: Attachment | None) -> None:
        self._former, self._left, self._over = former, asyncio.Event(), asyncio.Event()

    @property
    def wanted(self) -> bool:
        return not self._left.is_set()

    async def begin(self) -> None:
        """Waits until the page's former watch has sent its last look: a late one would show another project."""
        if self._former is not None:
            # A page that was lost may never take its watch's last look: such a watch shows nothing, so none waits long.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._former._over.wait(), _LAST_LOOK_SECONDS)
            self._former = None

    async def pause(self, seconds: float) -> None:
        """Sleeps, but not on when the watch is left."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._left.wait(), seconds)

    def leave(self) -> None:
        self._left.set()

    def over(self) -> None:
        self._over.set()


class Attachments:
    """Which watch of each browser page is its newest: opening another project ends the one before."""

    def __init__(self) -> None:
        self._newest: dict[str, Attachment] = {}

    def attach(self, page: str) -> Attachment:
        former = self._newest.get(page)
        if former is not None:
            former.leave()
        self._newest[page] = Attachment(former)
        return self._newest[page]

    def forget(self, page: str) -> None:
        former = self._newest.pop(page, None)
        if former is not None:
            former.leave()
