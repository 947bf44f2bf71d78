"""Which pictures of a video are described: its scenes in stretches of some seconds, each with a few frames.

A stretch depends on its scene alone, not on when the scene was found to end: a reading that was broken off describes
the same ones.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from studio.media.sampling import Sample, difference, look

STRETCH = 8.0
"""Seconds of a scene that are described together."""
MOST_STRETCHES = 600
"""In a whole video, cuts aside: those of one longer than 80 minutes are longer."""
FRAMES = 8
FASTEST = 2.0
"""Frames a second: above it Qwen2.5-VL's places in time collapse."""
SAME = 0.06
"""Difference (studio.media.sampling) of pictures that need no new description: coding noise twice over."""
_OTHER, _SOON = 0.2, 0.25
"""A picture so different from the last one kept is kept early, but not more often than each so many seconds."""
_LONGEST_SIDE, _QUALITY = 448, 80
_EDGE = 5e-4
"""Scenes tell their times to the millisecond."""


@dataclass(frozen=True)
class Kept:
    """A frame as it is kept: `jpeg` of at most 448 pixels' length."""

    time: float
    jpeg: bytes

    def picture(self) -> np.ndarray:
        """(h, w, 3) uint8."""
        return np.asarray(Image.open(io.BytesIO(self.jpeg)).convert("RGB"))

    def to_json(self) -> list[Any]:
        return [self.time, base64.b64encode(self.jpeg).decode()]

    @classmethod
    def from_json(cls, body: Sequence[Any]) -> Kept:
        return cls(float(body[0]), base64.b64decode(body[1]))


def kept(sample: Sample) -> Kept:
    picture = Image.fromarray(np.ascontiguousarray(sample.picture))
    scale = min(1.0, _LONGEST_SIDE / max(picture.size))
    if scale < 1.0:
        width, height = (max(1, round(each * scale)) for each in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return Kept(sample.time, file.getvalue())


class FrameKeeper:
    """Keeps frames of the samples that go by, about one each eighth of a stretch, until they are let go."""

    def __init__(self, length: float, state: Iterable[Sequence[Any]] = ()) -> None:
        self.frames = [Kept.from_json(each) for each in state]
        self._spacing = max(1 / FASTEST, length / FRAMES)
        self._last = look(self.frames[-1].picture()) if self.frames else None

    def watch(self, samples: Iterable[Sample]) -> Iterator[Sample]:
        for sample in samples:
            if self._is_wanted(sample):
                frame = kept(sample)
                self.frames.append(frame)
                # as it is decoded, so that a reading gone on with compares the same
                self._last = look(frame.picture())
            yield sample

    def _is_wanted(self, sample: Sample) -> bool:
        if self._last is None:
            return True
        gone = sample.time - self.frames[-1].time
        return gone >= self._spacing - 1e-6 or (gone >= _SOON and self._differs(sample))

    def _differs(self, sample: Sample) -> bool:
        assert self._last is not None
        height, width = self._last.shape[:2]
        small = np.asarray(Image.fromarray(sample.picture).resize((width, height), Image.Resampling.BOX))
        return difference(self._last, small) >= _OTHER

    def let_go(self, before: float) -> None:
        """Frames before `before` are not needed any more; the last of them may still be what is seen there."""
        later = next((at for at, frame in enumerate(self.frames) if frame.time >= before - _EDGE), len(self.frames))
        self.frames = self.frames[max(0, later - 1) :]

    def to_json(self) -> list[list[Any]]:
        return [frame.to_json() for frame in self.frames]


@dataclass(frozen=True)
class Stretch:
    """`frames` in order of time, `step` seconds apart on the whole: what is seen at each step, so one may be there
    twice; `shown` is the middle one."""

    start: float
    end: float
    frames: tuple[Kept, ...]
    step: float

    @property
    def shown(self) -> Kept:
        return self.frames[len(self.frames) // 2]


def stretch_length(duration: float) -> float:
    """Seconds of a stretch in a video of `duration` seconds."""
    return max(STRETCH, duration / MOST_STRETCHES)


def borders(start: float, end: float, length: float) -> list[tuple[float, float]]:
    """The stretches of a scene. What is left over at its end is one of its own from a third of a stretch on."""
    count = max(1, math.floor((end - start) / length + 2 / 3))
    return [(start + at * length, end if at == count - 1 else start + (at + 1) * length) for at in range(count)]


def settled_borders(start: float, known: float, length: float) -> list[tuple[float, float]]:
    """Those stretches of a scene that are the same wherever it ends behind `known`."""
    return [each for each in borders(start, known, length) if each[1] + length / 3 <= known + 1e-9]


def stretch(span: tuple[float, float], begin: float, frames: Sequence[Kept]) -> Stretch | None:
    """What is seen in `span` of a scene that begins at `begin`; None where no frame of the scene was kept till then."""
    start, end = span
    inside = [frame for frame in frames if start - _EDGE <= frame.time < end - _EDGE]
    before = [frame for frame in frames if begin - _EDGE <= frame.time < start - _EDGE][-1:]
    seen = before + inside
    if not seen:
        return None
    count = max(1, min(FRAMES, math.floor((end - start) * FASTEST)))
    step = (end - start) / count
    chosen = [_at(seen, start + (at + 0.5) * step) for at in range(count)]
    if all(each is chosen[0] for each in chosen):
        chosen = chosen[:1]
    return Stretch(start, end, tuple(chosen), step)


def _at(frames: Sequence[Kept], time: float) -> Kept:
    """The frame that is seen at `time`, the first one before that."""
    return next((frame for frame in reversed(frames) if frame.time <= time), frames[0])


def is_same(one: Kept, frames: Iterable[Kept]) -> bool:
    """Whether all of `frames` show what `one` shows."""
    reference = look(one.picture())
    return all(difference(reference, look(frame.picture())) < SAME for frame in frames)


def settled_until(state: Mapping[str, Any]) -> float | None:
    """Of the embedded reader's state: the time up to which samples belong to the first open scene for good."""
    scenes = state["scenes"]
    last = scenes["held_last"] if scenes["held"] else scenes["before"]
    return float(last["features"]["time"]) if last else None
