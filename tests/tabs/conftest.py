"""A studio without a worker, and a worker's part in it played through the real job table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio.compose import Studio
from studio.events import EventKind
from studio.jobs.store import Job, JobStore
from studio.settings import Settings
from tabs.music.desk import Desk
from tabs.music.form import FormValues
from tests.samples import write_character, write_song


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def desk(settings: Settings) -> Desk:
    return Desk(Studio(settings))


@pytest.fixture(scope="session")
def values(tmp_path_factory: pytest.TempPathFactory) -> FormValues:
    """A form filled in with a real song and a real picture."""
    folder = tmp_path_factory.mktemp("uploads")
    song = write_song(folder / "My_first  song.wav", seconds=3)
    return FormValues(song, (write_character(folder / "one.png"),), "A walk by the sea", tempo=120.0)


@pytest.fixture
def worker(settings: Settings) -> Callable[..., None]:
    """worker(job, (kind, data), ...): writes events as the worker would; a final kind ends the job's run."""
    store = JobStore(settings.database)

    def work(job: Job, *events: tuple[EventKind, dict[str, Any]]) -> None:
        store.begin(job.id, store.get(job.id).run)
        for kind, data in events:
            if kind in ("done", "failed", "cancelled"):
                store.finish(job.id, store.get(job.id).run, kind, data)
            else:
                store.append(job.id, kind, data)

    return work
