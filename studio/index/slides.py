"""Slides whose pictures differ by their words alone: a scene is divided where what stands in it is exchanged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from studio.index.facts import Scene, ScreenText

LEAST_LETTERS = 8
"""Letters and figures that must go and come together: less is a label, not a slide."""
EXCHANGED = 0.6
"""The share of the standing letters that must be others afterwards: a logo or a footer may stay."""
LEAST_SECONDS = 1.0
_STILL = 0.12
_LOW = 0.72
"""Texts that begin below this share of the height are captions: they change with what is said."""
_TOGETHER = 0.3


def divided(scenes: Sequence[Scene], texts: Sequence[ScreenText]) -> tuple[Scene, ...]:
    """`scenes` with those divided in which a still picture's words were exchanged at once."""
    words = sorted((one for one in texts if one.kind == "text" and one.box[1] < _LOW), key=lambda one: one.start)
    found: list[Scene] = []
    at = 0
    for scene in scenes:
        while at < len(words) and words[at].start <= scene.start:
            at += 1
        inside = []
        while at < len(words) and words[at].start < scene.end:
            inside.append(words[at])
            at += 1
        if scene.motion > _STILL or not inside:
            found.append(scene)
            continue
        standing = [one for one in words if one.start < scene.end and one.end > scene.start]
        found += _parts(scene, _changes(scene, inside, standing))
    return tuple(found)


def _changes(scene: Scene, inside: Sequence[ScreenText], standing: Sequence[ScreenText]) -> list[float]:
    """Times at which most of what stood had gone and as much had come."""
    times: list[float] = []
    for one in inside:
        last = times[-1] if times else scene.start
        if one.start - last < LEAST_SECONDS or scene.end - one.start < LEAST_SECONDS:
            continue
        before = [each for each in standing if each.start < one.start - _TOGETHER and each.end >= last]
        before = [each for each in before if each.end >= one.start - LEAST_SECONDS]
        gone = _letters(each for each in before if each.end <= one.start + _TOGETHER)
        come = _letters(each for each in inside if abs(each.start - one.start) <= _TOGETHER)
        stayed = _letters(each for each in before if each.end > one.start + _TOGETHER)
        if min(gone, come) >= LEAST_LETTERS and gone >= EXCHANGED * (gone + stayed) and come >= EXCHANGED * stayed:
            times.append(one.start)
    return times


def _letters(texts: Iterable[ScreenText]) -> int:
    return sum(c.isalnum() for one in texts for c in one.text)


def _parts(scene: Scene, times: Sequence[float]) -> list[Scene]:
    borders = [scene.start, *times, scene.end]
    parts = []
    for number, (start, end) in enumerate(pairwise(borders)):
        has_key = start <= scene.key_time < end or (number == len(times) and scene.key_time >= end)
        parts.append(
            replace(
                scene,
                start=start,
                end=end,
                begins=scene.begins if number == 0 else "cut",
                key_time=scene.key_time if has_key else round((start + end) / 2, 3),
                description=scene.description if has_key else "",
                moments=tuple(one for one in scene.moments if start <= one.start < end),
            )
        )
    return parts
