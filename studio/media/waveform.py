"""The outline of a song's sound, small enough to be sent to a page and drawn there."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path
from studio.errors import StorageFailed, brief

if TYPE_CHECKING:
    import numpy as np

FINEST_COLUMN = 0.02
"""Seconds: a beat is still told from its neighbours at 1,500 a minute, and onsets show where they are."""
MOST_COLUMNS = 6000
_BLOCK_FRAMES = 1 << 18
_FULL = 255


@dataclass(frozen=True)
class Waveform:
    """Column i shows the sound from i * `step` to (i + 1) * `step` seconds; the last one may reach past `duration`.

    `rms` and `peak` are of all channels together, 0..255 in parts of the song's loudest sample, rms <= peak.
    """

    duration: float
    step: float
    rms: bytes
    peak: bytes


def write_waveform(pcm: Path, target: Path) -> Waveform:
    """Measures a 16-bit WAV such as `decode_song` writes, in bounded memory, and keeps the result as JSON in `target`:
    duration, step, rms, peak. Raises StorageFailed for a damaged WAV and for a disk that can't be written."""
    waveform = _measure(pcm)
    body = {
        "duration": waveform.duration,
        "step": waveform.step,
        "rms": list(waveform.rms),
        "peak": list(waveform.peak),
    }
    with atomic_path(target) as partial:
        partial.write_text(json.dumps(body, separators=(",", ":")), encoding="ascii")
    return waveform


def read_waveform(path: Path) -> Waveform:
    """What `write_waveform` wrote. Raises StorageFailed if it is missing or damaged."""
    try:
        body = json.loads(path.read_text(encoding="ascii"))
        waveform = Waveform(float(body["duration"]), float(body["step"]), bytes(body["rms"]), bytes(body["peak"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageFailed(f"{brief(path, 200)} is missing or damaged: {brief(error, 200)}") from error
    if not waveform.peak or len(waveform.rms) != len(waveform.peak) or not waveform.step > 0:
        raise StorageFailed(f"{brief(path, 200)} is damaged: it is no waveform")
    return waveform


def _measure(pcm: Path) -> Waveform:
    import numpy as np

    try:
        with closing(wave.open(str(pcm), "rb")) as reader:
            channels, width, rate, count, _, _ = reader.getparams()
            if width != 2 or not count:
                raise StorageFailed(f"{brief(pcm, 200)} is damaged: it is empty or not 16-bit PCM")
            column = max(round(FINEST_COLUMN * rate), -(-count // MOST_COLUMNS))
            measured = [_columns(block, column * channels) for block in _blocks(reader, column)]
    except (OSError, EOFError, wave.Error, ValueError) as error:
        raise StorageFailed(f"{brief(pcm, 200)} is missing or damaged: {brief(error, 200)}") from error
    peaks, powers = (np.concatenate(parts) for parts in zip(*measured, strict=True))
    if len(peaks) != -(-count // column):
        raise StorageFailed(f"{brief(pcm, 200)} is damaged: it is cut off")
    loudest = max(1.0, float(peaks.max()))
    rms = np.round(np.sqrt(powers) / loudest * _FULL).astype(np.uint8)
    peak = np.round(peaks / loudest * _FULL).astype(np.uint8)
    return Waveform(round(count / rate, 6), column / rate, rms.tobytes(), peak.tobytes())


def _blocks(reader: wave.Wave_read, column: int) -> Iterator[np.ndarray]:
    """Samples of whole columns, of which the last may be short."""
    import numpy as np

    while content := reader.readframes(max(1, _BLOCK_FRAMES // column) * column):
        yield np.frombuffer(content, "<i2")


def _columns(samples: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """The peak and the mean square of every `width` samples."""
    import numpy as np

    short = -len(samples) % width
    table = np.pad(samples, (0, short)).reshape(-1, width) if short else samples.reshape(-1, width)
    values = table.astype(np.float32)
    peaks = np.maximum(table.max(axis=1).astype(np.int32), -table.min(axis=1).astype(np.int32))
    # The mean runs over the samples that are there, so that a short last column doesn't look like a fade.
    counts = np.full(len(table), width)
    counts[-1] -= short
    return peaks, np.einsum("ij,ij->i", values, values) / counts
