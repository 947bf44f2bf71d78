"""What stands over the pictures of a film: captions, a title card, the sound drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Overlay(Protocol):
    """`key` changes with everything it shows."""

    @property
    def key(self) -> str: ...

    def draw(self, frame: np.ndarray, number: int) -> np.ndarray:
        """`frame` (h, w, 3) uint8, number `number` of the film, with what stands over it."""
        ...


class Nothing:
    key = ""

    def draw(self, frame: np.ndarray, number: int) -> np.ndarray:  # noqa: ARG002 - the protocol's
        return frame
