"""Settings, read once at the start from the environment and passed in; nothing else is read from os.environ."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from studio.errors import BadInput

_FLAGS = {"": True, "true": True, "1": True, "yes": True, "on": True,
          "false": False, "0": False, "no": False, "off": False}  # fmt: skip
_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?|GPU-[0-9a-fA-F-]+|MIG-[0-9a-zA-Z/-]+")
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
    message_characters: int = 20_000
    footage_seconds: float = 600.0
    video_seconds: float = 4 * 3600.0


@dataclass(frozen=True)
class Settings:
    """Where things are and how patient the studio is. Times in seconds. A job that takes `worker_deaths` workers with
    it, one after the other, is failed.

    local_speech      whether speech is made on this machine; else the service at `voicevox_url` does it
    speech_fallback   whether another speech engine may stand in, with a notice, for one that fails
    local_lip_sync    whether lips are moved; else a message shows the photo alive but not speaking, and says so
    repair_enabled, repair_threshold  whether damage done by the cut-out is mended, from which share of the person on
    chat_url, chat_key, chat_model  an OpenAI-compatible endpoint; the key is sent there and shown or written nowhere
    retention_days    sessions of videos that nobody opened for so long are deleted; 0 keeps them for ever
    devices           what the workers compute on, one worker each: cpu, mps, cuda:N, or the unique id of an NVIDIA card
                      or of a part of a split one (GPU-..., MIG-...); empty for every NVIDIA card, else the best device
    models, hub       the folder of fetched weights, and the hub's cache, in which they may lie as well

    Environment: KINORA_DATA (folder of projects and jobs), KINORA_STALL_SECONDS, KINORA_JOBS_PER_WORKER; and in the
    order above USE_LOCAL_TTS, TTS_FALLBACK_ENABLED, USE_LOCAL_LIPSYNC, INPAINTING_ENABLED, INPAINTING_THRESHOLD;
    VOICEVOX_URL; KINORA_CHAT_URL, KINORA_CHAT_KEY, KINORA_CHAT_MODEL; KINORA_RETENTION_DAYS; KINORA_DEVICES
    (divided by commas); KINORA_MODELS; HF_HUB_CACHE or HF_HOME.
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
    voicevox_url: str = ""
    local_speech: bool = True
    speech_fallback: bool = True
    local_lip_sync: bool = True
    repair_enabled: bool = True
    repair_threshold: float = 0.01
    chat_url: str = ""
    chat_key: str = field(default="", repr=False)
    chat_model: str = ""
    retention_days: float = 0.0
    devices: tuple[str, ...] = ()
    models: Path = ROOT / "models"
    hub: Path = Path.home() / ".cache" / "huggingface" / "hub"
    presets: Path = ROOT / "presets"
    assets: Path = ROOT / "assets"

    @property
    def projects(self) -> Path:
        return self.data / "projects"

    @property
    def sessions(self) -> Path:
        """Videos that are asked about."""
        return self.data / "sessions"

    @property
    def voices(self) -> Path:
        """Voice profiles."""
        return self.data / "voices"

    @property
    def database(self) -> Path:
        """Jobs, events, heartbeats (SQLite)."""
        return self.data / "jobs.sqlite"

    @property
    def memory_book(self) -> Path:
        """What models were seen to need on this machine."""
        return self.data / "memory.json"

    @property
    def timings(self) -> Path:
        """How long stages took on this machine."""
        return self.data / "timings.json"

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
    hub_home = Path(env.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Settings(
        data=folder.expanduser().resolve(),
        voicevox_url=_url(env, "VOICEVOX_URL"),
        stall_seconds=_number(env, "KINORA_STALL_SECONDS", 300.0, 1.0, 86400.0),
        jobs_per_worker=int(_number(env, "KINORA_JOBS_PER_WORKER", 3, 1, 16)),
        local_speech=_flag(env, "USE_LOCAL_TTS"),
        speech_fallback=_flag(env, "TTS_FALLBACK_ENABLED"),
        local_lip_sync=_flag(env, "USE_LOCAL_LIPSYNC"),
        repair_enabled=_flag(env, "INPAINTING_ENABLED"),
        repair_threshold=_number(env, "INPAINTING_THRESHOLD", 0.01, 0.0, 1.0),
        chat_url=_url(env, "KINORA_CHAT_URL"),
        chat_key=env.get("KINORA_CHAT_KEY", "").strip(),
        chat_model=env.get("KINORA_CHAT_MODEL", "").strip(),
        retention_days=_number(env, "KINORA_RETENTION_DAYS", 0.0, 0.0, 36500.0),
        devices=_devices(env, "KINORA_DEVICES"),
        models=Path(env.get("KINORA_MODELS") or ROOT / "models").expanduser().resolve(),
        hub=Path(env.get("HF_HUB_CACHE") or hub_home / "hub").expanduser(),
    )


def _flag(env: Mapping[str, str], name: str) -> bool:
    """True unless the variable says otherwise."""
    text = env.get(name, "").strip().lower()
    if text not in _FLAGS:
        raise BadInput(name, text, "true or false")
    return _FLAGS[text]


def _devices(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    devices = tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())
    for device in devices:
        if not _DEVICE.fullmatch(device):
            raise BadInput(name, device, "cpu | mps | cuda | cuda:N | GPU-... | MIG-..., divided by commas")
    return devices


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


def _url(env: Mapping[str, str], name: str) -> str:
    text = env.get(name, "").strip().rstrip("/")
    parts = urlsplit(text)
    if parts.username or parts.password:
        raise BadInput(name, "an address with a password", "an address without one; a key has its own variable")
    if text and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise BadInput(name, text, "an address such as http://127.0.0.1:50021, or nothing")
    return text
