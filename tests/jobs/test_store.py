"""Jobs on disk: numbering, equal requests, cancelling, resuming, and two processes writing at once."""

from __future__ import annotations

import multiprocessing
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import NotFound, StorageFailed
from studio.jobs.store import JobStore, NewJob, WorkerState


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / "jobs.sqlite")


def new_job(tmp_path: Path, digest: str = "d", seat: str = "studio") -> NewJob:
    return NewJob("count", {"steps": 3}, digest, tmp_path, seat)


def test_equal_requests_are_one_job_while_it_is_active(store: JobStore, tmp_path: Path) -> None:
    first = store.add(new_job(tmp_path))
    assert store.add(new_job(tmp_path)).id == first.id
    assert store.add(new_job(tmp_path, "other")).id != first.id
    store.begin(first.id, 1)
    assert store.add(new_job(tmp_path)).id == first.id
    store.finish(first.id, 1, "done", {})
    assert store.add(new_job(tmp_path)).id != first.id


def test_a_seat_of_its_own_is_named_after_the_job(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path, seat=""))
    assert job.seat == f"cli-{job.id}"


def test_events_are_numbered_from_one_without_gaps(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    for text in "abc":
        store.append(job.id, "notice", {"text": text})
    events = store.events(job.id)
    assert [event.seq for event in events] == [1, 2, 3]
    assert [event.data["text"] for event in store.events(job.id, after=2)] == ["c"]


def _append_many(database: Path, identity: str) -> None:
    store = JobStore(database)
    for _ in range(50):
        store.append(identity, "notice", {"text": "x"})


def test_two_processes_number_events_together(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_append_many, args=(tmp_path / "jobs.sqlite", job.id)) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [event.seq for event in store.events(job.id)] == list(range(1, 101))


def test_jobs_of_one_project_run_one_after_the_other_but_for_those_of_another_lane(
    store: JobStore, tmp_path: Path
) -> None:
    writing = [store.add(new_job(tmp_path, name)) for name in "ab"]
    asked = [store.add(replace(new_job(tmp_path, name), lane="questions")) for name in "cd"]
    store.mark_dispatched(writing[0])
    store.begin(writing[0].id, 1)
    assert [job.id for job in store.undispatched("studio")] == [asked[0].id]
    store.mark_dispatched(asked[0])
    assert store.undispatched("studio") == []
    store.cancel(asked[0].id)
    assert [job.id for job in store.undispatched("studio")] == [asked[1].id]


def test_a_table_of_an_older_studio_goes_on(tmp_path: Path) -> None:
    database = tmp_path / "jobs.sqlite"
    first = JobStore(database).add(new_job(tmp_path))
    with sqlite3.connect(database) as db:
        db.execute("ALTER TABLE jobs DROP COLUMN lane")
    store = JobStore(database)
    assert [job.id for job in store.undispatched("studio")] == [first.id]
    assert store.add(replace(new_job(tmp_path, "other"), lane="questions")).state == "queued"


def test_a_queued_job_is_cancelled_at_once_and_never_begins(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    assert store.cancel(job.id).state == "cancelled"
    assert store.begin(job.id, 1) is None
    assert [event.kind for event in store.events(job.id)] == ["cancelled"]


def test_a_running_job_is_asked_to_stop(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    store.begin(job.id, 1)
    assert store.cancel(job.id).state == "running"
    assert store.cancel_requests("studio") == [job.id]
    assert store.finish(job.id, 1, "cancelled", {})
    assert store.cancel_requests("studio") == []


def test_an_overtaken_run_can_end_nothing(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    store.begin(job.id, 1)
    moved = store.resume(job.id, "elsewhere")
    assert (moved.run, moved.state, moved.seat) == (2, "queued", "elsewhere")
    assert not store.finish(job.id, 1, "done", {})
    assert store.begin(job.id, 1) is None
    assert store.get(job.id).state == "queued"


def test_resume_after_an_end_begins_a_new_story_and_an_interrupted_one_goes_on(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    store.begin(job.id, 1)
    store.append(job.id, "notice", {"text": "working"})
    assert store.resume(job.id, "elsewhere").first_seq == 1
    store.begin(job.id, 2)
    store.finish(job.id, 2, "failed", {"error": {}})
    assert store.resume(job.id, "elsewhere").first_seq == 3


def test_a_job_that_keeps_killing_its_worker_fails_unless_it_gets_on(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    store.begin(job.id, 1)
    for _ in range(2):
        store.record_death("studio", 3, "killed")
    store.append(job.id, "artifact", {"role": "step", "path": "x"})
    for _ in range(2):
        store.record_death("studio", 3, "killed")
    assert store.get(job.id).state == "running"
    store.record_death("studio", 3, "killed")
    assert store.get(job.id).state == "failed"
    assert "3 times" in store.events(job.id)[-1].data["error"]["message"]


def test_unknown_ids_and_unusable_places_are_said_plainly(store: JobStore, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nosuch"):
        store.get("nosuch")
    (tmp_path / "file").touch()
    with pytest.raises(StorageFailed, match="file"):
        JobStore(tmp_path / "file" / "jobs.sqlite")
    (tmp_path / "noise.sqlite").write_bytes(b"noise" * 1000)
    with pytest.raises(StorageFailed, match=r"noise\.sqlite"):
        JobStore(tmp_path / "noise.sqlite")


def test_the_last_sign_of_life_is_kept(store: JobStore) -> None:
    assert store.worker("studio") is None
    store.beat(WorkerState("studio", 7, 1, {"resident": None}))
    store.beat(WorkerState("studio", 7, 2, {"resident": "image/painter"}))
    state = store.worker("studio")
    assert state is not None
    assert (state.beat, state.snapshot["resident"]) == (2, "image/painter")


def test_what_is_said_to_a_job_holds_until_it_ends(store: JobStore, tmp_path: Path) -> None:
    job = store.add(new_job(tmp_path))
    store.control(job.id, {"guidance": 4})
    assert store.controls("studio") == {}, "nobody works on it yet"
    store.begin(job.id, 1)
    store.control(job.id, {"guidance": 3, "words": "rain"})
    assert store.controls("studio") == {job.id: {"guidance": 3, "words": "rain"}}
    assert store.controls("elsewhere") == {}
    store.requeue(job.id)
    store.begin(job.id, 2)
    assert store.said(job.id) == {"guidance": 3, "words": "rain"}, "a run that was cut off goes on as steered"
    store.finish(job.id, 2, "done", {})
    assert (store.controls("studio"), store.said(job.id)) == ({}, {})
    store.control(job.id, {"guidance": 9})
    assert store.said(job.id) == {}
    with pytest.raises(NotFound):
        store.control("nosuch", {})
