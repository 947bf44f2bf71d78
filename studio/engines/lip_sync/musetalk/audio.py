"""What MuseTalk hears: every layer of Whisper's encoder, 50 times a second, and the stretch of it around a frame."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.engines.loading import pretrained
from studio.errors import LoadFailed

RATE = 16_000
STEPS_A_SECOND = 50
SEGMENT = 30 * RATE
"""Samples that Whisper hears at once."""

WINDOW = 10
"""Steps that go into one frame."""

LEAD = 4
"""Of them, steps before the frame's own time, as in training at 25 frames a second. The published code takes
2 ceil(50 / fps): the same from 25 to 49 frames a second, but 40 ms late at 24 and 120 ms late at 12."""


class Listener:
    """Whisper's encoder, from a folder as openai/whisper-tiny has it. Raises LoadFailed."""

    def __init__(self, folder: Path, device: str) -> None:
        from transformers import WhisperFeatureExtractor, WhisperModel

        # Any: the library's own annotations don't know torch's methods
        encoder: Any = pretrained(WhisperModel, folder, torch.float32).encoder
        try:
            self._extractor = WhisperFeatureExtractor.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise LoadFailed(f"{folder} has no preprocessor_config.json that can be read: {error}") from error
        config, steps = encoder.config, STEPS_A_SECOND * SEGMENT // RATE
        facts = (config.num_mel_bins, config.max_source_positions, self._extractor.sampling_rate)
        if facts != (self._extractor.feature_size, steps, RATE) or self._extractor.n_samples != SEGMENT:
            raise LoadFailed(f"{folder} is no Whisper model that hears {SEGMENT // RATE} seconds at {RATE} Hz")
        self._encoder = encoder.requires_grad_(False).to(device)
        self.device, self.layers, self.width = device, config.encoder_layers + 1, config.d_model

    def to(self, device: str) -> None:
        self._encoder.to(device)
        self.device = device

    @torch.inference_mode()
    def hear(self, samples: np.ndarray) -> np.ndarray:
        """(steps, layers, width) float32 of `samples` (n,) float32 at 16 kHz, up to 30 s: floor(seconds * 50) steps.

        It needs nothing but them, so a stretch of a live sound may be heard on its own.
        """
        heard = len(samples) * STEPS_A_SECOND // RATE
        if heard == 0:
            return np.zeros((0, self.layers, self.width), np.float32)
        mel = self._extractor(samples[:SEGMENT], sampling_rate=RATE, return_tensors="pt").input_features
        states = self._encoder(mel.to(self.device), output_hidden_states=True).hidden_states
        return torch.stack(states, dim=2)[0, :heard].float().cpu().numpy()


class SoundFeatures:
    """The features of a whole sound (n,) at 16 kHz, heard segment by segment as they are asked for: memory does not
    grow with its length."""

    def __init__(self, samples: np.ndarray, listener: Listener) -> None:
        self._samples, self._listener = samples, listener
        self._heard: dict[int, np.ndarray] = {}

    def windows(self, starts: Sequence[int]) -> np.ndarray:
        """(len(starts), WINDOW, layers, width) float32 of steps `start` .. `start + WINDOW - 1`, zeros where there is
        no sound."""
        return np.stack([self._window(start) for start in starts])

    def _window(self, start: int) -> np.ndarray:
        per_segment = STEPS_A_SECOND * SEGMENT // RATE
        window = np.zeros((WINDOW, self._listener.layers, self._listener.width), np.float32)
        for number in {max(0, start) // per_segment, max(0, start + WINDOW - 1) // per_segment}:
            segment, first = self._segment(number), number * per_segment
            low, high = max(start, first), min(start + WINDOW, first + len(segment))
            if low < high:
                window[low - start : high - start] = segment[low - first : high - first]
        return window

    def _segment(self, number: int) -> np.ndarray:
        if number not in self._heard:
            for old in [other for other in self._heard if abs(other - number) > 1]:
                del self._heard[old]
            self._heard[number] = self._listener.hear(self._samples[number * SEGMENT : (number + 1) * SEGMENT])
        return self._heard[number]


def window_start(frame: int, fps: Fraction) -> int:
    """The step at which the window of `frame` begins, counted from the sound's first: below 0 for the first frames.
    By the true rate, so that at 30000/1001 nothing drifts."""
    return frame * STEPS_A_SECOND * fps.denominator // fps.numerator - LEAD


def position_code(length: int, width: int) -> np.ndarray:
    """(length, width) float32: sine in even columns, cosine in odd ones, base 10000 (Vaswani et al., 2017)."""
    turns = np.arange(length)[:, None] * 10_000.0 ** (-np.arange(0, width, 2) / width)
    return np.stack([np.sin(turns), np.cos(turns)], axis=-1).reshape(length, -1)[:, :width].astype(np.float32)


def conditions(windows: np.ndarray) -> np.ndarray:
    """(n, WINDOW * layers, width): `windows` (n, WINDOW, layers, width), step by step, with the position code."""
    count, steps, layers, width = windows.shape
    return windows.reshape(count, steps * layers, width) + position_code(steps * layers, width)
