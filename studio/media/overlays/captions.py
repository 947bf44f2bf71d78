"""The song's words at the foot of the picture, each line while it is sung, each word lit when its time is known."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.frames import frame_at
from studio.media.lettering import Lettering, Run, TypeStyle
from studio.media.overlays.look import Canvas, Look, Rgb
from studio.media.overlays.pages import CueLike, Page, pages_of
from studio.media.overlays.sprite import Sprite, shaded, sprite_of

if TYPE_CHECKING:
    import numpy as np

FADE_SECONDS = 0.12
SUNG_SECONDS = 0.10  # a word lights up over this long
LANES = 3
_SLOPPY = 0.3  # seconds by which two lines may overlap by mistake; longer, and both are meant to be seen
_WAITING = 178  # alpha of a word not yet sung
_KEPT = 8  # pages drawn and kept


@dataclass(frozen=True)
class _Placed:
    """A page in its lane, lane 0 lowest; frames `first` <= n < `last`; `lift` pixels over the captions' foot."""

    page: Page
    first: int
    last: int
    lift: float


@dataclass(frozen=True)
class _Drawn:
    """`still` is shown all the while; `waking` over it, (sprite in ink, sprite in accent, first frame, last frame)."""

    still: Sprite | None
    waking: tuple[tuple[Sprite, Sprite, int, int], ...]


class Captions:
    """Draws `cues` over the frames of a film. `lift`: the share of the frame's height kept free below them.

    Lines that overlap stand over each other, in LANES at most: the oldest gives way. Every frame is drawn from its
    number alone, so a film may be begun anywhere.
    """

    def __init__(
        self, cues: Sequence[CueLike], canvas: Canvas, look: Look, lettering: Lettering, lift: float = 0.0
    ) -> None:
        self._canvas, self._look, self._lettering = canvas, look, lettering
        self._width = canvas.width - 2 * canvas.margins[0]
        self._foot = canvas.height - canvas.margins[1] - lift * canvas.height
        style = TypeStyle(look.face, canvas.unit)
        self.missing = lettering.missing("".join(dict.fromkeys("".join(cue.text for cue in cues))))
        self._placed = list(self._place(cues, style))
        self._by_second: dict[int, list[_Placed]] = {}
        for placed in self._placed:
            for second in range(int(placed.first / canvas.fps), int(placed.last / canvas.fps) + 1):
                self._by_second.setdefault(second, []).append(placed)
        self._drawn: OrderedDict[_Placed, _Drawn] = OrderedDict()

    def shows(self, number: int) -> bool:
        return any(True for _ in self._shown(number))

    def draw(self, frame: np.ndarray, number: int) -> None:
        for placed in self._shown(number):
            drawn = self._draw_page(placed)
            opacity = _fade(placed, number, max(1, frame_at(FADE_SECONDS, self._canvas.fps)))
            rise = (
                round((1 - opacity) * 0.12 * placed.page.style.pixels)
                if number < (placed.first + placed.last) / 2
                else 0
            )
            if drawn.still:
                drawn.still.lay(frame, opacity, rise)
            for ink, accent, first, last in drawn.waking:
                woken = self._ramp(number, first)
                settled = self._ramp(number, last)
                if woken > 0:
                    accent.lay(frame, opacity * woken * (settled < 1), rise)
                    ink.lay(frame, opacity * settled, rise)

    def _ramp(self, number: int, first: int) -> float:
        """0 before `first`, then up to 1 over SUNG_SECONDS."""
        return min(1.0, max(0.0, (number - first + 1) / max(1, frame_at(SUNG_SECONDS, self._canvas.fps))))

    def _shown(self, number: int) -> Iterator[_Placed]:
        near = self._by_second.get(int(number / self._canvas.fps), [])
        return (placed for placed in near if placed.first <= number < placed.last)

    def _place(self, cues: Sequence[CueLike], style: TypeStyle) -> Iterator[_Placed]:
        fps = self._canvas.fps
        seen: list[list[tuple[float, float, float]]] = [[] for _ in range(LANES)]
        entries: list[tuple[int, float, float, list[Page]]] = []
        for lane, cue, end in _lanes(_apart(cues)):
            pages = [page for page in pages_of(cue, self._lettering, style, self._width) if page.start < end]
            seen[lane].append((cue.start, end, max((self._height(page) for page in pages), default=0.0)))
            entries.append((lane, cue.start, end, pages))
        for lane, start, end, pages in entries:
            lift = sum(_tallest(seen[lower], start, end) for lower in range(lane))
            for page in pages:
                first, last = frame_at(page.start, fps), frame_at(min(page.end, end), fps)
                yield _Placed(page, first, max(last, first + 1), lift)

    def _height(self, page: Page) -> float:
        return self._lettering.measure(page.text, page.style, self._width).height + 0.25 * page.style.pixels

    def _draw_page(self, placed: _Placed) -> _Drawn:
        if placed in self._drawn:
            self._drawn.move_to_end(placed)
            return self._drawn[placed]
        page, look, padding = placed.page, self._look, math.ceil(0.8 * placed.page.style.pixels)
        width = min(self._width, self._lettering.balanced(page.text, page.style, self._width))
        height = self._lettering.measure(page.text, page.style, width).height
        left = round((self._canvas.width - math.ceil(width)) / 2) - padding
        top = round(self._foot - placed.lift - height) - padding

        def picture(colours: Sequence[Rgb | None], alpha: int) -> np.ndarray:
            runs = [Run(p.text, (*c, alpha) if c else None) for p, c in zip(page.pieces, colours, strict=True)]
            return self._lettering.picture(runs, page.style, width, padding)

        nobody: list[Rgb | None] = [None] * len(page.pieces)
        everyone: list[Rgb | None] = [look.ink] * len(page.pieces)
        alpha = _WAITING if page.lit else 255
        still = sprite_of(shaded(picture(everyone, alpha), look.shade, page.style.pixels), left, top)
        waking = []
        for index, piece in enumerate(page.pieces if page.lit else ()):
            alone = ([*nobody[:index], colour, *nobody[index + 1 :]] for colour in (look.ink, look.accent))
            ink, accent = (sprite_of(picture(colours, 255), left, top) for colours in alone)
            if ink and accent:
                times = (frame_at(piece.start, self._canvas.fps), frame_at(piece.end, self._canvas.fps))
                waking.append((ink, accent, *times))
        drawn = self._drawn[placed] = _Drawn(still, tuple(waking))
        if len(self._drawn) > _KEPT:
            self._drawn.popitem(last=False)
        return drawn


def _fade(placed: _Placed, number: int, frames: int) -> float:
    """Above 0 from the first frame to the last, 1 in between; a short line fades over a third of its time."""
    steps = max(1, min(frames, (placed.last - placed.first) // 3))
    near = min(number - placed.first + 1, placed.last - number) / steps
    return 1.0 if near >= 1 else near * near * (3 - 2 * near)


def _apart(cues: Sequence[CueLike]) -> list[tuple[CueLike, float]]:
    """Cues by start, each with its end: that of one reaching a little into the next is the next one's start."""
    ordered = sorted(cues, key=lambda cue: (cue.start, cue.end))
    out = []
    for cue, later in zip(ordered, [*ordered[1:], None], strict=True):
        overlap = cue.end - later.start if later else 0.0
        sloppy = later is not None and 0 < overlap <= _SLOPPY and later.start - cue.start > overlap
        out.append((cue, later.start if later and sloppy else cue.end))
    return out


def _lanes(cues: Sequence[tuple[CueLike, float]]) -> list[tuple[int, CueLike, float]]:
    """(lane, cue, end): each cue in the lowest free lane; where none is, the oldest ends and makes room."""
    taken: list[int | None] = [None] * LANES
    out: list[tuple[int, CueLike, float]] = []
    for cue, end in cues:
        free = [lane for lane, held in enumerate(taken) if held is None or out[held][2] <= cue.start]
        lane = free[0] if free else min(range(LANES), key=lambda n: out[taken[n] or 0][1].start)
        held = taken[lane]
        if held is not None and out[held][2] > cue.start:
            out[held] = (lane, out[held][1], cue.start)
        taken[lane] = len(out)
        out.append((lane, cue, end))
    return [entry for entry in out if entry[2] > entry[1].start]


def _tallest(seen: Sequence[tuple[float, float, float]], start: float, end: float) -> float:
    return max((height for begin, stop, height in seen if begin < end and start < stop), default=0.0)
