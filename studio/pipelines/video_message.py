"""A photo says something: eight stages, each leaving its artifacts in the project folder.

As in the music video, a piece whose artifact is there under the same key is not made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path
from studio.errors import BadInput, StorageFailed
from studio.events import now_utc
from studio.pipelines.context import Context
from studio.pipelines.message_report import SpeechFigures, SpeechJudge, first_that_runs, judge_lips, report_json
from studio.pipelines.portraits import Person, Portrait, PortraitMaker, chosen_face
from studio.pipelines.speaking import Speaker, Spoken
from studio.pipelines.talking import Scene, Talking
from studio.pipelines.timing import Amount
from studio.requests import MessageRequest, fingerprint
from studio.store.artifacts import Artifacts
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.models.registry import EngineCard
    from studio.settings import Settings

TASKS = ("cutout", "inpaint", "speech", "lip_sync")
FILM, REPORT = "message.mp4", "report.json"
MOST_VERSIONS = 12


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Goes as far as the stored request wants; returns the paths of what it left."""
    request = MessageRequest.from_json(body)
    message = VideoMessage(request, context)
    if request.goal == "speech":
        message.speak()
        return message.result("speech.wav")
    portrait = message.look()
    person = message.free(portrait)
    if request.goal == "photo":
        return message.result("cutout.png")
    spoken, figures = message.speak()
    scene = message.scene(portrait, person, spoken)
    segments = message.move_lips(scene)
    message.join(scene, segments)
    message.report(scene, figures)
    return message.result(FILM, REPORT)


class VideoMessage:
    """The stages, in their order."""

    def __init__(self, request: MessageRequest, context: Context) -> None:
        self._request, self._context = request, context
        self._project = Project(request.project)
        for file in request.files:
            if not file.is_file():
                raise StorageFailed(f"{file} is gone: its folder was moved or emptied; start again from its files")
        self._artifacts = Artifacts(self._project.folder)
        self._artifacts.clean_temporary()
        wanted = wanted_engines(request, context.settings)
        self._engines = {task: context.engine(task, wanted, request.substitutes) for task in tasks_of(request)}
        self._fps = Fraction(request.fps)
        context.plan(self._amounts())

    # 1
    def look(self) -> Portrait:
        """Brings the photo upright and to the film's size, and finds the faces: photo.png, photo.json."""
        portrait = self._portraits.look()
        if chosen_face(self._request, portrait) is None and self._request.mouth is None:
            if self._request.goal == "message":
                reason = "no face was found in it"
                accepted = "a photo with a face, or a mouth placed on it with --mouth-box X,Y,W,H"
                raise BadInput("--photo", self._project.info().names.get(str(self._photo_name), ""), accepted, reason)
            self._context.notice("No face was found: place the mouth on the picture.")
        return portrait

    # 2, 3
    def free(self, portrait: Portrait) -> Person:
        """Frees the person from the background and mends what that damaged: cutout.png."""
        freed = self._portraits.free(portrait, self._engines["cutout"])
        return self._portraits.mend(portrait, freed, self._engines["inpaint"])

    # 4
    def speak(self) -> tuple[Spoken, SpeechFigures]:
        """Says the words, listens to them, and says them once more where they came out badly: speech.wav."""
        speaker = Speaker(self._request, self._context, self._artifacts, self._engines["speech"])
        judge = SpeechJudge(self._context, first_that_runs(self._context, "transcript"))
        reference, language = speaker.reference(), self._request.language
        seed = self._request.seed
        spoken = speaker.recorded() if self._request.audio else speaker.say(seed)
        with self._context.stage("listen", "Listening to what was said", 1):
            figures = judge.judge(spoken, reference, language)
        if figures.complaints and not self._request.audio:
            spoken, figures = self._better(speaker, judge, (spoken, figures))
        for complaint in figures.complaints:
            self._context.notice(f"Judged by measurement, {complaint}.")
        self._engines["speech"] = speaker.card
        return spoken, figures

    def _better(
        self, speaker: Speaker, judge: SpeechJudge, first: tuple[Spoken, SpeechFigures]
    ) -> tuple[Spoken, SpeechFigures]:
        """A second attempt with another seed, where it is better than the first."""
        again = speaker.say(self._request.seed + 1)
        second = again, judge.judge(again, speaker.reference(), self._request.language)
        if second[1].badness < first[1].badness:
            return second
        return speaker.say(self._request.seed), first[1]

    # 5
    def scene(self, portrait: Portrait, person: Person, spoken: Spoken) -> Scene:
        """What is behind and over the person; a face video is freed frame by frame where its background changes."""
        moved = self._context.settings.local_lip_sync
        if not moved:
            self._context.notice("Lip-sync is switched off (USE_LOCAL_LIPSYNC): the lips don't move.")
        mattes = None
        if portrait.footage and self._request.background != "keep":
            mattes = self._portraits.mattes(portrait, self._engines["cutout"])
        return Scene(portrait, person, spoken, mattes, moved)

    # 6
    def move_lips(self, scene: Scene) -> list[Path]:
        """Moves the lips to the words: segments/01.mp4 ..."""
        segments = self._talking.film(scene)
        if self._request.background == "transparent":
            self._context.notice(
                "An MP4 can't be transparent: message.webm is, and message.mp4 has a green background."
            )
            self._talking.film_transparent(scene)
        return segments

    # 7
    def join(self, scene: Scene, segments: Sequence[Path]) -> Path:
        """Joins the pieces, untouched, under the sound: message.mp4."""
        from studio.media.audio import encode_sound
        from studio.media.join import FilmSpec, join_film

        target, sound = self._project.folder / FILM, self._project.segments / "sound.m4a"
        pieces = [self._artifacts.key_of(f"piece-{path.stem}") for path in segments]
        key = fingerprint([pieces, scene.spoken.key])
        with self._context.stage("film", "Joining picture and sound", 1) as stage:
            if self._artifacts.find("film", key):
                stage.reuse()
            else:
                encode_sound(scene.spoken.wav, sound, self._context.cancel)
                spec = FilmSpec(self._fps, self._talking.frame_count(scene.spoken), scene.spoken.seconds)
                join_film(segments, sound, target, spec, self._context.cancel)
                self._artifacts.record("film", key, [target])
                keep_version(self._project, key, target, self._request)
        self._context.artifact("video", target)
        return target

    # 8
    def report(self, scene: Scene, figures: SpeechFigures) -> Path:
        """Measures the message that was made: report.json."""
        from studio.media.footage import read_frames
        from studio.media.probe import probe_film

        film, target = self._project.folder / FILM, self._project.folder / REPORT
        with self._context.stage("report", "Measuring the message", 1):
            face = chosen_face(self._request, scene.portrait) if self._request.mouth is None else None
            lips = judge_lips(partial(read_frames, film), scene.spoken, self._fps, face)
            facts = probe_film(film)
        recorded = self._request.audio is not None
        parts = {
            "film": facts,
            "spoken": scene.spoken,
            "person": scene.person,
            "speech": figures,
            "lips": lips,
            "speech_engine": None if recorded else self._engines["speech"].name,
            "lip_engine": self._engines["lip_sync"].name if scene.moved else None,
            "engines": {task: card for task, card in self._engines.items() if task != "speech" or not recorded},
            # Why a figure is missing is for the report's reader; nothing was changed for the person.
            "notices": [*self._context.notices, *figures.reasons, *lips.reasons],
            "seconds": self._context.seconds,
            "peaks": self._context.peaks,
        }
        write_json(target, report_json(parts))
        self._context.artifact("report", target)
        return target

    def result(self, *names: str) -> Mapping[str, Any]:
        """The paths of what was asked for."""
        roles = {FILM: "video", REPORT: "report", "speech.wav": "speech", "cutout.png": "cutout"}
        return {roles[name]: str(self._project.folder / name) for name in names}

    @property
    def _photo_name(self) -> str:
        return self._request.photo.name if self._request.photo else ""

    @property
    def _portraits(self) -> PortraitMaker:
        return PortraitMaker(self._request, self._context, self._artifacts)

    @property
    def _talking(self) -> Talking:
        return Talking(self._request, self._context, self._artifacts, self._engines["lip_sync"])

    def _amounts(self) -> list[Amount]:
        from studio.speech.pace import expected_seconds

        request = self._request
        seconds = expected_seconds(request.text, request.language) if request.text else 10.0
        return [
            Amount("photo", 1),
            Amount("cutout", 1, self._card_key("cutout")),
            Amount("repair", 1, self._card_key("inpaint")),
            Amount("speech", seconds, self._card_key("speech")),
            Amount("listen", seconds),
            Amount("lips", seconds * request.fps, self._card_key("lip_sync")),
            Amount("film", seconds),
            Amount("report", seconds),
        ]

    def _card_key(self, task: str) -> str:
        card: EngineCard | None = self._engines.get(task)
        return card.key if card else ""


def keep_version(project: Project, key: str, film: Path, request: MessageRequest) -> None:
    """A copy of every message the project has had, as versions/01.mp4 ..., listed in versions/versions.json with what
    was said and by whom; the oldest go beyond MOST_VERSIONS."""
    folder = project.folder / "versions"
    folder.mkdir(exist_ok=True)
    listed = folder / "versions.json"
    versions = [one for one in (read_json(listed) if listed.is_file() else []) if one["key"] != key]
    number = 1 + max((one["number"] for one in versions), default=0)
    copy = folder / f"{number:02d}.mp4"
    with atomic_path(copy) as partial:
        shutil.copyfile(film, partial)
    words = request.text or project.info().names.get(request.audio.name if request.audio else "", "a recording")
    versions.append({"number": number, "key": key, "made": now_utc(), "words": words[:200], "voice": request.voice})
    for old in versions[:-MOST_VERSIONS]:
        (folder / f"{old['number']:02d}.mp4").unlink(missing_ok=True)
    write_json(listed, versions[-MOST_VERSIONS:])


def tasks_of(request: MessageRequest) -> tuple[str, ...]:
    """The engines a request's goal needs."""
    if request.goal == "speech":
        return ("speech",)
    return ("cutout", "inpaint") if request.goal == "photo" else TASKS


def wanted_engines(request: MessageRequest, settings: Settings) -> Mapping[str, str]:
    """The request's engines, and the service for speech where none is to be made on this machine."""
    if settings.local_speech or "speech" in request.engines:
        return request.engines
    return {**request.engines, "speech": "voicevox"}
