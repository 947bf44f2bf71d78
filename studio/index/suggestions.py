"""Questions worth asking about this very video, each of which has an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, zip_longest

from studio.index.answering import answer
from studio.index.facts import ScreenText, VideoIndex
from studio.index.times import clock
from studio.index.words import content

SURE = 0.6
"""Confidence below which an answer is not something to show a video off with."""
_TRIED = 4
"""Questions of one sort that are tried at most."""
_MUSIC_SECONDS = 2.0


def suggestions(index: VideoIndex, most: int = 5) -> tuple[str, ...]:
    """At most `most` questions of different sorts, the most telling first. Each was asked: what has been read so far
    answers it with evidence. () where nothing is known yet."""
    sorts = [_overall(index), _names(index), _texts(index), _sounds(index), _counters(index), _looks(index)]
    chosen: list[str] = []
    waves = zip_longest(*(_answered(index, sort) for sort in sorts))
    for question in chain.from_iterable(waves):
        if question is not None and question not in chosen:
            chosen.append(question)
        if len(chosen) >= most:
            break
    return tuple(chosen)


def _answered(index: VideoIndex, questions: Iterator[str]) -> Iterator[str]:
    for _, question in zip(range(_TRIED), questions, strict=False):
        given = answer(index, question)
        seen = given.coverage
        # an answer from a part of the video is less sure for that alone: it grows sure as the reading goes on
        share = 1.0 if seen.whole else 0.5 + 0.5 * seen.seen_seconds / max(seen.total_seconds, 1e-6)
        if not given.abstained and given.citations and given.confidence >= SURE * share:
            yield question


def _overall(index: VideoIndex) -> Iterator[str]:
    if index.texts or index.speech:
        yield "What is this video about?"
    if len(index.scenes) > 1:
        yield "How many scenes are there?"
    yield "How long is this video?"


def _names(index: VideoIndex) -> Iterator[str]:
    """Of names, and where a draft has no capitals of long words that come again, those said in few places."""
    seen: Counter[str] = Counter()
    written: dict[str, str] = {}
    named: set[str] = set()
    for said in index.speech:
        found = content(said.text)
        seen.update({token.stem for token in found})
        for token in found:
            if token.is_number or len(token.text) < 4:
                continue
            written.setdefault(token.stem, token.text)
            if token.start and token.text[0].isupper() and said.text[token.start - 2 : token.start - 1] not in ".!?":
                named.add(token.stem)
                written[token.stem] = token.text
    again = [stem for stem in written if seen[stem] >= 2]
    order = sorted(named or again, key=lambda stem: (-min(seen[stem], 3), -len(written[stem]), written[stem]))
    for at, stem in enumerate(order):
        if at % 2 == 0:
            yield f"What is said about {written[stem]}?"
        else:
            yield f"When is {written[stem]} mentioned?"


def _texts(index: VideoIndex) -> Iterator[str]:
    """Of the texts that say most, at a moment when they stand."""
    told = [one for one in index.texts if one.kind == "text" and one.confidence >= 0.8 and _wordy(one)]
    for one in sorted(told, key=lambda text: (-min(len(text.text.split()), 6), text.start)):
        yield f"What does the screen say at {clock((one.start + one.end) / 2)}?"


def _wordy(text: ScreenText) -> bool:
    return len(text.text.split()) >= 2 and sum(c.isalpha() for c in text.text) >= 6


def _counters(index: VideoIndex) -> Iterator[str]:
    if any(one.kind == "counter" for one in index.texts):
        yield "What is the highest number the counter reaches?"
    if any(one.kind == "ticker" for one in index.texts):
        yield "What does the ticker say?"


def _sounds(index: VideoIndex) -> Iterator[str]:
    lasting = Counter[str]()
    for span in index.sounds:
        lasting[span.kind] += span.end - span.start  # pyright: ignore[reportArgumentType]
    if lasting["music"] >= _MUSIC_SECONDS:
        yield "When does the music start?"
    if lasting["loud event"]:
        yield "What is the loudest moment?"
    if 0 < lasting["silence"] < 0.5 * index.video.duration:
        yield "Where is it silent?"


def _looks(index: VideoIndex) -> Iterator[str]:
    if any(scene.faces for scene in index.scenes):
        most = max(range(len(index.scenes)), key=lambda at: index.scenes[at].faces)
        yield f"How many faces are visible in scene {most + 1}?"
    moving = [at for at, scene in enumerate(index.scenes, 1) if scene.camera not in ("still", "moving")]
    if moving:
        yield f"How does the camera move in scene {moving[0]}?"
    if len(index.scenes) > 2:
        levels = sorted(scene.brightness for scene in index.scenes)
        if levels[1] - levels[0] > 0.1:
            yield "Which scene is the darkest?"
        yield "Which scene is the longest?"
    if index.scenes:
        yield "What colours are in scene 1?"
