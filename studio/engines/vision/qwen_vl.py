"""Qwen2.5-VL: what the embedded reader measures of a video, and what things in it are, in the model's own words.

Cuts, light, camera and faces come from the embedded reader, and so do all times; the model describes each stretch of a
scene from its frames. A stretch that shows what the one before showed is not described again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from studio.cancellation import CancelToken
from studio.contracts import SceneReading, VisionEngine, WatchRequest, Weights
from studio.engines.language_models import EIGHT_BITS, FOUR_BITS, FULL, ON_CPU, hold_on, settled_hold
from studio.engines.vision.embedded import EmbeddedVision
from studio.engines.vision.qwen_vl_writer import BATCHES, Describer, Look, batch_for
from studio.engines.vision.stretches import (
    FrameKeeper,
    Kept,
    Stretch,
    borders,
    is_same,
    settled_borders,
    settled_until,
    stretch,
    stretch_length,
)
from studio.index.facts import Moment, Scene

_CELL = 28 * 28
"""Pixels of a token."""


@dataclass(frozen=True)
class _Rung:
    """`tokens` of a frame at least and at most; `batch` the most stretches described at once."""

    weights: str
    tokens: tuple[int, int] = (128, 256)
    batch: int = BATCHES[0]


RUNGS = (
    _Rung(FULL),
    _Rung(EIGHT_BITS),
    _Rung(FOUR_BITS),
    _Rung(FOUR_BITS, (64, 128), 1),
    _Rung(ON_CPU, (64, 128), 1),
)


class QwenVl(VisionEngine):
    def __init__(self, name: str, device: str, rung: int = 0, weights: Weights | None = None) -> None:
        super().__init__(name, device, rung)
        assert weights is not None
        self._plan = RUNGS[rung]
        self._hold, notice = settled_hold(hold_on(device, self._plan.weights))
        self._notices = (notice,) if notice else ()
        low, high = self._plan.tokens
        folder = next(iter(weights.parts.values()))
        self._describer: Describer | None = Describer(
            folder, self._hold, weights.precision, (low * _CELL, high * _CELL)
        )
        self._reader = EmbeddedVision(name, device)
        self.batch = 1

    def warm_up(self) -> None:
        """Finds out how many stretches may be described at once: as many as memory allows, if they come out as each
        does alone."""
        allowed = min(self._plan.batch, batch_for(self.free_bytes()))
        self.batch, refused = 1, 0
        for batch in [each for each in BATCHES if 1 < each <= allowed]:
            if self._writer.agrees(batch, CancelToken()):
                self.batch = batch
                break
            refused = refused or batch
        if not refused and self.batch == 1:
            self._writer.agrees(1, CancelToken())
        if refused:
            text = f"Scenes described {refused} at once come out unlike each alone on this machine: "
            self._notices += (text + f"{self.batch} at once are described instead",)

    def free_bytes(self) -> float:
        """Of device memory; 0 on a device where describing several at once gains nothing."""
        if not self._hold.device.startswith("cuda"):
            return 0.0
        import torch

        return float(torch.cuda.mem_get_info(torch.device(self._hold.device))[0])

    @property
    def _writer(self) -> Describer:
        assert self._describer is not None, "the engine is closed"
        return self._describer

    def read(self, request: WatchRequest, cancel: CancelToken) -> Iterator[SceneReading]:
        watch = _Watch(self, request, cancel)
        inner = replace(request, samples=watch.keeper.watch(request.samples), state=watch.state.get("reader"))
        for reading in self._reader.read(inner, cancel):
            yield watch.described(reading)

    def described(self, looks: Sequence[Stretch], request: WatchRequest, cancel: CancelToken) -> list[str]:
        texts: list[str] = []
        for at in range(0, len(looks), self.batch):
            together = [
                Look(tuple(frame.picture() for frame in each.frames), each.step) for each in looks[at : at + self.batch]
            ]
            texts += self._writer.describe(together, cancel, request.say)
            cancel.check()
        return texts

    @property
    def notices(self) -> tuple[str, ...]:
        return self._notices

    def close(self) -> None:
        self._describer = None

    def leave_device(self) -> bool:
        if self._hold.bits != FULL or self._hold.device == "cpu" or self._describer is None:
            return False
        self._describer.model.to("cpu")
        return True

    def enter_device(self) -> None:
        self._writer.model.to(self._hold.device)


class _Watch:
    """One reading under way: the frames kept, and what was told of the first open scene. `shown` is the frame by which
    a stretch is found to show nothing new."""

    def __init__(self, engine: QwenVl, request: WatchRequest, cancel: CancelToken) -> None:
        self.state: Mapping[str, Any] = request.state or {}
        self._engine, self._request, self._cancel = engine, request, cancel
        self._length = stretch_length(request.duration)
        self.keeper = FrameKeeper(self._length, self.state.get("frames", ()))
        self._told = [Moment(**each) for each in self.state.get("told", ())]
        shown = self.state.get("shown")
        self._shown = Kept.from_json(shown) if shown else None

    def described(self, reading: SceneReading) -> SceneReading:
        """`reading` with the descriptions of all stretches that will not change."""
        until = settled_until(reading.state)
        spans = [borders(scene.start, scene.end, self._length) for scene in reading.scenes]
        if reading.open_scenes and until is not None:
            spans.append(settled_borders(reading.open_scenes[0].start, until, self._length))
        scenes = [*reading.scenes, *reading.open_scenes[:1]]
        moments = self._moments(scenes, spans)
        closed = tuple(_with(scene, told) for scene, told in zip(reading.scenes, moments, strict=False))
        still_open = reading.open_scenes
        self._told = moments[-1] if len(moments) > len(closed) else []
        if not self._told:
            self._shown = None
        if still_open:
            still_open = (_with(still_open[0], self._told), *still_open[1:])
            self.keeper.let_go(self._told[-1].end if self._told else still_open[0].start)
        return replace(
            reading,
            scenes=closed,
            open_scenes=still_open,
            state={
                "reader": reading.state,
                "frames": self.keeper.to_json(),
                "told": [asdict(each) for each in self._told],
                "shown": self._shown.to_json() if self._shown else None,
            },
            notices=self._engine.notices,
        )

    def _moments(self, scenes: Sequence[Scene], spans: Sequence[list[tuple[float, float]]]) -> list[list[Moment]]:
        """Of each scene; what was told of the first one already is not described again."""
        plans: list[list[Stretch | None]] = []
        shown = self._shown
        known = self._told
        for scene, places in zip(scenes, spans, strict=False):
            plan: list[Stretch | None] = []
            for span in places[len(known) :]:
                seen = stretch(span, scene.start, self.keeper.frames)
                same = shown is not None and seen is not None and is_same(shown, seen.frames)
                plan.append(None if same else seen)
                shown = shown if same or seen is None else seen.frames[-1]
            plans.append(plan)
            self._shown, shown, known = shown, None, []
        told = iter(self._engine.described([one for plan in plans for one in plan if one], self._request, self._cancel))
        result: list[list[Moment]] = []
        for at, (plan, places) in enumerate(zip(plans, spans, strict=False)):
            moments = list(self._told) if at == 0 else []
            for one, (start, end) in zip(plan, places[len(moments) :], strict=True):
                moments.append(_moment(one, next(told) if one else "", (start, end), moments))
            result.append(moments)
        return result


def _moment(seen: Stretch | None, text: str, span: tuple[float, float], before: Sequence[Moment]) -> Moment:
    start, end = (round(each, 3) for each in span)
    if seen is None and before:
        return Moment(start, end, before[-1].key_time, before[-1].text)
    return Moment(start, end, seen.shown.time if seen else start, text)


def _with(scene: Scene, told: Sequence[Moment]) -> Scene:
    """`scene` with what was told of it; neighbouring stretches of the same words are one moment."""
    moments: list[Moment] = []
    for each in told:
        if moments and moments[-1].text == each.text:
            moments[-1] = replace(moments[-1], end=each.end)
        elif each.text:
            moments.append(each)
    text = " ".join(dict.fromkeys(each.text for each in moments))
    return replace(scene, description=text, moments=tuple(moments) if len(moments) > 1 else ())
