"""The pictures of a video, watched: scenes at once, and what has changed put aside for the reader of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio.store.atomic import write_json

if TYPE_CHECKING:
    import numpy as np

    from studio.contracts import SceneReading
    from studio.media.sampling import Sample
    from studio.models.registry import EngineCard
    from studio.pipelines.context import Context, Stage
    from studio.pipelines.video_ledger import Ledger, Source

SHOWN_SIDE, READ_SIDE = 640, 1280
"""Pixels of the longer side of pictures to be shown and of those whose text is read."""
GLANCE = "glance.json"
BATCH, WRITINGS = 30, 200
"""Samples between two writings at least, and about how often a long video's reading is written down in all."""


def glance(context: Context, source: Source) -> None:
    """Pictures through the whole video before anything else: {"pictures": [{"time", "frame"}]} in GLANCE."""
    from studio.media.glance import key_pictures
    from studio.media.pictures import write_picture

    path = source.folder / GLANCE
    with context.stage(f"glance-{source.number}", f"A first look at {source.name}", 1) as stage:
        if path.is_file():
            stage.reuse()
            return
        seen = []
        for time, picture in key_pictures(source.path, source.plan, context.settings.limits, context.cancel):
            name = source.picture_name(time)
            write_picture(source.frames / name, picture)
            seen.append({"time": round(time, 3), "frame": f"frames/{name}"})
            stage.preview("watching", picture)
        write_json(path, {"pictures": seen})
        context.artifact("glance", path)


class PictureReading:
    """Watches a video with a vision engine. `between` is called after each batch."""

    def __init__(
        self, context: Context, card: EngineCard, ledger: Ledger, source: Source, between: Callable[[], None]
    ) -> None:
        self._context, self._card, self._ledger, self._source, self._between = context, card, ledger, source, between
        self._scenes: list[Any] = []
        self._samples: list[Any] = []
        self._coming: list[tuple[float, float, np.ndarray | None]] = []
        self._reached = 0.0

    def run(self) -> None:
        source, known = self._source, self._ledger.part("frames")
        total = max(1, round(source.duration))
        with self._context.stage(f"pictures-{source.number}", f"Watching {source.name}", total) as stage:
            if known.get("done"):
                stage.reuse(total)
                return
            self._reached = known.get("until") or 0.0
            stage.advance(self._reached)
            while not self._context.lease(self._card, lambda engine: self._watch(engine, stage)):
                continue  # a question was let by

    def _watch(self, engine: Any, stage: Stage) -> bool:
        """Goes on from what was kept last: also on a lower rung, where memory ran out on the way. False where somebody
        else wants the device before it is done."""
        from studio.contracts import WatchRequest
        from studio.media.sampling import FrameSampler

        source, known, context = self._source, self._ledger.part("frames"), self._context
        self._scenes, self._samples = known.get("found", [])[: known.get("closed", 0)], list(known.get("samples", []))
        self._coming = []
        after, limits = known.get("until"), context.settings.limits
        sampler = FrameSampler(source.path, source.plan, limits, READ_SIDE, after, self._reference())
        samples = self._passing(sampler.samples("FILE", context.cancel), stage)
        request = WatchRequest(samples, source.duration, known.get("vision"), self._batch(), lambda _: stage.report())
        for reading in engine.read(request, context.cancel):
            self._keep(reading)
            self._between()
            if reading.open_scenes and context.is_awaited(self._card):
                return False
        if sampler.left_out:
            context.notice(f"{sampler.left_out} pictures of {source.name} could not be decoded and are left out.")
        return True

    def _batch(self) -> int:
        """Samples between two writings: what is written grows with the video, so a long one is written less often."""
        return max(BATCH, round(self._source.duration / self._source.plan.step) // WRITINGS)

    def _passing(self, samples: Iterator[Sample], stage: Stage) -> Iterator[Sample]:
        """The samples, those that have changed put aside on their way."""
        from studio.media.sampling import UNCHANGED, look

        for sample in samples:
            changed = sample.changed >= UNCHANGED
            if changed:
                put_aside(self._source, sample)
                stage.preview("watching", sample.picture)
            self._coming.append((sample.time, round(sample.changed, 4), look(sample.picture) if changed else None))
            stage.advance(max(0.0, sample.time - self._reached))
            self._reached = max(self._reached, sample.time)
            yield sample

    def _keep(self, reading: SceneReading) -> None:
        """What a batch brought. An engine may have fetched samples ahead: those are not read yet."""
        for notice in reading.notices:
            self._context.notice(notice)
        until, duration = reading.until, self._source.duration
        arrived = [each for each in self._coming if until is not None and each[0] <= until]
        self._coming = self._coming[len(arrived) :]
        self._samples += [[time, changed] for time, changed, _ in arrived]
        reference = self._kept_reference(arrived)
        self._scenes += [asdict(scene) for scene in reading.scenes]
        done = not reading.open_scenes
        seen = duration if done else until
        part = {
            "found": self._scenes + [asdict(scene) for scene in reading.open_scenes],
            "read": [[0.0, seen]] if seen else [],
            "done": done,
            "closed": len(self._scenes),
            "samples": list(self._samples),
            "until": until,
            "vision": dict(reading.state),
            "reference": reference,
        }
        self._ledger.keep("frames", part)
        for path in self._source.folder.glob("reference-*.png"):
            if path.name != reference:
                path.unlink(missing_ok=True)

    # ---- the picture that others are compared with, so that a broken off reading goes on as if it had not ----

    def _reference(self) -> np.ndarray | None:
        from studio.media.pictures import read_picture

        path = self._source.folder / str(self._ledger.part("frames").get("reference", ""))
        return read_picture(path, "FILE", self._context.settings.limits)[..., :3] if path.is_file() else None

    def _kept_reference(self, arrived: list[tuple[float, float, np.ndarray | None]]) -> str:
        """The name of the file it lies in: of its own for each batch, as a kill may come before the ledger knows."""
        from studio.media.pictures import write_picture

        changed = [(time, seen) for time, _, seen in arrived if seen is not None]
        if not changed:
            return str(self._ledger.part("frames").get("reference", ""))
        name = f"reference-{round(1000 * changed[-1][0]):09d}.png"
        write_picture(self._source.folder / name, changed[-1][1])
        return name


def put_aside(source: Source, sample: Sample) -> None:
    """Keeps a picture twice: small to be shown, whole until its text is read."""
    from studio.media.pictures import thumbnail, write_picture

    name = source.picture_name(sample.time)
    write_picture(source.frames / name, thumbnail(sample.picture, SHOWN_SIDE))
    write_picture(source.unread / name, sample.picture)
