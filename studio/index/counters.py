"""What a counter, clock or score on the screen showed, and when."""

from __future__ import annotations

import re
from collections.abc import Sequence

from studio.index.answers import Citation, Draft, View
from studio.index.evidence import Evidence
from studio.index.facts import ScreenText
from studio.index.grammar import FRAME
from studio.index.questions import Question
from studio.index.times import Window, clock
from studio.index.words import content, same, stems, tokens

Reading = tuple[float, float, str]
"""From, to, what it reads."""


def asked_of_counter(view: View, question: Question) -> Draft | None:  # noqa: PLR0911 - one a kind of question
    """None where there is no counter or the question can't be answered by one."""
    counters = [one for one in view.index.texts if one.kind == "counter" and one.readings]
    if not counters:
        return None
    counter = max(counters, key=lambda one: (_labelled(one, question.text), one.end - one.start))
    readings = _readings(counter)
    text = question.text.casefold()
    if re.search(
        r"\bwhen\b|\bat (?:what|which) (?:time|point|moment|second)|\bwhich (?:second|moment|scene)\b|\bwhat time\b",
        text,
    ):
        return _reached(readings, question)
    if re.search(r"\bhow long\b", text):
        shown = f"from [{clock(counter.start)}] to {clock(counter.end)}"
        told = f"The counter is on screen for {counter.end - counter.start:.0f} seconds, {shown}."
        return Draft(told, _cited([(counter.start, counter.end, counter.text)]), 0.85, measured=True)
    if re.search(r"\bhow (?:many times|often)\b.*\bchang", text):
        count = len(readings) - 1
        return Draft(
            f"The counter changes {count} time{'s' * (count != 1)}.", _cited(readings[:4]), 0.85, measured=True
        )
    if re.match(r"^(?:does|did|is|was|has|do)\b", text) and (numbers := _numbers(question.rest)):
        hit = next((one for one in readings if _value(one[2]) in numbers), None)
        if hit is None:
            return Draft("", abstained=True)
        return Draft(f"Yes. The counter reads {hit[2]} at [{clock(hit[0])}].", _cited([hit]), 0.85, measured=True)
    if re.match(r"^(?:is|are|does)\b.*\b(?:there|have)\b", text):
        return Draft(
            f"Yes. A counter is on screen from [{clock(counter.start)}] to {clock(counter.end)}.",
            _cited(readings[:1]),
            0.9,
            measured=True,
        )
    return _shown(readings, question)


def _readings(counter: ScreenText) -> list[Reading]:
    ends = [*(time for time, _ in counter.readings[1:]), counter.end]
    return [(start, end, text) for (start, text), end in zip(counter.readings, ends, strict=True)]


def _labelled(counter: ScreenText, question: str) -> int:
    return len(set(stems(counter.text)) & set(stems(question)))


def _numbers(text: str) -> set[float]:
    return {float(token.stem) for token in tokens(text) if re.fullmatch(r"\d+(\.\d+)?", token.stem)}


def _value(text: str) -> float | None:
    """The figure that a reading shows; of "Score: 3 - 2" the first; a clock as seconds."""
    match = re.search(r"(\d+):(\d{2})(?!\d)", text)
    if match:
        return int(match[1]) * 60.0 + int(match[2])
    match = re.search(r"-?\d+(?:[.,]\d+)?", text)
    return float(match.group().replace(",", ".")) if match else None


def _reached(readings: Sequence[Reading], question: Question) -> Draft:
    wanted = _numbers(question.rest)
    shown = re.search(r"\d+:\d{2}", question.rest)
    if shown:
        value = _value(shown.group())
        wanted = {value} if value is not None else wanted
    text = question.text.casefold()
    if re.search(r"\b(?:highest|maximum|largest|peak)\b", text):
        wanted = {max((_value(one[2]) or 0.0) for one in readings)}
    elif re.search(r"\b(?:lowest|minimum|smallest)\b", text):
        wanted = {min((_value(one[2]) or 0.0) for one in readings)}
    elif re.search(r"\b(?:start|begin|appear|first)\w*", text) and not wanted:
        return Draft(
            f"The counter starts at [{clock(readings[0][0])}], reading {readings[0][2]}.",
            _cited(readings[:1]),
            0.85,
            measured=True,
        )
    elif re.search(r"\b(?:stop|end|finish|disappear|last|final)\w*", text) and not wanted:
        return Draft(
            f"The counter is last seen at [{clock(readings[-1][1])}], reading {readings[-1][2]}.",
            _cited(readings[-1:]),
            0.85,
            measured=True,
        )
    hit = next((one for one in readings if _value(one[2]) in wanted), None)
    if hit is None:
        return Draft("", abstained=True)
    return Draft(
        f"The counter reads {hit[2]} from [{clock(hit[0])}] to {clock(hit[1])}.", _cited([hit]), 0.9, measured=True
    )


def _shown(readings: Sequence[Reading], question: Question) -> Draft:
    text = question.text.casefold()
    valued = [one for one in readings if _value(one[2]) is not None] or list(readings)
    if question.window is not None and question.window.kind in ("moment", "scene", "span", "edge"):
        return _during(readings, question.window)
    if re.search(r"\b(?:highest|maximum|largest|biggest|peak|most)\b", text):
        chosen = max(valued, key=lambda one: _value(one[2]) or 0.0)
    elif re.search(r"\b(?:lowest|minimum|smallest|least)\b", text):
        chosen = min(valued, key=lambda one: _value(one[2]) or 0.0)
    elif re.search(r"\b(?:first|initial|start|begin)\w*", text):
        chosen = readings[0]
    elif re.search(r"\b(?:last|final|end|finish|stop)\w*", text):
        chosen = readings[-1]
    else:
        (first, _, low), (last, _, high) = readings[0], readings[-1]
        said = f"The counter goes from {low} at [{clock(first)}] to {high} at [{clock(last)}]."
        return Draft(said, _cited([readings[0], readings[-1]]), 0.8, measured=True)
    return Draft(f"The counter reads {chosen[2]} [{clock(chosen[0])}].", _cited([chosen]), 0.9, measured=True)


def _during(readings: Sequence[Reading], span: Window) -> Draft:
    seen = [one for one in readings if span.overlaps(one[0], one[1])]
    if not seen and span.kind == "edge":  # "at the start" may be the counter's own
        seen = readings[:1] if span.start == 0.0 else readings[-1:]
    if not seen:
        return Draft("", abstained=True)
    middle = (span.start + span.end) / 2
    if span.kind == "edge" and span.start > 0:
        chosen = seen[-1]
    elif span.kind == "edge":
        chosen = seen[0]
    elif span.kind == "moment":
        chosen = next((one for one in seen if one[0] <= middle < one[1]), seen[0])
    elif len(seen) == 1:
        chosen = seen[0]
    else:
        (first, _, low), (last, _, high) = seen[0], seen[-1]
        said = f"The counter goes from {low} [{clock(max(first, span.start))}] to {high} [{clock(last)}]."
        return Draft(said, _cited([seen[0], seen[-1]]), 0.8, measured=True)
    at = min(max(middle, chosen[0]), chosen[1]) if span.kind == "moment" else chosen[0]
    return Draft(f"The counter reads {chosen[2]} [{clock(at)}].", _cited([chosen]), 0.9, measured=True)


def _cited(readings: Sequence[Reading]) -> tuple[Citation, ...]:
    return tuple(Citation(start, end, "screen_text", text, (start + end) / 2) for start, end, text in readings)


def counted_by_label(view: View, question: str, near: Sequence[Evidence]) -> Draft | None:
    """The last reading of a counter whose label is among `near`, the evidence nearest to a question after a number."""
    if not re.search(r"\bhow\s+(?:many|much)\b|\b(?:number|count|total|score)\b", question, re.I):
        return None
    for counter in (one for one in view.index.texts if one.kind == "counter" and one.readings):
        label = label_of(counter, view.index.texts)
        found = next((one for one in near if label is not None and one.text == label.text), None)
        if label is None or found is None or not _asks_after(question, label.text):
            continue
        readings = _readings(counter)
        (first, _, low), (last, _, high) = readings[0], readings[-1]
        grown = f", from {low} [{clock(first)}]" if low != high else ""
        told = f"{high} [{clock(last)}]{grown}. The counter stands beside “{label.text}”."
        cited = Citation(label.start, label.end, "screen_text", label.text, (label.start + label.end) / 2)
        shown = [readings[0], readings[-1]] if low != high else readings[-1:]
        return Draft(told, (*_cited(shown), cited), 0.8, measured=True)
    return None


def _asks_after(question: str, label: str) -> bool:
    """Whether every heavy word of `question` but those that only frame it is on the label."""
    asked = [token.stem for token in content(question) if token.stem not in FRAME]
    there = set(stems(label))
    return bool(asked) and all(any(same(one, other) for other in there) for one in asked)


def label_of(value: ScreenText, texts: Sequence[ScreenText]) -> ScreenText | None:
    """The words beside, above or below a figure on the screen: the nearest ones that stand there while it does."""
    left, top, width, height = value.box

    def apart(one: ScreenText) -> float:
        x, y, w, h = one.box
        across = max(0.0, max(left, x) - min(left + width, x + w))
        return across + max(0.0, max(top, y) - min(top + height, y + h))

    standing = [
        one
        for one in texts
        if one is not value
        and one.kind == "text"
        and re.search(r"[^\W\d_]{3}", one.text)
        and min(one.end, value.end) - max(one.start, value.start) >= 0.5 * (value.end - value.start)
    ]
    near = min(standing, key=apart, default=None)
    return near if near is not None and apart(near) <= max(0.06, 1.5 * height) else None
