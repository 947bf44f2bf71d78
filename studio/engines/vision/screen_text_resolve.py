"""What a followed line of text was: a text, several texts one after another in one place, a counter, or a ticker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

from studio.engines.vision import screen_text_matching as matching
from studio.engines.vision.screen_text_clean import LONGEST_TICKER, clean
from studio.engines.vision.screen_text_tracks import Run, Track
from studio.index.facts import ScreenText, Share

SURE = 0.75
VERY_SURE = 0.93
RUN_THROUGH = 0.15  # of the picture: what moves less is a caption that slides in
LONGER = 1.1  # than the longest view of it
EDGE_TO_EDGE = 0.9  # of the picture's width
LINE_BREAK = " / "
MOST_READINGS = 2000


@dataclass
class Wording:
    """Runs that read the same line, misread here and there."""

    runs: list[Run] = field(default_factory=list)

    @property
    def text(self) -> str:
        weights: dict[str, float] = {}
        for run in self.runs:
            weights[run.text] = weights.get(run.text, 0.0) + run.weight
        return matching.vote(weights)

    @property
    def best(self) -> Run:
        """The run that says what all do, for comparing: the one of most weight."""
        return max(self.runs, key=lambda run: run.weight)

    @property
    def confidence(self) -> float:
        return max(run.confidence for run in self.runs)


def resolve(track: Track, end: float) -> tuple[ScreenText, ...]:
    """The texts of `track`, which stood until `end`, in time order."""
    if track.moves() in ("left", "right") and track.travel >= RUN_THROUGH:
        return (_passed(track, end),)
    wordings = _wordings(track.runs)
    texts: list[ScreenText] = []
    first = 0
    while first < len(wordings):
        past = first + 1
        while past < len(wordings) and matching.counts(wordings[past - 1].best.text, wordings[past].best.text):
            past += 1
        # until half way to the first sight of what came next
        until = fmean((wordings[past - 1].runs[-1].last, wordings[past].runs[0].start)) if past < len(wordings) else end
        texts.append(_text(wordings[first:past], until, track.extent))
        first = past
    return tuple(texts)


def _passed(track: Track, end: float) -> ScreenText:
    """A ticker shows a part of itself at a time, or goes from edge to edge; what was in sight whole and did not is a
    text: a sign that the camera passes."""
    text, box = clean(matching.once(track.whole), LONGEST_TICKER), around((track.first_box, track.extent, track.box))
    kind = "ticker" if len(text) > LONGER * track.longest or track.travel >= EDGE_TO_EDGE else "text"
    return ScreenText(track.start, end, text, _confidence(track.runs), box, kind)


def _text(wordings: Sequence[Wording], end: float, box: Share) -> ScreenText:
    runs = [run for wording in wordings for run in wording.runs]
    if len(wordings) == 1:
        return ScreenText(runs[0].start, end, wordings[0].text, _confidence(runs), box)
    readings = tuple((wording.runs[0].start, wording.best.text) for wording in _in_order(wordings))[:MOST_READINGS]
    return ScreenText(runs[0].start, end, readings[-1][1], _confidence(runs), box, "counter", readings)


def _in_order(wordings: Sequence[Wording]) -> list[Wording]:
    """Without numbers that were misread: less sure than both neighbours, and out of the order those two keep."""
    kept = list(wordings[:1])
    for wording, after in pairwise(wordings[1:]):
        before, here, next_one = (
            tuple(int(each) for each in matching.numbers(each.best.text)) for each in (kept[-1], wording, after)
        )
        between = before <= here <= next_one or before >= here >= next_one
        less_sure = wording.confidence < min(kept[-1].confidence, after.confidence)
        if len(before) == len(here) == len(next_one) and not between and less_sure:
            continue
        kept.append(wording)
    return [*kept, wordings[-1]]


def _confidence(runs: Sequence[Run]) -> float:
    return round(sum(run.weight for run in runs) / sum(run.reads for run in runs), 3)


def _wordings(runs: Sequence[Run]) -> list[Wording]:
    """`runs` by wording. A reading that differs but once, with the former one back after it, is a misreading."""
    wordings: list[Wording] = []
    for place, run in enumerate(runs):
        if not wordings or not _changed(wordings[-1].best, run):
            wordings = wordings or [Wording()]
            wordings[-1].runs.append(run)
            continue
        back = any(later.text == wordings[-1].best.text for later in runs[place + 1 : place + 3])
        if run.reads == 1 and back and not run.samples > 2:
            wordings[-1].runs.append(run)
        else:
            wordings.append(Wording([run]))
    return wordings


def _changed(before: Run, after: Run) -> bool:
    """Whether the picture says something else, not the reader something else about it."""
    one, other = before.text, after.text
    if matching.folded(one) == matching.folded(other) and matching.numbers(one) == matching.numbers(other):
        return False
    sure = min(before.confidence, after.confidence)
    if matching.counts(one, other):
        return sure >= SURE
    if matching.is_part(one, other) or matching.is_part(other, one):
        return False
    if matching.reworded(one, other):
        return sure >= SURE
    # a letter or two: believed of readings that stood, and were clear
    stood = min(before.samples, after.samples) >= 2
    return sure >= VERY_SURE and stood


@dataclass(frozen=True)
class RolledLine:
    """A line that moved up through the picture; `place`: how far down the roll it stands, `high` how high it is, in
    heights of the picture; `steps`: how often it was seen to rise."""

    start: float
    end: float
    text: str
    confidence: float
    box: Share
    place: float
    high: float
    steps: int


def rolled(track: Track, end: float, speed: float) -> RolledLine:
    """`speed` of the roll: heights of the picture a second."""
    wording = Wording(track.runs)
    box = around((track.first_box, track.box))
    place = track.first_box[1] + speed * track.start
    return RolledLine(
        track.start, end, wording.text, _confidence(track.runs), box, place, track.box[3], track.steps.get("up", 0)
    )


def as_rolls(lines: Sequence[RolledLine]) -> list[ScreenText]:
    """The lines of a roll of credits as one text, top to bottom. A line alone, and lines of which none rose twice, are
    texts that were moved."""
    if len(lines) < 2 or max(line.steps for line in lines) < 2:
        return [ScreenText(line.start, line.end, line.text, line.confidence, line.box) for line in lines]
    row = max(1e-6, min(line.high for line in lines) / 2)
    ordered = sorted(lines, key=lambda line: (round(line.place / row), line.box[0]))
    text = clean(LINE_BREAK.join(line.text for line in ordered), LONGEST_TICKER)
    start, end = min(line.start for line in lines), max(line.end for line in lines)
    confidence = round(fmean(line.confidence for line in lines), 3)
    return [ScreenText(start, end, text, confidence, around([line.box for line in lines]), "ticker")]


def around(boxes: Sequence[Share]) -> Share:
    """The least box that holds all."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4)
