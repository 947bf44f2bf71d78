"""From a person's recording to clean speech: decoded, judged, its speech found, cut out and levelled."""

from __future__ import annotations

import tempfile
import wave
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.contracts import Sound
from studio.engines.hearing.activity import VoiceActivity
from studio.engines.hearing.quality import Quality, measure
from studio.engines.hearing.resampling import at_rate, without_rumble
from studio.errors import BadInput
from studio.media.audio import decode_recording, open_wav
from studio.settings import Limits

RATE = 24_000
"""Hz of stored references: what the cloning models are trained at."""
LEAST_SPEECH, MOST_SPEECH = 3.0, 30.0
LEAST_SNR, GOOD_SNR = 8.0, 18.0
"""dB. Below the first, listeners rate the background "very intrusive" (DNSMOS under 2.2 on white noise)."""
MOST_CLIPPED, GOOD_CLIPPED = 0.01, 0.003
LONGEST_PAUSE = 0.4
LEVEL, PEAK = -20.0, -1.0
"""dBFS: mean of the speech, and the highest sample whatever the mean."""
_MOST_HEARD = 600.0
_FADE = 0.008
_ACCEPTED = "a recording of a voice: clear speech, 3 seconds of it in all"


@dataclass(frozen=True)
class Recording:
    """`speech`: what is said, at 24 kHz, levelled, pauses shortened; `quality` of the recording as it came;
    `seconds` of speech in it; `notices` in words."""

    speech: Sound
    quality: Quality
    seconds: float
    notices: tuple[str, ...]


def hear_recording(
    path: Path, parameter: str, limits: Limits, activity: VoiceActivity, cancel: CancelToken
) -> Recording:
    """Raises BadInput naming `parameter` for what holds no speech, or speech too damaged to learn a voice from:
    silent, clipped in more than 1 % of its samples, or less than 8 dB above its noise. Its length is not judged."""
    sound, notices = read_recording(path, parameter, limits, cancel)
    cancel.check()
    spans = activity.speech_spans(sound)
    cancel.check()
    if not spans:
        reason = "nobody speaks in it: what is heard is no speech, or too far away"
        raise BadInput(parameter, path, _ACCEPTED, reason)
    quality = measure(sound, activity)
    cancel.check()
    notices += _judged(quality, path, parameter)
    clean = Sound(without_rumble(sound.samples, sound.sample_rate), sound.sample_rate)
    speech = levelled(cut_out(clean, spans))
    return Recording(speech, quality, quality.speech_seconds, tuple(notices))


def read_recording(path: Path, parameter: str, limits: Limits, cancel: CancelToken) -> tuple[Sound, list[str]]:
    """Any accepted file as one channel at its own rate, of the first ten minutes; and what a person should know."""
    with tempfile.TemporaryDirectory(prefix="kinora-") as folder:
        wav = Path(folder) / "recording.wav"
        facts = decode_recording(path, wav, parameter, limits, cancel)
        sides, rate = _first(wav, _MOST_HEARD)
    notices = [facts.notice] if facts.notice else []
    if facts.duration and facts.duration > _MOST_HEARD:
        notices.append(f"only the first {_MOST_HEARD / 60:.0f} minutes of the recording were heard")
    return Sound(one_channel(sides), rate), notices


def one_channel(sides: np.ndarray) -> np.ndarray:
    """(n, 2) to (n,): the mean, or the stronger side where the other holds next to nothing or the two cancel out."""
    power = np.mean(np.square(sides, dtype=np.float64), axis=0)
    mixed = sides.mean(axis=1)
    lone = float(power.min()) < 0.01 * float(power.max())
    cancelled = float(np.mean(np.square(mixed, dtype=np.float64))) < 0.25 * float(power.max())
    return np.ascontiguousarray(sides[:, int(power.argmax())] if lone or cancelled else mixed)


def cut_out(sound: Sound, spans: Sequence[tuple[float, float]]) -> Sound:
    """The speech alone: silence before and after goes, longer pauses become 0.4 s, cut in their middle and faded."""
    rate = sound.sample_rate
    half = LONGEST_PAUSE / 2
    edges: list[list[float]] = []
    for start, end in spans:
        if edges and start - edges[-1][1] <= LONGEST_PAUSE:
            edges[-1][1] = end
        else:
            edges.append([start, end])
    fade = np.linspace(0, 1, round(_FADE * rate), dtype=np.float32)
    pieces: list[np.ndarray] = []
    for index, (start, end) in enumerate(edges):
        before, after = (half if index else 0.0), (half if index < len(edges) - 1 else 0.0)
        piece = sound.samples[max(0, round((start - before) * rate)) : round((end + after) * rate)].copy()
        length = min(len(fade), len(piece) // 2)
        piece[:length] *= fade[:length]
        piece[len(piece) - length :] *= fade[:length][::-1]
        pieces.append(piece)
    return Sound(np.concatenate(pieces), rate)


def levelled(speech: Sound) -> Sound:
    """At 24 kHz and -20 dBFS, its peaks held 1 dB below full scale. Pauses count little: the level is
    of the louder half of 50 ms stretches."""
    samples = at_rate(speech, RATE)
    size = RATE // 20
    whole = samples[: len(samples) // size * size]
    power = np.mean(np.square(whole.reshape(-1, size), dtype=np.float64), axis=1) if len(whole) else np.zeros(0)
    loud = float(power[power >= np.median(power)].mean()) if len(power) else 0.0
    if loud <= 0:
        return Sound(samples, RATE)
    return Sound(_limited(samples * np.float32(10 ** (LEVEL / 20) / np.sqrt(loud))), RATE)


def _limited(samples: np.ndarray) -> np.ndarray:
    """`samples` with their peaks below the ceiling: the gain falls and rises smoothly around each, 5 ms away."""
    ceiling = 10 ** (PEAK / 20)
    reach = RATE // 200
    around = maximum_filter1d(np.abs(samples), 2 * reach + 1)
    gain = np.minimum(1.0, ceiling / np.maximum(around, ceiling))
    # a mean over no more than the maximum's reach never exceeds what the peak in it allows
    return (samples * uniform_filter1d(gain, reach)).astype(np.float32)


def write_sample(speech: Sound, wav: Path) -> None:
    """As 16-bit WAV, atomically."""
    content = (np.clip(speech.samples, -1, 1) * 32767).round().astype("<i2").tobytes()
    with atomic_path(wav) as partial, closing(wave.open(str(partial), "wb")) as writer:
        writer.setparams((1, 2, speech.sample_rate, 0, "NONE", ""))
        writer.writeframes(content)


def _judged(quality: Quality, path: Path, parameter: str) -> list[str]:
    """Refuses what can't serve; says of the rest what could be better."""
    if quality.clipped_share > MOST_CLIPPED:
        reason = f"{quality.clipped_share:.0%} of it is cut off at full scale: record it further from the microphone"
        raise BadInput(parameter, path, _ACCEPTED, reason)
    if quality.snr < LEAST_SNR:
        reason = f"its voice is only {quality.snr:.0f} dB above its noise, {LEAST_SNR:.0f} are needed"
        raise BadInput(parameter, path, _ACCEPTED, reason)
    notices = []
    if quality.clipped_share > GOOD_CLIPPED:
        notices.append(f"the recording is cut off at full scale in {quality.clipped_share:.1%} of its samples")
    if quality.snr < GOOD_SNR:
        notices.append(f"the recording is noisy: its voice is {quality.snr:.0f} dB above its noise")
    if quality.bandwidth < 5000:
        notices.append(f"the recording sounds like a telephone: it ends at {quality.bandwidth:.0f} Hz")
    return notices


def _first(wav: Path, seconds: float) -> tuple[np.ndarray, int]:
    """The beginning of a 16-bit WAV as float32 (n, channels) and its rate: a long one is never held whole."""
    with open_wav(wav) as file, closing(wave.open(file, "rb")) as reader:
        rate, channels = reader.getframerate(), reader.getnchannels()
        content = reader.readframes(round(seconds * rate))
    return np.frombuffer(content, "<i2").reshape(-1, channels).astype(np.float32) / 32768, rate
