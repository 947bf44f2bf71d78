"""A job's events folded into what the page shows of it. Pure: the same events give the same view in every browser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from studio.events import Event


@dataclass(frozen=True)
class Picture:
    """A file of the project, `path` relative to its folder with forward slashes; `version` changes with its content."""

    path: str
    version: str


@dataclass(frozen=True)
class StageView:
    """A named stage. `done` of `total` steps, fractions included; `eta_seconds` until the whole job ends, or None."""

    name: str
    label: str
    done: float
    total: float
    eta_seconds: float | None = None

    @property
    def share(self) -> float:
        """0..1."""
        return min(1.0, max(0.0, self.done / self.total)) if self.total > 0 else 0.0


@dataclass(frozen=True)
class JobView:
    """`stages` in the order they began, the last one under way while the job is active. `text`: what is told of an
    answer so far. `ended` is done, failed, cancelled or "". `seq` is the last event folded in."""

    stages: tuple[StageView, ...] = ()
    preview: Picture | None = None
    keyframes: tuple[Picture, ...] = ()
    segments: int = 0
    video: Picture | None = None
    report: Picture | None = None
    notices: tuple[str, ...] = ()
    text: str = ""
    error: Mapping[str, Any] | None = None
    ended: str = ""
    seq: int = 0

    @property
    def stage(self) -> StageView | None:
        return self.stages[-1] if self.stages else None


def fold(view: JobView, events: Iterable[Event], folder: PurePath) -> JobView:
    """`view` after `events`, of a job whose project is `folder`. Files outside of it are left out."""
    for event in events:
        view = replace(_HANDLERS[event.kind](view, event, folder), seq=event.seq)
    return view


def _progress(view: JobView, event: Event, _: PurePath) -> JobView:
    data = event.data
    name = str(data["stage"])
    stage = StageView(
        name, str(data.get("label") or name), float(data["done"]), float(data["total"]), data.get("eta_seconds")
    )
    others = tuple(s for s in view.stages if s.name != name)
    # A resumed job walks through its stages again: the one it speaks of moves to the end of the line.
    return replace(view, stages=(*others, stage), ended="", error=None)


def _preview(view: JobView, event: Event, folder: PurePath) -> JobView:
    return replace(view, preview=_picture(event, folder) or view.preview)


def _artifact(view: JobView, event: Event, folder: PurePath) -> JobView:
    picture = _picture(event, folder)
    role = event.data.get("role")
    if picture is None:
        return view
    if role == "keyframe":
        others = tuple(k for k in view.keyframes if k.path != picture.path)
        return replace(view, keyframes=tuple(sorted((*others, picture), key=lambda k: k.path)))
    if role == "segment":
        return replace(view, segments=view.segments + 1)
    if role == "video":
        return replace(view, video=picture)
    if role == "report":
        return replace(view, report=picture)
    return view


def _notice(view: JobView, event: Event, _: PurePath) -> JobView:
    text = str(event.data.get("text", ""))
    return view if text in view.notices else replace(view, notices=(*view.notices, text))


def _text(view: JobView, event: Event, _: PurePath) -> JobView:
    return replace(view, text=view.text[: int(event.data["at"])] + str(event.data["text"]))


def _done(view: JobView, _event: Event, _folder: PurePath) -> JobView:
    return replace(view, ended="done")


def _failed(view: JobView, event: Event, _: PurePath) -> JobView:
    return replace(view, ended="failed", error=event.data.get("error") or {})


def _cancelled(view: JobView, _event: Event, _folder: PurePath) -> JobView:
    return replace(view, ended="cancelled")


def _picture(event: Event, folder: PurePath) -> Picture | None:
    path = PurePath(str(event.data.get("path", "")))
    if not path.is_relative_to(folder):
        return None
    return Picture(path.relative_to(folder).as_posix(), f"{event.job}-{event.seq}")


_HANDLERS = {
    "progress": _progress,
    "preview": _preview,
    "artifact": _artifact,
    "notice": _notice,
    "text": _text,
    "done": _done,
    "failed": _failed,
    "cancelled": _cancelled,
}
