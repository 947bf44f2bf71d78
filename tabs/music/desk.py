"""Projects as the page knows them: what is listed, and what is read of one when it is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.jobs.store import Job
from studio.requests import ComparisonRequest, MusicVideoRequest
from studio.store.artifacts import file_digest
from tabs.job_view import Picture
from tabs.music.form import FormValues, values_of_request
from tabs.room_desk import RoomDesk
from tabs.shelf import poster

if TYPE_CHECKING:
    from studio.compose import Studio


class Desk(RoomDesk):
    """The films."""

    kinds = ("", MusicVideoRequest.kind)
    busy = "this film is being rendered; cancel it first"

    def __init__(self, studio: Studio) -> None:
        super().__init__(studio, studio.projects)

    @staticmethod
    def is_whole(job: Job) -> bool:
        return job.kind == MusicVideoRequest.kind and job.request.get("goal", "film") == "film"

    def poster(self, folder: Path) -> Picture | None:
        return poster(folder, "keyframes/01.png")

    def job(self, project: str) -> Job | None:
        """The project's newest job. Raises NotFound for a project that isn't there."""
        return next(iter(self.jobs(project)), None)

    def request(self, project: str) -> MusicVideoRequest | None:
        """What the project is, or is to be, made from. None while it has no song."""
        body = self.store.get(project).request
        return MusicVideoRequest.from_json(body) if body else None

    def values(self, project: str) -> FormValues:
        request = self.request(project)
        return values_of_request(request) if request else FormValues()

    def draft(self, title: str, values: FormValues) -> str:
        """A new project, not rendered yet, with copies of the form's files; returns its id."""
        project = self.store.create(title)
        self.keep(project.id, values)
        return project.id

    def keep(self, project: str, values: FormValues) -> MusicVideoRequest:
        """Notes what stands in the form, so that nothing is lost with the page. Raises BadInput."""
        return self.studio.keep(self._request(project, values, "song"))

    def settle(self, project: str, shots: Sequence[Mapping[str, Any]]) -> None:
        """Notes which shots the person has settled."""
        request = self.request(project)
        if request is not None:
            self.studio.keep(replace(request, shots=tuple(shots)))

    def submit(self, project: str, title: str, values: FormValues, goal: str = "film") -> tuple[str, Job]:
        """Works towards `goal` in `project`, or in a new one for "", which does not outlive a refusal."""
        projects = self.store
        chosen = projects.open(project) if project else projects.create(title.strip() or values.suggested_title())
        try:
            self.make_way(chosen.id)
            job = self.studio.submit(self._request(chosen.id, values, goal))
        except BaseException:
            if not project:
                projects.delete(chosen.id)
            raise
        return chosen.id, job

    def draw(self, project: str) -> Job | None:
        """Draws the storyboard as it is noted; None while there are no characters to draw."""
        request = self.request(project)
        if request is None or not request.characters:
            return None
        self.make_way(project)
        return self.studio.submit(replace(request, goal="storyboard"))

    def film(self, project: str) -> MusicVideoRequest:
        """What a film of the project would be made from. Raises BadInput while it has no song or no characters."""
        request = self.request(project) if project else None
        if request is None:
            raise BadInput("--audio", "(none)", "a song in any usual format", "a film needs its song")
        if not request.characters:
            raise BadInput("--character", "(none)", "at least one picture")
        return request

    def compare(self, project: str, base: Mapping[str, Any], changes: Mapping[str, Any], moment: int) -> Job:
        """Films two bars with `base` changed of what is noted, and with `changes`."""
        request = self.film(project)
        self.make_way(project)
        # Another engine that stood in for the one of a side would make the two sides the same.
        alone = "engines" in base or "engines" in changes
        film = replace(request, goal="film", substitutes=request.substitutes and not alone)
        return self.studio.compare(ComparisonRequest(film, changes, moment, base))

    def steer(self, project: str, values: Mapping[str, Any]) -> None:
        """Changes what the pictures being drawn are drawn with, from the next step on. Raises BadInput."""
        job = next((job for job in self.jobs(project) if job.active), None)
        if job is None:
            raise BadInput("project", self.store.get(project).title, "a film whose pictures are being drawn")
        self.studio.steer(job.id, values)

    def _request(self, project: str, values: FormValues, goal: str) -> MusicVideoRequest:
        """The form's request with the settled shots, which belong to the song they were settled for."""
        request, known = values.request(self.store.folder(project), goal), self.request(project)
        if known is None or not known.shots or song_digest(known.audio) != song_digest(request.audio):
            return request
        return replace(request, shots=known.shots)


def song_digest(path: Path) -> str:
    """Equal for equal content; "" for a file that is gone."""
    return file_digest(path) if path.is_file() else ""
