"""What is known of a video, in files that other programs read: subtitles, a table of scenes, the conversation."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.index.facts import Scene, VideoIndex
from studio.index.times import clock

KINDS = ("speech.srt", "text.srt", "scenes.csv", "chat.md", "chat.json")
COLUMNS = (
    "number",
    "start",
    "end",
    "seconds",
    "begins",
    "camera",
    "brightness",
    "motion",
    "colours",
    "faces",
    "words said",
    "described as",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LONGEST_CUE = 84
"""Characters: two lines of 42, as subtitles are read well."""
_SHORTEST_CUE = 0.2


def speech_srt(index: VideoIndex) -> str:
    """What is said as SubRip subtitles of at most two lines each."""
    cues = [cue for said in index.speech for cue in _split(said.text, said.start, said.end, said.words)]
    return _srt(cues)


def text_srt(index: VideoIndex) -> str:
    """What stands on the screen as SubRip subtitles; each reading of a counter is one of its own."""
    cues: list[tuple[float, float, str]] = []
    for text in index.texts:
        if text.kind == "counter" and text.readings:
            ends = [*(time for time, _ in text.readings[1:]), text.end]
            cues += [(start, end, shown) for (start, shown), end in zip(text.readings, ends, strict=True)]
        else:
            cues.append((text.start, text.end, text.text))
    return _srt(sorted(cues))


def scenes_csv(index: VideoIndex) -> str:
    """One scene a line, times in seconds. A cell that a spreadsheet would take for a formula begins with an apostrophe
    (OWASP, CSV Injection)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for number, scene in enumerate(index.scenes, 1):
        writer.writerow([harmless(cell) for cell in _row(number, scene, index)])
    return out.getvalue()


def harmless(cell: object) -> object:
    """`cell` as no program takes it for a formula; figures stay figures."""
    if isinstance(cell, str) and cell.lstrip(" \u00a0\ufeff").startswith(_FORMULA):
        return f"'{cell}"
    return cell


def chat_json(title: str, turns: Sequence[Mapping[str, Any]]) -> str:
    """`turns` as `KeptTurn.to_json` gives them."""
    return json.dumps({"title": title, "turns": list(turns)}, ensure_ascii=False, indent=1)


def chat_markdown(title: str, turns: Sequence[Mapping[str, Any]]) -> str:
    """The conversation to be read; what is quoted from questions and videos can't become a heading, link or HTML."""
    lines = [f"# {plain_markdown(title)}", ""]
    for turn in turns:
        answer = turn["answer"]
        lines += [f"## {plain_markdown(turn['question'])}", "", plain_markdown(answer["answer"]), ""]
        lines += [_cited(one) for one in answer["citations"]]
        lines += [f"{_cited(one)} (nearest to it, no answer)" for one in answer.get("near", ())]
        lines += [f"- Note: {plain_markdown(notice)}" for notice in turn["notices"]]
        lines += ["", f"{turn['time']}, {plain_markdown(turn['engine'])}", ""]
    return "\n".join(lines)


def plain_markdown(text: str) -> str:
    """`text` on one line, with what Markdown or HTML would act on escaped."""
    return re.sub(r"([\\`*_{}\[\]<>()#|~!&])", r"\\\1", " ".join(text.split()))


def _cited(one: Mapping[str, Any]) -> str:
    quote = f": “{plain_markdown(one['quote'])}”" if one["quote"] else ""
    span = f"{clock(one['start'])} to {clock(one['end'])}"
    return f"- {span}, video {one['video']}, {one['source'].replace('_', ' ')}{quote}"


def _row(number: int, scene: Scene, index: VideoIndex) -> list[object]:
    colours = ", ".join(f"{name} {share:.0%}" for name, share in scene.colours)
    times = [round(scene.start, 3), round(scene.end, 3), round(scene.end - scene.start, 3)]
    levels = [round(scene.brightness, 3), round(scene.motion, 3)]
    words = " ".join(_said_in(scene, index))
    return [number, *times, scene.begins, scene.camera, *levels, colours, scene.faces, words, scene.description]


def _said_in(scene: Scene, index: VideoIndex) -> Iterable[str]:
    for said in index.speech:
        if said.end <= scene.start or said.start >= scene.end:
            continue
        if said.words:
            yield from (word.text for word in said.words if scene.start <= (word.start + word.end) / 2 < scene.end)
        elif scene.start <= (said.start + said.end) / 2 < scene.end:
            yield said.text


def _split(text: str, start: float, end: float, words: Sequence[Any]) -> list[tuple[float, float, str]]:
    """A sentence as cues of at most _LONGEST_CUE characters, timed by its words where they are known."""
    parts = text.split()
    timed = [(word.start, word.end) for word in words]
    if len(timed) != len(parts):
        step = (end - start) / max(1, len(parts))
        timed = [(start + step * at, start + step * (at + 1)) for at in range(len(parts))]
    cues: list[tuple[float, float, str]] = []
    for (begun, ended), part in zip(timed, parts, strict=True):
        if cues and len(cues[-1][2]) + 1 + len(part) <= _LONGEST_CUE:
            cues[-1] = (cues[-1][0], ended, f"{cues[-1][2]} {part}")
        else:
            cues.append((begun, ended, part))
    return cues


def _srt(cues: Iterable[tuple[float, float, str]]) -> str:
    blocks = []
    for start, end, text in cues:
        lines = [line for line in (" ".join(part.split()) for part in text.splitlines()) if line]
        # an arrow in the text would be read as a line of times
        shown = "\n".join(lines).replace("-->", "→")
        if shown:
            blocks.append(
                f"{len(blocks) + 1}\n{_stamp(start)} --> {_stamp(max(end, start + _SHORTEST_CUE))}\n{shown}\n"
            )
    return "\n".join(blocks)


def _stamp(seconds: float) -> str:
    whole = round(max(0.0, seconds) * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d},{whole % 1000:03d}"
