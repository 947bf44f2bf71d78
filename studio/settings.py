"""Settings, read once at the start from the environment and passed in; nothing else reads os.environ."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from studio.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """What an upload may be at most. Chosen so that a 4 GB machine survives the worst accepted file."""

    upload_bytes: int = 2 * 1024**3
    song_seconds: float = 1800.0
    picture_pixels: int = 80_000_000
    picture_bytes: int = 100 * 1024**2
    characters: int = 8
    prompt_characters: int = 1000
    lyrics_bytes: int = 1024**2
    lyrics_cues: int = 5000
    cue_characters: int = 500


@dataclass(frozen=True)
class Settings:
    """Where things are and how patient the studio is. Times in seconds. A job that takes `worker_deaths` workers with
    it, one after the other, is failed.

    Environment: KINORA_DATA (folder of projects and jobs), KINORA_STALL_SECONDS, KINORA_JOBS_PER_WORKER.
    """

    data: Path
    limits: Limits = Limits()
    stall_seconds: float = 300.0
    heartbeat_seconds: float = 1.0
    dead_after_seconds: float = 20.0
    retries: int = 3
    backoff: float = 2.0
    worker_deaths: int = 5
    jobs_per_worker: int = 3
    presets: Path = ROOT / "presets"
    assets: Path = ROOT / "assets"

    @property
    def projects(self) -> Path:
        return self.data / "projects"

    @property
    def database(self) -> Path:
        """Jobs, events, heartbeats (SQLite)."""
        return self.data / "jobs.sqlite"

    @property
    def queue_database(self) -> Path:
        """DBOS's own system database (SQLite)."""
        return self.data / "queue.sqlite"


def read_settings(data: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environment` (the process's by default); `data` overrides KINORA_DATA.

    Raises BadInput for a number that is none or out of range.
    """
    env = os.environ if environment is None else environment
    folder = data or Path(env.get("KINORA_DATA") or ROOT / "data")
    return Settings(
        data=folder.expanduser().resolve(),
        stall_seconds=_number(env, "KINORA_STALL_SECONDS", 300.0, 1.0, 86400.0),
        jobs_per_worker=int(_number(env, "KINORA_JOBS_PER_WORKER", 3, 1, 16)),
    )


def _number(env: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = env.get(name)
    if not text:
        return default
    accepted = f"a number from {low:g} to {high:g}"
    try:
        value = float(text)
    except ValueError:
        raise BadInput(name, text, accepted) from None
    if not low <= value <= high:
        raise BadInput(name, text, accepted)
    return value
