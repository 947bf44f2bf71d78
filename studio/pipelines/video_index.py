"""Videos are read, so that questions about them can be answered: pictures, sound, text, speech, all in one index.

What was read is kept after every batch, with what is needed to go on: a killed job reads nothing twice and leaves the
same index. What a question asks for meanwhile is read next.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import storage_errors
from studio.errors import BadInput
from studio.pipelines.context import Context
from studio.pipelines.timing import Amount
from studio.pipelines.wanted import Wanted
from studio.requests import VideoRequest, fingerprint
from studio.store.artifacts import Artifacts
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.index.facts import VideoIndex
    from studio.media.sampling import SamplingPlan
    from studio.models.registry import EngineCard
    from studio.pipelines.video_ledger import Ledger, Source

TASKS = ("vision", "transcript")
INDEX, VIDEO, PLAYABLE = "index.json", "video.json", "playable.mp4"
RAW = "raw"
"""In the name of an admitted video that no wrapping of ours took as it is."""
_VERSION = 2


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the session's id and how many videos were read."""
    request = VideoRequest.from_json(body)
    project = Project(request.project)
    Artifacts(project.folder).clean_temporary()
    engines = {task: context.engine(task, request.engines, request.substitutes) for task in TASKS}
    readers = [VideoReader(request, context, engines, video) for video in enumerate(request.videos, 1)]
    for reader in readers:
        reader.read()
    for reader in readers:
        reader.make_playable()
    return {"session": project.id, "videos": len(request.videos)}


def index_folder(session: Path, number: int) -> Path:
    """Where what is known of video `number`, from 1, lies."""
    return session / "videos" / f"{number:02d}"


def read_indexes(session: Path) -> list[tuple[Path, VideoIndex]]:
    """(folder, index) of every video of a session, as far as it was read; the unread ones are left out."""
    from studio.index.facts import VideoIndex

    folders = sorted(path for path in (session / "videos").glob("[0-9][0-9]") if (path / INDEX).is_file())
    return [(folder, VideoIndex.from_json(read_json(folder / INDEX))) for folder in folders]


def read_video(folder: Path) -> dict[str, Any] | None:
    """What VIDEO in an index folder says: number, name, source, playable (paths relative to the session, None where
    no browser plays it yet), duration, width, height, offset (what a player's clock shows at the first picture, from
    which all our times are counted). None before its reading has begun."""
    return read_json(folder / VIDEO) if (folder / VIDEO).is_file() else None


class VideoReader:
    """Reads one video into its folder."""

    def __init__(
        self, request: VideoRequest, context: Context, engines: Mapping[str, EngineCard], video: tuple[int, Path]
    ) -> None:
        self._request, self._context, self._engines = request, context, engines
        self._number, self._admitted = video
        self._folder = index_folder(request.project, self._number)
        self._name = Project(request.project).info().names.get(self._admitted.name, self._admitted.name)
        name = self._admitted.name
        self._key = fingerprint([name, request.step, [engines[task].key for task in TASKS], _VERSION])

    def read(self) -> None:
        from studio.pipelines.video_pictures import PictureReading, glance
        from studio.pipelines.video_sound import SoundReading
        from studio.pipelines.video_text import TextReading

        source = self._source()
        ledger = self._ledger(source)
        glance(self._context, source)
        text = TextReading(self._context, ledger, source)
        sound = SoundReading(self._context, self._engines["transcript"], ledger, source)
        wanted = Wanted(self._folder)

        def text_wanted() -> None:
            if (span := wanted.next()) is not None:
                text.serve(span)
            text.make_room()

        def both_wanted() -> None:
            if (span := wanted.next()) is not None:
                text.serve(span)
                sound.serve(span)

        text_wanted()
        PictureReading(self._context, self._engines["vision"], ledger, source, text_wanted).run()
        has_sound = source.plan.times.has_sound
        if has_sound:
            sound.hear(text_wanted)
        text.run(both_wanted)
        if has_sound:
            sound.write_down(wanted)

    # ---- what there is to read ----

    def _source(self) -> Source:
        from studio.pipelines.video_ledger import Source

        for folder in (self._folder.parent, self._folder, self._folder / "frames", self._folder / "unread"):
            with storage_errors(folder):  # a session that was deleted meanwhile must not rise again
                folder.mkdir(exist_ok=True)
        path = self._prepared()
        plan = self._plan(path)
        seconds, engines = plan.times.duration, self._engines
        self._context.plan(
            [
                Amount(f"pictures-{self._number}", seconds, engines["vision"].key),
                Amount(f"sound-{self._number}", seconds),
                Amount(f"text-{self._number}", seconds),
                Amount(f"speech-{self._number}", seconds, engines["transcript"].key),
            ]
        )
        self._describe(path, plan)
        return Source(self._number, self._name, path, plan, self._folder)

    def _prepared(self) -> Path:
        """The video as it is read: what no wrapping of ours took is encoded, and its first form deleted."""
        from studio.media.rewrap import encode

        if f"-{RAW}-" not in self._admitted.name:
            return self._admitted
        path = self._admitted.with_name(self._admitted.name.replace(f"-{RAW}-", "-")).with_suffix(".mp4")
        if not path.is_file():
            with self._context.stage(f"prepare-{self._number}", f"Converting {self._name}", 1) as stage:
                for _ in encode(self._admitted, path, self._context.settings.limits, self._context.cancel):
                    stage.report()
        self._admitted.unlink(missing_ok=True)
        return path

    def _plan(self, path: Path) -> SamplingPlan:
        from studio.media.sampling import plan_sampling

        limits = self._context.settings.limits
        plan = plan_sampling(path, self._request.step, "FILE", limits)
        if plan.times.duration > limits.video_seconds:
            accepted = f"at most {limits.video_seconds / 3600:g} hours of video"
            raise BadInput("FILE", self._name, accepted, f"it lasts {plan.times.duration / 3600:.1f} hours")
        return plan

    def _describe(self, path: Path, plan: SamplingPlan) -> None:
        from studio.media.rewrap import plays_in_browsers

        session, proxy = self._request.project, self._folder / PLAYABLE
        played = path if plays_in_browsers(path, self._context.settings.limits) else proxy if proxy.is_file() else None
        times = plan.times
        body = {
            "number": self._number,
            "name": self._name,
            "source": path.relative_to(session).as_posix(),
            "playable": played.relative_to(session).as_posix() if played else None,
            "duration": times.duration,
            "width": times.width,
            "height": times.height,
            "offset": round(max(0.0, times.first), 3),
        }
        write_json(self._folder / VIDEO, body)
        if played:
            self._context.artifact("playable", played)

    def _ledger(self, source: Source) -> Ledger:
        from studio.index.facts import VideoFacts
        from studio.pipelines.video_ledger import Ledger

        times, path = source.plan.times, self._folder / INDEX
        facts = VideoFacts(source.name, times.duration, times.width, times.height, times.fps, times.has_sound)
        return Ledger(path, self._key, facts, lambda: self._context.artifact("index", path))

    # ---- a form that browsers play ----

    def make_playable(self) -> None:
        """Last, as nothing else waits for it: a small copy of a video that no browser plays."""
        from studio.media.rewrap import encode

        facts = read_video(self._folder)
        if facts is None or facts["playable"] is not None:
            return
        path, total = self._folder / PLAYABLE, max(1, round(facts["duration"]))
        self._context.plan([Amount(f"playable-{self._number}", facts["duration"])])
        with self._context.stage(f"playable-{self._number}", f"Making {self._name} playable", total) as stage:
            source, at = self._request.project / facts["source"], 0.0
            for seconds in encode(source, path, self._context.settings.limits, self._context.cancel, small=True):
                stage.advance(max(0.0, seconds - at))
                at = max(at, seconds)
        write_json(self._folder / VIDEO, facts | {"playable": path.relative_to(self._request.project).as_posix()})
        self._context.artifact("playable", path)
