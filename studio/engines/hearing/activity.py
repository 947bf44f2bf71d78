"""When a voice is heard: Silero VAD, every 32 ms.

The network is Silero VAD 6 (Silero Team, 2025) in its form for a whole stretch of frames at a time; how probabilities
become spans follows its `get_speech_timestamps`.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from studio.contracts import Sound
from studio.engines.hearing.resampling import at_rate
from studio.engines.networks import OnnxNetwork

RATE = 16_000
FRAME = 512
"""Samples at 16 kHz that one probability stands for: 32 ms."""
_CONTEXT = 64
_FRAMES_A_CALL = 512
_ENTER, _LEAVE = 0.5, 0.35
_SHORTEST_SPEECH, _SHORTEST_SILENCE, _PAD = 0.2, 0.1, 0.03
_TARGET_LEVEL, _MOST_GAIN = 0.08, 100.0


class VoiceActivity:
    """Holds the network, read at the first sound; threads may share it."""

    def __init__(self) -> None:
        self._network = OnnxNetwork("silero_vad_16k_sequence.onnx", ("speech_probs", "hn", "cn"))

    def probabilities(self, sound: Sound) -> np.ndarray:
        """(n,) float32 0..1, one for every 32 ms from the sound's start; the last frame is filled up with silence.

        A quiet recording is heard at the level of a normal one. Raises BadInput for what is no sound.
        """
        samples = _levelled(at_rate(sound, RATE))
        if not len(samples):
            return np.zeros(0, np.float32)
        frames = np.zeros((-(-len(samples) // FRAME), FRAME), np.float32)
        frames.reshape(-1)[: len(samples)] = samples
        before = np.vstack([np.zeros((1, _CONTEXT), np.float32), frames[:-1, -_CONTEXT:]])
        blocks = np.hstack([before, frames])
        hidden = cell = np.zeros((1, 1, 128), np.float32)
        heard: list[np.ndarray] = []
        for first in range(0, len(blocks), _FRAMES_A_CALL):
            block = blocks[first : first + _FRAMES_A_CALL]
            chance, hidden, cell = self._network({"input": block, "h": hidden, "c": cell})
            heard.append(chance.reshape(-1))
        return np.concatenate(heard)

    def speech_spans(self, sound: Sound) -> tuple[tuple[float, float], ...]:
        """(start, end) in seconds of each stretch of speech, in order, apart from each other, within the sound."""
        return spans(self.probabilities(sound), sound.seconds)

    def speaking(self, sound: Sound, fps: Fraction, frame_count: int) -> np.ndarray:
        """(frame_count,) float32 0..1: whether a voice is heard in each frame of a video at `fps`, rising within 40 ms
        and falling within 120 ms."""
        return curve(self.probabilities(sound), fps, frame_count)


def spans(probabilities: np.ndarray, seconds: float) -> tuple[tuple[float, float], ...]:
    """Stretches of speech in a sound `seconds` long: entered at 0.5, left below 0.35 for 0.1 s or more; shorter ones
    than 0.2 s are none; 30 ms are added on each side."""
    step = FRAME / RATE
    found: list[list[float]] = []
    start: float | None = None
    quiet = 0.0
    for index, chance in enumerate(probabilities):
        if chance >= _ENTER:
            start = index * step if start is None else start
            quiet = 0.0
        elif start is not None:
            quiet = quiet + step if chance < _LEAVE or quiet else 0.0
            if quiet >= _SHORTEST_SILENCE:
                found.append([start, (index + 1) * step - quiet])
                start, quiet = None, 0.0
    if start is not None:
        found.append([start, len(probabilities) * step - quiet])
    lasting = [each for each in found if each[1] - each[0] >= _SHORTEST_SPEECH]
    padded = [[max(0.0, begin - _PAD), min(seconds, end + _PAD)] for begin, end in lasting]
    return tuple((begin, end) for begin, end in padded if end > begin)


def curve(probabilities: np.ndarray, fps: Fraction, frame_count: int) -> np.ndarray:
    """The probabilities as video frames see them, through an envelope with a short attack and release."""
    if not len(probabilities):
        return np.zeros(frame_count, np.float32)
    times = (np.arange(frame_count) + 0.5) / float(fps)
    centres = (np.arange(len(probabilities)) + 0.5) * FRAME / RATE
    # 0.3..0.7 to 0..1: unsure frames neither open nor shut a mouth for good
    gate = np.clip((np.interp(times, centres, probabilities, right=0.0) - 0.3) / 0.4, 0, 1)
    rise, fall = (1 - np.exp(-1 / (seconds * float(fps) / 2)) for seconds in (0.04, 0.12))
    level, envelope = 0.0, np.zeros(frame_count, np.float32)
    for index, wanted in enumerate(gate):
        level += (wanted - level) * (rise if wanted > level else fall)
        envelope[index] = level
    return envelope


def _levelled(samples: np.ndarray) -> np.ndarray:
    """Around zero and, where it is quieter, at a normal voice's level by its loudest stretches."""
    if not len(samples):
        return samples
    centred = samples - samples.mean(dtype=np.float64).astype(np.float32)
    whole = len(centred) // FRAME * FRAME
    stretches = centred[:whole].reshape(-1, FRAME) if whole else centred[None]
    loud = float(np.percentile(np.sqrt(np.mean(np.square(stretches, dtype=np.float64), axis=1)), 97))
    gain = min(_TARGET_LEVEL / loud, _MOST_GAIN) if 0 < loud < _TARGET_LEVEL else 1.0
    return np.clip(centred * np.float32(gain), -1, 1)
