"""SubRip (.srt) and WebVTT subtitles: blocks of a timing line and the lines shown meanwhile."""

from __future__ import annotations

import html
import re

from studio.music.cues import Cue, Refusal, plain_cue, timed_cue

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?")
_NEGATIVE = re.compile(r"\s*(?:-[\d:.,]+\s*-->\s*[-\d]|[\d:.,]+\s*-->\s*-\d)")
_WORD_TIME = re.compile(rf"<{_CLOCK}>")
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|\{\\[^{}]{0,200}\}")  # <i>, <font ...>, <c.loud>, {\an8}


def is_subtitles(text: str) -> bool:
    return any(_TIMING.fullmatch(line) or _NEGATIVE.match(line) for line in text.split("\n"))


def read_subtitles(text: str, most_cues: int, refuse: Refusal) -> list[Cue]:
    """Cues in order of their starts. Raises `refuse` for times that are negative or end before they begin."""
    blocks: list[tuple[float, float, list[str]]] = []
    shown: list[str] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if _NEGATIVE.match(line):
            raise refuse(f"line {number} has a negative time")
        if timing := _TIMING.fullmatch(line):
            if shown and shown[-1].strip().isdigit():
                shown.pop()  # this block's number, where no empty line came before it
            shown = []
            blocks.append((_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), shown))
            if blocks[-1][1] < blocks[-1][0]:
                raise refuse(f"line {number} ends before it begins")
            if len(blocks) > most_cues:
                raise refuse(f"it has over {most_cues} lines")
        elif not line.strip():
            shown = None
        elif shown is not None:
            shown.append(line)
    cues = (_cue(start, end, "\n".join(lines)) for start, end, lines in sorted(blocks, key=lambda b: b[:2]))
    return [cue for cue in cues if cue]


def _cue(start: float, end: float, text: str) -> Cue | None:
    if end == start:
        return None
    marked = list(_WORD_TIME.finditer(text))
    if not marked:
        return plain_cue(start, end, _words(text))
    borders = [*(tag.start() for tag in marked[1:]), len(text)]
    parts = [(_seconds(tag.groups()), _words(text[tag.end() : to])) for tag, to in zip(marked, borders, strict=True)]
    return timed_cue(start, end, [(start, _words(text[: marked[0].start()])), *parts])


def _words(text: str) -> str:
    return html.unescape(_MARKUP.sub("", text))


def _seconds(groups: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = (group or "0" for group in groups)
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + int(fraction) / 10 ** len(fraction)
