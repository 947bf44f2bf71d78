"""Words looked for in what is said, shown, seen and heard, fast enough to be asked at every key press."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from studio.index.evidence import described
from studio.index.facts import Scene, Utterance, VideoIndex

MOST_HITS = 500
LONGEST_QUERY = 200
_MARKS = re.compile(r"[\u0300-\u036f]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hit:
    """What has all the words, from `start` to `end`. `time` is where the first of them is said, or the thing is first
    seen or heard: where a player should jump. `spans`: the characters of `text` from..to that match, in order.
    `source`: "transcript", "screen_text", "frame" (what a model wrote of the picture), "scene" (its colours, faces and
    camera) or "sound" (its kind). `video`: its number in the session, from 1."""

    start: float
    end: float
    time: float
    source: str
    text: str
    spans: Spans
    video: int = 1


@dataclass(frozen=True)
class _Piece:
    """`plain` is the folded `text`; `said` the sentence it is, None for what is not spoken."""

    start: float
    end: float
    source: str
    text: str
    plain: str
    said: Utterance | None = None


class Searcher:
    """An index made ready to be searched again and again."""

    def __init__(self, index: VideoIndex) -> None:
        self._pieces = sorted(_pieces(index), key=lambda piece: piece.start)

    def search(self, words: str) -> tuple[Hit, ...]:
        """Hits in order of time, MOST_HITS at most; () for a search without a letter or figure."""
        wanted = list(dict.fromkeys(re.findall(r"\w+", folded(words[:LONGEST_QUERY]))))
        if not wanted:
            return ()
        patterns = [re.compile(("" if _WIDE.match(word) else r"(?<!\w)") + re.escape(word)) for word in wanted]
        hits: list[Hit] = []
        for piece in self._pieces:
            plain = piece.plain
            if all(word in plain for word in wanted) and all(pattern.search(plain) for pattern in patterns):
                hits.append(_hit(piece, patterns))
                if len(hits) == MOST_HITS:
                    break
        return tuple(hits)


def search(index: VideoIndex, words: str) -> tuple[Hit, ...]:
    """What holds words beginning with each of `words`, whatever their case and accents."""
    return Searcher(index).search(words)


def _pieces(index: VideoIndex) -> Iterator[_Piece]:
    for said in index.speech:
        yield _Piece(said.start, said.end, "transcript", said.text, folded(said.text), said)
    for shown in index.texts:
        readings = shown.readings if shown.kind == "counter" and shown.readings else ((shown.start, shown.text),)
        for time, text in readings:
            yield _Piece(time, shown.end, "screen_text", text, folded(text))
    for seen in described(index):
        yield _Piece(seen.start, seen.end, "frame", seen.text, folded(seen.text))
    for scene in index.scenes:
        text = look_of(scene)
        yield _Piece(scene.start, scene.end, "scene", text, folded(text))
    for sound in index.sounds:
        yield _Piece(sound.start, sound.end, "sound", sound.kind, folded(sound.kind))


def look_of(scene: Scene) -> str:
    """Such as "blue and dark grey, 2 faces, camera pan left"."""
    faces = f", {scene.faces} face{'s' * (scene.faces > 1)}" if scene.faces else ""
    colours = " and ".join(name for name, _ in scene.colours[:2])
    return f"{colours or 'no colour'}{faces}, camera {scene.camera}"


def folded(text: str) -> str:
    """`text` without case and accents."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())


def _hit(piece: _Piece, patterns: list[re.Pattern[str]]) -> Hit:
    plain, origins = _traced(piece.text)
    found = sorted({match.span() for pattern in patterns for match in pattern.finditer(plain)})
    spans: list[tuple[int, int]] = []
    for start, end in ((origins[a], origins[b - 1] + 1) for a, b in found):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    time = _said_at(piece.said, spans[0][0]) if piece.said is not None else piece.start
    return Hit(piece.start, piece.end, time, piece.source, piece.text, tuple(spans))


def _traced(text: str) -> tuple[str, list[int]]:
    """`folded(text)` and for each of its characters where it came from."""
    parts = [folded(character) for character in text]
    return "".join(parts), [at for at, part in enumerate(parts) for _ in part]


def _said_at(said: Utterance, place: int) -> float:
    """When the word that holds character `place` is said; the sentence's start where its words have other bounds."""
    starts = [match.start() for match in re.finditer(r"\S+", said.text)]
    if len(starts) != len(said.words):
        return said.start
    return said.words[max(0, bisect_right(starts, place) - 1)].start
