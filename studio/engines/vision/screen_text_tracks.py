"""One line of text followed through a video: its readings, where it stood and how it moved. All of it goes to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from studio.engines.vision import screen_text_matching as matching
from studio.engines.vision.screen_text import Line
from studio.engines.vision.screen_text_clean import LONGEST_TICKER
from studio.index.facts import Share

STEADY = 0.35  # of the line's height: a smaller shift between two readings is the detector's unrest
MOST_MOVING = 0.6  # share of a track's steps
SLOW = 8  # readings in which a line that moves may seem not to
LEAST_RISE = 1.0  # in heights of the line


@dataclass
class Run:
    """The same reading, time after time. `reads`: times it was read; `samples`: times it stood, read or not."""

    text: str
    start: float
    last: float
    weight: float
    reads: int = 1
    samples: int = 1

    @property
    def confidence(self) -> float:
        return self.weight / self.reads


@dataclass
class Track:
    """`box`: where it was last, `first_box` at first.

    whole    a moving line, sewn together from its views;  fullest  the reading that shows most of a standing one,
             in the box `extent`;  longest  the letters of the longest reading
    missed   frames since it was last seen;  gone  the time of the first of them
    anchor   the reading and box that steps are measured from, as a slow line hardly goes from one reading to the next;
             unmoved  readings since then
    steps    from reading to reading, by direction;  travel  their sum in widths or heights of the picture
    """

    runs: list[Run]
    box: Share
    first_box: Share
    whole: str
    fullest: str
    extent: Share
    longest: int
    anchor: tuple[str, Share]
    unmoved: int = 0
    missed: int = 0
    gone: float | None = None
    steps: dict[str, int] = field(default_factory=dict)
    travel: float = 0.0

    @classmethod
    def begun(cls, time: float, line: Line) -> Track:
        text, box = line.text, line.box
        return cls([Run(text, time, time, line.confidence)], box, box, text, text, box, len(text), (text, box))

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Track:
        runs = [Run(**run) for run in body["runs"]]
        text, box = body["anchor"]
        boxes = {name: tuple(body[name]) for name in ("box", "first_box", "extent")}
        return cls(**{**body, **boxes, "runs": runs, "anchor": (text, tuple(box)), "steps": dict(body["steps"])})

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def last(self) -> float:
        return self.runs[-1].last

    @property
    def start(self) -> float:
        return self.runs[0].start

    def stand(self, time: float) -> None:
        """Seen again, not read."""
        self.runs[-1].last = time
        self.runs[-1].samples += 1
        self.missed, self.gone = 0, None

    def miss(self, time: float) -> None:
        self.missed += 1
        self.gone = time if self.gone is None else self.gone

    def add(self, time: float, line: Line, aspect: float) -> None:
        """Read again."""
        latest = self.runs[-1]
        step, share = direction(*self.anchor, line, aspect)
        self._step(step, line)
        self.travel += share
        if step == "left":
            self.whole = matching.run_on(self.whole, line.text)[:LONGEST_TICKER]
        elif step == "right":
            self.whole = matching.run_before(self.whole, line.text)[-LONGEST_TICKER:]
        if line.text == latest.text:
            self.stand(time)
            latest.reads += 1
            latest.weight += line.confidence
        else:
            self.runs.append(Run(line.text, time, time, line.confidence))
        if step in ("left", "right") and self.moves() and len(self.runs) > 2:
            self._forget()
        self.missed, self.gone, self.box = 0, None, line.box
        self.longest = max(self.longest, len(line.text))
        if not (matching.is_part(line.text, self.fullest) and len(line.text) < len(self.fullest)):
            self.fullest, self.extent = line.text, line.box

    def _step(self, step: str, line: Line) -> None:
        self.steps[step] = self.steps.get(step, 0) + 1
        if step != "still":
            if self.unmoved <= SLOW:  # those were parts of this step
                self.steps["still"] = self.steps.get("still", 0) - self.unmoved
            self.anchor, self.unmoved = (line.text, line.box), 0
        elif matching.common(self.anchor[0], line.text) is None:
            self.anchor, self.unmoved = (line.text, line.box), 0
            if not (self.steps.get("left") or self.steps.get("right")):
                self.whole = line.text  # nothing has been sewn on yet
        else:
            self.unmoved += 1

    def _forget(self) -> None:
        """A ticker reads otherwise each time, and `whole` has it all: of its runs the sums are enough."""
        first, second = self.runs[:2]
        sums = first.weight + second.weight, first.reads + second.reads, first.samples + second.samples
        self.runs[:2] = [Run(first.text, first.start, second.last, *sums)]

    def moves(self) -> str:
        """Which way ("left", "right", "up", "down"), "" for a line that stands."""
        steps = sum(self.steps.values())
        rise = abs(self.box[1] - self.first_box[1]) / max(1e-6, self.box[3])
        for name in ("left", "right", "up", "down"):
            count = self.steps.get(name, 0)
            if count < max(1, MOST_MOVING * steps):
                continue
            # one step is enough for lines that rise by rows between frames taken seconds apart
            if count >= 2 if name in ("left", "right") else rise >= (LEAST_RISE if count >= 2 else 2 * LEAST_RISE):
                return name
        return ""


def direction(text: str, box: Share, line: Line, aspect: float) -> tuple[str, float]:
    """Which way a line went from `text` in `box` to `line`, and how far as a share of the picture's width or height:
    by where the letters went that both readings show, as the box of a long line stays while its letters run."""
    left, top, wide, high = box
    new_left, new_top, new_wide, new_high = line.box
    down = new_top + new_high / 2 - top - high / 2
    shared = (0, 0, len(text)) if text == line.text else matching.common(text, line.text)
    across = new_left + new_wide / 2 - left - wide / 2
    if shared is not None:
        first, second, size = shared
        was = left + wide * (first + size / 2) / len(text)
        across = new_left + new_wide * (second + size / 2) / len(line.text) - was
    unrest = STEADY * min(high, new_high)
    # letters differ in width: a place told by counting letters is the less sure the more of them lie before it
    if shared is not None and abs(across) * aspect > 2 * unrest and abs(across) * aspect > 2 * abs(down):
        return ("left" if across < 0 else "right"), abs(across)
    if shared is not None and abs(down) > unrest:
        return ("up" if down < 0 else "down"), abs(down)
    return "still", 0.0


def same_place(one: Share, other: Share) -> float:
    """0..1, how much of the smaller box's width the boxes share when they stand in one row; 0 when they don't."""
    if not same_row(one, other):
        return 0.0
    shared = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    return max(0.0, shared) / max(1e-6, min(one[2], other[2]))


def same_row(one: Share, other: Share) -> bool:
    shared = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    low, high = sorted((one[3], other[3]))
    return shared >= 0.5 * low and high <= 1.8 * low
