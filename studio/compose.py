"""The only place that picks concrete classes: the `Studio` every surface talks to, and the worker's parts.

`Studio` needs no torch, OpenCV or SciPy: it admits requests, follows jobs and keeps projects. The work is done by the
worker process it starts.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from studio.errors import BadInput
from studio.events import Event
from studio.jobs.fleet import Fleet, Plan
from studio.jobs.locks import is_held, seat_lock
from studio.jobs.seats import STUDIO_SEAT, Post, Seat, is_studio_seat, seats_of
from studio.jobs.store import Job, JobStore, NewJob
from studio.jobs.supervisor import Launch
from studio.models.asked import fields_of
from studio.models.book import MemoryBook, device_key
from studio.models.devices import detect_device, may_find_a_gpu
from studio.models.gpus import find_devices
from studio.models.memory import gauge_for, ram_budget
from studio.models.planner import Prospect, prospects
from studio.models.registry import Registry, items_of, load_registry
from studio.models.weights import WeightsItem, WeightsShelf, read_items
from studio.music.styles import load_styles
from studio.pipelines import comparison, music_video, video_index, video_message
from studio.pipelines.admission import Admission, copy_in
from studio.pipelines.board import BoardCard, read_board
from studio.pipelines.sessions import IndexShelf, VideoSession
from studio.pipelines.steering import DRAWING_STAGES, Steering, read_changes, read_steering
from studio.pipelines.timing import Timings, paces
from studio.requests import (
    ComparisonRequest,
    FetchRequest,
    MessageRequest,
    MusicVideoRequest,
    QuestionRequest,
    VideoRequest,
    VoiceRequest,
    fingerprint,
)
from studio.settings import ROOT, Settings
from studio.store.names import slug
from studio.store.projects import Project, ProjectStore
from studio.store.retention import clean_up, note_opened
from studio.store.voices import VoiceStore

if TYPE_CHECKING:
    from studio.contracts import SpeechEngine
    from studio.jobs.worker import Worker
    from studio.music.shots import Style
    from studio.music.song import SongAnalysis
    from studio.store.conversation import KeptTurn

QUESTION_PRIORITY = 10
"""Before the jobs of the usual 100: it is short, and somebody waits."""
ENDING_SECONDS = 10.0
"""What a cancelled job gets to put its pen down before its folder goes."""
R = TypeVar("R", MusicVideoRequest, MessageRequest)


@dataclass(frozen=True)
class WorkerStatus:
    """`alive`: a worker holds the seat. `snapshot`: the model manager's view of itself, {} before the first beat."""

    alive: bool
    pid: int | None
    snapshot: Mapping[str, Any]


class Studio:
    """Everything a page or a command may do. Make one, `start_worker()`, and `close()` it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.registry: Registry = known_engines(settings)
        self.projects = ProjectStore(settings.projects)
        self.sessions = ProjectStore(settings.sessions)
        self.voices = VoiceStore(settings.voices)
        self._styles = load_styles(settings.presets / "styles")
        self._store = JobStore(settings.database)
        self._indexes = IndexShelf()
        self._fleet: Fleet | None = None

    # ---- work ----

    def submit(self, request: MusicVideoRequest | MessageRequest, seat: str = STUDIO_SEAT) -> Job:
        """Checks the request and its files, copies them into the project, queues the job.

        Returns at once, with the job already under way where an equal request is. Raises BadInput, EngineUnavailable,
        StorageFailed; nothing is left behind then.
        """
        door = self._admission()
        admitted = door.message(request) if isinstance(request, MessageRequest) else door.music_video(request)
        kept = admitted.request
        job = self._store.add(NewJob(kept.kind, kept.to_json(), admitted.digest, kept.project, seat))
        Project(kept.project).update(kind=job.kind, job=job.id, request=job.request)
        return job

    def make_voice(self, request: VoiceRequest, seat: str = STUDIO_SEAT) -> Job:
        """Queues the making of a voice profile; its id is in the `done` event's result. Raises BadInput."""
        kept = self._admission().voice(request)
        body = kept.to_json()
        return self._store.add(NewJob(kept.kind, body, fingerprint({"kind": kept.kind, **body}), kept.project, seat))

    def index(self, request: VideoRequest, seat: str = STUDIO_SEAT) -> Job:
        """Queues the reading of a session's videos. Raises as `submit`."""
        kept = self.keep_videos(request)
        body = kept.to_json()
        job = self._store.add(NewJob(kept.kind, body, fingerprint({"kind": kept.kind, **body}), kept.project, seat))
        # Heard before any worker is up: whoever follows has the session at once.
        waiting = {"stage": "waiting", "label": "Waiting to be read", "done": 0, "total": 1, "eta_seconds": None}
        self._store.append(job.id, "progress", waiting)
        return job

    def keep_videos(self, request: VideoRequest) -> VideoRequest:
        """Notes which videos a session is to have, without any work: they are copied in. Raises as `submit`."""
        kept = self._admission().videos(request)
        Project(kept.project).update(kind=kept.kind, request=kept.to_json())
        return kept

    def session(self, identity: str, settings: Settings | None = None) -> VideoSession:
        """The videos of a session and the conversation on them; its time of being opened is noted. `settings` name
        another language model than the studio's. Raises NotFound."""
        folder = self.sessions.folder(identity)
        note_opened(folder)
        return VideoSession(folder, settings or self.settings, self._indexes)

    def delete_session(self, identity: str) -> None:
        """Stops what works on the session and deletes it with everything it made. Raises NotFound, StorageFailed."""
        folder = self.sessions.folder(identity)
        active = [self.cancel(job.id) for job in self.project_jobs(folder) if job.active]
        until = time.monotonic() + ENDING_SECONDS
        while any(self.job(job.id).active for job in active) and time.monotonic() < until:
            time.sleep(0.05)
        self.sessions.delete(identity)

    def ask(self, request: QuestionRequest, seat: str = STUDIO_SEAT) -> Job:
        """Queues a question that a chat engine words; the answer is in the `done` event's result. Raises BadInput,
        EngineUnavailable."""
        self.registry.choose("chat", request.engine, request.substitutes)
        body = request.to_json()
        digest = fingerprint({"kind": request.kind, **body})
        # It reads what is known and adds to the conversation: no need to wait until its videos are read.
        new = NewJob(request.kind, body, digest, request.project, seat, QUESTION_PRIORITY, lane=request.kind)
        return self._store.add(new)

    def converse(self, session: str, question: str, use_endpoint: bool, say: Callable[[str], None]) -> KeptTurn:
        """As `VideoSession.converse`. Raises NotFound, BadInput."""
        return self.session(session).converse(question, use_endpoint, say)

    def fetch(self, name: str, seat: str = STUDIO_SEAT) -> Job:
        """Queues the fetching of an engine's weights, or of one item of them, by name. Raises NotFound, BadInput."""
        items = tuple(item.name for item in self.weights_of(name))
        kept = FetchRequest(self.settings.data / "fetches" / slug(name), items)
        kept.project.mkdir(parents=True, exist_ok=True)
        body = kept.to_json()
        return self._store.add(NewJob(kept.kind, body, fingerprint({"kind": kept.kind, **body}), kept.project, seat))

    def weights_of(self, name: str) -> tuple[WeightsItem, ...]:
        """What the engine `name`, or "task/name", is loaded from, or the item of that name. Raises NotFound."""
        return items_of(self.registry, name)

    def compare(self, request: ComparisonRequest, seat: str = STUDIO_SEAT) -> Job:
        """Queues a comparison of two settings; the project's own settings stay as they are. Raises as `submit`."""
        kept = self._admission().comparison(request)
        body = kept.to_json()
        return self._store.add(NewJob(kept.kind, body, fingerprint({"kind": kept.kind, **body}), kept.project, seat))

    def steer(self, identity: str, changes: Mapping[str, Any]) -> Job:
        """Changes what an active film's pictures are drawn with, from the next step on until the job ends or the next
        call: `changes` by the names of its engine's live options, {} for as set. Raises NotFound, BadInput."""
        job = self.job(identity)
        said = read_changes(self.registry, job.kind, job.request, changes)
        if not job.active:
            raise BadInput("ID", identity, "a job under way", f"it is {job.state}")
        self._store.control(identity, said)
        return job

    def steering(self, job: Job) -> Steering | None:
        """What can be changed of the pictures a job is drawing, and where that stands; None where nothing can."""
        stage = self.last_progress(job.id) if job.state == "running" else None
        if stage is None or stage.seq < job.first_seq or stage.data["stage"] not in DRAWING_STAGES:
            return None
        return read_steering(self.registry, job.kind, job.request, self._store.said(job.id))

    def keep(self, request: R) -> R:
        """Notes what a project is to be made from, without any work: its files are copied in. Raises BadInput."""
        project = Project.at(request.project)
        kept = copy_in(request, project)
        project.update(kind=kept.kind, request=kept.to_json())
        return kept

    def _admission(self) -> Admission:
        return Admission(self.settings, self.registry, self.styles())

    def job(self, identity: str) -> Job:
        return self._store.get(identity)

    def jobs(self, limit: int = 200) -> list[Job]:
        """Newest first."""
        return self._store.list(limit)

    def project_jobs(self, project: Path) -> list[Job]:
        """The last jobs that work, or worked, in the folder `project`, newest first."""
        return self._store.of_project(project)

    def board(self, request: MusicVideoRequest, song: SongAnalysis) -> tuple[BoardCard, ...]:
        """The seven cards of a project's storyboard as it stands. Raises BadInput for settled shots that don't fit."""
        return read_board(request, song, self.styles(), self.registry)

    def is_interrupted(self, job: Job) -> bool:
        """Whether the job is active on paper but its worker is gone, as after kill -9."""
        return job.active and not self._seat_taken(job.seat)

    def cancel(self, identity: str) -> Job:
        """Ends the job within about a second; one whose worker is gone ends at once."""
        job = self._store.cancel(identity)
        if self.is_interrupted(job):
            self._store.finish(job.id, job.run, "cancelled", {})
            job = self._store.get(identity)
        return job

    def resume(self, identity: str, seat: str = STUDIO_SEAT) -> Job:
        """Starts a failed, cancelled, finished or interrupted job again; finished pieces are kept."""
        job = self._store.get(identity)
        if job.active and not self.is_interrupted(job):
            return job
        return self._store.resume(identity, seat)

    def attend(self, job: Job) -> Job:
        """Makes sure somebody works on an active job: whoever has its seat, the running studio, or this process."""
        if not job.active or self._fleet or self._seat_taken(job.seat):
            return job
        seat = free_seat(self) or f"cli-{job.id}"
        if seat != job.seat:
            job = self._store.resume(job.id, seat)
        if seat != STUDIO_SEAT:
            self.start_worker(seat)
        return job

    def events(self, identity: str, after: int = 0) -> list[Event]:
        """Events with `seq` > `after`."""
        return self._store.events(identity, after)

    def last_progress(self, identity: str) -> Event | None:
        return self._store.last_event(identity, "progress")

    # ---- what there is ----

    def styles(self) -> Mapping[str, Style]:
        return self._styles

    def engines(self) -> list[dict[str, Any]]:
        """Every engine known, with whether it can run here and, if not, why."""
        rows = []
        for card in self.registry:
            available, why = self.registry.availability(card)
            rows.append(asdict(card) | {"available": available, "why": why})
        return rows

    def options(self, task: str, engine: str | None = None) -> list[dict[str, Any]]:
        """What a page offers to set of an engine, of the default for None; see models.asked.fields_of. Raises
        BadInput."""
        return fields_of(self.registry, self.registry.wanted(task, engine))

    def speakers(self, engine: str) -> tuple[tuple[str, str], ...]:
        """(id, name) of the fixed voices of a speech engine that needs no weights. Raises EngineUnavailable."""
        card, _ = self.registry.choose("speech", engine, False)
        made = cast("SpeechEngine", self.registry.entry(card.key).create("cpu", 0))
        try:
            return made.speakers()
        finally:
            made.close()

    def prospects(self, capacity: int | None = None) -> list[Prospect]:
        """How each engine would run on this machine's device, or on one that offers `capacity` bytes. Measured by the
        worker where one is up, else here: that imports torch where it is installed."""
        snapshot = self.worker_status().snapshot
        if snapshot.get("device") and snapshot.get("memory"):
            title, total = snapshot["device"]["title"], snapshot["memory"]["total_bytes"]
            free = total - snapshot["memory"]["used_bytes"]
        else:
            device = detect_device()
            reading = gauge_for(device).read()
            title, total, free = device.title, reading.total, reading.free
        book = MemoryBook(self.settings.memory_book, device_key(title, total))
        if capacity is not None:
            return prospects(self.registry, capacity, book)
        return prospects(self.registry, free, book, paces(Timings(self.settings.timings).rates()))

    def worker_status(self) -> WorkerStatus:
        """Of the studio's worker, the first where there are several."""
        return self._status(STUDIO_SEAT)

    def worker_statuses(self) -> list[WorkerStatus]:
        """Of the studio's workers, one a device: the first, and those of the others that are up."""
        names = [state.seat for state in self._store.workers() if is_studio_seat(state.seat)]
        others = [self._status(name) for name in names if name != STUDIO_SEAT]
        return [self.worker_status(), *(status for status in others if status.alive)]

    def _status(self, seat: str) -> WorkerStatus:
        state = self._store.worker(seat)
        alive = self._seat_taken(seat)
        return WorkerStatus(alive, state.pid if state and alive else None, state.snapshot if state else {})

    # ---- life ----

    def start_worker(self, seat: str = STUDIO_SEAT) -> None:
        """Starts and keeps alive the worker of `seat`, in the background; the studio's is one a device."""

        def find_seats() -> tuple[Seat, ...]:
            # Cards without a torch that could use them are no reason for a second worker.
            found = seats_of(self.settings.devices or (find_devices(os.environ) if may_find_a_gpu() else ()))
            return found if seat == STUDIO_SEAT else (replace(found[0], name=seat),)

        self._fleet = Fleet(self.settings, self._store, Plan(find_seats, self._launch))
        self._fleet.start()

    def _launch(self, seat: Seat, seats: Sequence[Seat]) -> Launch:
        names = ",".join(each.name for each in seats)
        flags = ("--data", str(self.settings.data), "--seat", seat.name, "--others", names, *seat.flags)
        return Launch((sys.executable, "-m", "studio.worker", *flags), ROOT, seat.environment)

    def close(self) -> None:
        """Ends the workers; unfinished jobs go on at the next start."""
        if self._fleet:
            self._fleet.stop()

    def _seat_taken(self, seat: str) -> bool:
        return any(is_held(seat_lock(self.settings.data, name)) for name in (seat, f"{seat}-supervisor"))


def free_seat(studio: Studio) -> str:
    """The seat for a command line run: the running studio's, so that one worker has the device, or "" for its own."""
    return STUDIO_SEAT if studio.worker_status().alive else ""


def known_engines(settings: Settings) -> Registry:
    shelf = WeightsShelf(read_items(settings.presets / "weights.yaml"), settings.models, settings.hub)
    return load_registry(settings.presets / "engines.yaml", shelf=shelf)


def build_worker(settings: Settings, post: Post, device: str | None = None) -> Worker:
    """The worker process's parts, put together. `device`: cpu, cuda, cuda:1, mps; None to find the best."""
    from studio.jobs.runner import Runner
    from studio.jobs.worker import Worker
    from studio.models.manager import build_manager
    from studio.models.options import ManagerOptions
    from studio.pipelines import fetching, video_question, voice_profile
    from studio.pipelines.context import ContextParts

    store = JobStore(settings.database)
    registry = known_engines(settings)
    # The workers of several devices share this machine's memory.
    options = ManagerOptions(ram_bytes=ram_budget() // max(1, len(post.others)))
    manager = build_manager(registry, device, options, settings.memory_book)
    parts = ContextParts(settings, manager, registry, Timings(settings.timings))
    pipelines = {
        MusicVideoRequest.kind: music_video.run,
        ComparisonRequest.kind: comparison.run,
        MessageRequest.kind: video_message.run,
        VideoRequest.kind: video_index.run,
        VoiceRequest.kind: voice_profile.run,
        FetchRequest.kind: fetching.run,
        QuestionRequest.kind: video_question.run,
    }
    runner = Runner(store, pipelines, parts)
    worker = Worker(settings, post, store, runner, manager.snapshot)
    if post.seat == STUDIO_SEAT:

        def is_busy(folder: Path) -> bool:
            jobs = (job for job in store.of_project(folder) if job.active)
            return any(job.seat == STUDIO_SEAT or is_held(seat_lock(settings.data, job.seat)) for job in jobs)

        sessions = ProjectStore(settings.sessions)
        worker.every_hour(lambda: clean_up(sessions, settings.retention_days, is_busy))
    return worker
