"""Whether two sounds are of one voice: a speaker embedding and its cosine.

Wan, Wang, Papir and Moreno, "Generalized End-to-End Loss for Speaker Verification", 2018, with the weights of
Resemblyzer: three LSTM layers over 1.6 s of mel frames, averaged over the recording. Measured on recordings of 3 s
and more: one voice .8 to .95, two of one sex .5 to .75.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation

from studio.contracts import Sound
from studio.engines.hearing.activity import FRAME, RATE, VoiceActivity
from studio.engines.hearing.resampling import at_rate
from studio.engines.hearing.spectrum import mel_filters, mel_spectrogram
from studio.engines.networks import OnnxNetwork
from studio.errors import BadInput

_LEVEL = 10 ** (-30 / 20)
_TRANSFORM, _HOP, _BANDS = 400, 160, 40
_PARTIAL = 160
"""Frames, 10 ms each, that the network hears at a time; 1.3 such partials begin in a second."""
_STEP = round(RATE / 1.3 / _HOP)
_LEAST_COVERAGE = 0.75
_AT_ONCE = 64
_KEPT_AROUND = 3
_LEAST_SPEECH = RATE // 2
_SILENCE = 1e-5


class SpeakerEncoder:
    """Holds the network, read at the first sound; threads may share it."""

    def __init__(self, activity: VoiceActivity | None = None) -> None:
        self._activity = activity or VoiceActivity()
        self._filters = mel_filters(RATE, _TRANSFORM, _BANDS)
        self._network = OnnxNetwork("ge2e_speaker_encoder.onnx", ("embedding",))

    def embed(self, sound: Sound) -> np.ndarray:
        """(256,) float32 of unit length, no value below 0. Loudness and pauses make no difference; speech that the
        voice activity network takes for none is heard whole. Raises BadInput for silence; LoadFailed."""
        speech = self._speech(sound)
        partials = _partials(mel_spectrogram(speech, self._filters, _TRANSFORM, _HOP), len(speech))
        groups = [partials[:, first : first + _AT_ONCE] for first in range(0, partials.shape[1], _AT_ONCE)]
        heard = [self._network({"frames": np.ascontiguousarray(group)})[0] for group in groups]
        mean = np.concatenate(heard).mean(axis=0)
        return (mean / max(float(np.linalg.norm(mean)), 1e-12)).astype(np.float32)

    def _speech(self, sound: Sound) -> np.ndarray:
        """The sound at 16 kHz without its pauses, at the level of the network's training."""
        samples = at_rate(sound, RATE)
        samples = samples - (samples.mean(dtype=np.float64).astype(np.float32) if len(samples) else 0)
        if not len(samples) or float(np.max(np.abs(samples))) < _SILENCE:
            raise BadInput("sound", f"{sound.seconds:.2f} s of silence", "speech")
        voiced = self._activity.probabilities(Sound(samples, RATE)) >= 0.5
        around: np.ndarray = binary_dilation(voiced, iterations=_KEPT_AROUND)
        kept = np.repeat(around, FRAME)[: len(samples)]
        speech = samples[kept] if np.count_nonzero(kept) >= _LEAST_SPEECH else samples
        return speech * np.float32(_LEVEL / np.sqrt(np.mean(np.square(speech, dtype=np.float64))))


def similarity(a: np.ndarray, b: np.ndarray) -> float:
    """The cosine of two embeddings, 0..1; 1 is the same voice."""
    return float(np.clip(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)), 0, 1))


def _partials(mel: np.ndarray, sample_count: int) -> np.ndarray:
    """(160, n, 40): overlapping pieces of `mel`; the last is filled up with silence, or left out when it would hold
    less than three quarters of sound."""
    frame_count = -(-(sample_count + 1) // _HOP)
    starts = list(range(0, max(1, frame_count - _PARTIAL + _STEP + 1), _STEP))
    if len(starts) > 1 and (sample_count - starts[-1] * _HOP) / (_PARTIAL * _HOP) < _LEAST_COVERAGE:
        starts.pop()
    padded = np.pad(mel, ((0, max(0, starts[-1] + _PARTIAL - len(mel))), (0, 0)))
    return np.stack([padded[start : start + _PARTIAL] for start in starts], axis=1)
