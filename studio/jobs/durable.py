"""The durable queue: each run of a job is a DBOS workflow of one retried step, kept in SQLite.

DBOS holds what is queued and running through any crash and starts it again; what a run has finished already is known
from the project folder (see store/artifacts), so the step starts over and skips to where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from studio.jobs.store import Job
from studio.settings import Settings

QUEUE, BESIDE = "jobs", "beside"
"""Jobs that make something, and those of a lane of their own: short ones, which wait for none of the others."""
_MOST_BESIDE = 2


class AttemptFailed(Exception):
    """One attempt broke in a way worth another; takes the words alone, since DBOS stores it."""


@dataclass(frozen=True)
class Execution:
    """What the queue calls: `attempt(job id, run)` raises AttemptFailed to be called again, after the last time
    `give_up(job id, run, words)` is called."""

    attempt: Callable[[str, int], None]
    give_up: Callable[[str, int, str], None]


class DurableQueue:
    """DBOS for one worker seat. One per process, since DBOS is."""

    def __init__(self, settings: Settings, seat: str, execution: Execution) -> None:
        from dbos import DBOS

        self._dbos, self._seat = DBOS, seat
        DBOS(
            config={
                "name": "kinora",
                "system_database_url": f"sqlite:///{settings.queue_database}",
                "log_level": "ERROR",
                # Left to itself DBOS derives the version from the code, and an edit would strand running jobs.
                "application_version": seat,
                "executor_id": seat,
            }
        )

        @DBOS.step(
            name="attempt",
            retries_allowed=True,
            max_attempts=settings.retries,
            interval_seconds=0.5,
            backoff_rate=settings.backoff,
        )
        def attempt(identity: str, run: int) -> None:
            execution.attempt(identity, run)

        @DBOS.workflow(name="job", max_recovery_attempts=None)
        def job(identity: str, run: int) -> None:
            try:
                attempt(identity, run)
            except Exception as error:  # noqa: BLE001 - whatever DBOS wraps it in, the job must end with its words
                errors = getattr(error, "errors", None) or [error]
                execution.give_up(identity, run, str(errors[-1]))

        DBOS.launch()
        for queue, most in ((QUEUE, settings.jobs_per_worker), (BESIDE, _MOST_BESIDE)):
            DBOS.register_queue(queue, worker_concurrency=most, polling_interval_sec=0.2, on_conflict="always_update")

    def put(self, job: Job) -> None:
        """Queues a run; putting the same run twice is one run. Lower `priority` first."""
        self._dbos.enqueue_workflow_with_options(
            {
                "workflow_name": "job",
                "queue_name": BESIDE if job.lane else QUEUE,
                "workflow_id": _workflow(job),
                "app_version": self._seat,
                "priority": job.priority,  # always set: DBOS takes an unset one for the highest
            },
            job.id,
            job.run,
        )

    def alive(self, job: Job) -> bool:
        """Whether the job's present run is queued or being executed."""
        status = self._dbos.get_workflow_status(_workflow(job))
        return status is not None and status.status in ("ENQUEUED", "PENDING", "DELAYED")

    def close(self) -> None:
        self._dbos.destroy(workflow_completion_timeout_sec=0)


def _workflow(job: Job) -> str:
    return f"{job.id}.{job.run}"
