"""Seven moments worth a picture, from what the song does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from studio.music.song import KeyMoment, Section

Doubles = NDArray[np.float64]
COUNT = 7
WAIT, NEAR = 4.0, 2.5  # seconds
AGAIN = ("again", "a third time", "a fourth time", "once more")


@dataclass(frozen=True)
class _Idea:
    time: float
    description: str
    worth: float


def key_moments(
    duration: float, curve: Doubles, sections: tuple[Section, ...], downbeats: Doubles, beats: Doubles
) -> tuple[KeyMoment, ...]:
    """Seven moments in ascending order, the first at the opening, the last near the ending, never crowded."""
    last = _ending(duration, curve, downbeats)
    gap = duration / (3.0 * COUNT)
    inner = downbeats[(downbeats >= gap) & (downbeats <= last - gap)]
    ideas = _section_ideas(sections, curve, beats) + _peak_ideas(curve, sections, inner, (gap, last - gap))
    if len(beats):
        # A rhythm that lets itself be waited for is an event of its own.
        worth = 2.0 if beats[0] > max(gap, WAIT) else 0.55
        ideas.append(_Idea(float(beats[0]), "first beat: the rhythm enters", worth))
    chosen = [_Idea(0.0, _opening(curve), 9.0), _Idea(last, _closing(curve, last), 9.0)]
    for idea in sorted(ideas, key=lambda i: (-i.worth, i.time)):
        if len(chosen) < COUNT and all(abs(idea.time - c.time) >= gap for c in chosen):
            chosen.append(idea)
    while len(chosen) < COUNT:
        chosen.append(_between(chosen, curve, downbeats, sections))
    chosen.sort(key=lambda i: i.time)
    words = _distinct([i.description for i in chosen])
    return tuple(KeyMoment(i.time, w, round(_at(curve, i.time), 4)) for i, w in zip(chosen, words, strict=True))


def _distinct(descriptions: list[str]) -> list[str]:
    """What happens a second time is told as such, so that no two moments read the same."""
    told: dict[str, int] = {}
    out = []
    for words in descriptions:
        told[words] = told.get(words, 0) + 1
        head, _, tail = words.partition(":")
        out.append(words if told[words] == 1 else f"{head} {AGAIN[min(told[words] - 2, len(AGAIN) - 1)]}:{tail}")
    return out


def _at(curve: Doubles, time: float) -> float:
    """Intensity of the second that begins nearest to `time`: of what the moment brings, not of what it ends."""
    return float(curve[min(len(curve) - 1, int(np.ceil(time - 0.25)))])


def _word(value: float) -> str:
    return "quiet" if value < 0.3 else "steady" if value < 0.65 else "full"


def _opening(curve: Doubles) -> str:
    start = float(curve[: max(1, min(4, len(curve)))].mean())
    if start < 0.02:
        return "opening: silence before the song"
    return f"opening: {_word(start)}, " + ("straight into the song" if start >= 0.65 else "the scene is set")


def _closing(curve: Doubles, time: float) -> str:
    value = float(curve[int(time) :].mean()) if int(time) < len(curve) else 0.0
    return "ending: " + (
        "at full force" if value >= 0.65 else "the last bars die away" if value < 0.35 else "the last bars"
    )


def _ending(duration: float, curve: Doubles, downbeats: Doubles) -> float:
    """The last downbeat that still sounds, within the last eighth of the song; else 6 % before the end."""
    fallback = duration * 0.94
    late = downbeats[(downbeats >= 0.88 * duration) & (downbeats <= duration - min(1.0, 0.04 * duration))]
    late = late[[_at(curve, float(t)) > 0.05 for t in late]] if len(late) else late
    return float(late[-1]) if len(late) else fallback


def _section_ideas(sections: tuple[Section, ...], curve: Doubles, beats: Doubles) -> list[_Idea]:
    ideas, seen = [], dict[str, int]()
    values = [float(curve[int(s.start) : max(int(s.start) + 1, round(s.end))].mean()) for s in sections]
    for i, section in enumerate(sections):
        if i == 0:
            continue
        step = values[i] - values[i - 1]
        seen[section.label] = seen.get(section.label, 0) + 1
        words = _arrival(section.label, step, values[i])
        if sections[i - 1].label == "intro" and section.label in ("verse", "chorus"):
            fresh = len(beats) and abs(float(beats[0]) - section.start) < NEAR
            words = (
                f"first beat: the {section.label} comes in" if fresh else f"{section.label}: the full rhythm comes in"
            )
        if seen[section.label] > 1 and not words.startswith("first beat"):
            words = words.replace(":", f" {AGAIN[min(seen[section.label] - 2, len(AGAIN) - 1)]}:", 1)
        ideas.append(_Idea(section.start, words, 0.5 + abs(step)))
    return ideas


def _arrival(label: str, step: float, value: float) -> str:
    force = "with full force" if value >= 0.8 else "wider" if step > 0 else "held back"
    return {
        "drop": "drop: " + ("everything hits with full force" if value >= 0.8 else "the whole rhythm lands"),
        "build": "build: tension rises",
        "swell": "swell: the sound widens",
        "interlude": "interlude: drawing breath",
        "breakdown": "breakdown: the rhythm falls away",
        "chorus": f"chorus: opens up, {force}",
        "outro": "outro: letting go",
        "intro": "intro: the scene is set",
        "verse": "verse: " + ("settles down" if step < -0.05 else "the story moves on"),
    }[label]


def _peak_ideas(
    curve: Doubles, sections: tuple[Section, ...], downbeats: Doubles, within: tuple[float, float]
) -> list[_Idea]:
    """The climax, and the sharpest rise and the quietest place, from one pair of seconds to the next."""
    if len(curve) < 8:
        return []
    wide, duration = np.convolve(curve, np.ones(5) / 5, "same"), float(len(curve))
    free = (np.arange(len(curve)) >= within[0]) & (np.arange(len(curve)) <= within[1])
    # Of equal heights the later is the climax: songs are built towards their end.
    peak = int(np.argmax(np.where(free, wide + 0.05 * np.arange(len(wide)) / len(wide), -1.0)))
    step = np.convolve(curve, [0.5, 0.5, -0.5, -0.5], "same")
    ideas = [_climax(float(peak), wide, sections, _snap(float(peak), downbeats, duration))]
    lowest = 2 + int(np.argmin(wide[2:-2])) if len(wide) > 6 else 0
    if curve.max() - wide[lowest] > 0.25:
        ideas.append(_Idea(_snap(float(lowest), downbeats, duration), "stillness: the quietest moment", 0.5))
    rise = int(np.argmax(step))
    if step[rise] > 0.3:
        ideas.append(_Idea(_snap(float(rise), downbeats, duration), "surge: a sudden rise", 0.6))
    return ideas


def _climax(peak: float, wide: Doubles, sections: tuple[Section, ...], snapped: float) -> _Idea:
    """The song's height; told at the border that leads to it where it is as high from there on."""
    holding = [s for s in sections[1:] if s.start <= peak < s.end]
    if holding and holding[0].label in ("drop", "chorus", "swell", "verse"):
        stretch = wide[int(np.ceil(holding[0].start)) : int(peak) + 1]
        if len(stretch) <= 12 and len(stretch) and stretch.min() > wide[int(peak)] - 0.15:
            return _Idea(holding[0].start, f"climax: the {holding[0].label} at full height", 3.0)
    return _Idea(snapped, "climax: the song at its height", 3.0)


def _snap(time: float, downbeats: Doubles, duration: float) -> float:
    if len(downbeats):
        near = float(downbeats[int(np.argmin(np.abs(downbeats - time)))])
        if abs(near - time) <= NEAR:
            time = near
    return float(np.clip(time, 0, 0.999 * duration))


def _between(chosen: list[_Idea], curve: Doubles, downbeats: Doubles, sections: tuple[Section, ...]) -> _Idea:
    """A moment in the middle of the widest gap, told by where in which section it is and how the song goes there."""
    times = sorted(i.time for i in chosen)
    gaps = [b - a for a, b in pairwise(times)]
    i = int(np.argmax(gaps))
    middle = (times[i] + times[i + 1]) / 2
    snapped = _snap(middle, downbeats, times[-1] + 1e-9)
    time = snapped if times[i] + gaps[i] / 4 <= snapped <= times[i + 1] - gaps[i] / 4 else middle
    value, before = _at(curve, time), _at(curve, times[i])
    move = "lifting" if value > before + 0.08 else "easing" if value < before - 0.08 else "carried along"
    here = next((s for s in sections if s.start <= time < s.end), sections[-1])
    share = (time - here.start) / (here.end - here.start)
    place = "early in" if share < 0.3 else "midway through" if share < 0.7 else "late in"
    return _Idea(time, f"{place} the {here.label}: {_word(value)}, {move}", 0.0)
