"""What was read of a video so far, part by part, with what each reader needs to go on; the index is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.store.atomic import read_json, write_json

if TYPE_CHECKING:
    from studio.index.facts import VideoFacts, VideoIndex
    from studio.media.sampling import SamplingPlan

STATE = "state.json"
_FOUND = {"frames": "scenes", "text": "texts", "speech": "speech", "sound": "sounds"}
"""What of the index each reader finds."""


@dataclass(frozen=True)
class Source:
    """The video that is read: its number, `name` as its person called it, its file, plan and index folder."""

    number: int
    name: str
    path: Path
    plan: SamplingPlan
    folder: Path

    @property
    def duration(self) -> float:
        return self.plan.times.duration

    @property
    def frames(self) -> Path:
        """Pictures to be shown."""
        return self.folder / "frames"

    @property
    def unread(self) -> Path:
        """Pictures whose text is still to be read."""
        return self.folder / "unread"

    def picture_name(self, time: float) -> str:
        return f"{round(1000 * time):09d}.jpg"


class Ledger:
    """`key` names the way of reading: what was read in another way is not gone on with.

    A part is JSON: "found" what it adds to the index, the first "closed" of which won't change any more, "read" the
    stretches it has seen, "done", and what else its reader needs. It is written before the index, which follows from
    the parts alone.
    """

    def __init__(self, path: Path, key: str, video: VideoFacts, told: Callable[[], None]) -> None:
        """`path` of the index; `told` is called after each writing."""
        self._path, self._state, self._told = path, path.parent / STATE, told
        self._key, self._video = key, video
        body = read_json(self._state) if self._state.is_file() else {}
        self._parts: dict[str, Any] = body["parts"] if body.get("key") == key and "parts" in body else {}
        self._index = self._composed()
        write_json(self._path, self._index.to_json())

    @property
    def index(self) -> VideoIndex:
        return self._index

    def part(self, reader: str) -> Mapping[str, Any]:
        """{} before the first batch."""
        return self._parts.get(reader, {})

    def keep(self, reader: str, part: Mapping[str, Any]) -> None:
        """Raises StorageFailed."""
        self._parts[reader] = dict(part)
        write_json(self._state, {"key": self._key, "parts": self._parts})
        self._index = self._composed()
        write_json(self._path, self._index.to_json())
        self._told()

    def _composed(self) -> VideoIndex:
        from studio.index.facts import VideoIndex
        from studio.index.slides import divided

        body: dict[str, Any] = {name: self.part(reader).get("found", []) for reader, name in _FOUND.items()}
        body |= {"video": asdict(self._video), "read": {name: part["read"] for name, part in self._parts.items()}}
        index = VideoIndex.from_json(body)
        texts = tuple(sorted(index.texts, key=lambda one: one.start))
        return replace(
            index,
            scenes=divided(index.scenes, texts),
            texts=texts,
            speech=tuple(sorted(index.speech, key=lambda one: one.start)),
            sounds=tuple(sorted(index.sounds, key=lambda one: one.start)),
        )
