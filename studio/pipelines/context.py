"""What a pipeline works with: its project folder, the model manager, a cancel token, and its voice to the world."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from studio.cancellation import CancelToken
from studio.models.memory import PeakMeter
from studio.models.outcomes import LeaseOptions
from studio.pipelines.controls import Controls
from studio.pipelines.timing import Amount, Timings, remaining_seconds
from studio.settings import Settings

if TYPE_CHECKING:
    import numpy as np

    from studio.models.manager import ModelManager
    from studio.models.registry import EngineCard, Registry

T = TypeVar("T")
Emit = Callable[[str, Mapping[str, Any]], None]

_PROGRESS_SECONDS = 0.25
_PREVIEW_SECONDS = 0.7
_WAITING_SECONDS = 10.0


@dataclass(frozen=True)
class ContextParts:
    """What all jobs of a worker share."""

    settings: Settings
    manager: ModelManager
    registry: Registry
    timings: Timings


class Context:
    """One job's surroundings. `project` is the folder everything is left in. `seconds` and `peaks` say for each stage
    how long it took and how many megabytes were in use at most, on the device or, without one, by this process.
    `controls`: what a person sets while the job runs."""

    def __init__(
        self,
        project: Path,
        cancel: CancelToken,
        emit: Emit,
        sign_of_life: Callable[[], None],
        parts: ContextParts,
    ) -> None:
        self.project, self.cancel, self.sign_of_life = project, cancel, sign_of_life
        self.settings, self.manager, self.registry = parts.settings, parts.manager, parts.registry
        self._emit, self._timings = emit, parts.timings
        self._plan: list[Amount] = []
        self.controls = Controls()
        self.seconds: dict[str, float] = {}
        self.peaks: dict[str, int] = {}
        self.notices: list[str] = []

    def plan(self, amounts: Sequence[Amount]) -> None:
        """The stages still to come and how much work each is; replaces what was planned before."""
        self._plan = list(amounts)

    def artifact(self, role: str, path: Path) -> None:
        self._emit("artifact", {"role": role, "path": str(path)})

    def notice(self, text: str) -> None:
        """Tells the person, in words, what was changed for them; once per text."""
        if text not in self.notices:
            self.notices.append(text)
            self._emit("notice", {"text": text})

    @contextmanager
    def stage(self, name: str, label: str, total: int) -> Iterator[Stage]:
        """A named stage of `total` steps: timed, announced, and remembered for the next ETA when it did real work."""
        self.cancel.check()
        while self._plan and self._plan[0].stage != name:
            self._plan.pop(0)
        stage = Stage(self, name, label, total)
        stage.report(force=True)
        with PeakMeter(self.manager.gauge) as meter:
            yield stage
        stage.finish()
        self.peaks[name] = round(meter.peak / 1e6)
        seconds = time.monotonic() - stage.started
        self.seconds[name] = round(seconds, 3)
        if self._plan and not stage.reused:
            self._timings.learn(self._plan[0], seconds)

    def eta(self, share_done: float, elapsed: float) -> float | None:
        if not self._plan:
            return None
        return remaining_seconds(self._timings.rates(), self._plan, share_done, elapsed)

    def engine(self, task: str, wanted: Mapping[str, str], substitutes: bool) -> EngineCard:
        """The engine that does `task`; a notice says where it isn't the one asked for."""
        card, notice = self.registry.choose(task, wanted.get(task), substitutes)
        if notice:
            self.notice(notice)
        return card

    def lease(
        self, card: EngineCard, work: Callable[[Any], T], cancel: CancelToken | None = None, priority: int = 0
    ) -> T:
        """`work(engine)` while the model manager lends the engine; memory running out is met one rung lower. A higher
        `priority` is served first."""
        options = LeaseOptions(priority=priority, cancel=cancel or self.cancel, notify=self.notice)
        with self._waiting() as begun:

            def begin(engine: Any) -> T:
                begun.set()
                return work(engine)

            return self.manager.run(card.key, options, begin)

    @contextmanager
    def _waiting(self) -> Iterator[threading.Event]:
        """Until the event is set: whoever waits for an engine that another job has is not stuck, however long."""
        begun = threading.Event()

        def wait() -> None:
            while not begun.wait(_WAITING_SECONDS):
                if self.manager.is_lending():
                    self.sign_of_life()

        threading.Thread(target=wait, name="waiting", daemon=True).start()
        try:
            yield begun
        finally:
            begun.set()

    def is_awaited(self, card: EngineCard) -> bool:
        """Whether somebody waits for another model while `card`'s is leased: long work gives it back between two
        batches then, and leases it again."""
        return not card.embedded and self.manager.is_awaited(card.key)

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        self._emit(kind, data)


class Stage:
    """A stage under way, of `total` steps; several threads may report to it. `reused` counts the steps whose artifact
    was there already: they say nothing about how long the others take."""

    def __init__(self, context: Context, name: str, label: str, total: int) -> None:
        self._context, self._name, self._label, self.total = context, name, label, total
        self.started = time.monotonic()
        self.reused = 0
        self._done = 0.0
        self._lock = threading.Lock()
        self._last_progress = self._last_preview = 0.0

    def reuse(self, steps: int = 1, advance: bool = False) -> None:
        """`steps` steps were there already; with `advance` they count as done now."""
        with self._lock:
            self.reused += steps
        if advance:
            self.advance(steps)

    def advance(self, steps: float = 1.0) -> None:
        with self._lock:
            self._done += steps
        self.report()

    def within_step(self, done: int, total: int) -> None:
        """Progress inside the step under way, as engines report it."""
        self.report(min(1.0, done / max(1, total)))

    def report(self, within: float = 0.0, force: bool = False) -> None:
        """A progress event, throttled unless `force`; a sign of life each time."""
        context, now = self._context, time.monotonic()
        context.sign_of_life()
        with self._lock:
            if not force and now - self._last_progress < _PROGRESS_SECONDS:
                return
            self._last_progress = now
            done, reused = min(self._done + within, self.total), self.reused
        fresh = self.total - reused
        share = min(1.0, max(0.0, (done - reused) / fresh)) if fresh > 0 else 1.0
        eta = context.eta(share, now - self.started)
        context.emit(
            "progress",
            {
                "stage": self._name,
                "label": self._label,
                "done": int(done) if done == int(done) else round(done, 2),
                "total": self.total,
                "eta_seconds": None if eta is None else round(eta, 1),
            },
        )

    def finish(self) -> None:
        with self._lock:
            self._done = self.total
        self.report(force=True)

    def preview(self, name: str, picture: np.ndarray, force: bool = False) -> None:
        """Shows a small copy of `picture` (h, w, 3), at most about one a second and stage unless `force`."""
        from studio.media.pictures import thumbnail, write_picture

        with self._lock:
            now = time.monotonic()
            if not force and now - self._last_preview < _PREVIEW_SECONDS:
                return
            self._last_preview = now
        path = self._context.project / ".studio" / "previews" / f"{name}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_picture(path, thumbnail(picture, 384))
        self._context.emit("preview", {"stage": self._name, "path": str(path)})
