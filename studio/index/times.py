"""Times as people say them in a question, found and turned into stretches of the video."""
# ruff: noqa: E501 - a pattern is read as one line

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.index.facts import Scene, VideoIndex
from studio.index.lexicon import FIRST_ORDINALS, SCALES, UNITS
from studio.index.words import tokens

EDGE = 0.15
"""What "at the beginning" and "at the end" take in, as a share of the video, at most EDGE_SECONDS."""
EDGE_SECONDS = 20.0
MOMENT = 1.0
"""Seconds to each side of a single moment."""

_NUMBER = (
    r"(?:\d+(?:\.\d+)?|(?:"
    + "|".join([*UNITS, *SCALES])
    + r"|and|half|a|an|couple of|few)(?:[ -](?:"
    + "|".join(UNITS)
    + r"|hundred))?)"
)
_CLOCK = r"(?:\d{1,2}:)?\d{1,3}:\d{2}(?:\.\d+)?(?!\s*(?:am|pm|a\.m|p\.m|o'clock))"
_SPELLED = (
    rf"(?:{_NUMBER}\s*-?\s*(?:minutes?|mins?|m)\b(?:\s*(?:and\s*)?{_NUMBER}\s*-?\s*(?:seconds?|secs?|s)\b)?"
    rf"|{_NUMBER}\s*-?\s*(?:seconds?|secs?|s)\b|(?:second|minute)s?\s+(?:number\s+)?(?:\d+|{'|'.join(UNITS)})\b)"
)
_TIME = rf"(?:the\s+)?(?P<%s>{_CLOCK}|{_SPELLED})(?:\s+(?:mark|point|in|into (?:it|the (?:video|clip|film))))?"
_ORDINAL = "|".join(FIRST_ORDINALS) + r"|\d+(?:st|nd|rd|th)"
_PART = r"(?:\s+of\s+(?:the\s+|this\s+)?(?:whole\s+|entire\s+)?(?:video|clip|film|movie|recording|footage|presentation|talk|it))?"

_BETWEEN = re.compile(rf"\b(?:between|from)\s+{_TIME % 'a'}\s+(?:and|to|until|till|-|–)\s+{_TIME % 'b'}", re.I)
_SIDE = re.compile(
    rf"\b(?P<side>after|since|from|past|before|until|till|up to|at|around|about|near|by|on|in|@)\s+(?:about\s+|around\s+|exactly\s+)?{_TIME % 'a'}(?:\s+on(?:wards)?\b)?",
    re.I,
)
_INTO = re.compile(rf"\b(?P<a>{_SPELLED})\s+(?:in|into (?:it|the (?:video|clip|film)))\b", re.I)
_EXTENT = re.compile(
    rf"\b(?:in|during|within|over|for)?\s*(?:the\s+)?(?P<which>first|opening|initial|last|final|closing)\s+(?P<amount>{_NUMBER}\s+)?(?P<unit>seconds?|secs?|minutes?|mins?|half|third|quarter)\b{_PART}",
    re.I,
)
_HALF = re.compile(rf"\b(?:in|during)?\s*(?:the\s+)?second\s+half\b{_PART}", re.I)
_EDGE = re.compile(
    rf"\b(?:right\s+)?(?:(?:at|in|near|towards?|by|from)\s+(?:the\s+)?(?:very\s+)?(?P<edge>beginning|start|opening|outset|end|ending|close|finish|middle|halfway point)\b{_PART}|(?P<bare>halfway through|the (?:very )?(?:end|ending|beginning|start|middle)(?={_PART}\s*[?.!,]*$))\b{_PART})(?!\s+of\b)",
    re.I,
)
_SCENE = re.compile(
    rf"\b(?:in|during|of|on|at|for|throughout)?\s*(?:the\s+)?(?:(?P<ordinal>{_ORDINAL}|last|final|opening|closing|middle|penultimate)\s+(?:scene|shot)|(?:scene|shot)\s+(?:number\s+|no\.?\s+|#)?(?P<number>\d+|{'|'.join(UNITS)}))\b",
    re.I,
)


@dataclass(frozen=True)
class Window:
    """A stretch of the video a question is held to. `kind` "moment", "span", "edge" or "scene"; `phrase` as it was
    put; `scene` counts from 1, 0 for none; `beyond` a time the video doesn't reach."""

    start: float
    end: float
    kind: str
    phrase: str
    scene: int = 0
    beyond: bool = False

    def overlaps(self, start: float, end: float) -> bool:
        return (start < self.end and end > self.start) or (self.start <= start <= self.end and start == end)


def clock(seconds: float) -> str:
    """`mm:ss`, or `h:mm:ss` from an hour on."""
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def seconds(text: str) -> float | None:
    """Seconds that a clock ("1:20") or an amount ("a minute and twenty seconds") stands for; None for neither."""
    text = text.strip().casefold()
    if re.fullmatch(r"[\d:.]+", text) and ":" in text:
        total = 0.0
        for part in text.split(":"):
            total = total * 60 + float(part)
        return total
    text = re.sub(r"(\d)([a-z])", r"\1 \2", text.replace("-", " "))
    text = re.sub(r"^(seconds?|minutes?)\s+(?:number\s+)?(\S+)$", r"\2 \1", text)
    text = re.sub(r"\bhalf an?\b|\bhalf\b", "0.5", text)
    text = re.sub(r"\ba couple of\b|\bcouple of\b", "2", re.sub(r"\ba few\b|\bfew\b", "3", text))
    total, amount = 0.0, 1.0
    known = False
    for token in tokens(text):
        word = token.text.casefold()
        if token.is_number:
            amount = float(token.stem) if re.fullmatch(r"\d+(\.\d+)?", token.stem) else 1.0
        elif word[:1] in "ms" and word in (
            "m",
            "min",
            "mins",
            "minute",
            "minutes",
            "s",
            "sec",
            "secs",
            "second",
            "seconds",
        ):
            total, amount, known = total + amount * (60 if word[0] == "m" else 1), 1.0, True
    return total if known else None


def window(question: str, index: VideoIndex) -> tuple[Window | None, str]:
    """The stretch that `question` names and the question without its words; (None, question) where it names none."""
    for find in (_between, _scene, _extent, _edge, _moment):
        found = find(question, index)
        if found is not None:
            rest = question.replace(found.phrase, " ", 1)
            return found, re.sub(r"\s+([?,.])", r"\1", re.sub(r"\s{2,}", " ", rest)).strip(" ,")
    return None, question


def _between(question: str, index: VideoIndex) -> Window | None:
    match = _BETWEEN.search(question)
    if not match:
        return None
    start, end = seconds(match["a"]), seconds(match["b"])
    if start is None or end is None or end < start:
        return None
    length = index.video.duration
    return Window(start, min(end, length), "span", match.group(), beyond=start > length)


def _moment(question: str, index: VideoIndex) -> Window | None:
    length = index.video.duration
    into = _INTO.search(question)
    match = into or _SIDE.search(question)
    at = seconds(match["a"]) if match else None
    if not match or at is None:
        return None
    side = "at" if into else match["side"].casefold()
    # "in 5 seconds" is a length, "in second 5" and "in at the 5 second mark" are moments
    pointed = (
        ":" in match["a"]
        or re.search(r"mark|point|into", match.group())
        or re.match(r"(?:second|minute)s?\s", match["a"], re.I)
    )
    if side in ("in", "on", "about", "since") and not pointed:
        return None
    beyond = at > length + MOMENT
    if (
        beyond
        and ":" in match["a"]
        and at < 24 * 60
        and re.search(r"\b(?:open|clos|start|begin|meet|leav|arriv|depart)", question, re.I)
    ):
        return None  # "does it open at 10:30" is a time of day
    if side in ("after", "since", "past", "from"):
        return Window(at, length, "span", match.group(), beyond=beyond)
    if side in ("before", "until", "till", "up to", "by"):
        return Window(0.0, min(at, length), "span", match.group())
    unit = 60.0 if re.match(r"minutes?\s", match["a"], re.I) else 0.0
    return Window(
        max(0.0, at - MOMENT), min(at + MOMENT + unit, max(length, at)), "moment", match.group(), beyond=beyond
    )


def _extent(question: str, index: VideoIndex) -> Window | None:
    length = index.video.duration
    second = _HALF.search(question)
    if second:
        return Window(length / 2, length, "span", second.group().strip())
    match = _EXTENT.search(question)
    if not match:
        return None
    shares = {"half": 2, "third": 3, "quarter": 4}
    unit = match["unit"].casefold()
    extent = length / shares[unit] if unit in shares else seconds(f"{match['amount'] or 'one '}{unit}")
    if extent is None:
        return None
    extent = min(extent, length)
    late = match["which"].casefold() in ("last", "final", "closing")
    start, end = (length - extent, length) if late else (0.0, extent)
    return Window(start, end, "span", match.group().strip())


def _edge(question: str, index: VideoIndex) -> Window | None:
    match = _EDGE.search(question)
    if not match:
        return None
    word = (match["edge"] or match["bare"]).casefold()
    length = index.video.duration
    extent = min(EDGE * length, EDGE_SECONDS)
    if "middle" in word or "halfway" in word:
        return Window(length / 2 - extent, length / 2 + extent, "edge", match.group())
    if re.search(r"\b(?:end|ending|close|finish)\b", word):
        return Window(length - extent, length, "edge", match.group())
    return Window(0.0, extent, "edge", match.group())


def _scene(question: str, index: VideoIndex) -> Window | None:
    match = _SCENE.search(question)
    if not match or not index.scenes:
        return None
    number = scene_number(match["ordinal"] or match["number"], index.scenes)
    if number is None:
        return None
    if not 1 <= number <= len(index.scenes):
        return Window(0.0, 0.0, "scene", match.group().strip(), scene=number, beyond=True)
    scene = index.scenes[number - 1]
    return Window(scene.start, scene.end, "scene", match.group().strip(), scene=number)


def scene_number(word: str, scenes: Sequence[Scene]) -> int | None:
    """The number from 1 on of the scene that "third", "last" or "12" names."""
    word = word.casefold()
    named = {
        "last": len(scenes),
        "final": len(scenes),
        "closing": len(scenes),
        "opening": 1,
        "penultimate": len(scenes) - 1,
        "middle": (len(scenes) + 1) // 2,
    }
    if word in named:
        return named[word]
    digits = re.match(r"\d+", word)
    return int(digits.group()) if digits else FIRST_ORDINALS.get(word) or UNITS.get(word)


_HOURS = {word: value for word, value in UNITS.items() if 1 <= value <= 12}
_CLOCK_SAID = re.compile(
    r"\b(?:(?P<part>half|quarter|(?:" + "|".join(UNITS) + r"|\d{1,2})(?:\s+minutes)?)\s+(?P<side>past|to|before|after)\s+)?"
    r"(?P<hour>\d{1,2}|" + "|".join(_HOURS) + r")(?:[:.](?P<minutes>\d{2})|\s+(?P<said>"
    + "|".join(sorted(UNITS, key=len, reverse=True)) + r")(?:[ -](?P<more>" + "|".join(UNITS) + r"))?)?\s*(?P<half>[ap]\.?m)?",
    re.I,
)  # fmt: skip


def time_of_day(text: str) -> float | None:
    """Minutes after twelve that a clock says, on paper or aloud, the half of the day left open; None where none does."""
    match = _CLOCK_SAID.search(text.replace("o'clock", "").replace("oh ", "zero "))
    if match is None:
        return None
    hour = _HOURS.get(match["hour"].casefold()) or int(match["hour"])
    minutes = int(match["minutes"] or 0)
    if match["said"]:
        minutes = UNITS[match["said"].casefold()] + (UNITS[match["more"].casefold()] if match["more"] else 0)
    if match["part"]:
        word = match["part"].casefold().split()[0]
        part = {"half": 30, "quarter": 15}.get(word) or UNITS.get(word) or int(re.sub(r"\D", "", word) or 0)
        minutes += part if match["side"].casefold() in ("past", "after") else -part
    return (60 * hour + minutes) % 720


def same_clock(one: str, other: str) -> bool:
    """Whether both say one time of day: 18:45 and a quarter to seven."""
    first, second = time_of_day(one), time_of_day(other)
    return first is not None and first == second
