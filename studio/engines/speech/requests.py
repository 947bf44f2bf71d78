"""What every speech engine refuses."""

from __future__ import annotations

import math

import numpy as np

from studio.contracts import SpeechRequest
from studio.errors import BadInput
from studio.speech.text import readable_text

SPEEDS, PITCHES = (0.5, 2.0), (-12.0, 12.0)
REFERENCE_SECONDS = 1.0
"""Pipelines ask for 3 s of speech; below one second no engine can say whom it hears."""


def checked(request: SpeechRequest, languages: tuple[str, ...]) -> str:
    """The text, cleaned. Raises BadInput naming what can't be said."""
    if request.language not in languages:
        raise BadInput("language", request.language, " | ".join(languages))
    for name, value, (low, high) in (("speed", request.speed, SPEEDS), ("pitch", request.pitch, PITCHES)):
        if not math.isfinite(value) or not low <= value <= high:
            raise BadInput(name, value, f"a number from {low:g} to {high:g}")
    if request.voice is not None:
        _check_reference(request.voice.sound.samples, request.voice.sound.sample_rate)
    return readable_text(request.text, request.language)


def _check_reference(samples: np.ndarray, rate: int) -> None:
    if samples.ndim != 1 or not np.isfinite(samples).all():
        raise BadInput("voice", f"samples of shape {samples.shape}", "one row of finite samples")
    if len(samples) < REFERENCE_SECONDS * rate:
        raise BadInput("voice", f"{len(samples) / rate:.2f} s", "a recording with 3 seconds of speech")
