"""espeak-ng's voices: a formant synthesiser, plain but clear, for the languages without a trained voice here."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from studio.engines.speech.espeak import Espeak, Manner
from studio.engines.speech.voice import Said, Voice

if TYPE_CHECKING:
    from studio.cancellation import CancelToken

VOICES = {
    "zh": "cmn",
    "en": "en-us",
    "ja": "ja",
    "ko": "ko",
    "de": "de",
    "fr": "fr",
    "ru": "ru",
    "pt": "pt-br",
    "es": "es",
    "it": "it",
}

VARIANTS = {"man": "", "woman": "+f2", "deep": "+m7", "bright": "+f4"}
"""Characters to start a match from; the first is the engine's own voice."""

SLOWEST = 0.55
"""espeak-ng speaks no slower than 80 words a minute."""


class EspeakVoice(Voice):
    name = "espeak"
    rough: ClassVar[bool] = True

    def __init__(self, espeak: Espeak, language: str, character: str) -> None:
        self.title = f"espeak-ng ({language}, {character})"
        self._espeak, self._voice = espeak, VOICES[language] + VARIANTS[character]

    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:  # noqa: ARG002
        """The seed makes no difference."""
        return self._espeak.say(text, Manner(self._voice, speed=max(speed, SLOWEST)), cancel)
