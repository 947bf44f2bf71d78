"""Jobs and their events on disk (SQLite, one file), shared by every process of the studio.

The studio process and the command line write jobs here and read events; the worker takes jobs of its seat, runs them
through DBOS, and writes events. A *seat* names the worker that runs a job: "studio" for the page's, one of its own
for each command line run, so that two commands never take each other's work.

States: queued -> running -> done | failed | cancelled; resume puts the last three back to queued with `run` + 1.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from studio.errors import NotFound, StorageFailed
from studio.events import Event, EventKind, now_utc

ACTIVE = ("queued", "running")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs(
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, seat TEXT NOT NULL, state TEXT NOT NULL, run INTEGER NOT NULL,
    priority INTEGER NOT NULL, request TEXT NOT NULL, digest TEXT NOT NULL, project TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, first_seq INTEGER NOT NULL, dispatched INTEGER NOT NULL,
    cancel INTEGER NOT NULL, deaths INTEGER NOT NULL, lane TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS jobs_by_digest ON jobs(digest, state);
CREATE INDEX IF NOT EXISTS jobs_by_project ON jobs(project, created);
CREATE TABLE IF NOT EXISTS events(
    job TEXT NOT NULL, seq INTEGER NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY(job, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS controls(job TEXT PRIMARY KEY, said TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workers(
    seat TEXT PRIMARY KEY, pid INTEGER NOT NULL, beat INTEGER NOT NULL, snapshot TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Job:
    """One piece of work. `run` counts from 1; `first_seq` is the first event of the present run."""

    id: str
    kind: str
    seat: str
    state: str
    run: int
    priority: int
    request: Mapping[str, Any]
    digest: str
    project: Path
    created: str
    updated: str
    first_seq: int
    deaths: int
    lane: str = ""

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    def to_json(self) -> dict[str, Any]:
        names = ("id", "kind", "seat", "state", "run", "priority", "created", "updated")
        return {name: getattr(self, name) for name in names} | {
            "project": str(self.project),
            "request": dict(self.request),
        }


@dataclass(frozen=True)
class NewJob:
    """What `JobStore.add` needs: `digest` is equal for equal requests; a lower `priority` runs first.

    lane  jobs of one project and lane run one after the other: two would work on the same files. "" is the lane of what
          the project is made from; work that only reads that has one of its own
    """

    kind: str
    request: Mapping[str, Any]
    digest: str
    project: Path
    seat: str
    priority: int = 100
    lane: str = ""


@dataclass(frozen=True)
class WorkerState:
    """A worker's last sign of life. `beat` rises while it lives; `snapshot` is the model manager's, JSON-ready."""

    seat: str
    pid: int
    beat: int
    snapshot: Mapping[str, Any]


class JobStore:
    """Opens the file anew for each call, so one object may be used from every thread and survives forks."""

    def __init__(self, database: Path) -> None:
        self._database = database
        try:
            database.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageFailed(f"the data folder {database.parent} can't be made: {error.strerror}") from None
        with self._connect() as db:
            db.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA)
            older = not _has_lanes(db)
        if older:
            with self._write() as db:
                if not _has_lanes(db):
                    db.execute("ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT ''")

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            db = sqlite3.connect(self._database, timeout=30, isolation_level=None)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous=NORMAL")
        except sqlite3.Error as error:
            raise StorageFailed(f"the job database {self._database} can't be used: {error}") from None
        try:
            yield db
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            raise StorageFailed(f"the job database {self._database} can't be used: {error}") from error
        finally:
            db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._connect() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")

    # ---- jobs ----

    def add(self, new: NewJob) -> Job:
        """A new queued job, or the active one of the same digest."""
        with self._write() as db:
            row = db.execute(
                "SELECT * FROM jobs WHERE digest=? AND state IN ('queued','running')", (new.digest,)
            ).fetchone()
            if row:
                return _job(row)
            now, identity = now_utc(), secrets.token_hex(5)
            db.execute(
                "INSERT INTO jobs VALUES(?,?,?,'queued',1,?,?,?,?,?,?,1,0,0,0,?)",
                (
                    *(identity, new.kind, new.seat or f"cli-{identity}", new.priority, json.dumps(new.request)),
                    *(new.digest, str(new.project), now, now, new.lane),
                ),
            )
            return _job(db.execute("SELECT * FROM jobs WHERE id=?", (identity,)).fetchone())

    def get(self, identity: str) -> Job:
        with self._connect() as db:
            return self._get(db, identity)

    def _get(self, db: sqlite3.Connection, identity: str) -> Job:
        row = db.execute("SELECT * FROM jobs WHERE id=?", (identity,)).fetchone()
        if row is None:
            raise NotFound("ID", identity, "the id of a job, as `jobs list` shows them")
        return _job(row)

    def list(self, limit: int = 200) -> list[Job]:
        """Newest first."""
        with self._connect() as db:
            return [_job(r) for r in db.execute("SELECT * FROM jobs ORDER BY created DESC, id LIMIT ?", (limit,))]

    def of_project(self, project: Path, limit: int = 20) -> list[Job]:
        """The jobs that work, or worked, in the folder `project`, newest first."""
        with self._connect() as db:
            query = "SELECT * FROM jobs WHERE project=? ORDER BY created DESC, rowid DESC LIMIT ?"
            return [_job(row) for row in db.execute(query, (str(project), limit))]

    def resume(self, identity: str, seat: str) -> Job:
        """Puts a job back in the queue of `seat` with a new run; a job active there already is left as it is."""
        with self._write() as db:
            job = self._get(db, identity)
            if job.active and job.seat == seat:
                return job
            self._requeue(db, job, seat or f"cli-{identity}")
            return self._get(db, identity)

    def requeue(self, identity: str) -> None:
        """A new run of an active job whose execution ended without a result."""
        with self._write() as db:
            job = self._get(db, identity)
            if job.active:
                self._requeue(db, job, job.seat)

    def _requeue(self, db: sqlite3.Connection, job: Job, seat: str) -> None:
        last = db.execute("SELECT coalesce(max(seq),0) FROM events WHERE job=?", (job.id,)).fetchone()[0]
        # A run that was cut off goes on in the same story; one that had ended begins a new one.
        first = job.first_seq if job.active else last + 1
        db.execute(
            "UPDATE jobs SET state='queued', run=run+1, seat=?, dispatched=0, cancel=0, deaths=0, first_seq=?,"
            " updated=? WHERE id=?",
            (seat, first, now_utc(), job.id),
        )

    def cancel(self, identity: str) -> Job:
        """Ends a queued job at once and asks a running one to stop; an ended one is left as it is."""
        with self._write() as db:
            job = self._get(db, identity)
            if job.state == "queued":
                self._finish(db, job, "cancelled", {})
            elif job.state == "running":
                db.execute("UPDATE jobs SET cancel=1 WHERE id=?", (identity,))
            return self._get(db, identity)

    def control(self, identity: str, said: Mapping[str, Any]) -> None:
        """Tells an active job what a person sets while it runs, in the place of what was said before. It holds until
        the job ends."""
        with self._write() as db:
            if self._get(db, identity).active:
                db.execute("INSERT OR REPLACE INTO controls VALUES(?,?)", (identity, json.dumps(dict(said))))

    def controls(self, seat: str) -> dict[str, dict[str, Any]]:
        """{job: what was said last} of the seat's running jobs."""
        query = "SELECT job, said FROM controls JOIN jobs ON id=job WHERE seat=? AND state='running'"
        with self._connect() as db:
            return {row["job"]: json.loads(row["said"]) for row in db.execute(query, (seat,))}

    def said(self, identity: str) -> dict[str, Any]:
        """What was said last to an active job; {} for nothing."""
        with self._connect() as db:
            row = db.execute("SELECT said FROM controls WHERE job=?", (identity,)).fetchone()
        return json.loads(row["said"]) if row else {}

    # ---- for the worker ----

    def undispatched(self, seat: str, others: Collection[str] = ()) -> list[Job]:
        """Jobs of `seat` that may be started, at most one a project and lane, and none of those that a worker of the
        seats `others` has."""
        query = (
            "SELECT *, min(created) FROM jobs AS job WHERE seat=:seat AND state='queued' AND dispatched=0"
            " AND NOT EXISTS (SELECT 1 FROM jobs WHERE project=job.project AND lane=job.lane"
            " AND (seat=:seat AND dispatched=1 OR seat IN (SELECT value FROM json_each(:others)))"
            " AND state IN ('queued','running')) GROUP BY project, lane ORDER BY priority, created"
        )
        with self._connect() as db:
            return [_job(row) for row in db.execute(query, {"seat": seat, "others": json.dumps(list(others))})]

    def hand_on(self, job: Job, seat: str) -> None:
        """Gives a job that nobody has started to the worker of another seat."""
        with self._write() as db:
            db.execute(
                "UPDATE jobs SET seat=? WHERE id=? AND run=? AND seat=? AND state='queued' AND dispatched=0",
                (seat, job.id, job.run, job.seat),
            )

    def burdens(self, waiting: str) -> dict[str, int]:
        """How many active jobs each seat's worker has; those that wait at the seat `waiting` are not its worker's."""
        query = (
            "SELECT seat, count(*) FROM jobs WHERE state IN ('queued','running') AND (seat<>? OR dispatched=1)"
            " GROUP BY seat"
        )
        with self._connect() as db:
            return dict(map(tuple, db.execute(query, (waiting,))))

    def mark_dispatched(self, job: Job) -> None:
        with self._write() as db:
            db.execute("UPDATE jobs SET dispatched=1 WHERE id=? AND run=?", (job.id, job.run))

    def active(self, seat: str) -> list[Job]:
        with self._connect() as db:
            rows = db.execute("SELECT * FROM jobs WHERE seat=? AND state IN ('queued','running')", (seat,))
            return [_job(row) for row in rows]

    def begin(self, identity: str, run: int) -> Job | None:
        """The job, now running; None when this run was cancelled, ended or overtaken by a later one."""
        with self._write() as db:
            job = self._get(db, identity)
            if not job.active or job.run != run:
                return None
            db.execute("UPDATE jobs SET state='running', updated=? WHERE id=?", (now_utc(), identity))
            return self._get(db, identity)

    def cancel_requests(self, seat: str) -> list[str]:
        with self._connect() as db:
            return [row["id"] for row in db.execute("SELECT id FROM jobs WHERE seat=? AND cancel=1", (seat,))]

    def finish(self, identity: str, run: int, kind: EventKind, data: Mapping[str, Any]) -> bool:
        """Ends a run with its last event; False when the job had ended or was overtaken."""
        with self._write() as db:
            job = self._get(db, identity)
            if not job.active or job.run != run:
                return False
            self._finish(db, job, kind, data)
            return True

    def _finish(self, db: sqlite3.Connection, job: Job, kind: EventKind, data: Mapping[str, Any]) -> None:
        _append(db, job.id, kind, data)
        db.execute("UPDATE jobs SET state=?, cancel=0, updated=? WHERE id=?", (kind, now_utc(), job.id))
        db.execute("DELETE FROM controls WHERE job=?", (job.id,))

    def record_death(self, seat: str, limit: int, why: str, only: str | None = None) -> int:
        """The seat's worker died, or will because of job `only`: each job it ran (or that one) gets a notice; one
        that took `limit` workers with it without an artifact between fails. Returns the fewest workers that one of them
        took so; 0 where none was running."""
        with self._write() as db:
            rows = db.execute("SELECT * FROM jobs WHERE seat=? AND state='running'", (seat,)).fetchall()
            jobs = [job for job in map(_job, rows) if only in (None, job.id)]
            for job in jobs:
                if job.deaths + 1 >= limit:
                    text = f"the worker ended {limit} times in a row while running this job ({why})"
                    self._finish(db, job, "failed", {"error": {"kind": "worker_died", "message": text}})
                else:
                    _append(db, job.id, "notice", {"text": f"The worker was replaced ({why}); the job goes on."})
                    db.execute("UPDATE jobs SET deaths=deaths+1 WHERE id=?", (job.id,))
            return min((job.deaths + 1 for job in jobs), default=0)

    def forget_deaths(self, seat: str) -> None:
        with self._write() as db:
            db.execute("UPDATE jobs SET deaths=0 WHERE seat=?", (seat,))

    def beat(self, state: WorkerState) -> None:
        with self._write() as db:
            row = (state.seat, state.pid, state.beat, json.dumps(state.snapshot))
            db.execute("INSERT OR REPLACE INTO workers VALUES(?,?,?,?)", row)

    def worker(self, seat: str) -> WorkerState | None:
        return next((state for state in self.workers() if state.seat == seat), None)

    def workers(self) -> list[WorkerState]:
        """The last sign of life of each worker there ever was."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM workers ORDER BY length(seat), seat").fetchall()
        return [WorkerState(row["seat"], row["pid"], row["beat"], json.loads(row["snapshot"])) for row in rows]

    # ---- events ----

    def append(self, identity: str, kind: EventKind, data: Mapping[str, Any]) -> Event:
        """Numbers and stores an event; an artifact also shows that the worker gets on."""
        with self._write() as db:
            if kind == "artifact":
                db.execute("UPDATE jobs SET deaths=0 WHERE id=?", (identity,))
            return _append(db, identity, kind, data)

    def events(self, identity: str, after: int = 0) -> list[Event]:
        """Events with `seq` > `after`, in order."""
        with self._connect() as db:
            rows = db.execute("SELECT * FROM events WHERE job=? AND seq>? ORDER BY seq", (identity, after))
            return [Event(r["job"], r["seq"], r["kind"], json.loads(r["data"]), r["time"]) for r in rows]

    def last_event(self, identity: str, kind: EventKind) -> Event | None:
        with self._connect() as db:
            query = "SELECT * FROM events WHERE job=? AND kind=? ORDER BY seq DESC LIMIT 1"
            r = db.execute(query, (identity, kind)).fetchone()
        return r and Event(r["job"], r["seq"], r["kind"], json.loads(r["data"]), r["time"])


def _has_lanes(db: sqlite3.Connection) -> bool:
    return any(row["name"] == "lane" for row in db.execute("PRAGMA table_info(jobs)"))


def _append(db: sqlite3.Connection, identity: str, kind: EventKind, data: Mapping[str, Any]) -> Event:
    seq = db.execute("SELECT coalesce(max(seq),0)+1 FROM events WHERE job=?", (identity,)).fetchone()[0]
    event = Event(identity, seq, kind, data)
    db.execute("INSERT INTO events VALUES(?,?,?,?,?)", (identity, seq, event.time, kind, json.dumps(data)))
    return event


_FIELDS = frozenset(field.name for field in fields(Job))


def _job(row: sqlite3.Row) -> Job:
    body = {name: row[name] for name in row.keys() if name in _FIELDS}  # noqa: SIM118 - a Row's `in` looks at values
    return Job(**body | {"request": json.loads(row["request"]), "project": Path(row["project"])})
