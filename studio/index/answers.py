"""An answer and what it rests on."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from studio.index.evidence import Evidence, evidence
from studio.index.facts import VideoIndex
from studio.index.questions import Question
from studio.index.times import Window, clock

ABSTAINED = "That is not in this video"
MOST_CITED = 8


@dataclass(frozen=True)
class Citation:
    """`source` "transcript", "screen_text", "scene", "frame" or "sound"; `quote` its words; `frame_time` the picture
    that shows it; `video` its video's number in the session, from 1. Seconds."""

    start: float
    end: float
    source: str
    quote: str
    frame_time: float
    video: int = 1

    def to_json(self) -> dict[str, Any]:
        """`frame` is the time of the picture to show."""
        place = {"start": self.start, "end": self.end, "source": self.source, "quote": self.quote}
        return place | {"frame": self.frame_time, "video": self.video}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Citation:
        """Of `to_json`. Where `frame` was replaced by the picture's path, `frame_time` has its time."""
        frame = body.get("frame_time", body["frame"])
        return cls(body["start"], body["end"], body["source"], body["quote"], frame, body["video"])


@dataclass(frozen=True)
class Coverage:
    """How much of the video was read when it was asked, by the readers that the question needs; `asked`: all of the
    stretch that the question is held to."""

    seen_seconds: float
    total_seconds: float
    asked: bool = False

    @property
    def whole(self) -> bool:
        return self.asked or self.seen_seconds >= self.total_seconds - max(1.0, 0.01 * self.total_seconds)


@dataclass(frozen=True)
class Answer:
    """`confidence` 0..1; `notices` say in words what was changed for the person. An abstained answer cites nothing;
    `near` are the passages that come nearest to its question, to be looked at, and no answer.
    `engine`: the language model that worded it, "" where the studio itself did."""

    answer: str
    abstained: bool
    confidence: float
    coverage: Coverage
    citations: tuple[Citation, ...] = ()
    notices: tuple[str, ...] = ()
    engine: str = ""
    near: tuple[Citation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As `video ask --json` prints it."""
        return {
            "answer": self.answer,
            "abstained": self.abstained,
            "confidence": round(self.confidence, 3),
            "coverage": {"seen_seconds": self.coverage.seen_seconds, "total_seconds": self.coverage.total_seconds},
            "citations": [one.to_json() for one in self.citations],
            "near": [one.to_json() for one in self.near],
            "notices": list(self.notices),
            "engine": self.engine,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Answer:
        """Of `to_json`, without `near` where an older version wrote it. Raises KeyError or TypeError for what is no
        answer."""
        return cls(
            answer=body["answer"],
            abstained=body["abstained"],
            confidence=body["confidence"],
            coverage=Coverage(**body["coverage"]),
            citations=tuple(map(Citation.from_json, body["citations"])),
            notices=tuple(body["notices"]),
            engine=body["engine"],
            near=tuple(map(Citation.from_json, body.get("near", ()))),
        )


@dataclass(frozen=True)
class Turn:
    """A question of the conversation and its answer."""

    question: str
    answer: Answer


@dataclass(frozen=True)
class Draft:
    """An answer before it was verified. `why` says in words why it abstains; `measured`: its words are the studio's
    own and its figures computed, so there is no quote to hold them to."""

    text: str
    citations: tuple[Citation, ...] = ()
    confidence: float = 0.9
    abstained: bool = False
    measured: bool = False


@dataclass(frozen=True)
class View:
    """The index as it is asked: its evidence in time order, held to the question's window; `outer` the view without
    one, None for that view itself."""

    index: VideoIndex
    evidence: tuple[Evidence, ...]
    outer: View | None = None

    @property
    def whole(self) -> View:
        return self.outer or self

    @classmethod
    def of(cls, index: VideoIndex) -> View:
        return cls(index, evidence(index))

    def of_source(self, *sources: str) -> list[Evidence]:
        return [one for one in self.evidence if one.source in sources]

    def within(self, span: Window | None) -> View:
        if span is None:
            return self
        return replace(
            self, outer=self.whole, evidence=tuple(one for one in self.evidence if span.overlaps(one.start, one.end))
        )

    @cached_property
    def _said(self) -> tuple[list[Evidence], dict[int, int]]:
        """The transcript's sentences, and each one's place by identity: a long video looks up thousands."""
        said = self.of_source("transcript")
        return said, {id(one): at for at, one in enumerate(said)}

    def said_between(self, start: float, end: float) -> list[Evidence]:
        """The transcript sentences that begin after `start` and before `end`."""
        said, _ = self._said
        low = bisect_right(said, start, key=lambda one: one.start)
        return said[low : bisect_left(said, end, key=lambda one: one.start)]

    def neighbour(self, one: Evidence, step: int) -> Evidence | None:
        """The transcript sentence `step` places from `one`."""
        said, places = self._said
        at = places.get(id(one), -1) + step
        return said[at] if id(one) in places and 0 <= at < len(said) else None


def cite(one: Evidence, span: Window | None = None) -> Citation:
    """`one` as a citation; long evidence is held to the window it was asked for, where a moment of it is enough."""
    start, end, frame = one.start, one.end, one.frame_time
    if span is not None and span.overlaps(start, end) and one.source != "transcript":
        start = max(start, span.start)
        end = max(min(end, span.end), start)
        frame = min(max(frame, start), end)
    return Citation(round(start, 3), round(end, 3), one.source, one.text, round(frame, 3))


def cites(many: Iterable[Evidence], span: Window | None = None) -> tuple[Citation, ...]:
    return tuple(cite(one, span) for one in many)[:MOST_CITED]


def marks(citations: Sequence[Citation]) -> str:
    """` [00:12] [01:03]`, each time once."""
    return "".join(f" [{mark}]" for mark in dict.fromkeys(clock(one.start) for one in citations))


def quoted(one: Evidence) -> str:
    """What was said, stands on the screen or was written of the picture by a model, as a sentence of its own."""
    verb = {"transcript": "It is said", "frame": "The picture is described as"}.get(one.source, "The screen reads")
    return f"{verb}: “{one.text.strip()}”"


def needed_readers(question: Question) -> tuple[str, ...]:
    """The readers whose reach limits what can be said."""
    if question.kind in ("sound", "heard"):
        return ("sound",)
    if question.kind in ("text_in", "counter", "duration_of"):
        return ("text",)
    if question.kind in ("said_in", "said_about"):
        return ("speech",)
    if question.kind in ("look", "faces", "scene_count", "scene_time", "when_cut"):
        return ("frames",)
    if question.kind in ("duration", "resolution", "frame_rate"):
        return ()
    return ("text", "speech")


def coverage(index: VideoIndex, question: Question) -> Coverage:
    """What the slowest of the needed readers has seen; readers of sound don't count where there is none."""
    total = index.video.duration
    readers = [name for name in needed_readers(question) if index.video.has_sound or name not in ("speech", "sound")]
    seen = min((min(index.seen_seconds(name), total) for name in readers), default=total)
    span = question.window
    asked = span is not None and span.kind != "scene" and all(index.has_read(name, span) for name in readers)
    return Coverage(round(seen, 3), round(total, 3), asked)
