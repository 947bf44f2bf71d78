"""Profiles of OpenVoice's shape, as a stranger's folder holds them: only sound files and a few words are taken.

Embeddings (.pth, .pt, .pkl, .npy) are never opened: loading one would run whatever it says. A voice is heard anew
from its recordings.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from studio.errors import BadInput, StorageFailed
from studio.store.voice_profile import PROFILE, check_language, check_name, small_json

_SOUNDS = frozenset({".wav", ".mp3", ".flac", ".ogg", ".opus", ".m4a", ".aac", ".aiff", ".aif", ".webm", ".mp4"})
_MOST_SOUNDS, _MOST_PROFILES = 20, 500
_ACCEPTED = "a folder with profile.json and recordings (sample_01.wav, ...), or a folder of such folders"
_LANGUAGES = {
    "english": "en", "chinese": "zh", "japanese": "ja", "korean": "ko", "german": "de", "french": "fr",
    "russian": "ru", "portuguese": "pt", "spanish": "es", "italian": "it",
}  # fmt: skip


@dataclass(frozen=True)
class OldProfile:
    """`recordings`: regular files directly in the profile's folder, the samples in their order."""

    folder: Path
    name: str
    language: str
    recordings: tuple[Path, ...]


def find_profiles(folder: Path, parameter: str = "FOLDER") -> tuple[list[OldProfile], list[str]]:
    """Profiles in `folder`, which is one or holds some, and in words why others in it can't be taken.

    Links are not followed. Raises BadInput naming `parameter` when there is none to take.
    """
    if not folder.is_dir():
        raise BadInput(parameter, folder, _ACCEPTED, "there is no such folder")
    candidates = [folder] if os.path.lexists(folder / PROFILE) else _subfolders(folder, parameter)
    profiles: list[OldProfile] = []
    notices: list[str] = []
    for candidate in candidates:
        try:
            profiles.append(_read(candidate))
        except (StorageFailed, BadInput) as error:
            notices.append(f"{candidate.name!r} is left out: {error}")
    if not profiles:
        raise BadInput(parameter, folder, _ACCEPTED, notices[0] if notices else "there is no profile in it")
    return profiles, notices


def _subfolders(folder: Path, parameter: str) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError as error:
        raise BadInput(parameter, folder, _ACCEPTED, f"it can't be read ({error.strerror})") from None
    found = [folder / name for name in names if os.path.lexists(folder / name / PROFILE)]
    if len(found) > _MOST_PROFILES:
        raise BadInput(parameter, folder, f"up to {_MOST_PROFILES} profiles at a time", f"it holds {len(found)}")
    return found


def _read(folder: Path) -> OldProfile:
    body = small_json(folder / PROFILE)
    name = body.get("name")
    recordings = _recordings(folder)
    if not recordings:
        raise BadInput("profile", folder, "a profile with recordings", "there is no sound file in it")
    return OldProfile(folder, check_name(name if name else folder.name), _language(body.get("language")), recordings)


def _language(value: object) -> str:
    """Two letters of what is there: "en", "EN_NEWEST", "en-US", "English". English where nothing is said."""
    if value is None or value == "":
        return "en"
    text = value.strip().casefold() if isinstance(value, str) else value
    if isinstance(text, str):
        text = _LANGUAGES.get(text) or re.split(r"[-_ ]", text)[0]
        text = {"jp": "ja", "kr": "ko", "cn": "zh"}.get(text, text)
    return check_language(text)


def _recordings(folder: Path) -> tuple[Path, ...]:
    with os.scandir(folder) as entries:
        files = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    sounds = [name for name in files if Path(name).suffix.casefold() in _SOUNDS]
    samples = [name for name in sounds if name.startswith("sample")]
    return tuple(folder / name for name in (samples or sounds)[:_MOST_SOUNDS])
