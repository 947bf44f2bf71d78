"""What the Music Video room shows of a project now: its newest jobs, its song and board, coalesced into one look."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.errors import NotFound, StudioError
from studio.jobs.store import Job
from studio.media.waveform import read_waveform
from studio.music.song import SongAnalysis
from tabs.job_html import KEYFRAMES, Screen, Task
from tabs.job_view import JobView, fold
from tabs.markup import file_url, picture_url
from tabs.music.board_html import BoardView
from tabs.music.comparison_html import read_comparison
from tabs.music.desk import Desk, is_film, read_report
from tabs.music.form import SIZES
from tabs.music.song_player import Slide, SongView
from tabs.music.storyboard import Storyboards, read_song
from tabs.shelf import Entry

_SHELF_SECONDS = 2.5
NO_FILM = Screen("", "", "", *SIZES["512x512"], JobView())


@dataclass(frozen=True)
class Look:
    """What one page should show now. `song`, `board`, `comparison` None while there is none."""

    screen: Screen
    entries: tuple[Entry, ...]
    task: Task | None = None
    song: SongView | None = None
    board: BoardView | None = None
    comparison: Mapping[str, Any] | None = None

    @property
    def active(self) -> bool:
        return self.screen.active or (self.task is not None and self.task.active)


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
