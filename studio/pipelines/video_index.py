"""Videos are read, so that questions about them can be answered: sound, speech, pictures, text, all in one index.

What was read is kept after every batch, with what is needed to go on: a killed job reads nothing twice and leaves the
same index.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput
from studio.pipelines.context import Context
from studio.pipelines.timing import Amount
from studio.pipelines.video_sound import SoundReader
from studio.requests import VideoRequest, fingerprint
from studio.store.artifacts import Artifacts
from studio.store.atomic import read_json, write_json
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.contracts import SceneReading
    from studio.engines.vision.screen_text_tracker import TextTracker
    from studio.index.facts import VideoFacts, VideoIndex
    from studio.media.sampling import Sample, SamplingPlan
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Stage

TASKS = ("vision", "transcript")
INDEX = "index.json"
_VERSION = 1


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the session's id and how many videos were read."""
    request = VideoRequest.from_json(body)
    project = Project(request.project)
    Artifacts(project.folder).clean_temporary()
    engines = {task: context.engine(task, request.engines, request.substitutes) for task in TASKS}
    for number, video in enumerate(request.videos, 1):
        VideoReader(request, context, engines, (number, video)).read()
    return {"session": project.id, "videos": len(request.videos)}


def index_folder(session: Path, number: int) -> Path:
    """Where what is known of video `number`, from 1, lies."""
    return session / "videos" / f"{number:02d}"


def read_indexes(session: Path) -> list[tuple[Path, VideoIndex]]:
    """(folder, index) of every video of a session, as far as it was read; the unread ones are left out."""
    from studio.index.facts import VideoIndex

    folders = sorted(path for path in (session / "videos").glob("[0-9][0-9]") if (path / INDEX).is_file())
    return [(folder, VideoIndex.from_json(read_json(folder / INDEX))) for folder in folders]


class VideoReader:
    """Reads one video into its folder."""

    def __init__(
        self, request: VideoRequest, context: Context, engines: Mapping[str, EngineCard], video: tuple[int, Path]
    ) -> None:
        self._request, self._context, self._engines = request, context, engines
        self._number, self._video = video
        self._folder = index_folder(request.project, self._number)
        self._key = fingerprint([self._video.name, request.step, [engines[task].key for task in TASKS], _VERSION])
        self._frames = self._folder / "frames"

    def read(self) -> None:
        self._frames.mkdir(parents=True, exist_ok=True)
        limits = replace(self._context.settings.limits, song_seconds=self._context.settings.limits.video_seconds)
        plan = self._plan()
        seconds = plan.times.duration
        self._context.plan(
            [
                Amount(f"sound-{self._number}", seconds),
                Amount(f"speech-{self._number}", seconds, self._engines["transcript"].key),
                Amount(f"pictures-{self._number}", seconds, self._engines["vision"].key),
            ]
        )
        state = self._state()
        index = self._index(plan, state)
        if plan.times.has_sound:
            sound = SoundReader(self._context, self._engines["transcript"], self._video, self._folder, limits)
            index = sound.read(index, self._number, lambda known: self._keep(known, state))
        self._watch(plan, index, state)

    def _plan(self) -> SamplingPlan:
        from studio.media.sampling import plan_sampling

        limits = self._context.settings.limits
        plan = plan_sampling(self._video, self._request.step, "FILE", limits)
        if plan.times.duration > limits.video_seconds:
            accepted = f"at most {limits.video_seconds / 3600:g} hours of video"
            raise BadInput("FILE", self._name, accepted, f"it lasts {plan.times.duration / 3600:.1f} hours")
        return plan

    @property
    def _name(self) -> str:
        return Project(self._request.project).info().names.get(self._video.name, self._video.name)

    # ---- what is kept ----

    def _state(self) -> dict[str, Any]:
        """What the readers need to go on; {} at the beginning, and where the video is to be read in another way."""
        path = self._folder / "state.json"
        state = read_json(path) if path.is_file() else {}
        return state if state.get("key") == self._key else {"key": self._key}

    def _index(self, plan: SamplingPlan, state: Mapping[str, Any]) -> VideoIndex:
        from studio.index.facts import VideoFacts, VideoIndex

        path = self._folder / INDEX
        if len(state) > 1 and path.is_file():
            return VideoIndex.from_json(read_json(path))
        times = plan.times
        facts: VideoFacts = VideoFacts(
            self._name, times.duration, times.width, times.height, times.fps, times.has_sound
        )
        return VideoIndex(facts)

    def _keep(self, index: VideoIndex, state: dict[str, Any], **news: Any) -> VideoIndex:
        """The index first: killed between the two, the state goes on from before what the index holds already, and the
        same is found again."""
        state |= news
        write_json(self._folder / INDEX, index.to_json())
        write_json(self._folder / "state.json", state)
        self._context.artifact("index", self._folder / INDEX)
        return index

    # ---- pictures and text ----

    def _watch(self, plan: SamplingPlan, index: VideoIndex, state: dict[str, Any]) -> None:
        from studio.contracts import WatchRequest
        from studio.engines.vision.screen_text_tracker import TextTracker
        from studio.media.sampling import FrameSampler

        known = state.get("pictures") or {"until": None, "vision": None, "text": None, "scenes": [], "texts": []}
        aspect = plan.times.width / max(1, plan.times.height)
        tracker = TextTracker.from_json(known["text"]) if known["text"] else TextTracker(aspect)
        limits, cancel = self._context.settings.limits, self._context.cancel
        sampler = FrameSampler(self._video, plan, limits, after=known["until"])
        total = max(1, round(plan.times.duration))
        with self._context.stage(f"pictures-{self._number}", f"Watching {self._name}", total) as stage:
            if known.get("done"):
                stage.reuse(total)
                return
            stage.advance(known["until"] or 0)
            texts = _Texts(tracker, list(known["texts"]))
            samples = self._read_text(sampler.samples("FILE", cancel), texts, stage)
            scenes = list(known["scenes"])

            def watch(engine: Any) -> None:
                what = WatchRequest(samples, plan.times.duration, known["vision"])
                for reading in engine.read(what, cancel):
                    self._keep_reading(index, state, (reading, scenes, texts), plan.times.duration)

            self._context.lease(self._engines["vision"], watch)
        if sampler.left_out:
            self._context.notice(f"{sampler.left_out} pictures of {self._name} could not be decoded and are left out.")

    def _read_text(self, samples: Iterator[Sample], texts: _Texts, stage: Stage) -> Iterator[Sample]:
        """The samples, each read for text and kept small on its way to the scenes' reader."""
        from studio.engines.vision.screen_text import TextReader
        from studio.media.pictures import thumbnail, write_picture
        from studio.media.sampling import UNCHANGED

        reader, at = TextReader(threads=2), 0.0
        for sample in samples:
            if sample.changed < UNCHANGED:
                texts.add(texts.tracker.stay(sample.time))
            else:
                texts.add(texts.tracker.see(sample.time, reader.read(sample.picture)))
                write_picture(self._frames / f"{round(1000 * sample.time):09d}.jpg", thumbnail(sample.picture, 640))
                stage.preview("watching", sample.picture)
            stage.advance(max(0.0, sample.time - at))
            at = sample.time
            yield sample

    def _keep_reading(
        self, index: VideoIndex, state: dict[str, Any], found: tuple[SceneReading, list[Any], _Texts], duration: float
    ) -> None:
        """What a batch brought, beside what is still open."""
        from dataclasses import asdict

        from studio.index.facts import Scene, ScreenText

        reading, scenes, texts = found
        scenes += [asdict(scene) for scene in reading.scenes]
        done = not reading.open_scenes
        if done:
            texts.add(texts.tracker.finish(duration))
        until = duration if done else reading.until
        standing = [] if done else [asdict(one) for one in texts.tracker.standing()]
        seen = ((0.0, until),) if until else ()
        body = {"video": asdict(index.video), "scenes": scenes + [asdict(one) for one in reading.open_scenes]}
        body |= {"texts": texts.closed + standing, "speech": [], "sounds": [], "read": {}}
        shown = type(index).from_json(body)
        whole: VideoIndex = replace(
            index,
            scenes=tuple(one for one in shown.scenes if isinstance(one, Scene)),
            texts=tuple(one for one in sorted(shown.texts, key=_begin) if isinstance(one, ScreenText)),
            read={**index.read, "frames": seen, "text": seen},
        )
        kept = {
            "until": reading.until,
            "vision": dict(reading.state),
            "text": texts.tracker.to_json(),
            "scenes": list(scenes),
            "texts": list(texts.closed),
            "done": done,
        }
        self._keep(whole, state, pictures=kept)


def _begin(text: Any) -> float:
    return text.start


class _Texts:
    """Texts on screen that have ended, as JSON, and the tracker of those that stand."""

    def __init__(self, tracker: TextTracker, closed: list[Any]) -> None:
        self.tracker, self.closed = tracker, closed

    def add(self, ended: tuple[Any, ...]) -> None:
        from dataclasses import asdict

        self.closed += [asdict(one) for one in ended]
