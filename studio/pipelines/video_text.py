"""Text in the pictures that were put aside: read once each, in order, or out of turn where a question asks for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from studio.models.memory import ram_budget
from studio.pipelines.parallel import MOST_THREADS, run_all
from studio.pipelines.video_pictures import READ_SIDE, WRITINGS, put_aside
from studio.pipelines.wanted import Span, covers, merged

if TYPE_CHECKING:
    from studio.cancellation import CancelToken
    from studio.engines.vision.screen_text import Line
    from studio.engines.vision.screen_text_tracker import TextTracker
    from studio.pipelines.context import Context, Stage
    from studio.pipelines.video_ledger import Ledger, Source

BATCH = 8
"""Pictures between two writings at least: a kill costs so many readings at most, in long videos a 200th of all."""
READING_BYTES, COPIES = 90_000_000, 8
"""What reading one more picture at the same time takes beside the readers themselves: the networks' working memory, as
measured at every size of picture (60 to 80 MB), and so many copies of the picture."""
MOST_UNREAD = 1000
"""Pictures put aside, some 250 MB at most, after which reading goes before watching on."""


class TextReading:
    """Reads on from where the ledger ends.

    The ledger's part "text" has beside what it found the tracker's state, how many samples it has passed, and `ahead`:
    stretches read out of turn, each with its samples and the lines of the pictures among them. They are followed by a
    tracker of their own until the reading comes by; then their lines are taken as they are, so that the index in the
    end is the same whatever was asked.
    """

    def __init__(self, context: Context, ledger: Ledger, source: Source) -> None:
        from studio.engines.vision.screen_text import TextReader

        self._context, self._ledger, self._source = context, ledger, source
        self._reader = TextReader(threads=1)
        known = ledger.part("text")
        self._tracker = self._fresh() if not known.get("tracker") else _tracker(known["tracker"])
        self._closed: list[Any] = known.get("found", [])[: known.get("closed", 0)]
        self._passed = int(known.get("passed", 0))
        self._ahead: list[dict[str, Any]] = [dict(each) for each in known.get("ahead", [])]

    # ---- in order ----

    def run(self, between: Callable[[], None]) -> None:
        """Reads all that is put aside; before each batch `between` may do what is more urgent."""
        source, total = self._source, max(1, round(self._source.duration))
        with self._context.stage(f"text-{source.number}", f"Reading what stands in {source.name}", total) as stage:
            if self._ledger.part("text").get("done"):
                stage.reuse(total)
            else:
                stage.advance(max(0.0, self._until()))
                self._read_all(stage, between)
        shutil.rmtree(source.unread, ignore_errors=True)

    def _read_all(self, stage: Stage, between: Callable[[], None]) -> None:
        while self._passed < len(self._samples()):
            between()
            self.read_on(stage)
        self._closed += [asdict(one) for one in self._tracker.finish(self._source.duration)]
        self._ahead = []
        self._keep(done=True)

    def make_room(self) -> None:
        """Reads until few enough pictures lie unread."""
        while sum(1 for _ in islice(self._changed(), MOST_UNREAD + 1)) > MOST_UNREAD:
            self.read_on(None)

    def read_on(self, stage: Stage | None) -> None:
        """The next batch: its pictures side by side, then followed in order."""
        batch, due = [], 0
        for sample in self._samples()[self._passed :]:
            batch.append(sample)
            due += _is_changed(sample[1])
            if due >= max(BATCH, len(self._samples()) // WRITINGS):
                break
        read = [time for time, changed in batch if _is_changed(changed)]
        lines = self._read_side_by_side(read)
        at = max(0.0, self._until())
        for time, changed in batch:
            self._add(self._tracker.see(time, lines[time]) if _is_changed(changed) else self._tracker.stay(time))
            self._passed += 1
            if stage:
                stage.advance(max(0.0, time - at))
            at = time
        self._ahead = [each for each in self._ahead if each["end"] > at]
        self._keep()
        for time in read:
            (self._source.unread / self._source.picture_name(time)).unlink(missing_ok=True)

    def _read_side_by_side(self, times: list[float]) -> dict[float, tuple[Line, ...]]:
        def read(time: float, cancel: CancelToken) -> tuple[Line, ...]:
            cancel.check()
            self._context.sign_of_life()
            return self._lines(time)

        pieces = [lambda cancel, time=time: read(time, cancel) for time in times]
        shape = self._source.plan.times
        most = at_once(shape.width, shape.height, ram_budget())
        return dict(zip(times, run_all(pieces, self._context.cancel, most), strict=True))

    # ---- out of turn ----

    def serve(self, wanted: Span) -> None:
        """Reads what stands in the pictures from `wanted[0]` to `wanted[1]` now, unless it was read."""
        if covers(self._read_spans(), wanted) or self._ledger.part("text").get("done"):
            return
        samples = [[time, changed] for time, changed in self._stretch(wanted) if time > self._until()]
        if not samples:
            return
        read = self._read_side_by_side([time for time, changed in samples if _is_changed(changed)])
        lines = {self._source.picture_name(time): [asdict(line) for line in found] for time, found in read.items()}
        start, end = max(self._until(), min(wanted[0], samples[0][0])), max(wanted[1], samples[-1][0])
        self._ahead.append({"start": start, "end": end, "samples": samples, "lines": lines})
        self._keep()

    def _stretch(self, wanted: Span) -> Iterator[tuple[float, float]]:
        """Samples of the stretch, from the last picture before it that had changed; those that were not watched yet are
        put aside first."""
        from studio.media.sampling import FrameSampler

        source, known = self._source, self._ledger.part("frames")
        until = known.get("until")
        watched = [(time, changed) for time, changed in self._samples()[self._passed :] if time <= wanted[1]]
        begins = [at for at, (time, changed) in enumerate(watched) if time <= wanted[0] and _is_changed(changed)]
        yield from (one for one in watched[begins[-1] if begins else 0 :] if begins or one[0] >= wanted[0])
        if known.get("done") or (until is not None and until >= wanted[1]):
            return
        begin = max(wanted[0] - source.plan.step, until if until is not None else -1.0)
        after = begin if begin >= 0 else None
        sampler = FrameSampler(source.path, source.plan, self._context.settings.limits, READ_SIDE, after)
        for sample in sampler.samples("FILE", self._context.cancel):
            if sample.time > wanted[1]:
                break
            self._context.sign_of_life()
            if _is_changed(sample.changed):
                put_aside(source, sample)
            yield sample.time, round(sample.changed, 4)

    # ---- reading and keeping ----

    def _lines(self, time: float) -> tuple[Line, ...]:
        from studio.engines.vision.screen_text import Line
        from studio.media.pictures import read_picture

        name = self._source.picture_name(time)
        for stretch in self._ahead:
            if name in stretch["lines"]:
                return tuple(Line(**{**line, "box": tuple(line["box"])}) for line in stretch["lines"][name])
        picture = read_picture(self._source.unread / name, "FILE", self._context.settings.limits)
        return self._reader.read(picture)

    def _keep(self, done: bool = False) -> None:
        standing = [] if done else [asdict(one) for one in self._tracker.standing()]
        part = {
            "found": [*self._closed, *standing, *self._found_ahead({one["text"] for one in standing})],
            "read": [list(span) for span in (((0.0, self._source.duration),) if done else self._read_spans())],
            "done": done,
            "tracker": None if done else self._tracker.to_json(),
            "closed": len(self._closed),
            "passed": self._passed,
            "ahead": list(self._ahead),
        }
        self._ledger.keep("text", part)

    def _found_ahead(self, standing: set[str]) -> list[Any]:
        found: list[Any] = []
        for stretch in self._ahead:
            tracker = self._fresh()
            ended: list[Any] = []
            for time, changed in stretch["samples"]:
                if time <= self._until():
                    continue
                ended += tracker.see(time, self._lines(time)) if _is_changed(changed) else tracker.stay(time)
            found += [asdict(one) for one in (*ended, *tracker.finish()) if one.text not in standing]
        return found

    def _fresh(self) -> TextTracker:
        from studio.engines.vision.screen_text_tracker import TextTracker

        times = self._source.plan.times
        return TextTracker(times.width / max(1, times.height))

    def _add(self, ended: tuple[Any, ...]) -> None:
        self._closed += [asdict(one) for one in ended]

    def _samples(self) -> list[Any]:
        return self._ledger.part("frames").get("samples", [])

    def _changed(self) -> Iterator[float]:
        return (time for time, changed in self._samples()[self._passed :] if _is_changed(changed))

    def _until(self) -> float:
        """Time of the last sample that was passed in order, -1 before the first one."""
        return self._samples()[self._passed - 1][0] if self._passed else -1.0

    def _read_spans(self) -> tuple[Span, ...]:
        return merged([(0.0, max(0.0, self._until())), *((each["start"], each["end"]) for each in self._ahead)])


def at_once(width: int, height: int, budget: int) -> int:
    """How many pictures of a video of so many pixels are read at the same time in `budget` bytes of memory: one at
    least, MOST_THREADS at most. What is found does not depend on it."""
    scale = min(1.0, READ_SIDE / max(width, height, 1))
    picture = 3 * width * height * scale * scale
    return int(max(1, min(MOST_THREADS, budget // (READING_BYTES + COPIES * picture))))


def _is_changed(changed: float) -> bool:
    from studio.media.sampling import UNCHANGED

    return changed >= UNCHANGED


def _tracker(body: Any) -> TextTracker:
    from studio.engines.vision.screen_text_tracker import TextTracker

    return TextTracker.from_json(body)
