"""A photo, voices and words for messages, as files a person would bring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from studio.contracts import Sound
from tests.engines.drawn_faces import cartoon_cat, portrait
from tests.samples import Command, run_studio
from tests.speech_samples import file_of, joe

WORDS = "Hello there. This is a short message, made from one photo."


class Message:
    """A message to be made: its files, and the command that makes it. `data`: a studio's folder, instead of its own."""

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self.folder, self.data, self.out = folder, data or folder / "data", folder / "out"
        self.photo = save(portrait(320), folder / "photo.png")

    def arguments(self, *more: object) -> list[object]:
        said = [] if "--audio" in more or "--text" in more else ["--text", WORDS]
        photo = [] if "--photo" in more else ["--photo", self.photo]
        return ["message", *photo, *said, "--lines", 256, "--fps", 12, "--out", self.out, "--json", *more]

    def start(self, *more: object) -> Command:
        return Command(self.data, *self.arguments(*more))

    def refused(self, *more: object) -> str:
        """The one line of a refusal."""
        result = run_studio(self.data, *self.arguments(*more))
        assert result.returncode == 2, result.stderr
        lines = result.stderr.splitlines()
        assert len(lines) == 1, result.stderr
        return lines[0]


def save(picture: np.ndarray, path: Path) -> Path:
    Image.fromarray(picture).save(path)
    return path


def cat(folder: Path) -> tuple[Path, str]:
    """A drawing in which no face is found, and its mouth as --mouth-box takes it."""
    picture, box = cartoon_cat(320)
    return save(picture, folder / "cat.png"), ",".join(str(round(value)) for value in box)


def recording(folder: Path, seconds: float = 20.0, name: str = "joe.wav") -> Path:
    """A man's voice."""
    sound = joe()
    return file_of(Sound(sound.samples[: round(seconds * sound.sample_rate)], sound.sample_rate), folder / name)
