"""What stands over the pictures of a film: captions, a title card, the sound drawn.

    overlays = Overlays([Spectrum(...), Captions(...), TitleCard(...)])
    shown = overlays.draw(frame, number)

Each is drawn from the frame's absolute number alone, so that a film may be begun anywhere and comes out the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from studio.media.overlays.captions import Captions
from studio.media.overlays.look import Canvas, Look, look_for
from studio.media.overlays.sound import HEIGHT, Spectrum, Waveform
from studio.media.overlays.title import TitleCard

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "HEIGHT",
    "Canvas",
    "Captions",
    "Look",
    "Overlay",
    "Overlays",
    "Spectrum",
    "TitleCard",
    "Waveform",
    "look_for",
]


class Overlay(Protocol):
    def shows(self, number: int) -> bool:
        """Whether there is anything to draw on frame `number`."""
        ...

    def draw(self, frame: np.ndarray, number: int) -> None:
        """Draws on `frame` (H, W, 3) uint8, of the canvas's size, in place. Only where `shows`."""
        ...


class Overlays:
    """Several, the later ones on top."""

    def __init__(self, overlays: Sequence[Overlay]) -> None:
        self._overlays = tuple(overlays)

    def draw(self, frame: np.ndarray, number: int) -> np.ndarray:
        """`frame` with what stands over it. The frame given is left alone: a copy is drawn on, and where nothing
        shows it is returned itself."""
        shown = [overlay for overlay in self._overlays if overlay.shows(number)]
        if not shown:
            return frame
        drawn = frame.copy()
        for overlay in shown:
            overlay.draw(drawn, number)
        return drawn
