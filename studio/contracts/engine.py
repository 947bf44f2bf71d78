"""What every engine is: made for one device and rung, warmed up, leased, closed."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

Progress = Callable[[int, int], None]
"""Called with (done, total) as work goes on."""


@dataclass(frozen=True)
class Size:
    """Pixels. Both even: H.264 in 4:2:0 can't carry odd ones."""

    width: int
    height: int


@dataclass(frozen=True)
class Weights:
    """What an engine that is loaded from weights gets as its fourth argument.

    parts      where each item of its card lies, a folder or a single file; optional items only where they are there
    folder     the model folder, in which "loras" and the like are looked for
    precision  "bfloat16", "float16" or "float32", as the device computes best
    """

    parts: Mapping[str, Path]
    folder: Path
    precision: str = "float32"


class Engine(ABC):
    """Made by the registry for one device and rung, warmed up, leased, closed.

    `rung` counts from 0 (best) to the card's last; each lower rung needs less memory for the same request.
    """

    task: ClassVar[str]

    def __init__(self, name: str, device: str, rung: int = 0) -> None:
        self.name, self.device, self.rung = name, device, rung

    def warm_up(self) -> None:  # noqa: B027 - most embedded engines have nothing to warm
        """Run once after loading, before the engine may serve."""

    def reset(self) -> None:  # noqa: B027 - an engine that keeps nothing has nothing to undo
        """Undo what a lease may have left (an adapter, a voice, a prompt). Called after each lease of an engine that
        serves one lease at a time; raising says that it can't, and the engine is not used again."""

    def residue(self) -> str:
        """What `reset` could not undo, in words; "" when the engine is as freshly loaded. Else it isn't used again."""
        return ""

    def close(self) -> None:  # noqa: B027 - most embedded engines hold nothing
        """Give back everything held; the object is not used again."""

    def leave_device(self) -> bool:
        """Move the weights to RAM, giving back all device memory. False where that isn't offered; then it is closed."""
        return False

    def enter_device(self) -> None:  # noqa: B027 - only called after leave_device returned True
        """Move the weights back from RAM to the device."""
