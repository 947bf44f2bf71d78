"""The index as a flat list of evidence: what can be quoted, with its time and how sure it is."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.index.facts import Moment, Scene, ScreenText, Utterance, VideoIndex

SOURCES = ("transcript", "screen_text", "scene", "frame", "sound")
JOINED_GAP = 1.0
"""Seconds of pause over which a sentence that a recogniser cut in two is put together again."""
SAME_TIME = 0.5
"""Texts that share this much of the shorter one's time stand together, as on a slide."""
DESCRIBED = 0.7
"""Confidence in a model's words on a picture: nothing here can check them."""
_STOP = re.compile(r"(?<=[.!?…。！？])[\"'”’)]*\s+(?=\S)")


@dataclass(frozen=True)
class Evidence:
    """`text` in plain words, `start` to `end` in seconds, `confidence` 0..1, `scene` from 1 (0 where there is none).

    title  for a line on the screen: what stands over it and gives it meaning;  frame_time  where to look
    """

    start: float
    end: float
    source: str
    text: str
    confidence: float
    scene: int
    frame_time: float
    title: str = ""


def evidence(index: VideoIndex) -> tuple[Evidence, ...]:
    """All evidence of `index` in time order."""
    found = [*spoken(index), *written(index), *looks(index), *described(index), *heard(index)]
    return tuple(sorted(found, key=lambda one: (one.start, one.end, SOURCES.index(one.source))))


def scene_at(index: VideoIndex, time: float) -> int:
    """The number, from 1 on, of the scene at `time`; 0 where none is known."""
    return bisect_right(index.scenes, time, key=lambda scene: scene.start)


def spoken(index: VideoIndex) -> Iterator[Evidence]:
    """What is said, a sentence a piece."""
    stops = any(re.search(r"[.!?。！？]\s*$", one.text) for one in index.speech)
    run: list[Utterance] = []
    for one in index.speech:
        if run and (
            not stops or re.search(r"[.!?…。！？][\"'”’)]*\s*$", run[-1].text) or one.start - run[-1].end > JOINED_GAP
        ):
            yield from _sentences(run, index)
            run = []
        run.append(one)
    if run:
        yield from _sentences(run, index)


def _sentences(run: Sequence[Utterance], index: VideoIndex) -> Iterator[Evidence]:
    text = " ".join(one.text.strip() for one in run if one.text.strip())
    confidence = min(one.confidence for one in run)
    words = [word for one in run for word in one.words]
    at, count = 0, len(text.split())
    for sentence in _STOP.split(text):
        size = len(sentence.split())
        start, end = _times(run, words, (at, at + size, count))
        at += size
        if sentence.strip():
            middle = (start + end) / 2
            yield Evidence(start, end, "transcript", sentence.strip(), confidence, scene_at(index, start), middle)


def _times(run: Sequence[Utterance], words: Sequence, place: tuple[int, int, int]) -> tuple[float, float]:
    """From where to where words `place[0]` to `place[1]` of `place[2]` are said."""
    first, last, count = place
    if count and len(words) == count:
        return words[first].start, words[last - 1].end
    spread = [(one.start + (one.end - one.start) * at / n, one.start + (one.end - one.start) * (at + 1) / n)
              for one in run for n in (len(one.text.split()),) for at in range(n)]  # fmt: skip
    return spread[first][0], spread[max(first, last - 1)][1]


def written(index: VideoIndex) -> Iterator[Evidence]:
    """What stands in the picture, a text (or a line of several) a piece; a counter's readings each on their own."""
    ordered = sorted(index.texts, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    longest = max((one.end - one.start for one in ordered), default=0.0)
    for text in index.texts:
        scene = scene_at(index, text.start)
        if text.kind == "counter" and text.readings:
            for (start, reading), end in zip(
                text.readings, [*(t for t, _ in text.readings[1:]), text.end], strict=True
            ):
                yield Evidence(start, end, "screen_text", reading, text.confidence, scene, (start + end) / 2)
            continue
        near = ordered[bisect_left(starts, text.start - longest) : bisect_right(starts, text.end)]
        together = beside(text, near)
        # A single letter is a stroke of the scenery that the reader took for one.
        lines = [line.strip() for line in text.text.splitlines() if sum(map(str.isalnum, line)) > 1 or _wide(line)]
        for number, line in enumerate(lines):
            title = " ".join([*_over(text, together), *lines[: min(number, 1)]])
            yield Evidence(
                text.start, text.end, "screen_text", line, text.confidence, scene, (text.start + text.end) / 2, title
            )


def _wide(line: str) -> bool:
    """Whether a line holds a character that may be a whole word, as Chinese ones are, or a figure."""
    return any(character.isdigit() or character >= "\u3040" for character in line)


def beside(text: ScreenText, texts: Sequence[ScreenText]) -> list[ScreenText]:
    """The other texts that stand with `text` for most of the shorter one's time."""
    return [
        other
        for other in texts
        if other is not text and other.kind != "ticker"
        and min(other.end, text.end) - max(other.start, text.start)
        >= SAME_TIME * max(1e-6, min(other.end - other.start, text.end - text.start))
    ]  # fmt: skip


def _over(text: ScreenText, together: Sequence[ScreenText]) -> list[str]:
    """The title over `text`, the line right above it and the label to its left."""
    left, top, _, height = text.box
    above = sorted((one for one in together if one.box[1] + one.box[3] / 2 < top), key=lambda one: one.box[1])
    row = [
        one
        for one in together
        if one.box[0] < left and abs(one.box[1] + one.box[3] / 2 - top - height / 2) < 0.5 * max(height, one.box[3])
    ]
    # a short line under a line without figures is its value: "Revenue" over "$3.2M"; two sentences are two facts
    short = len(text.text.split()) <= 3
    near = [
        one
        for one in above[-1:]
        if short
        and not re.search(r"\d", one.text)
        and len(one.text.split()) <= 3
        and top - one.box[1] - one.box[3] < 1.5 * max(height, one.box[3])
    ]
    chosen = [*above[:1], *near, *sorted(row, key=lambda one: one.box[0])[-1:]]
    return [one.text for one in dict.fromkeys(chosen)]


def looks(index: VideoIndex) -> Iterator[Evidence]:
    """What is seen, a scene a piece."""
    for number, scene in enumerate(index.scenes, 1):
        yield Evidence(scene.start, scene.end, "scene", look(scene, number), 0.9, number, scene.key_time)


def described(index: VideoIndex) -> Iterator[Evidence]:
    """What a model wrote of the pictures, a stretch of a scene a piece; none where no model looked."""
    for number, scene in enumerate(index.scenes, 1):
        whole = Moment(scene.start, scene.end, scene.key_time, scene.description)
        for one in scene.moments or ((whole,) if scene.description else ()):
            yield Evidence(one.start, one.end, "frame", one.text, DESCRIBED, number, one.key_time)


def look(scene: Scene, number: int) -> str:
    """Scene `number` in words, such as "Scene 2 is dark and mostly blue, with a still camera and one face."."""
    light = "dark" if scene.brightness < 0.3 else "bright" if scene.brightness > 0.65 else "of middle brightness"
    names = [name for name, share in scene.colours if share >= 0.15][:2] or [name for name, _ in scene.colours[:1]]
    colours = f" and mostly {' and '.join(names)}" if names else ""
    camera = {"still": "a still camera", "moving": "a moving camera"}.get(
        scene.camera, f"a camera that moves ({scene.camera})"
    )
    faces = f" and {scene.faces} face{'s' * (scene.faces != 1)}" if scene.faces else ""
    return f"Scene {number} is {light}{colours}, with {camera}{faces}."


def heard(index: VideoIndex) -> Iterator[Evidence]:
    """What the sound is, a span a piece."""
    for span in index.sounds:
        middle = (span.start + span.end) / 2
        text = f"{span.kind}, {span.level:.0f} dBFS"
        yield Evidence(span.start, span.end, "sound", text, 0.85, scene_at(index, span.start), middle)
