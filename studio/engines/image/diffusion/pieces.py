"""Requests made ready to be drawn, and which of them can be drawn together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import Cutout, PaintRequest, Progress
from studio.engines.image.diffusion.canvas import Canvas, plan_canvas, visible
from studio.engines.image.diffusion.options import Sampling, read_options
from studio.engines.image.diffusion.sampling import drawn_steps

REFINE_STRENGTH = 0.35
"""Of the second pass: enough for detail, too little to give a face a second nose."""

_KEPT = 0.6
"""How much of a composed start likeness 1 keeps; then 40 % of the steps draw anew."""


@dataclass(frozen=True)
class Piece:
    """One picture to be drawn. `cast`: the characters it heeds; `adapter`: whether an IP-Adapter takes care of them."""

    number: int
    request: PaintRequest
    sampling: Sampling
    canvas: Canvas
    cast: tuple[Cutout, ...]
    adapter: bool

    @property
    def prompt(self) -> str:
        """The shot's words, and the style's where a person's own words left them out; before any that are added."""
        words, style = self.request.shot.prompt, self.request.style.prompt
        return words if not style or style in words else f"{words}, {style}" if words else style

    @property
    def negative_prompt(self) -> str:
        return ", ".join(filter(None, (self.sampling.negative_prompt, self.request.negative_prompt)))

    @property
    def strength(self) -> float | None:
        """How much of a composed start is drawn anew; None to start from noise alone."""
        if not self.cast:
            return None
        if self.sampling.strength is None and not self.adapter:
            return 1.0 - _KEPT * self.sampling.likeness
        return self.sampling.strength

    @property
    def steps(self) -> tuple[int, int]:
        """Steps of the first and the second pass."""
        steps, strength = self.sampling.steps, self.strength
        refined = drawn_steps(steps, REFINE_STRENGTH) if self.canvas.refined else 0
        return drawn_steps(steps, 1.0 if strength is None else strength), refined

    def goes_with(self, other: Piece) -> bool:
        """Whether both can be drawn in one batch."""
        # asked once a step for all that are drawn together
        if self.request.steer != other.request.steer:
            return False
        mine, others = ((piece.sampling, piece.canvas, len(piece.cast), piece.request.size) for piece in (self, other))
        return mine == others


def make_pieces(requests: Sequence[PaintRequest], native: int, share: float, adapter: bool) -> list[Piece]:
    """Raises BadInput for an option that makes no sense."""
    pieces = []
    for number, request in enumerate(requests):
        sampling = read_options(request.options)
        cast = visible(request.characters) if sampling.likeness > 0 else ()
        canvas = plan_canvas(request.size, native, share)
        pieces.append(Piece(number, request, sampling, canvas, cast, adapter))
    return pieces


def batches(pieces: Sequence[Piece], most: int) -> list[list[Piece]]:
    """The pieces in groups of at most `most` that can be drawn together."""
    groups: list[list[Piece]] = []
    for piece in pieces:
        group = next((group for group in groups if len(group) < most and group[0].goes_with(piece)), None)
        if group is None:
            groups.append([piece])
        else:
            group.append(piece)
    return groups


class Meter:
    """Counts steps of pictures, all passes and decoding included, and looks at each whether to go on."""

    def __init__(self, pieces: Sequence[Piece], progress: Progress, cancel: CancelToken) -> None:
        self._total = sum(sum(piece.steps) + 1 for piece in pieces)
        self._done, self._progress, self._cancel = 0, progress, cancel
        self.step(0)

    def step(self, count: int = 1) -> None:
        self._done += count
        self._progress(self._done, self._total)
        self._cancel.check()


def say(request: PaintRequest, text: str) -> None:
    if request.tell:
        request.tell(text)


Show = Callable[[np.ndarray], None]
