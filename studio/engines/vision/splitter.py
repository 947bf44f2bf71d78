"""Samples in, scenes out: what is not decided yet is kept back until the next samples decide it."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from studio.engines.vision.cuts import FLASH, goes_straight, is_cut, is_fade, is_flash, is_mixture, is_other
from studio.engines.vision.features import compare
from studio.engines.vision.scene_builder import Observation, SceneBuilder
from studio.index.facts import Scene

_SETTLED = 0.25
_LONGEST_FADE = 4.0
_BLINK = 1.5
"""Seconds: black or white between two scenes, when shorter, belongs to the fade and is no scene."""


class Splitter:
    """`before` is the last sample that surely belongs to `current`; `pending` come after it: behind a jump that may be
    a flash ("cut") or inside what may be a fade ("fade"). `held`: the scene before `current`, while `current` may turn
    out to be nothing but black between two scenes; with its last sample."""

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        state = state or {}
        self.current = SceneBuilder(**state["current"]) if state.get("current") else SceneBuilder(0.0, "start")
        self.before = _observation(state.get("before"))
        self.pending = [Observation.from_json(each) for each in state.get("pending", ())]
        self.suspect = str(state.get("suspect", ""))
        self.held = SceneBuilder(**state["held"]) if state.get("held") else None
        self.held_last = _observation(state.get("held_last"))

    def state(self) -> dict[str, Any]:
        return {
            "current": self.current.to_json(),
            "before": self.before.to_json() if self.before else None,
            "pending": [each.to_json() for each in self.pending],
            "suspect": self.suspect,
            "held": self.held.to_json() if self.held else None,
            "held_last": self.held_last.to_json() if self.held_last else None,
        }

    @property
    def last(self) -> Observation | None:
        return self.pending[-1] if self.pending else self.before

    def add(self, seen: Observation) -> Iterator[Scene]:
        """Yields scenes that have ended for good."""
        if self.suspect == "cut" and (yield from self._after_jump(seen)):
            return
        if self.suspect == "fade" and (yield from self._in_fade(seen)):
            return
        last = self.last
        if last is not None and is_cut(last, seen):
            self.suspect, self.pending = "cut", [seen]
        elif last is not None and goes_straight(last, seen):
            self.suspect, self.pending = "fade", [seen]
        else:
            yield from self._commit([seen])

    def finish(self, duration: float) -> Iterator[Scene]:
        """The scenes that were open, up to the video's end."""
        if self.suspect == "fade":
            yield from self._end_fade()
        elif self.suspect == "cut":
            yield from self._begin(self.pending[0].time, "cut")
        end = max(duration, self.last.time if self.last else 0.0, self.current.start)
        blink = self.current.blank and end - self.current.start < _BLINK
        if self.held and blink:
            yield self.held.scene(end)
        else:
            if self.held:
                yield self.held.scene(self.current.start)
            if self.current.samples:
                yield self.current.scene(end)

    def preview(self) -> tuple[Scene, ...]:
        """The scenes that are open, as known so far."""
        until = self.last.time if self.last else 0.0
        held = (self.held.scene(self.current.start),) if self.held else ()
        return held + ((self.current.scene(until),) if self.current.samples else ())

    def _after_jump(self, seen: Observation) -> Generator[Scene, None, bool]:
        """Returns whether `seen` is dealt with."""
        first = self.pending[0]
        if self.before and is_flash(self.before, self.pending, seen):
            self.suspect = ""
            # The flash itself says nothing of the scene, nor does the way back from it.
            yield from self._commit([replace(seen, move=None, moved=0.0)])
            return True
        if seen.time - first.time < _SETTLED or (_washed(self.pending) and seen.time - first.time < FLASH):
            self.pending.append(seen)
            return True
        alone = len(self.pending) == 1 and first.straightness is None and self.before is not None
        mixed = alone and self.before is not None and is_mixture(
            self.before.features, first.features, seen.features
        )  # fmt: skip
        far = mixed and self.before is not None and is_other(compare(first.features, seen.features))
        yield from self._begin(first.time, "fade" if far else "cut")
        if far:
            yield from self._commit([seen])
        return far

    def _in_fade(self, seen: Observation) -> Generator[Scene, None, bool]:
        """Returns whether `seen` is dealt with."""
        last = self.pending[-1]
        long = seen.time - self.pending[0].time > _LONGEST_FADE
        if not long and goes_straight(last, seen) and not is_cut(last, seen):
            self.pending.append(seen)
            return True
        yield from self._end_fade()
        return False

    def _end_fade(self) -> Iterator[Scene]:
        """Looks for the longest part of the run that is one: what moved before it may have looked like its start."""
        run = [each.features for each in ([self.before] if self.before else []) + self.pending]
        for span in range(len(run) - 1, 0, -1):
            for first in range(len(run) - span):
                last = first + span
                if is_fade(run[first], run[first + 1 : last], run[last]):
                    shift = 0 if self.before else 1
                    pending = self.pending
                    yield from self._commit(pending[: first + shift])
                    self.pending, tail = pending[first + shift : last + shift], pending[last + shift :]
                    yield from self._begin((run[first].time + run[last].time) / 2, "fade")
                    yield from self._commit(tail)
                    return
        self.suspect = ""
        yield from self._commit(self.pending)

    def _begin(self, time: float, begins: str) -> Iterator[Scene]:
        """A scene begins at `time`; what is pending is its own from there on."""
        pending = self.pending
        old, new = ([one for one in pending if (one.time >= time) == later] for later in (False, True))
        self.pending = []
        # Samples inside a fade are of neither scene: their colours are mixtures.
        edge = old[-1] if old else self.before
        self.suspect = ""
        current, blink = self.current, self.current.blank and time - self.current.start < _BLINK
        if blink and self.held:
            middle = (current.start + time) / 2
            known = self.held_last.features if self.held_last else None
            if known is not None and new and not is_other(compare(known, new[-1].features)):
                self.current, self.held = self.held, None
            else:
                yield self.held.scene(middle)
                kind = "fade" if "fade" in (current.begins, begins) else "cut"
                self.current, self.held = SceneBuilder(middle, kind), None
        elif blink and current.begins == "start" and current.samples:
            self.current = SceneBuilder(current.start, "start")
        else:
            if self.held:
                yield self.held.scene(current.start)
            self.held, self.held_last = self.current, edge
            self.current = SceneBuilder(time, begins)
        yield from self._commit(new[-1:] if begins == "fade" else new)

    def _commit(self, seen: list[Observation]) -> Iterator[Scene]:
        for each in seen:
            self.current.add(each)
            self.before = each
        self.pending = []
        settled = not self.current.blank or (self.before and self.before.time - self.current.start >= _BLINK)
        if self.held and settled:
            yield self.held.scene(self.current.start)
            self.held = self.held_last = None


def _washed(pending: list[Observation]) -> bool:
    return all(each.features.blank for each in pending)


def _observation(body: Mapping[str, Any] | None) -> Observation | None:
    return Observation.from_json(body) if body else None
