"""What the Music Video room shows of a project now: its newest jobs, its song and board, coalesced into one look."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from studio.jobs.store import Job
from studio.media.waveform import read_waveform
from studio.music.song import SongAnalysis
from tabs.job_html import KEYFRAMES, Screen, Task
from tabs.job_view import JobView, Picture
from tabs.markup import file_url, picture_url
from tabs.music.board_html import BoardView, Coming
from tabs.music.comparison_html import read_comparison
from tabs.music.desk import Desk
from tabs.music.form import SIZES
from tabs.music.song_player import Slide, SongView
from tabs.music.storyboard import Storyboards, read_song
from tabs.options_panel import NOTHING, steering_panel
from tabs.room_follower import RoomFollower
from tabs.shelf import Entry

_KEYFRAME = re.compile(r"previews/keyframe-(\d\d)\.jpg$")
NO_FILM = Screen("", "", "", *SIZES["512x512"], JobView())


@dataclass(frozen=True)
class Look:
    """What one page should show now. `song`, `board`, `comparison` None while there is none. `steering`: the panel of
    what can be changed while pictures are drawn."""

    screen: Screen
    entries: tuple[Entry, ...]
    task: Task | None = None
    song: SongView | None = None
    board: BoardView | None = None
    comparison: Mapping[str, Any] | None = None
    steering: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def active(self) -> bool:
        return self.screen.active or (self.task is not None and self.task.active)


class Follower(RoomFollower[Look]):
    """One page's memory of the film it watches."""

    def __init__(self, desk: Desk, project: str) -> None:
        super().__init__(desk, project, Look(NO_FILM, ()))
        self._desk: Desk = desk
        self._boards = Storyboards(desk)
        self._stamp: object = None

    def _read(self) -> Look:
        jobs = self._desk.jobs(self._project)
        film = next((job for job in jobs if self._desk.is_whole(job)), None)
        newest = jobs[0] if jobs else None
        task = self._task(newest) if newest and newest is not film else None
        size = (film.request["width"], film.request["height"]) if film else SIZES["512x512"]
        steering = self._steering(newest) if newest else NOTHING
        look = replace(self._look, screen=self._screen(film, size), task=task, steering=steering)
        drawing = bool(task and task.active and task.goal == "storyboard")
        stamp = (drawing, *self._stamps())
        if stamp == self._stamp:
            return _with_coming(look)
        self._stamp = stamp
        board = self._boards.view(self._project, drawing)
        song = song_view(self._desk, self._project, board)
        comparison = read_comparison(self._desk.studio.projects.folder(self._project))
        return _with_coming(replace(look, song=song, board=board, comparison=comparison))

    def _steering(self, job: Job) -> Mapping[str, Any]:
        preview = self._view(job).preview
        address = picture_url(self._project, preview) if preview else ""
        return steering_panel(job.id, self._desk.studio.steering(job), address)

    def _stamps(self) -> Iterator[int]:
        """When what the board and the song are shown from last changed."""
        home = self._desk.studio.projects.open(self._project)
        inner = home.folder / ".studio"
        made = (home.manifest, home.analysis, home.waveform, home.comparison)
        for path in (*made, inner / "drawings", inner / "steered"):
            yield _changed(path)
        for number in range(1, KEYFRAMES + 1):
            yield _changed(inner / "versions" / f"{number:02d}.json")


def _with_coming(look: Look) -> Look:
    """The look with the picture that comes in its card."""
    view = look.task.view if look.task else look.screen.view
    board = look.board
    if board is None:
        return look
    return replace(look, board=replace(board, coming=_coming(view.preview) if look.active else None))


def _coming(preview: Picture | None) -> Coming | None:
    found = _KEYFRAME.search(preview.path) if preview else None
    return Coming(int(found[1]) - 1, preview) if preview and found else None


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
