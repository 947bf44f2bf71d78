"""Making voice profiles: recordings in, a stored voice out, or a refusal that says why."""

from __future__ import annotations

import shutil
import tempfile
import wave
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, VoiceReference
from studio.engines.hearing.activity import VoiceActivity
from studio.engines.hearing.quality import Listener
from studio.errors import BadInput
from studio.media.audio import read_pcm
from studio.pipelines.recordings import (
    LEAST_SPEECH,
    MOST_SPEECH,
    RATE,
    Recording,
    hear_recording,
    levelled,
    one_channel,
    read_recording,
    write_sample,
)
from studio.requests import VoiceRequest
from studio.settings import Limits
from studio.store.voice_migration import OldProfile, find_profiles
from studio.store.voice_profile import check_name, check_sentence, check_transcript
from studio.store.voices import MOST_SAMPLES, NewVoice, VoiceProfile, VoiceStore

Transcriber = Callable[[Sound, str], Transcript | None]
"""Drafts what is said in a language (two letters); None where no engine knows it."""

LEAST_OPINION = 2.0
_GAP = 0.25
"""Seconds between the recordings of one voice where they are heard as one."""


@dataclass(frozen=True)
class MadeVoice:
    """`notices`: what a person should know of the recordings, in words."""

    profile: VoiceProfile
    notices: tuple[str, ...]


class VoiceMaker:
    """Holds the networks that judge recordings, read when first needed; threads may share it."""

    def __init__(self, limits: Limits, transcriber: Transcriber | None = None) -> None:
        self._limits, self._transcriber = limits, transcriber
        self._activity, self._listener = VoiceActivity(), Listener()

    def create(self, request: VoiceRequest, store: VoiceStore, cancel: CancelToken) -> MadeVoice:
        """Keeps up to 30 s of speech. Raises BadInput for recordings with less than 3 s of speech in all, silent,
        clipped, too noisy or without a voice, and for a name or text that is none; Cancelled; StorageFailed."""
        check_name(request.name)
        check_transcript(request.transcript)
        check_sentence(request.consent)
        heard = self._heard(request.references, "--reference", cancel)
        kept = bounded([recording.speech for recording in heard])
        profile = self._stored(request, store, (kept, heard), cancel)
        return MadeVoice(profile, (*_notices(heard), *_opinion_notice(profile.quality)))

    def listen(
        self, references: Sequence[Path], cancel: CancelToken, parameter: str = "--reference"
    ) -> tuple[Sound, tuple[str, ...]]:
        """The clean speech of recordings of one person, up to 30 s of it as one sound, and notices, without storing
        anything. Raises BadInput as `create` does."""
        heard = self._heard(references, parameter, cancel)
        return joined(bounded([recording.speech for recording in heard])), _notices(heard)

    def migrate(
        self, folder: Path, store: VoiceStore, cancel: CancelToken, parameter: str = "FOLDER"
    ) -> tuple[list[str], list[str]]:
        """Takes profiles of OpenVoice's shape: the new ids, and in words what could not be taken. Their recordings
        are kept whole, as 16-bit WAV; embeddings are dropped unread. Raises BadInput when nothing can be taken."""
        found, notices = find_profiles(folder, parameter)
        ids: list[str] = []
        for old in found:
            try:
                ids.append(self._migrated(old, store, cancel).id)
            except BadInput as error:
                notices.append(f"{old.folder.name!r} is left out: {error}")
        if not ids:
            raise BadInput(parameter, folder, "profiles with recordings that can be read", notices[0])
        return ids, notices

    def _heard(self, references: Sequence[Path], parameter: str, cancel: CancelToken) -> list[Recording]:
        if not 1 <= len(references) <= MOST_SAMPLES:
            raise BadInput(parameter, f"{len(references)} recordings", f"1 to {MOST_SAMPLES} recordings")
        heard = [hear_recording(path, parameter, self._limits, self._activity, cancel) for path in references]
        found = sum(recording.seconds for recording in heard)
        if found < LEAST_SPEECH:
            files = ", ".join(path.name for path in references)
            reason = f"{found:.1f} seconds of speech were found in it"
            raise BadInput(parameter, files, f"at least {LEAST_SPEECH:g} seconds of speech", reason)
        return heard

    def _stored(
        self, request: VoiceRequest, store: VoiceStore, heard: tuple[list[Sound], list[Recording]], cancel: CancelToken
    ) -> VoiceProfile:
        kept, recordings = heard
        whole = joined(kept)
        draft = "" if request.transcript.strip() else self._draft(whole, request.language)
        cancel.check()
        with tempfile.TemporaryDirectory(prefix="kinora-") as folder:
            new = NewVoice(
                name=request.name,
                samples=_written(kept, Path(folder)),
                language=request.language,
                transcript=request.transcript or draft,
                transcript_draft=bool(draft),
                consent=request.consent,
                quality=self._figures(whole, recordings),
            )
            return store.create(new)

    def _draft(self, speech: Sound, language: str) -> str:
        transcript = self._transcriber(speech, language) if self._transcriber else None
        return transcript.text if transcript else ""

    def _figures(self, speech: Sound, recordings: Sequence[Recording]) -> dict[str, float]:
        """The worst of several recordings, as one noisy sample is heard in all that is spoken from it."""
        opinion = self._listener.rate(speech)
        qualities = [recording.quality for recording in recordings]
        return {
            "seconds": round(speech.seconds, 2),
            "speech_seconds": round(sum(quality.speech_seconds for quality in qualities), 2),
            "level_dbfs": round(min(quality.level for quality in qualities), 1),
            "noise_dbfs": round(max(quality.noise for quality in qualities), 1),
            "snr_db": round(min(quality.snr for quality in qualities), 1),
            "clipped_share": round(max(quality.clipped_share for quality in qualities), 5),
            "bandwidth_hz": round(min(quality.bandwidth for quality in qualities)),
            "mos_signal": round(opinion.signal, 2),
            "mos_background": round(opinion.background, 2),
            "mos_overall": round(opinion.overall, 2),
        }

    def _migrated(self, old: OldProfile, store: VoiceStore, cancel: CancelToken) -> VoiceProfile:
        with tempfile.TemporaryDirectory(prefix="kinora-") as folder:
            samples: list[Path] = []
            for index, path in enumerate(old.recordings):
                sound, _ = read_recording(path, "recording", self._limits, cancel)
                samples.append(Path(folder) / f"{index}.wav")
                if not _copied(path, samples[-1]):
                    write_sample(sound, samples[-1])
            return store.create(NewVoice(old.name, samples, old.language))


def voice_reference(profile: VoiceProfile) -> VoiceReference:
    """What speech engines are asked to sound like: the profile's samples as one sound. Raises StorageFailed."""
    sounds = [_read(path) for path in profile.sample_paths]
    sound = joined(bounded([levelled(each) for each in sounds]))
    return VoiceReference(sound, profile.language, profile.transcript, profile.prompts)


def bounded(speech: Sequence[Sound]) -> list[Sound]:
    """The first 30 s of `speech`, all at 24 kHz, in as many pieces."""
    left = round(MOST_SPEECH * RATE)
    kept: list[Sound] = []
    for sound in speech:
        piece = sound.samples[:left]
        left -= len(piece)
        if len(piece):
            kept.append(Sound(piece, RATE))
    return kept


def joined(speech: Sequence[Sound]) -> Sound:
    """Pieces at 24 kHz as one sound, a short silence between them."""
    gap = np.zeros(round(_GAP * RATE), np.float32)
    pieces = [piece for sound in speech for piece in (gap, sound.samples)][1:]
    return Sound(np.concatenate(pieces), RATE)


def _notices(heard: Sequence[Recording]) -> tuple[str, ...]:
    """What a person should know of the recordings, each thing once."""
    notices = [notice for recording in heard for notice in recording.notices]
    found = sum(recording.seconds for recording in heard)
    if found > MOST_SPEECH + 1:
        notices.append(f"{found:.0f} seconds of speech were found: the first {MOST_SPEECH:.0f} are kept")
    return tuple(dict.fromkeys(notices))


def _opinion_notice(quality: Mapping[str, Any]) -> list[str]:
    opinion = quality["mos_overall"]
    if opinion >= LEAST_OPINION:
        return []
    return [f"listeners would rate the recording {opinion:.1f} of 5: it sounds noisy or echoing, and so will the voice"]


def _written(speech: Sequence[Sound], folder: Path) -> list[Path]:
    paths = [folder / f"{index}.wav" for index in range(len(speech))]
    for sound, path in zip(speech, paths, strict=True):
        write_sample(sound, path)
    return paths


def _read(path: Path) -> Sound:
    samples, rate = read_pcm(path)
    return Sound(one_channel(samples) if samples.shape[1] == 2 else samples[:, 0], rate)


def _copied(source: Path, target: Path) -> bool:
    """Copies a file that is a mono 16-bit WAV already, to the bit."""
    try:
        with wave.open(str(source), "rb") as reader:
            fits = reader.getnchannels() == 1 and reader.getsampwidth() == 2
    except (OSError, EOFError, wave.Error):
        return False
    if fits:
        shutil.copyfile(source, target)
    return fits
