"""Small real files for tests: a song with a beat, a picture of a figure, and the studio run as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from studio.cli import main
from studio.compose import Studio
from studio.settings import ROOT, read_settings


def write_song(path: Path, seconds: float = 6.0, tempo: float = 120.0, rate: int = 22050) -> Path:
    """A kick on every beat, a hat between, a chord that changes each bar; mono 16-bit WAV."""
    rng = np.random.default_rng(7)
    time = np.arange(int(seconds * rate)) / rate
    sound = np.zeros_like(time)
    period = 60.0 / tempo
    for beat in range(int(seconds / period) + 1):
        _add(
            sound, beat * period, rate, lambda t: np.sin(2 * np.pi * (50 + 60 * np.exp(-t * 30)) * t) * np.exp(-t * 12)
        )
        _add(sound, (beat + 0.5) * period, rate, lambda t: 0.3 * rng.standard_normal(len(t)) * np.exp(-t * 60))
    for bar in range(int(seconds / (4 * period)) + 1):
        for frequency in (220, 277, 330) if bar % 2 else (196, 247, 294):
            inside = (time >= bar * 4 * period) & (time < (bar + 1) * 4 * period)
            sound[inside] += 0.08 * np.sin(2 * np.pi * frequency * time[inside])
    pcm = (np.clip(sound / np.abs(sound).max(), -1, 1) * 30000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return path


def _add(sound: np.ndarray, at: float, rate: int, make: Any) -> None:
    start = int(at * rate)
    room = max(0, min(int(0.25 * rate), len(sound) - start))
    sound[start : start + room] += make(np.arange(room) / rate)


def write_character(path: Path, hue: int = 20) -> Path:
    """A simple figure on a transparent background."""
    picture = Image.new("RGBA", (200, 300), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((55, 120, 145, 299), 30, fill=(200 - hue, 60 + hue, 90, 255))
    draw.ellipse((65, 30, 135, 115), fill=(230, 190, 160, 255))
    picture.save(path)
    return path


class Command:
    """`python -m studio ...` as a process, its events read line by line."""

    def __init__(self, data: Path, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "studio", "--data", str(data), *map(str, arguments)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict[str, Any]] = []

    def wait_for(self, **fields: Any) -> dict[str, Any] | None:
        """The next event with these fields; None when the command ended before."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.events.append(json.loads(line))
            if all(self.events[-1].get(name) == value for name, value in fields.items()):
                return self.events[-1]
        return None

    def finish(self, seconds: float = 120) -> tuple[int, str]:
        """Reads to the end; the exit status and standard error."""
        assert self.process.stdout
        self.events += [json.loads(line) for line in self.process.stdout]
        error = self.process.stderr.read() if self.process.stderr else ""
        return self.process.wait(seconds), error

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


@contextmanager
def open_studio(data: Path) -> Iterator[Studio]:
    """A studio that is open on `data`, as a page has one: commands there are done by its worker and start none."""
    studio = Studio(read_settings(data))
    studio.start_worker()
    try:
        yield studio
    finally:
        studio.close()


def run_studio(data: Path, *arguments: object, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """`python -m studio ...` to its end."""
    command: Sequence[str] = [sys.executable, "-m", "studio", "--data", str(data), *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False, env=os.environ
    )


def refusal(capfd: pytest.CaptureFixture[str], data: Path, *arguments: object) -> str:
    """The one line on which `python -m studio ...` refuses at the door, before anything is queued: main() itself, the
    process's own streams watched."""
    try:
        status = main(["--data", str(data), *map(str, arguments)])
    except SystemExit as ending:  # how argparse refuses
        status = ending.code
    out, error = capfd.readouterr()
    assert (status, out, len(error.splitlines())) == (2, "", 1), error
    return error
