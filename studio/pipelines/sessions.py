"""A session of videos as a surface sees it: what is in it, what was asked, what can be found, taken along, cut out."""

from __future__ import annotations

import math
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cancellation import CancelToken
from studio.errors import BadInput, NotFound
from studio.index.facts import VideoIndex
from studio.pipelines.asking import Pictures, converse
from studio.pipelines.video_index import INDEX, index_folder, read_video
from studio.store.atomic import read_json, write_text
from studio.store.conversation import KeptTurn, forget_turns, read_turns
from studio.store.projects import Project

if TYPE_CHECKING:
    from studio.index.search import Hit, Searcher
    from studio.settings import Settings

EXPORTS = "exports"
_KEPT = 8


class ReadIndex:
    """An index from the disk, and what is made of it once it is asked for."""

    def __init__(self, path: Path) -> None:
        self.index = VideoIndex.from_json(read_json(path))

    @cached_property
    def searcher(self) -> Searcher:
        from studio.index.search import Searcher

        return Searcher(self.index)


class IndexShelf:
    """The indexes read last, each until its file changes: a search at every key press reads no file of megabytes."""

    def __init__(self) -> None:
        self._read: OrderedDict[Path, tuple[tuple[int, int], ReadIndex]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> ReadIndex:
        facts = path.stat()
        stamp = (facts.st_mtime_ns, facts.st_ino)
        with self._lock:
            known = self._read.pop(path, None)
            if known is None or known[0] != stamp:
                known = (stamp, ReadIndex(path))
            self._read[path] = known
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return known[1]


@dataclass(frozen=True)
class SessionVideo:
    """`source` as it was read, `playable` what a browser plays, None where there is none yet: paths relative to the
    session. `index` the path of its index, None before anything was read; `seen` 0..1 by each reader; `offset` seconds
    to add to a time of ours for the player's clock."""

    number: int
    name: str
    source: str
    playable: str | None
    duration: float
    width: int
    height: int
    index: str | None
    seen: dict[str, float]
    offset: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class VideoSession:
    """The session in `folder`. Light enough for the page's process."""

    def __init__(self, folder: Path, settings: Settings, shelf: IndexShelf) -> None:
        self.folder, self._settings, self._shelf = folder, settings, shelf
        self._pictures = Pictures(folder)

    @property
    def id(self) -> str:
        return self.folder.name

    def file(self, relative: str) -> Path:
        """The file that an answer or a video of this session names. Raises NotFound for one that is not in its folder:
        what is written in a session can't lead out of it."""
        path = self.folder / relative
        plain = re.fullmatch(r"[\w./-]{1,300}", relative, re.ASCII) is not None
        if not plain or not path.is_file() or not path.resolve().is_relative_to(self.folder.resolve()):
            raise NotFound("file", relative, "a file of the session")
        return path

    # ---- what is in it ----

    def videos(self) -> tuple[SessionVideo, ...]:
        """Those whose reading has begun, in order."""
        folders = sorted(path for path in (self.folder / "videos").glob("[0-9][0-9]") if path.is_dir())
        described = ((int(path.name), read_video(path)) for path in folders)
        return tuple(self._video(number, facts) for number, facts in described if facts is not None)

    def _video(self, number: int, facts: dict[str, Any]) -> SessionVideo:
        path = index_folder(self.folder, number) / INDEX
        if not path.is_file():
            return SessionVideo(**facts, index=None, seen={})
        known = self._shelf.get(path).index
        length = max(known.video.duration, 1e-6)
        seen = {reader: round(min(1.0, known.seen_seconds(reader) / length), 4) for reader in known.read}
        return SessionVideo(**facts, index=path.relative_to(self.folder).as_posix(), seen=seen)

    def index(self, number: int) -> VideoIndex:
        """What is known of video `number` so far. Raises NotFound."""
        return self._known(number).index

    def picture(self, number: int, time: float) -> str | None:
        """The picture of video `number` kept last before `time`: a path relative to the session, None without any."""
        return self._pictures.at(number, time)

    def _known(self, number: int) -> ReadIndex:
        path = index_folder(self.folder, number) / INDEX
        if not path.is_file():
            raise NotFound("number", number, "the number of a video of which something was read")
        return self._shelf.get(path)

    def _numbers(self) -> list[int]:
        return sorted(int(path.parent.name) for path in (self.folder / "videos").glob(f"[0-9][0-9]/{INDEX}"))

    # ---- the conversation ----

    def turns(self) -> tuple[KeptTurn, ...]:
        """Oldest first."""
        return read_turns(self.folder)

    def converse(
        self, question: str, use_endpoint: bool, say: Callable[[str], None], cancel: CancelToken | None = None
    ) -> KeptTurn:
        """As `studio.pipelines.asking.converse`."""
        return converse(self.folder, question, self._settings, use_endpoint, say, cancel)

    def forget(self) -> None:
        """The conversation is begun anew."""
        forget_turns(self.folder)

    # ---- what can be found ----

    def suggestions(self, most: int = 5) -> tuple[str, ...]:
        """Questions that have an answer, those on all videos in turn."""
        from studio.index.suggestions import suggestions

        each = [suggestions(self.index(number), most) for number in self._numbers()]
        return tuple(dict.fromkeys(one for one in chain.from_iterable(zip_longest(*each)) if one is not None))[:most]

    def search(self, words: str, number: int | None = None) -> tuple[Hit, ...]:
        """Hits in all videos, or in one, by video and time."""
        numbers = self._numbers() if number is None else [number]
        return tuple(
            replace(hit, video=each) for each in numbers for hit in self._known(each).searcher.search(words)
        )  # fmt: skip

    # ---- what can be taken along ----

    def export(self, kind: str, number: int = 1) -> Path:
        """A file of `kind`, one of studio.index.exports.KINDS, written anew into the session: of video `number`, or of
        the whole conversation. Raises BadInput, NotFound, StorageFailed."""
        from studio.index import exports

        if kind not in exports.KINDS:
            raise BadInput("kind", kind, f"one of {', '.join(exports.KINDS)}")
        if kind.startswith("chat"):
            turns = [turn.to_json() for turn in self.turns()]
            write = exports.chat_json if kind == "chat.json" else exports.chat_markdown
            return self._write(kind, write(Project(self.folder).info().title, turns))
        of_video = {"speech.srt": exports.speech_srt, "text.srt": exports.text_srt, "scenes.csv": exports.scenes_csv}
        return self._write(f"video-{number:02d}-{kind}", of_video[kind](self.index(number)))

    def clip(self, number: int, start: float, end: float, cancel: CancelToken | None = None) -> Path:
        """What is seen and heard of video `number` from `start` to `end` (s), as an MP4 in the session. Raises as
        `studio.media.clip.cut_clip`, NotFound."""
        from studio.media.clip import cut_clip

        facts = read_video(index_folder(self.folder, number))
        if facts is None:
            raise NotFound("number", number, "the number of a video that is being read, or was")
        name = "-".join(f"{round(1000 * time):09d}" if math.isfinite(time) else "no" for time in (start, end))
        path = self.folder / EXPORTS / f"clip-{number:02d}-{name}.mp4"
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            cut_clip(self.folder / facts["source"], start, end, path, cancel or CancelToken())
        return path

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / EXPORTS / name
        path.parent.mkdir(exist_ok=True)
        write_text(path, text)
        return path
