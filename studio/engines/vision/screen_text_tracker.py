"""Text followed through the frames of a video: each line once, with when it stood and what it said over time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from studio.engines.vision import screen_text_matching as matching
from studio.engines.vision.screen_text import Line
from studio.engines.vision.screen_text_clean import LONGEST_TICKER, clean
from studio.engines.vision.screen_text_resolve import RolledLine, as_rolls, resolve, rolled
from studio.engines.vision.screen_text_tracks import Track, same_place, same_row
from studio.errors import BadInput
from studio.index.facts import ScreenText, Share

MOST_MISSED = 2  # frames that a line may be misread in
LONGEST_GAP = 1.0  # seconds; where frames are taken more often, it may be missed in more of them
MOST_LINES = 200  # of one frame, the surest
MOST_RUNS = 600  # of one track: a counter that changes more often goes on as another text
MOST_TEXTS = 20_000  # of one video
MOST_LETTERS = 1_000_000
ROLL_STEP = 0.5  # of the picture's height between two readings
NEARLY_EQUAL = 0.8
SURELY = 1.1  # of likeness 0..1 and, at most 0.3, of standing in the same place
GLIMPSED = 0.65  # the confidence that a text seen but once must have,
GLIMPSED_SIGN = 0.8  # and one of a letter or two

Relation = Callable[[Track, Line], float]


class TextTracker:
    """Fed sampled frames in time order, it hands out texts as they end. Its state goes to JSON and back at any time.

    `aspect`: the picture's width over its height. Text that stands again later is another text.
    """

    def __init__(self, aspect: float = 16 / 9) -> None:
        if not 0 < aspect < float("inf"):
            raise BadInput("aspect", aspect, "the picture's width over its height, above 0")
        self._aspect = aspect
        self._time: float | None = None
        self._tracks: list[Track] = []
        self._roll: list[RolledLine] = []
        self._texts = self._letters = 0

    @property
    def full(self) -> bool:
        """Whether the video holds more text than is kept."""
        return self._texts >= MOST_TEXTS or self._letters >= MOST_LETTERS

    def see(self, time: float, lines: Sequence[Line]) -> tuple[ScreenText, ...]:
        """A frame that was read: the texts that have ended by it. Raises BadInput unless `time` (s) goes forward."""
        self._advance(time)
        waiting = kept = _kept(lines)
        open_tracks = list(self._tracks)
        for relation in (_stands_surely, self._moved, _stands, _runs_through, self._moves):
            waiting, open_tracks = self._pair(time, relation, waiting, open_tracks)
        waiting = [line for line in waiting if not self._shown(time, line)]
        for track in open_tracks:
            if track.last == time:
                continue
            if any(_covers(line.box, track.box) and matching.is_part(track.runs[-1].text, line.text) for line in kept):
                track.stand(time)
            else:
                track.miss(time)
        self._tracks.extend(Track.begun(time, line) for line in waiting)
        return self._ended(time)

    def stay(self, time: float) -> tuple[ScreenText, ...]:
        """A frame like the one before, not read. Raises BadInput unless `time` (s) goes forward."""
        self._advance(time)
        for track in self._tracks:
            if track.missed:
                track.miss(time)
            else:
                track.stand(time)
        return self._ended(time)

    def standing(self) -> tuple[ScreenText, ...]:
        """What has not ended yet, as far as it is known, in time order."""
        texts = [text for track in self._tracks for text in resolve(track, track.last)]
        texts += as_rolls(self._roll)
        return tuple(sorted((text for text in texts if text.text), key=lambda each: (each.start, each.box[1])))

    def finish(self, time: float | None = None) -> tuple[ScreenText, ...]:
        """The video ends at `time` (s), by default with the last frame: all that still stands."""
        texts = [text for track in self._tracks for text in self._close(track, track.last if time is None else time)]
        self._tracks = []
        return self._counted([*texts, *self._rolled()])

    def to_json(self) -> dict[str, Any]:
        return {
            "aspect": self._aspect,
            "time": self._time,
            "tracks": [track.to_json() for track in self._tracks],
            "roll": [asdict(line) for line in self._roll],
            "texts": self._texts,
            "letters": self._letters,
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> TextTracker:
        tracker = cls(body["aspect"])
        tracker._time, tracker._texts, tracker._letters = body["time"], body["texts"], body["letters"]
        tracker._tracks = [Track.from_json(track) for track in body["tracks"]]
        tracker._roll = [RolledLine(**{**line, "box": tuple(line["box"])}) for line in body["roll"]]
        return tracker

    def _advance(self, time: float) -> None:
        if not (self._time is None or time > self._time) or not abs(time) < float("inf"):
            raise BadInput("time", time, f"a number of seconds after {self._time}, the frame before")
        self._time = time

    def _pair(
        self, time: float, relation: Relation, lines: list[Line], tracks: list[Track]
    ) -> tuple[list[Line], list[Track]]:
        """The best pairs first; what is left of both."""
        scores = [
            (relation(track, line), place, row) for place, track in enumerate(tracks) for row, line in enumerate(lines)
        ]
        paired_tracks: set[int] = set()
        paired_lines: set[int] = set()
        for score, place, row in sorted(scores, key=lambda each: (-each[0], each[1], each[2])):
            if score <= 0:
                break
            if place not in paired_tracks and row not in paired_lines:
                tracks[place].add(time, lines[row], self._aspect)
                paired_tracks.add(place)
                paired_lines.add(row)
        left = [line for row, line in enumerate(lines) if row not in paired_lines]
        return left, [track for place, track in enumerate(tracks) if place not in paired_tracks]

    def _moves(self, track: Track, line: Line) -> float:
        """A line that went up or down, as credits do."""
        left, top, wide, high = track.box
        new_left, new_top, new_wide, new_high = line.box  # lower while it comes in or goes out
        shared = min(left + wide, new_left + new_wide) - max(left, new_left)
        if (
            shared < 0.5 * min(wide, new_wide)
            or abs(new_top - top) > ROLL_STEP
            or not 0.4 * new_high < high < 2.5 * new_high
        ):
            return 0.0
        score = matching.ratio(matching.folded(track.runs[-1].text), matching.folded(line.text))
        return score - 0.2 * abs(new_top - top) if score >= NEARLY_EQUAL else 0.0

    def _moved(self, track: Track, line: Line) -> float:
        """The very same line in another row: in a list that rolls, surer than one like it in the same row."""
        return self._moves(track, line) if len(line.text) > 2 and track.runs[-1].text == line.text else 0.0

    def _shown(self, time: float, line: Line) -> bool:
        """Whether `line` is a part of a text that stands there, read apart."""
        for track in self._tracks:
            if _covers(track.extent, line.box) and matching.is_part(line.text, track.fullest):
                if track.last < time:
                    track.stand(time)
                return True
        return False

    def _ended(self, time: float) -> tuple[ScreenText, ...]:
        texts: list[ScreenText] = []
        kept: list[Track] = []
        for track in self._tracks:
            lost = track.missed >= MOST_MISSED and time - track.last > LONGEST_GAP
            if lost or len(track.runs) > MOST_RUNS or len(track.whole) > LONGEST_TICKER - 400:
                texts += self._close(track, track.last)
            else:
                kept.append(track)
        self._tracks = kept
        if not any(track.steps.get("up") for track in kept):
            texts += self._rolled()
        return self._counted(texts)

    def _close(self, track: Track, end: float) -> tuple[ScreenText, ...]:
        """`end`: where it ends if it has not been missed; else half way to the first frame without it."""
        end = max(end, track.last) if track.gone is None else (track.last + track.gone) / 2
        if track.moves() == "up":
            speed = (track.first_box[1] - track.box[1]) / max(1e-6, track.last - track.start)
            self._roll.append(rolled(track, end, speed))
            return ()
        if len(track.runs) == 1 and track.runs[0].samples == 1:
            least = GLIMPSED_SIGN if len(track.whole) <= 2 else GLIMPSED
            if track.runs[0].confidence < least:
                return ()
        return resolve(track, end)

    def _rolled(self) -> list[ScreenText]:
        lines, self._roll = self._roll, []
        return as_rolls(lines)

    def _counted(self, texts: Sequence[ScreenText]) -> tuple[ScreenText, ...]:
        kept = []
        for text in sorted(texts, key=lambda each: (each.start, each.box[1], each.box[0])):
            if text.text and not self.full:
                self._texts += 1
                self._letters += len(text.text) + sum(len(reading) for _, reading in text.readings)
                kept.append(text)
        return tuple(kept)


def _kept(lines: Sequence[Line]) -> list[Line]:
    surest = sorted(lines, key=lambda line: -line.confidence)[:MOST_LINES]
    cleaned = (Line(clean(line.text), line.confidence, line.box) for line in surest)
    return sorted((line for line in cleaned if line.text), key=lambda line: (line.box[1], line.box[0]))


def _stands_surely(track: Track, line: Line) -> float:
    score = _stands(track, line)
    return score if score >= SURELY else 0.0


def _stands(track: Track, line: Line) -> float:
    place = same_place(track.box, line.box)
    if place < 0.3:
        return 0.0
    text = track.runs[-1].text
    score = 1.0 if text == line.text else max(matching.alike(each, line.text) for each in {text, track.runs[0].text})
    return score + 0.3 * place if score >= matching.ALIKE else 0.0


def _runs_through(track: Track, line: Line) -> float:
    """A line that went sideways: the same row, and the letters at the rims may be others."""
    if not same_row(track.box, line.box):
        return 0.0
    text = track.runs[-1].text
    shared = matching.common(text, line.text)
    least = 0.5 * min(len(text), len(line.text))
    return shared[2] / max(len(text), len(line.text)) if shared and shared[2] >= least else 0.0


def _covers(outer: Share, inner: Share) -> bool:
    wide = min(outer[0] + outer[2], inner[0] + inner[2]) - max(outer[0], inner[0])
    high = min(outer[1] + outer[3], inner[1] + inner[3]) - max(outer[1], inner[1])
    return wide > 0 and high > 0 and wide * high >= 0.7 * inner[2] * inner[3]
