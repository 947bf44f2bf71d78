"""Sessions nobody opens are deleted after a while, wholly, and only they."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from studio.compose import Studio, build_worker
from studio.errors import BadInput, NotFound
from studio.jobs.seats import STUDIO_SEAT, Post
from studio.jobs.store import JobStore, NewJob
from studio.settings import Settings, read_settings
from studio.store.atomic import write_json
from studio.store.projects import ProjectStore
from studio.store.retention import DAY, clean_up, last_opened, note_opened


def age(folder: Path, days: float) -> None:
    then = time.time() - days * DAY
    for path in [folder, *folder.rglob("*")]:
        os.utime(path, (then, then))


@pytest.fixture
def sessions(tmp_path: Path) -> ProjectStore:
    return ProjectStore(tmp_path / "sessions")


def made(sessions: ProjectStore, title: str, days: float) -> str:
    project = sessions.create(title)
    index = project.folder / "videos" / "01" / "index.json"
    index.parent.mkdir(parents=True)
    write_json(index, {})
    age(project.folder, days)
    return project.id


def test_what_was_not_opened_for_long_is_deleted_whole(sessions: ProjectStore, tmp_path: Path) -> None:
    old, busy, seen, read = (made(sessions, name, 30) for name in ("old", "busy", "seen", "read"))
    young = made(sessions, "young", 2)
    note_opened(sessions.folder(seen))
    (sessions.folder(read) / "videos" / "01" / "index.json").touch()
    outside = tmp_path / "outside"
    outside.mkdir()
    (sessions.folder(old) / "link").symlink_to(outside)
    (tmp_path / "sessions" / "linked").symlink_to(outside)
    age(outside, 99)
    assert clean_up(sessions, 7, lambda folder: folder.name == busy) == [old]
    assert {info.id for info in sessions.list()} == {busy, seen, read, young}
    assert not list((tmp_path / "sessions").glob(".kinora*"))
    assert outside.is_dir()
    with pytest.raises(NotFound):
        sessions.folder(old)


def test_nothing_is_deleted_unless_a_time_is_set(sessions: ProjectStore) -> None:
    made(sessions, "old", 5000)
    assert clean_up(sessions, 0, lambda _: False) == []
    assert read_settings(Path("/x"), {}).retention_days == 0
    assert read_settings(Path("/x"), {"KINORA_RETENTION_DAYS": "0.5"}).retention_days == 0.5
    with pytest.raises(BadInput, match="KINORA_RETENTION_DAYS"):
        read_settings(Path("/x"), {"KINORA_RETENTION_DAYS": "-1"})


def test_opening_a_session_keeps_it(tmp_path: Path) -> None:
    settings: Settings = read_settings(tmp_path, {})
    studio = Studio(settings)
    identity = made(studio.sessions, "old", 30)
    assert time.time() - last_opened(studio.sessions.folder(identity)) > 29 * DAY
    studio.session(identity)
    assert time.time() - last_opened(studio.sessions.folder(identity)) < 60
    for climbing in ("..", "../sessions", "a/b", "", "."):
        with pytest.raises(BadInput):
            studio.session(climbing)


def test_the_studios_worker_does_it_and_spares_what_is_worked_on(tmp_path: Path) -> None:
    settings = read_settings(tmp_path, {"KINORA_RETENTION_DAYS": "7"})
    sessions = ProjectStore(settings.sessions)
    old, busy, done = (made(sessions, name, 30) for name in ("old", "busy", "done"))
    store = JobStore(settings.database)
    for name in (busy, done):
        store.add(NewJob("video_index", {}, name, sessions.folder(name), STUDIO_SEAT))
    store.cancel(store.of_project(sessions.folder(done))[0].id)
    (chore,) = build_worker(settings, Post(STUDIO_SEAT), "cpu")._chores
    assert sorted(chore()) == sorted([old, done])
    assert [info.id for info in sessions.list()] == [busy]
    assert build_worker(settings, Post("cli-1"), "cpu")._chores == []
