"""What this machine can run, what is missing, and what it would take."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from studio.errors import StudioError
from studio.media.ffmpeg import program

if TYPE_CHECKING:
    from studio.compose import Studio

GIGABYTE = 1024**3
_DISK_NEEDED = 2 * GIGABYTE  # a half-hour film at 1080p with its segments and layers


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `remedy` says what would mend it, "" where nothing needs mending."""

    name: str
    ok: bool
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{'ok     ' if self.ok else 'missing'}  {self.name}: {self.text}"
        return line + (f"\n         {self.remedy}" if self.remedy else "")

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(studio: Studio) -> list[Finding]:
    """Looks at the machine, the data folder and every engine; imports no engine and starts nothing."""
    return [_python(), _machine(), _device(), _ffmpeg(), _disk(studio), _switches(studio), *_engines(studio)]


def _python() -> Finding:
    text = f"{platform.python_implementation()} {platform.python_version()} on {platform.system()} {platform.machine()}"
    ok = sys.version_info >= (3, 11)
    return Finding("Python", ok, text, "" if ok else "install Python 3.11 or newer")


def _machine() -> Finding:
    import psutil

    memory = psutil.virtual_memory().total
    return Finding("Machine", True, f"{os.cpu_count()} processor cores, {memory / GIGABYTE:.1f} GB of memory")


def _device() -> Finding:
    from studio.models.devices import detect_device

    device = detect_device()
    text = f"{device.title}, {device.precision}"
    return Finding("Device", True, f"{text}; the embedded engines need no GPU" if device.kind == "cpu" else text)


def _ffmpeg() -> Finding:
    try:
        return Finding("ffmpeg", True, program())
    except StudioError as error:
        return Finding("ffmpeg", False, str(error), "pip install -r requirements.txt")


def _disk(studio: Studio) -> Finding:
    folder = studio.settings.data
    free = shutil.disk_usage(folder).free
    ok = free >= _DISK_NEEDED and os.access(folder, os.W_OK)
    remedy = "" if ok else f"free some space, or choose another folder with --data (now {folder})"
    return Finding("Data folder", ok, f"{folder}, {free / GIGABYTE:.1f} GB free", remedy)


def _engines(studio: Studio) -> list[Finding]:
    """One that can't run is a fault only where no other one does its task."""
    rows = studio.engines()
    served = {row["task"] for row in rows if row["available"]}
    findings = []
    for row in rows:
        why, _, remedy = str(row["why"]).partition("; ")
        text = f"not used: {why}" if why and row["task"] in served else why or row["title"]
        findings.append(Finding(f"Engine {row['task']}={row['name']}", row["task"] in served, text, remedy))
    return findings


def _switches(studio: Studio) -> Finding:
    """What the environment has switched, as every message goes by."""
    settings = studio.settings
    words = {
        "USE_LOCAL_TTS": settings.local_speech,
        "TTS_FALLBACK_ENABLED": settings.speech_fallback,
        "USE_LOCAL_LIPSYNC": settings.local_lip_sync,
        "INPAINTING_ENABLED": settings.repair_enabled,
        "INPAINTING_THRESHOLD": settings.repair_threshold,
        "VOICEVOX_URL": settings.voicevox_url or "not set",
    }
    return Finding("Switches", True, ", ".join(f"{name}={str(value).lower()}" for name, value in words.items()))
