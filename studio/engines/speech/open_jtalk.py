"""Open JTalk with the HTS voice mei: a woman's Japanese (MIT; voice CC BY 3.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.contracts import Sound
from studio.engines.speech.voice import Said, Voice
from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.cancellation import CancelToken

FULL_SCALE = 32768.0


class Mei(Voice):
    """It tells no times: HTS keeps its durations to itself."""

    name = "mei"

    def __init__(self) -> None:
        self.title = "mei (Japanese, a woman's)"

    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:  # noqa: ARG002
        """Raises StudioError where Open JTalk gives up. The seed makes no difference."""
        import pyopenjtalk

        cancel.check()
        try:
            samples, rate = pyopenjtalk.tts(text, speed=speed, normalize_mode="NFC")
        except (RuntimeError, ValueError) as error:
            raise StudioError(f"Open JTalk could not say the text: {error}") from error
        return Said(Sound((samples / FULL_SCALE).astype(np.float32), int(rate)))
