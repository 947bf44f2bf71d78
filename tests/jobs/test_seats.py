"""Several workers of one studio, as real processes: who takes which job, and what becomes of one's jobs without it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.jobs.fleet import Fleet, Plan
from studio.jobs.locks import is_held, seat_lock
from studio.jobs.seats import Standing, choose, engines_named, seats_of
from studio.jobs.supervisor import Launch
from studio.requests import ComparisonRequest, FetchRequest, MusicVideoRequest, QuestionRequest
from studio.settings import ROOT
from tests.jobs.test_worker import SCRIPT, Bench, wait_until


class TwoDevices(Bench):
    """A bench whose studio has two workers, which take two jobs each."""

    def start_fleet(self, devices: tuple[str, ...] = ("cpu", "cpu")) -> Fleet:
        def launch(seat, seats):
            names = [each.name for each in seats]
            command = [sys.executable, *SCRIPT, str(self.settings.data), seat.name, "300", *names]
            return Launch(command, ROOT, seat.environment)

        fleet = Fleet(self.settings, self.store, Plan(lambda: seats_of(devices), launch))
        fleet.start()
        self.supervisors.append(fleet)  # type: ignore[arg-type] - both are ended by stop()
        for seat in seats_of(devices):
            wait_until(lambda name=seat.name: self.up(name))
        return fleet

    def up(self, seat: str) -> bool:
        return self.store.worker(seat) is not None and is_held(seat_lock(self.settings.data, seat))

    def pid(self, job) -> int:
        return int((job.project / "log.txt").read_text().split()[1])


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoDevices]:
    bench = TwoDevices(tmp_path_factory.mktemp("devices"))
    bench.start_fleet()
    yield bench
    for supervisor in bench.supervisors:
        supervisor.stop()


def test_jobs_are_spread_and_wait_when_all_are_busy(bench: TwoDevices) -> None:
    jobs = [bench.submit(f"spread-{number}", steps=12) for number in range(6)]
    wait_until(lambda: bench.store.burdens("studio") == {"studio": 2, "studio-2": 2})
    assert [bench.store.get(job.id).state for job in jobs].count("running") <= 4
    assert {bench.ended(job).state for job in jobs} == {"done"}
    assert {bench.pid(job) for job in jobs} == {state.pid for state in bench.store.workers()}


def test_a_job_goes_to_the_device_that_has_its_model(bench: TwoDevices) -> None:
    (bench.settings.data / "resident-studio-2").write_text("image/stable-diffusion")
    wait_until(lambda: "image" in str(bench.store.worker("studio-2").snapshot))  # type: ignore[union-attr]
    chosen = bench.submit("resident", steps=1, engines={"image": "stable-diffusion"})
    assert bench.ended(chosen).seat == "studio-2"
    plain = bench.submit("plain", steps=1)
    assert bench.ended(plain).seat == "studio"
    (bench.settings.data / "resident-studio-2").unlink()


def test_two_jobs_on_one_project_never_run_at_once_on_two_devices(bench: TwoDevices) -> None:
    first = bench.submit("shared", steps=8)
    second = bench.store.add(_again(first))
    wait_until(lambda: bench.store.get(first.id).state == "running")
    assert bench.store.get(second.id).state == "queued"
    assert bench.ended(first).state == bench.ended(second).state == "done"
    assert bench.steps(first) == [str(step) for step in range(8)]


def _again(job):
    from studio.jobs.store import NewJob

    return NewJob(job.kind, job.request, "another digest", job.project, "studio")


def test_cancelled_on_the_second_device_and_killed_there_it_goes_on(bench: TwoDevices) -> None:
    blocker = bench.submit("blocker", steps=200)
    wait_until(lambda: bench.store.get(blocker.id).state == "running")
    job = bench.submit("second", steps=10)
    wait_until(lambda: len(bench.steps(job)) >= 2)
    assert bench.store.get(job.id).seat == "studio-2"
    os.kill(bench.pid(job), signal.SIGKILL)
    bench.store.cancel(blocker.id)
    assert bench.ended(blocker).state == "cancelled"
    assert bench.ended(job).state == "done"
    assert bench.steps(job) == [str(step) for step in range(10)]


def test_the_jobs_of_a_device_that_is_gone_are_called_back(tmp_path: Path) -> None:
    bench = TwoDevices(tmp_path)
    job = bench.submit(steps=3)
    bench.store.hand_on(job, "studio-3")
    try:
        bench.start_fleet(("cpu",))
        assert bench.ended(job).state == "done"
        assert bench.store.get(job.id).seat == "studio"
    finally:
        for supervisor in bench.supervisors:
            supervisor.stop()


def test_the_fewest_jobs_come_first_then_the_model_that_is_there() -> None:
    busy = Standing("studio", 1, "image/sd", ())
    idle = Standing("studio-2", 0, None, ())
    near = Standing("studio-3", 0, "video/svd", ("image/sd",))
    wanted = engines_named({"engines": {"image": "sd"}})
    assert choose(wanted, [busy, idle, near], 2) == near
    assert choose(wanted, [busy, idle], 2) == idle
    assert choose(engines_named({"prompt": "no engine is named"}), [busy, idle, near], 2) == idle
    assert choose(wanted, [busy], 1) is None


def test_every_kind_of_request_names_its_engines(tmp_path: Path) -> None:
    film = MusicVideoRequest(tmp_path / "a.mp3", (tmp_path / "b.png",), tmp_path, engines={"image": "stable-diffusion"})
    assert engines_named(film.to_json()) == {"image/stable-diffusion"}
    assert engines_named(ComparisonRequest(film, {"seed": 3}).to_json()) == {"image/stable-diffusion"}
    assert engines_named(QuestionRequest(tmp_path, "When?", "local").to_json()) == {"chat/local"}
    assert engines_named(FetchRequest(tmp_path, ("taesd",)).to_json()) == set()
