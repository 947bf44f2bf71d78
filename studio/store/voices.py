"""Voice profiles on disk: one folder each, with the reference recordings and what is known of them.

A profile is `profile.json` and `sample_01.wav`, `sample_02.wav`, ...; nothing in it is ever unpickled or run.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from studio.atomic import flush, flush_folder, is_temporary, storage_errors, sweep, temporary_name
from studio.errors import BadInput, NotFound, StorageFailed
from studio.events import now_utc
from studio.store.archive import read_archive, write_archive
from studio.store.atomic import write_json
from studio.store.names import check_id
from studio.store.voice_profile import (
    PROFILE,
    PROMPTS,
    SAMPLE,
    Consent,
    VoiceProfile,
    check_language,
    check_name,
    check_samples,
    check_sentence,
    check_transcript,
    clean_quality,
    read_profile,
)

__all__ = ["Consent", "NewVoice", "VoiceProfile", "VoiceStore"]

_ACCEPTED = "a voice exported by this studio (.zip)"
_MOST_BYTES = 256 * 1024**2
MOST_SAMPLES = 20


@dataclass(frozen=True)
class NewVoice:
    """What a profile is made with. `samples`: mono WAV files of 16 bits, copied into it. `transcript` of all of them
    in their order; `transcript_draft`: a machine wrote it. `consent`: the sentence the speaker agreed with, "" for
    none."""

    name: str
    samples: Sequence[Path]
    language: str = "en"
    transcript: str = ""
    transcript_draft: bool = False
    consent: str = ""
    quality: Mapping[str, Any] | None = None


class VoiceStore:
    """All profiles under `folder`. Ids are folder names made here; links and foreign folders are never followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, voice: NewVoice) -> VoiceProfile:
        """Raises BadInput naming name, language, transcript, consent or samples; StorageFailed."""
        name, language = check_name(voice.name), check_language(voice.language)
        transcript, sentence = check_transcript(voice.transcript), check_sentence(voice.consent)
        if not 1 <= len(voice.samples) <= MOST_SAMPLES:
            raise BadInput("samples", len(voice.samples), f"1 to {MOST_SAMPLES} recordings")

        def fill(aside: Path) -> VoiceProfile:
            names = [SAMPLE.format(index) for index in range(1, len(voice.samples) + 1)]
            for source, sample in zip(voice.samples, names, strict=True):
                shutil.copyfile(source, aside / sample)
                flush(aside / sample)
            check_samples(aside, names)
            consent = Consent(sentence, now_utc()) if sentence else None
            profile = VoiceProfile("", name, language, now_utc(), aside, tuple(names), transcript)
            quality = clean_quality(voice.quality or {})
            draft = bool(transcript) and voice.transcript_draft
            return replace(profile, transcript_draft=draft, consent=consent, quality=quality)

        return self._made(fill)

    def list(self) -> list[VoiceProfile]:
        """By name. Damaged profiles are listed with what is wrong."""
        if not self._folder.is_dir():
            return []
        with storage_errors(self._folder), os.scandir(self._folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False) and _is_id(entry.name)]
        profiles = [self._read(self._folder / name) for name in names]
        return sorted(profiles, key=lambda profile: (profile.name.casefold(), profile.id))

    def get(self, identity: str, parameter: str = "voice") -> VoiceProfile:
        """Raises NotFound; BadInput for one that is damaged."""
        profile = self._read(self.folder(identity, parameter))
        if profile.damaged:
            raise BadInput(parameter, identity, "a voice that is whole", profile.damaged)
        return profile

    def folder(self, identity: str, parameter: str = "voice") -> Path:
        """The profile's folder. Raises NotFound; BadInput for what is no id."""
        path = self._folder / check_id(parameter, identity)
        if path.is_symlink() or not path.is_dir():
            raise NotFound(parameter, identity, "the id of a voice, as listed")
        return path

    def rename(self, identity: str, name: str) -> VoiceProfile:
        """Changes the name; the id stays."""
        return self._write(replace(self.get(identity), name=check_name(name)))

    def set_transcript(self, identity: str, transcript: str) -> VoiceProfile:
        """As a person wrote or approved it: no draft any more."""
        return self._write(replace(self.get(identity), transcript=check_transcript(transcript), transcript_draft=False))

    def set_consent(self, identity: str, sentence: str) -> VoiceProfile:
        """The sentence the speaker agreed with, stamped with the present time; "" withdraws it."""
        consent = Consent(check_sentence(sentence), now_utc()) if sentence.strip() else None
        return self._write(replace(self.get(identity), consent=consent))

    def delete(self, identity: str) -> None:
        """Removes the profile, damaged or not: gone from the list at once, even when interrupted."""
        path = self.folder(identity)
        aside = self._folder / temporary_name()
        with storage_errors(path):
            path.rename(aside)
            flush_folder(self._folder)
            shutil.rmtree(aside)

    def export_zip(self, identity: str, path: Path) -> None:
        """The profile as one file, to be imported anywhere."""
        write_archive(self.get(identity).folder, path, without=(PROMPTS,))

    def import_zip(self, path: Path, parameter: str = "file") -> VoiceProfile:
        """A new profile from an exported file, under a new id; of the archive only what a profile consists of is kept.
        Raises BadInput for anything that is none or tries to do harm."""

        def fill(aside: Path) -> VoiceProfile:
            inside = aside / temporary_name()
            inside.mkdir()
            read_archive(path, inside, parameter, _MOST_BYTES, _ACCEPTED)
            try:
                profile = read_profile(inside)
            except StorageFailed as error:
                raise BadInput(parameter, path, _ACCEPTED, f"its {PROFILE} can't be used ({error})") from None
            for sample in profile.samples:
                (inside / sample).rename(aside / sample)
                flush(aside / sample)
            shutil.rmtree(inside)
            return profile

        return self._made(fill)

    def clean_temporary(self) -> None:
        """Removes half-made and half-deleted profiles of killed runs. Only while nobody makes or deletes one."""
        if self._folder.is_dir():
            sweep(self._folder)

    def _made(self, fill: Callable[[Path], VoiceProfile]) -> VoiceProfile:
        """A profile that `fill` prepares in a hidden folder, put in its place whole."""
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            aside = self._folder / temporary_name()
            aside.mkdir()
        try:
            with storage_errors(aside):
                drafted = fill(aside)
            folder = self._folder / f"voice-{secrets.token_hex(5)}"
            profile = replace(drafted, id=folder.name, folder=folder)
            write_json(aside / PROFILE, profile.to_json())
            with storage_errors(folder):
                aside.rename(folder)
                flush_folder(self._folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return profile

    def _write(self, profile: VoiceProfile) -> VoiceProfile:
        write_json(profile.folder / PROFILE, profile.to_json())
        return profile

    def _read(self, folder: Path) -> VoiceProfile:
        try:
            return read_profile(folder)
        except StorageFailed as error:
            return VoiceProfile(folder.name, folder.name, "", "", folder, (), damaged=str(error))


def _is_id(name: str) -> bool:
    try:
        return not is_temporary(name) and bool(check_id("voice", name))
    except BadInput:
        return False
