"""Mono sound to and from 16-bit WAV files of the studio's own."""

from __future__ import annotations

import wave
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path
from studio.media.audio import read_pcm

if TYPE_CHECKING:
    import numpy as np


def write_mono(path: Path, samples: np.ndarray, rate: int) -> None:
    """Writes `samples` (n,) in -1..1, louder ones clipped, atomically. Raises StorageFailed."""
    import numpy as np

    content = np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()
    with atomic_path(path) as partial, closing(wave.open(str(partial), "wb")) as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(content)


def read_mono(path: Path) -> tuple[np.ndarray, int]:
    """Samples (n,) float32, several channels averaged, and the sample rate. Raises StorageFailed if damaged."""
    samples, rate = read_pcm(path)
    return samples.mean(axis=1), rate
