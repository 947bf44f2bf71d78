"""The worker and its supervisor as real processes, killed, frozen, hung and orphaned at every turn."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from studio.jobs.locks import is_held, seat_lock
from studio.jobs.store import Job, JobStore, NewJob
from studio.jobs.supervisor import Launch, Supervisor
from studio.settings import ROOT, Settings

SCRIPT = ("-m", "tests.jobs.counting_worker")


class Bench:
    """A data folder, its store, and a supervised worker."""

    def __init__(self, data: Path) -> None:
        self.settings = replace(Settings(data), dead_after_seconds=2.0, worker_deaths=2)
        self.store = JobStore(self.settings.database)
        self.supervisors: list[Supervisor] = []

    def start(self, stall: float = 300.0) -> Supervisor:
        command = [sys.executable, *SCRIPT, str(self.settings.data), "studio", str(stall)]
        supervisor = Supervisor(self.settings, "studio", self.store, Launch(command, ROOT))
        supervisor.start()
        self.supervisors.append(supervisor)
        return supervisor

    def submit(self, name: str = "a", priority: int = 100, **request: Any) -> Job:
        project = self.settings.data / name
        project.mkdir(exist_ok=True)
        return self.store.add(NewJob("count", request, name, project, "studio", priority))

    def ended(self, job: Job, seconds: float = 40.0) -> Job:
        wait_until(lambda: not self.store.get(job.id).active, seconds)
        return self.store.get(job.id)

    def steps(self, job: Job) -> list[str]:
        log = job.project / "log.txt"
        return [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []

    def kinds(self, job: Job) -> list[str]:
        return [event.kind for event in self.store.events(job.id)]


def wait_until(condition: Callable[[], object], seconds: float = 40.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@contextmanager
def stopped_afterwards(bench: Bench) -> Iterator[Bench]:
    """Stops what `bench` has started, however the test went."""
    yield bench
    for supervisor in bench.supervisors:
        supervisor.stop()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with stopped_afterwards(Bench(tmp_path)) as bench:
        yield bench


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One bench whose worker is up, for jobs that leave it so; each begins and ends its own, by its own name."""
    with stopped_afterwards(Bench(tmp_path_factory.mktemp("bench"))) as bench:
        bench.start()
        yield bench


def test_a_job_runs_to_its_end_with_numbered_events(at_work: Bench) -> None:
    bench = at_work
    job = bench.submit("whole", steps=3)
    assert bench.ended(job).state == "done"
    events = bench.store.events(job.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[-1].kind == "done"
    assert bench.steps(job) == ["0", "1", "2"]


def test_a_fault_is_tried_three_times_with_growing_waits_then_told(at_work: Bench) -> None:
    bench = at_work
    lasting = bench.submit("lasting", steps=2, faults={"1": "raise-always"})
    passing = bench.submit("passing", steps=2, faults={"1": "raise"})
    assert bench.ended(passing).state == "done"
    assert bench.ended(lasting).state == "failed"
    notices = [e for e in bench.store.events(lasting.id) if e.kind == "notice"]
    assert len(notices) == bench.settings.retries
    assert "a wire came loose" in bench.store.events(lasting.id)[-1].data["error"]["message"]
    assert bench.steps(lasting) == ["0"]


def test_bad_input_found_late_is_not_tried_again(at_work: Bench) -> None:
    bench = at_work
    job = bench.submit("late", steps=2, faults={"0": "refuse-always"})
    assert bench.ended(job).state == "failed"
    last = bench.store.events(job.id)[-1]
    assert (last.data["error"]["kind"], last.data["error"]["parameter"]) == ("bad_input", "--count")
    assert "notice" not in bench.kinds(job)


@pytest.mark.parametrize("fault", ["die", "freeze"])
def test_a_worker_that_dies_or_hangs_whole_is_replaced_and_the_job_goes_on(bench: Bench, fault: str) -> None:
    job = bench.submit(steps=4, faults={"2": fault})
    supervisor = bench.start()
    assert bench.ended(job).state == "done"
    assert bench.steps(job) == ["0", "1", "2", "3"]
    workers = {line.split()[1] for line in (job.project / "log.txt").read_text().splitlines()}
    assert len(workers) == 2
    assert any("replaced" in e.data.get("text", "") for e in bench.store.events(job.id))
    assert supervisor.worker_pid is not None


def test_a_stage_without_progress_ends_its_worker_and_is_tried_again(bench: Bench) -> None:
    job = bench.submit(steps=3, faults={"1": "hang"})
    bench.start(stall=1.0)
    assert bench.ended(job).state == "done"
    assert any("no progress for 1 s" in e.data.get("text", "") for e in bench.store.events(job.id))


def test_a_job_that_kills_every_worker_fails_and_others_still_run(bench: Bench) -> None:
    killer = bench.submit("killer", steps=1, faults={"0": "die-always"})
    bench.start()
    assert bench.ended(killer, 60).state == "failed"
    assert bench.ended(bench.submit("other", steps=1)).state == "done"


def test_cancel_reaches_a_running_job_at_once(at_work: Bench) -> None:
    bench = at_work
    job = bench.submit("cancelled", steps=1000)
    wait_until(lambda: bench.steps(job))
    bench.store.cancel(job.id)
    asked = time.monotonic()
    assert bench.ended(job).state == "cancelled"
    assert time.monotonic() - asked < 3.0  # of fifty seconds of work; a second is usual on a quiet machine
    assert bench.kinds(job)[-1] == "cancelled"


def test_what_is_said_reaches_a_running_job_at_its_next_step_and_is_gone_with_it(at_work: Bench) -> None:
    bench = at_work
    job = bench.submit("steered", steps=1000)
    wait_until(lambda: bench.steps(job))
    bench.store.control(job.id, {"words": "rain"})
    wait_until(lambda: "notice" in bench.kinds(job))
    bench.store.control(job.id, {"words": "snow"})
    wait_until(lambda: any("snow" in str(event.data) for event in bench.store.events(job.id)))
    bench.store.cancel(job.id)
    assert bench.ended(job).state == "cancelled"
    said = [event.data["text"].split(": ")[1] for event in bench.store.events(job.id) if event.kind == "notice"]
    assert said == sorted(said)
    assert bench.store.said(job.id) == {}


def test_a_cancelled_job_resumes_from_its_finished_steps(at_work: Bench) -> None:
    bench = at_work
    job = bench.submit("resumed", steps=30)
    wait_until(lambda: len(bench.steps(job)) > 3)
    bench.store.cancel(job.id)
    bench.ended(job)
    resumed = bench.store.resume(job.id, "studio")
    assert resumed.first_seq > 1
    assert bench.ended(job).state == "done"
    assert bench.steps(job) == [str(n) for n in range(30)]


def test_a_job_of_a_lane_of_its_own_waits_neither_for_its_project_s_nor_for_a_free_place(at_work: Bench) -> None:
    bench = at_work
    busy = [bench.submit(f"busy-{number}", steps=400) for number in range(2)]
    wait_until(lambda: all(bench.steps(job) for job in busy))
    new = NewJob("count", {"steps": 0}, "asked", busy[0].project, "studio", lane="questions")
    assert bench.ended(bench.store.add(new)).state == "done"
    assert all(bench.store.get(job.id).state == "running" for job in busy)
    for job in busy:
        bench.store.cancel(job.id)
        bench.ended(job)


def test_urgent_jobs_go_first(at_work: Bench) -> None:
    bench = at_work
    blockers = [bench.submit(f"blocker-{n}", steps=40) for n in range(2)]
    wait_until(lambda: all(bench.steps(job) for job in blockers))
    late = [bench.submit(f"job-{n}", priority=50 - n, steps=5) for n in range(4)]
    wait_until(lambda: not bench.store.undispatched("studio"))
    assert all(bench.store.get(job.id).active for job in blockers)
    for job in late:
        bench.ended(job)
    begun = [job.priority for job in sorted(late, key=lambda job: bench.store.events(job.id)[0].time)]
    # Two are taken at once, and the second one's thread may come to its first word after the third one's.
    assert begun[0] in (47, 48)
    assert begun[-1] == 50


def test_closing_the_studio_ends_the_worker_and_the_next_start_goes_on(bench: Bench) -> None:
    job = bench.submit(steps=40)
    supervisor = bench.start()
    wait_until(lambda: len(bench.steps(job)) > 2)
    pid = supervisor.worker_pid
    supervisor.stop()
    assert pid is not None
    assert not _alive(pid)
    assert bench.store.get(job.id).state == "running"
    bench.start()
    assert bench.ended(job).state == "done"
    assert bench.steps(job) == [str(n) for n in range(40)]


def test_a_worker_whose_parent_was_killed_ends_itself(bench: Bench) -> None:
    job = bench.submit(steps=1000)
    parent_code = (
        "import sys, time; from pathlib import Path; from studio.jobs.store import JobStore;"
        "from studio.jobs.supervisor import Launch, Supervisor; from studio.settings import ROOT, Settings;"
        f"s = Settings(Path({str(bench.settings.data)!r}));"
        f"Supervisor(s, 'studio', JobStore(s.database), Launch([sys.executable, *{SCRIPT!r},"
        f" {str(bench.settings.data)!r}, 'studio', '300'], ROOT)).start(); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], cwd=ROOT)
    wait_until(lambda: bench.steps(job))
    state = bench.store.worker("studio")
    assert state is not None
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not _alive(state.pid), 5)
    wait_until(lambda: not is_held(seat_lock(bench.settings.data, "studio")), 5)
    bench.start()
    wait_until(lambda: len({line.split()[1] for line in (job.project / "log.txt").read_text().splitlines()}) == 2)
    assert bench.steps(job) == [str(n) for n in range(len(bench.steps(job)))]


def test_two_studios_on_one_folder_share_one_worker(bench: Bench) -> None:
    job = bench.submit(steps=20)
    first, second = bench.start(), bench.start()
    wait_until(lambda: first.worker_pid or second.worker_pid)
    wait_until(lambda: bench.steps(job))
    working, waiting = (first, second) if first.worker_pid else (second, first)
    assert waiting.worker_pid is None
    working.stop()
    wait_until(lambda: waiting.worker_pid)
    assert bench.ended(job).state == "done"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/status")
    return not (status.exists() and "State:\tZ" in status.read_text())
