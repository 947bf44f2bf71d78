"""Short-time spectra of a song in bounded memory: mel bands for rhythm, semitones for harmony."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.cancellation import CancelToken

Floats = NDArray[np.float32]
RHYTHM_RATE, RHYTHM_WINDOW, RHYTHM_HOP = 22050, 0.0232, 0.010
HARMONY_RATE, HARMONY_WINDOW, HARMONY_HOP = 5512, 0.186, 0.050
BANDS = 32
LOWEST_MIDI, SEMITONES = 33, 60
BLOCK_FRAMES = 256
THIN, WIDE = 0.02, 0.25  # shares of the power from which the middle and the side are listened to
UNSPLIT = 200_000  # multiplications; OpenBLAS splits products of more than 4 * 65536


@dataclass(frozen=True)
class Spectra:
    """`mel` (frames, BANDS) and `pitch` (frames, SEMITONES) are power over the channels' sum.

    `centres` are the mel bands' centre frequencies in Hz; rates are frames a second, frame i is centred on i / rate.
    """

    mel: Floats
    mel_rate: float
    centres: NDArray[np.float64]
    pitch: Floats
    pitch_rate: float
    duration: float


@dataclass(frozen=True)
class _Grid:
    """How one transform cuts the song: box decimation by `factor`, `window` and `hop` in decimated samples."""

    rate: float
    factor: int
    window: int
    hop: int


def _grid(sample_rate: int, target: int, window: float, hop: float) -> _Grid:
    factor = max(1, round(sample_rate / target))
    rate = sample_rate / factor
    return _Grid(rate, factor, max(16, 16 * round(rate * window / 16)), max(1, round(rate * hop)))


def _mixes(samples: Floats, factor: int) -> NDArray[np.float32]:
    """(factor * channels, mixes) weights that mix to middle, and side where much is in it, and decimate in one product.

    The powers of middle and side add up to those of left and right, so opposite phases never cancel.
    """
    channels = samples.shape[1]
    thin = samples[:: max(1, len(samples) // 500_000)]
    left, right = thin[:, 0], thin[:, -1]
    middle, side = float(np.square(left + right).sum()), float(np.square(left - right).sum())
    shares = (((0.5, 0.5), middle, THIN), ((0.5, -0.5), side, WIDE))
    pairs = [pair for pair, power, least in shares if power > least * (middle + side)]
    weights = np.zeros((factor, channels, max(1, len(pairs))), np.float32)
    for i, (a, b) in enumerate(pairs):
        weights[:, 0, i] += a / factor
        weights[:, -1, i] += b / factor
    return weights.reshape(factor * channels, -1)


def _product(rows: Floats, matrix: Floats) -> Floats:
    """`rows` @ `matrix` in slices too small for BLAS to split over threads, which wait for cores on a busy machine."""
    height = max(1, UNSPLIT // matrix.size)
    whole = len(rows) // height * height
    out = np.empty((len(rows), matrix.shape[1]), np.float32)
    slices = out[:whole].reshape(-1, height, matrix.shape[1])
    np.matmul(rows[:whole].reshape(-1, height, rows.shape[1]), matrix, out=slices)
    np.matmul(rows[whole:], matrix, out=out[whole:])
    return out


def _transform(samples: Floats, grid: _Grid, project: NDArray[np.float32], cancel: CancelToken) -> Floats:
    """(frames, bands) of `project`ed power spectra, frames centred on multiples of the hop."""
    total = len(samples) // grid.factor
    frames = max(1, 1 + total // grid.hop)
    window = np.hanning(grid.window + 1)[:-1].astype(np.float32)
    half = grid.window // 2
    weights = _mixes(samples, grid.factor)
    offset = np.tile(samples[:: max(1, len(samples) // 500_000)].mean(axis=0), grid.factor) @ weights
    out = np.zeros((frames, project.shape[1]), np.float32)
    for first in range(0, frames, BLOCK_FRAMES):
        cancel.check()
        count = min(BLOCK_FRAMES, frames - first)
        begin = first * grid.hop - half
        end = (first + count - 1) * grid.hop + grid.window - half
        inside = samples[max(0, begin) * grid.factor : min(end, total) * grid.factor]
        mixed = _product(inside.reshape(-1, grid.factor * samples.shape[1]), weights) - offset
        mixed = np.pad(mixed, ((max(0, -begin), max(0, end - max(total, begin))), (0, 0)))
        for mono in np.ascontiguousarray(mixed.T):
            cut = np.lib.stride_tricks.sliding_window_view(mono, grid.window)[:: grid.hop][:count]
            spectrum = np.fft.rfft(cut * window, axis=1)
            power = np.square(spectrum.real) + np.square(spectrum.imag)
            out[first : first + count] += _product(power, project)
    return out / float(np.square(window).sum())


def _mel_projection(grid: _Grid) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Triangles on the mel scale of O'Shaughnessy (2595 log10(1 + f / 700)), at least one bin wide."""
    bins = np.arange(grid.window // 2 + 1) * grid.rate / grid.window
    top = min(11000.0, grid.rate / 2)
    edges = 700 * (
        10 ** (np.linspace(2595 * np.log10(1 + 30 / 700), 2595 * np.log10(1 + top / 700), BANDS + 2) / 2595) - 1
    )
    width = grid.rate / grid.window
    low, mid, high = edges[:-2], edges[1:-1], edges[2:]
    rise = (bins[:, None] - low) / np.maximum(mid - low, width)
    fall = (high - bins[:, None]) / np.maximum(high - mid, width)
    weights = np.maximum(0, np.minimum(rise, fall))
    weights[0] = 0
    return weights.astype(np.float32), mid


def _pitch_projection(grid: _Grid) -> NDArray[np.float32]:
    """Triangles in log frequency, a semitone to each side."""
    bins = np.maximum(np.arange(grid.window // 2 + 1) * grid.rate / grid.window, 1e-3)
    midi = 69 + 12 * np.log2(bins / 440)
    weights = np.maximum(0, 1 - np.abs(midi[:, None] - (LOWEST_MIDI + np.arange(SEMITONES))))
    return weights.astype(np.float32)


def spectra(samples: Floats, sample_rate: int, cancel: CancelToken) -> Spectra:
    """Both spectrograms of `samples` (n, channels); the first and the last channel are heard."""
    rhythm = _grid(sample_rate, RHYTHM_RATE, RHYTHM_WINDOW, RHYTHM_HOP)
    harmony = _grid(sample_rate, HARMONY_RATE, HARMONY_WINDOW, HARMONY_HOP)
    mel_weights, centres = _mel_projection(rhythm)
    mel = _transform(samples, rhythm, mel_weights, cancel)
    pitch = _transform(samples, harmony, _pitch_projection(harmony), cancel)
    return Spectra(
        mel, rhythm.rate / rhythm.hop, centres, pitch, harmony.rate / harmony.hop, len(samples) / sample_rate
    )
