"""Messages and voices as the page knows them: what is listed, what a message is made from, and its jobs."""

from __future__ import annotations

import logging
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from studio.errors import EngineUnavailable
from studio.jobs.store import Job
from studio.requests import MessageRequest, VoiceRequest
from studio.store.artifacts import file_digest
from studio.store.atomic import read_json
from studio.store.names import safe_name
from tabs.job_view import Picture
from tabs.message.form import LANGUAGE_NAMES, SPEAKER, VOICEVOX, MessageValues, values_of_request
from tabs.room_desk import RoomDesk
from tabs.shelf import poster

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.store.voices import VoiceProfile

_ASK_SECONDS = 60.0
_log = logging.getLogger(__name__)
CONSENT = "This is my voice, or its owner has agreed to my using it here."
OWN_VOICES = (
    {"id": "", "name": "Heart", "words": "English, a woman's; the best voice there is in every other language"},
    {"id": f"{SPEAKER}joe", "name": "Joe", "words": "English, a man's"},
)


class MessageDesk(RoomDesk):
    """The messages, and the voices they are spoken in."""

    kinds = (MessageRequest.kind,)
    busy = "this message is being made; cancel it first"

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.projects)
        self._speakers: tuple[tuple[str, str], ...] = ()
        self._asked_at = float("-inf")

    @staticmethod
    def is_whole(job: Job) -> bool:
        return job.kind == MessageRequest.kind and job.request.get("goal", "message") == "message"

    def poster(self, folder: Path) -> Picture | None:
        return poster(folder, "photo.png")

    def request(self, project: str) -> MessageRequest | None:
        """What the message is, or is to be, made from. None before it has anything."""
        info = self.store.get(project)
        return MessageRequest.from_json(info.request) if info.request and info.kind == MessageRequest.kind else None

    def values(self, project: str) -> MessageValues:
        request = self.request(project)
        return values_of_request(request) if request else MessageValues()

    def draft(self, title: str, values: MessageValues) -> str:
        """A new message, not made yet, with copies of the form's files; returns its id."""
        project = self.store.create(title)
        project.update(kind=MessageRequest.kind)
        self.keep(project.id, values)
        return project.id

    def keep(self, project: str, values: MessageValues) -> None:
        """Notes what stands in the form, so that nothing is lost with the page; a photo or words are needed to begin
        with. Raises BadInput."""
        if not (values.photo or values.text or values.audio):
            return
        self._note(self._request(project, values, "photo" if values.photo else "speech"))

    def place(self, project: str, **changes: Any) -> None:
        """Notes which face speaks, or where the mouth is; and looks at the photo again where that was not yet done."""
        request = self.request(project)
        if request is not None:
            self._note(replace(request, **changes))

    def _note(self, request: MessageRequest) -> None:
        # What is noted may be short of words still: they are asked for when the message is to be made.
        self.studio.keep(replace(request, goal="photo" if request.photo else request.goal))

    def submit(self, project: str, title: str, values: MessageValues, goal: str) -> tuple[str, Job]:
        """Works towards `goal` in `project`, or in a new one for "", which does not outlive a refusal."""
        projects = self.store
        chosen = projects.open(project) if project else projects.create(title.strip() or values.suggested_title())
        try:
            self.make_way(chosen.id)
            job = self.studio.submit(self._request(chosen.id, values, goal))
            if values.text and projects.get(chosen.id).title == MessageValues().suggested_title():
                projects.rename(chosen.id, values.suggested_title())
        except BaseException:
            if not project:
                projects.delete(chosen.id)
            raise
        return chosen.id, job

    def look_again(self, project: str) -> None:
        """Frees and mends the person for the face that is chosen now."""
        request = self.request(project)
        if request is not None and request.photo:
            self.make_way(project)
            self.studio.submit(replace(request, goal="photo"))

    def _request(self, project: str, values: MessageValues, goal: str) -> MessageRequest:
        """The form's request with the face and mouth chosen in the photo, which belong to that photo alone."""
        request = values.request(self.store.folder(project), goal)
        known = self.request(project)
        if known is None or not known.photo or not request.photo or _digest(known.photo) != _digest(request.photo):
            return request
        return replace(request, face=known.face, mouth=known.mouth)

    # ---- voices ----

    def voices(self) -> list[dict[str, Any]]:
        """As assets/voices.js shows them: the studio's own first, then those of a VOICEVOX that is set."""
        return [*({**voice} for voice in OWN_VOICES), *self._voicevox(), *map(_voice, self.studio.voices.list())]

    def _voicevox(self) -> list[dict[str, Any]]:
        """Asked for at most once a minute."""
        if not self.studio.settings.voicevox_url:
            return []
        if time.monotonic() - self._asked_at > _ASK_SECONDS:
            self._asked_at = time.monotonic()
            try:
                self._speakers = self.studio.speakers("voicevox")
            except EngineUnavailable as error:
                self._speakers = ()
                _log.warning("%s", error)
        words = "Japanese, a VOICEVOX voice: please credit it"
        return [{"id": f"{SPEAKER}{VOICEVOX}{each}", "name": name, "words": words} for each, name in self._speakers]

    def make_voice(self, name: str, recordings: tuple[Path, ...], language: str) -> Job:
        """Queues the making of a voice from recordings. Raises BadInput."""
        folder = self.studio.settings.data / "recordings" / secrets.token_hex(8)
        request = VoiceRequest(folder, name.strip(), recordings, language, consent=CONSENT)
        try:
            return self.studio.make_voice(request)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def photo_facts(self, project: str) -> Mapping[str, Any] | None:
        """photo.json: size, place and faces; None before the photo was looked at."""
        path = self.store.folder(project) / "photo.json"
        return read_json(path) if path.is_file() else None


def _digest(path: Path) -> str:
    return file_digest(path) if path.is_file() else ""


def _voice(profile: VoiceProfile) -> dict[str, Any]:
    quality = profile.quality
    words = [LANGUAGE_NAMES.get(profile.language, profile.language)]
    if "speech_seconds" in quality:
        words.append(f"{float(quality['speech_seconds']):.0f} s of speech")
    if "mos_overall" in quality:
        words.append(f"sound {float(quality['mos_overall']):.1f} of 5")
    address = f"voices/{quote(profile.id, safe='')}"
    return {
        "id": profile.id,
        "name": profile.name,
        "words": " · ".join(words),
        "own": True,
        "damaged": profile.damaged,
        "transcript": profile.transcript,
        "draft": profile.transcript_draft,
        "sound": f"{address}/{profile.samples[0]}" if profile.samples else "",
        "archive": f"{address}/voice.zip",
        "file": safe_name(profile.name) + ".zip",
    }
