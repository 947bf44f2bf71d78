"""One voice profile's file: what it may say, and how it is read when a stranger may have written it."""

from __future__ import annotations

import re
import stat
import wave
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.errors import BadInput, StorageFailed
from studio.store.atomic import read_json

PROFILE = "profile.json"
SAMPLE = "sample_{:02d}.wav"
PROMPTS = "prompts"
_SAMPLE_NAME = re.compile(r"sample_[0-9]{2}\.wav")
_LANGUAGE = re.compile(r"[a-z]{2}")
_NAME_CHARACTERS, _SENTENCE_CHARACTERS, _TRANSCRIPT_CHARACTERS = 100, 500, 5000
_LARGEST_PROFILE = 1024**2
_LARGEST_SAMPLE = 64 * 1024**2
_MOST_FIGURES = 40
_RATES = range(8_000, 192_001)


@dataclass(frozen=True)
class Consent:
    """`sentence`: what the speaker agreed with; `given_at` ISO 8601 in UTC."""

    sentence: str
    given_at: str


@dataclass(frozen=True)
class VoiceProfile:
    """A stored voice. `samples`: names of WAV files in `folder`; `language` two letters; `created` ISO 8601 in UTC;
    `transcript` what the samples say, "" when unknown, `transcript_draft` when a machine wrote it; `quality` figures
    by name; `damaged` why it can't be used, "" when it can."""

    id: str
    name: str
    language: str
    created: str
    folder: Path
    samples: tuple[str, ...]
    transcript: str = ""
    transcript_draft: bool = False
    consent: Consent | None = None
    quality: Mapping[str, Any] = field(default_factory=dict)
    damaged: str = ""

    @property
    def sample_paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.samples)

    @property
    def prompts(self) -> Path:
        """Where engines keep what they made of the samples: made anew at will, never exported."""
        return self.folder / PROMPTS

    def to_json(self) -> dict[str, Any]:
        """The content of profile.json."""
        texts = ("id", "name", "language", "created", "transcript", "transcript_draft")
        consent = {"sentence": self.consent.sentence, "given_at": self.consent.given_at} if self.consent else None
        body = {name: getattr(self, name) for name in texts}
        return body | {"consent": consent, "quality": dict(self.quality), "samples": list(self.samples)}


def check_name(name: object) -> str:
    """One visible line of 1 to 100 characters. Raises BadInput."""
    line = _line(name, _NAME_CHARACTERS)
    if not line:
        raise BadInput("name", name, f"a name of 1 to {_NAME_CHARACTERS} characters")
    return line


def check_language(language: object) -> str:
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise BadInput("language", language, "two small letters, such as en")
    return language


def check_transcript(text: object) -> str:
    """At most 5000 characters, on one line."""
    if not isinstance(text, str) or len(text) > _TRANSCRIPT_CHARACTERS:
        raise BadInput("transcript", text, f"a text of up to {_TRANSCRIPT_CHARACTERS} characters")
    return _line(text, _TRANSCRIPT_CHARACTERS)


def check_sentence(sentence: object) -> str:
    if not isinstance(sentence, str) or len(sentence) > _SENTENCE_CHARACTERS:
        raise BadInput("consent", sentence, f"a sentence of up to {_SENTENCE_CHARACTERS} characters")
    return _line(sentence, _SENTENCE_CHARACTERS)


def clean_quality(figures: object) -> dict[str, float | int | str | bool | None]:
    """The plain values of `figures` under short names; whatever else is in it is left out."""
    if not isinstance(figures, Mapping):
        return {}
    kept = {name: value for name, value in figures.items() if isinstance(name, str) and _is_figure(value)}
    return {name[:60]: kept[name] for name in list(kept)[:_MOST_FIGURES]}


def check_samples(folder: Path, names: Sequence[str]) -> None:
    """Whether all `names` are WAV files of 16 bits, one channel, in `folder`. Raises BadInput naming `samples`."""
    for name in names:
        if why := _fault(folder / name):
            raise BadInput("samples", name, "WAV files of 16 bits and one channel", why)


def read_profile(folder: Path) -> VoiceProfile:
    """What profile.json in `folder` says, the id always the folder's own name. Raises StorageFailed for a missing,
    oversized, linked or damaged one, or samples that are missing, linked or no sound."""
    body = _content(folder)
    try:
        name, language = check_name(body.get("name")), check_language(body.get("language"))
        transcript = check_transcript(body.get("transcript", ""))
        consent = _consent(body.get("consent"))
        samples = _samples(body.get("samples"))
        check_samples(folder, samples)
    except BadInput as error:
        raise StorageFailed(f"{folder.name}/{PROFILE} is damaged: {error}") from None
    created = body.get("created")
    return VoiceProfile(
        id=folder.name,
        name=name,
        language=language,
        created=_line(created, 40),
        folder=folder,
        samples=samples,
        transcript=transcript,
        transcript_draft=body.get("transcript_draft") is True,
        consent=consent,
        quality=clean_quality(body.get("quality")),
    )


def small_json(path: Path, most_bytes: int = _LARGEST_PROFILE) -> dict[str, Any]:
    """The JSON object in `path`, which must be a plain file of at most `most_bytes`. Raises StorageFailed."""
    where = f"{path.parent.name}/{path.name}"
    try:
        facts = path.lstat()
    except (OSError, ValueError):
        raise StorageFailed(f"{where} is missing") from None
    if not stat.S_ISREG(facts.st_mode) or facts.st_size > most_bytes:
        raise StorageFailed(f"{where} is damaged: it is no file, or too large")
    body = read_json(path)
    if not isinstance(body, dict):
        raise StorageFailed(f"{where} is damaged: it holds no object")
    return body


def _content(folder: Path) -> dict[str, Any]:
    return small_json(folder / PROFILE)


def _consent(value: object) -> Consent | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("given_at"), str):
        raise BadInput("consent", value, "a sentence and when it was given")
    return Consent(check_sentence(value.get("sentence")), _line(value["given_at"], 40))


def _samples(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= 99 or len(set(map(str, value))) != len(value):
        raise BadInput("samples", value, "a list of the profile's recordings")
    for name in value:
        if not isinstance(name, str) or not _SAMPLE_NAME.fullmatch(name):
            raise BadInput("samples", name, "names such as sample_01.wav")
    return tuple(value)


def _fault(path: Path) -> str:
    """Why `path` is no sample, "" when it is one."""
    try:
        facts = path.lstat()
        if not stat.S_ISREG(facts.st_mode):
            return "it is a link or no file"
        if facts.st_size > _LARGEST_SAMPLE:
            return f"it has {facts.st_size / 1e6:.0f} MB"
        with closing(wave.open(str(path), "rb")) as reader:
            channels, width, rate, count, _, _ = reader.getparams()
    except FileNotFoundError:
        return "it is missing"
    except (OSError, EOFError, wave.Error, ValueError, RuntimeError) as error:
        return f"it is no WAV file ({error})"
    # a header may promise more than there is
    whole = 0 < count * 2 <= facts.st_size
    return "" if (channels, width) == (1, 2) and rate in _RATES and whole else "it is of another kind, or cut off"


def _is_figure(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= 200
    # false for NaN and infinities as well, and safe for integers that no float holds
    return value is None or (isinstance(value, bool | int | float) and abs(value) < 1e15)


def _line(value: object, most: int) -> str:
    """`value` as one visible line of at most `most` characters; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in value[: most * 4]).split())
    return line[:most].strip()
