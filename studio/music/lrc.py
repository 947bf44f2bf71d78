"""LRC lyrics: [mm:ss.xx] before each line, several where it comes again, <mm:ss.xx> before words ("enhanced"),
[ti:], [ar:] and [offset:] tags. The format has no standard; what players agree on is accepted."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from studio.music.cues import Cue, Refusal, Word, clean, plain_cue, timed_cue

LONGEST_HOLD = 8.0
"""Seconds that a line stays when the next one is far off: LRC tells only where lines begin."""

_CLOCK = r"(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?"
_LINE_TAG = re.compile(rf"\s*\[{_CLOCK}\]")
_WORD_TAG = re.compile(rf"<{_CLOCK}>")
_NAMED_TAG = re.compile(r"\s*\[([a-zA-Z#]{1,16}):([^\]]*)\]\s*")
_FARTHEST_OFFSET = 600_000.0  # milliseconds


@dataclass(frozen=True)
class _Line:
    start: float
    text: str
    parts: tuple[tuple[float, str], ...]


def is_lrc(text: str) -> bool:
    return any(_LINE_TAG.match(line) for line in text.split("\n"))


def tags_of(text: str) -> dict[str, str]:
    """The named tags, lower-case name to cleaned value; of a repeated one the first."""
    found: dict[str, str] = {}
    for line in text.split("\n"):
        if match := _NAMED_TAG.fullmatch(line):
            found.setdefault(match[1].lower(), clean(match[2]).strip())
    return found


def read_lrc(text: str, most_cues: int, refuse: Refusal) -> list[Cue]:
    """Cues by start. A line lasts to the next one, an empty line ends it, and none lasts over LONGEST_HOLD unless its
    own words do. Lines of one time are shown under each other, as translations are."""
    shift = _offset(tags_of(text), refuse)
    lines: list[_Line] = []
    for raw in text.split("\n"):
        lines += _lines(raw)
        if len(lines) > most_cues:
            raise refuse(f"it has over {most_cues} lines")
    lines.sort(key=lambda line: line.start)
    cues: list[Cue] = []
    for index, line in enumerate(lines):
        later = next((other.start for other in lines[index + 1 :] if other.start > line.start), float("inf"))
        cue = _cue(line, later, shift)
        if cue and cues and cues[-1].start == cue.start:
            cues[-1] = _under(cues[-1], cue)
        elif cue:
            cues.append(cue)
    return cues


def _offset(tags: dict[str, str], refuse: Refusal) -> float:
    """Seconds by which the lines come sooner."""
    value = tags.get("offset", "").strip()
    if not value:
        return 0.0
    if not re.fullmatch(r"[+-]?\d{1,9}", value) or abs(float(value)) > _FARTHEST_OFFSET:
        raise refuse(f"its [offset:{value[:20]}] is no number of milliseconds within ten minutes")
    return float(value) / 1000


def _lines(raw: str) -> list[_Line]:
    """The line once for each of its time tags; word times are those of the first."""
    starts, position = [], 0
    while match := _LINE_TAG.match(raw, position):
        starts.append(_seconds(match))
        position = match.end()
    if not starts:
        return []
    text = raw[position:]
    tags = list(_WORD_TAG.finditer(text))
    parts: list[tuple[float, str]] = []
    if tags:
        borders = [*(tag.start() for tag in tags[1:]), len(text)]
        parts = [(_seconds(tag), text[tag.end() : end]) for tag, end in zip(tags, borders, strict=True)]
        if text[: tags[0].start()].strip():
            parts.insert(0, (starts[0], text[: tags[0].start()]))
    shown = _WORD_TAG.sub("", text)
    return [_Line(t, shown, tuple((at + t - starts[0], part) for at, part in parts)) for t in starts]


def _cue(line: _Line, later: float, shift: float) -> Cue | None:
    sung = line.parts[-1][0] if line.parts else line.start
    end = min(later, max(line.start + LONGEST_HOLD, sung + 1.0))
    if line.parts and not line.parts[-1][1].strip() and sung > line.start:
        end = min(end, sung)  # a time after the last word tells its end
    start, end = max(0.0, line.start - shift), end - shift
    if end <= start:
        return None
    if line.parts:
        return timed_cue(start, end, [(at - shift, text) for at, text in line.parts])
    return plain_cue(start, end, line.text)


def _under(first: Cue, second: Cue) -> Cue:
    words = first.words
    if words or second.words:
        lower = second.words or (Word(second.start, second.end, second.text),)
        words = words or (Word(first.start, first.end, first.text),)
        words = (*words, replace(lower[0], text="\n" + lower[0].text), *lower[1:])
    return Cue(first.start, max(first.end, second.end), f"{first.text}\n{second.text}", words)


def _seconds(match: re.Match[str]) -> float:
    fraction = match[3] or "0"
    return int(match[1]) * 60 + int(match[2]) + int(fraction) / 10 ** len(fraction)
