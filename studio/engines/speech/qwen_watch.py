"""Listens while Qwen3-TTS speaks: stops it on request, and where it doesn't find the end by itself.

About one sentence in 300 never ends (0.34 % of 60,424 utterances in a public count): it goes on in silence, or says one
thing over and over, until the limit of its length.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from studio.cancellation import CancelToken
from studio.engines.speech.loudness import RUNAWAY_FACTOR, RUNAWAY_SECONDS

FRAMES_A_SECOND = 12.5
"""Of the speech tokenizer."""

EVERY = 6
"""Frames between two looks."""

SILENT_FRAMES, CONTEXT_FRAMES = 25, 12
SILENT = 0.003
"""RMS, -50 dB of full scale."""

LONGEST_PERIOD, LEAST_REPEATED, ALIKE = 40, 30, 0.9
"""Frames of what is repeated, frames it is repeated for (three times at least), and the share of them that must agree:
a vowel held for 2.4 s, or a phrase of 3 s said three times over to the same sounds, is none of a person's."""

Decoder = Callable[[Any], np.ndarray]
"""Codes (frames, groups) to samples (n,)."""


class Unfit(Exception):
    """Why what is being said can't be used, in words."""


def most_frames(expected_seconds: float) -> int:
    """Frames after which a sentence that should take `expected_seconds` has run away."""
    return math.ceil(FRAMES_A_SECOND * (RUNAWAY_FACTOR * expected_seconds + RUNAWAY_SECONDS))


class Watch:
    """A forward hook on the talker: called after every step. Raises Cancelled; Unfit."""

    def __init__(self, cancel: CancelToken, expected_seconds: float, decode: Decoder) -> None:
        self._cancel, self._decode = cancel, decode
        self._due, self._most = math.ceil(FRAMES_A_SECOND * expected_seconds), most_frames(expected_seconds)
        self._frames: list[Any] = []

    def __call__(self, _module: Any, _arguments: Any, output: Any) -> None:
        self._cancel.check()
        # sampling from what is no number ends a CUDA process, not only the sentence
        if not bool(output.logits[:, -1].isfinite().all()):
            raise Unfit("the network computed what is no number")
        codes = output.hidden_states[1]
        if codes is None:  # the prompt's step
            return
        self._frames.append(codes[0].detach())
        count = len(self._frames)
        if count > self._most:
            raise Unfit(f"it did not come to an end in {count / FRAMES_A_SECOND:.0f} s")
        # until its time is up it may pause and repeat as it likes: the text may ask for it
        if count > self._due and count % EVERY == 0:
            self._look()

    def _look(self) -> None:
        import torch

        latest = self._frames[-3 * LONGEST_PERIOD - LEAST_REPEATED :]
        if repeats(torch.stack(latest)[:, 0].cpu().numpy()):
            raise Unfit("it said one thing over and over")
        if len(self._frames) >= SILENT_FRAMES:
            codes = torch.stack(self._frames[-SILENT_FRAMES - CONTEXT_FRAMES :])
            samples = self._decode(codes)
            heard = samples[-round(len(samples) * SILENT_FRAMES / len(codes)) :]
            if float(np.sqrt(np.mean(np.square(heard, dtype=np.float64)))) < SILENT:
                raise Unfit("it went on in silence")


def repeats(codes: np.ndarray) -> bool:
    """Whether the end of `codes` (n,) says one thing over and over."""
    for period in range(1, LONGEST_PERIOD + 1):
        count = max(LEAST_REPEATED, 3 * period)
        if len(codes) >= count and np.mean(codes[-count:-period] == codes[-count + period :]) >= ALIKE:
            return True
    return False
