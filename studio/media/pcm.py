"""The stream of samples from ffmpeg into a WAV file: cleaned, measured and bounded on the way."""

from __future__ import annotations

import io
import subprocess
import wave
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from studio.cancellation import CancelToken
from studio.media.ffmpeg import Ffmpeg, Finished
from studio.media.song_file import SONG_FORMATS, SongFacts

SILENCE = 10 ** (-66 / 20)
"""Half the distance between the highest and the lowest sample, below which a song is silent: a constant offset is
no sound, and the noise of a 16-bit converter stays under it."""
_CHUNK_BYTES = 1 << 20
_FRAME_BYTES = 8  # two float32
_KEPT_RATES = (44_100, 48_000)
_LOUDEST = 64.0  # +36 dBFS: above, a sample is a fault and no music
_OVERSHOOT = 1.4  # +3 dBFS: lossy decoders overshoot by less, and players clip that too
_CUT_OFF_SECONDS = 0.5


@dataclass(frozen=True)
class Poured:
    """What went into the WAV file. `low`, `high`: extremes of each side, of full scale 1; `spoiled` samples that
    were no numbers; `gain` applied to keep the peaks below full scale."""

    frames: int
    rate: int
    low: np.ndarray
    high: np.ndarray
    spoiled: int
    gain: float
    finished: Finished

    @property
    def seconds(self) -> float:
        return self.frames / self.rate

    @property
    def silent(self) -> bool:
        return bool(np.max(self.high - self.low) / 2 < SILENCE)

    def notice(self, facts: SongFacts, noun: str) -> str:
        """What was mended in the `noun` ("song"), in words; "" when nothing was."""
        parts: list[str] = []
        announced = facts.duration_hint
        estimated = any("Estimating duration" in line for line in self.finished.warnings)
        if announced and not estimated and self.seconds < announced - _CUT_OFF_SECONDS:
            parts.append(f"the {noun} is cut off or damaged: {self.seconds:.1f} of {announced:.1f} seconds were there")
        elif self.finished.errors or self.finished.returncode:
            parts.append(f"the {noun} is damaged in places: unreadable pieces were left out")
        if self.spoiled:
            parts.append(f"{self.spoiled} samples of the {noun} were no numbers: they are silent now")
        if self.gain < 1:
            parts.append(
                f"the {noun} was louder than full scale: it is turned down by {-20 * np.log10(self.gain):.1f} dB"
            )
        return "; ".join(parts)


def pour(file: BinaryIO, wav: Path, facts: SongFacts, most_seconds: float, cancel: CancelToken) -> Poured:
    """Decodes `file` into `wav`, stopping soon after `most_seconds`. Raises Cancelled, StudioError."""
    poured = _pour(file, wav, (facts, most_seconds), 1.0, cancel)
    peak = max(float(np.max(poured.high)), -float(np.min(poured.low)))
    return _pour(file, wav, (facts, most_seconds), 1 / peak, cancel) if peak > _OVERSHOOT else poured


def _pour(file: BinaryIO, wav: Path, what: tuple[SongFacts, float], gain: float, cancel: CancelToken) -> Poured:
    facts, most_seconds = what
    rate = facts.sample_rate if facts.sample_rate in _KEPT_RATES else _KEPT_RATES[1]
    frames, spoiled, low, high = 0, 0, np.full(2, np.inf), np.full(2, -np.inf)
    file.seek(0)
    ffmpeg = Ffmpeg(_arguments(facts, rate, most_seconds + 1), cancel, stdin=file, stdout=subprocess.PIPE)
    try:
        source = io.BufferedReader(cast(io.FileIO, ffmpeg.stdout), _CHUNK_BYTES)
        with closing(wave.open(str(wav), "wb")) as writer:
            writer.setparams((2, 2, rate, 0, "NONE", ""))
            while len(content := source.read(_CHUNK_BYTES)) >= _FRAME_BYTES:
                samples, bad = _clean(np.frombuffer(content, "<f4", len(content) // _FRAME_BYTES * 2))
                sides = np.ascontiguousarray(samples.reshape(-1, 2).T)  # extremes of rows come 50 times faster
                low, high = np.minimum(low, sides.min(1)), np.maximum(high, sides.max(1))
                frames, spoiled = frames + len(samples) // 2, spoiled + bad
                writer.writeframesraw(_to_16_bit(samples, gain))
        finished = ffmpeg.finish()
        if finished.returncode < 0:
            raise finished.fault("decoding the sound")
    finally:
        ffmpeg.kill()
    return Poured(frames, rate, low, high, spoiled, gain, finished)


def _clean(samples: np.ndarray) -> tuple[np.ndarray, int]:
    good = np.abs(samples) <= _LOUDEST  # False for NaN too
    bad = good.size - int(np.count_nonzero(good))
    return (np.where(good, samples, np.float32(0)) if bad else samples), bad


def _to_16_bit(samples: np.ndarray, gain: float) -> bytes:
    return np.clip(np.rint(samples * np.float32(gain * 32768)), -32768, 32767).astype("<i2").tobytes()


def _arguments(facts: SongFacts, rate: int, most_seconds: float) -> list[str]:
    source = ["-protocol_whitelist", "fd", "-format_whitelist", SONG_FORMATS, "-max_error_rate", "1", "-i", "fd:"]
    target = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-t", f"{most_seconds:.3f}"]
    return [*source, *target, "-af", f"{_stereo(facts)},aresample={rate}", "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1"]


def _stereo(facts: SongFacts) -> str:
    """The filter that makes two channels. ffmpeg's own puts one channel on both sides 3 dB too low."""
    if facts.channels == 1:
        return "pan=stereo|c0=c0|c1=c0"
    if facts.channels <= 8 and not facts.layout.startswith("ambisonic"):
        return "aresample=rematrix_maxval=1.0:osf=flt,aformat=channel_layouts=stereo"
    sides = (range(0, facts.channels, 2), range(1, facts.channels, 2))
    left, right = ("+".join(f"{1 / len(side):.6f}*c{channel}" for channel in side) for side in sides)
    return f"pan=stereo|c0={left}|c1={right}"
