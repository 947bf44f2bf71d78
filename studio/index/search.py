"""Words looked for in what is said and shown, fast enough to be asked at every key press."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

from studio.index.facts import ScreenText, Utterance, VideoIndex

MOST_HITS = 500
LONGEST_QUERY = 200
_MARKS = re.compile(r"[\u0300-\u036f]")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Hit:
    """A sentence or a text on the screen, from `start` to `end`, that has all the words. `time` is where the first of
    them is said, or the text is first seen: where a player should jump. `spans`: the characters of `text` from..to that
    match, in order. `source`: "transcript" or "screen_text". `video`: its number in the session, from 1."""

    start: float
    end: float
    time: float
    source: str
    text: str
    spans: Spans
    video: int = 1


class Searcher:
    """An index made ready to be searched again and again."""

    def __init__(self, index: VideoIndex) -> None:
        self._pieces: list[tuple[str, Utterance | ScreenText, float, str]] = []
        for said in index.speech:
            self._pieces.append((folded(said.text), said, said.start, said.text))
        for shown in index.texts:
            readings = shown.readings if shown.kind == "counter" and shown.readings else ((shown.start, shown.text),)
            self._pieces += [(folded(text), shown, time, text) for time, text in readings]
        self._pieces.sort(key=lambda piece: piece[2])

    def search(self, words: str) -> tuple[Hit, ...]:
        """Hits in order of time, MOST_HITS at most; () for a search without a letter or figure."""
        wanted = list(dict.fromkeys(re.findall(r"\w+", folded(words[:LONGEST_QUERY]))))
        if not wanted:
            return ()
        patterns = [re.compile(("" if _WIDE.match(word) else r"(?<!\w)") + re.escape(word)) for word in wanted]
        hits: list[Hit] = []
        for plain, piece, time, text in self._pieces:
            if all(word in plain for word in wanted) and all(pattern.search(plain) for pattern in patterns):
                hits.append(_hit(piece, time, text, patterns))
                if len(hits) == MOST_HITS:
                    break
        return tuple(hits)


def search(index: VideoIndex, words: str) -> tuple[Hit, ...]:
    """The sentences and texts that hold words beginning with each of `words`, whatever their case and accents."""
    return Searcher(index).search(words)


def folded(text: str) -> str:
    """`text` without case and accents."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text).casefold())


def _hit(piece: Utterance | ScreenText, time: float, text: str, patterns: list[re.Pattern[str]]) -> Hit:
    plain, origins = _traced(text)
    found = sorted({match.span() for pattern in patterns for match in pattern.finditer(plain)})
    spans: list[tuple[int, int]] = []
    for start, end in ((origins[a], origins[b - 1] + 1) for a, b in found):
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    if isinstance(piece, ScreenText):
        return Hit(time, piece.end, time, "screen_text", text, tuple(spans))
    return Hit(piece.start, piece.end, _said_at(piece, spans[0][0]), "transcript", text, tuple(spans))


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
