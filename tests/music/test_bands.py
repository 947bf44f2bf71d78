"""Band levels: right band, right frame, the same for a quiet master, nothing from silence."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from studio.music.bands import band_levels

RATE, FPS = 44_100, Fraction(24)


def tone(frequency: float, seconds: float, rate: int = RATE) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def test_low_tones_fill_low_bands_and_high_ones_high_bands() -> None:
    peaks = [int(band_levels(tone(f, 2.0), RATE, FPS, 48)[24].argmax()) for f in (60, 250, 1000, 4000, 12_000)]
    assert peaks == sorted(set(peaks))
    assert peaks[0] < 3
    assert peaks[-1] > 27


def test_a_click_shows_on_its_own_frame() -> None:
    sound = np.zeros(4 * RATE, np.float32)
    at = round(60 / 24 * RATE)
    sound[at : at + 200] = np.random.default_rng(0).uniform(-0.9, 0.9, 200)
    levels = band_levels(sound, RATE, FPS, 96).mean(axis=1)
    assert int(levels.argmax()) == 60
    assert levels[58] == levels[62] == 0


def test_a_quiet_master_moves_as_a_loud_one() -> None:
    beat = tone(110, 4.0) * (np.arange(4 * RATE) % (RATE // 2) < RATE // 8) + 0.02 * tone(3000, 4.0)
    loud, quiet = (band_levels(gain * beat, RATE, FPS, 96) for gain in (1.0, 0.01))
    assert loud.max() == 1.0
    np.testing.assert_allclose(quiet, loud, atol=0.02)


@pytest.mark.parametrize("level", [0.0, 1e-6])
def test_silence_and_its_noise_stay_empty(level: float) -> None:
    hiss = level * np.random.default_rng(0).standard_normal(2 * RATE).astype(np.float32)
    assert band_levels(hiss, RATE, FPS, 48).max() == 0


def test_shapes_ends_channels_and_rates() -> None:
    stereo = np.stack([tone(440, 1.0), tone(440, 1.0)], 1)
    levels = band_levels(stereo, RATE, FPS, 40, bands=12)  # the film outlasts the song
    assert levels.shape == (40, 12)
    assert levels.dtype == np.float32
    assert levels[:24].max() > 0.9
    assert levels[30:].max() == 0
    assert band_levels(stereo * [1, -1], RATE, FPS, 24).max() > 0.9, "opposite phases must not cancel"
    for rate in (8000, 22_050, 96_000):
        assert band_levels(tone(440, 1.0, rate), rate, Fraction(30000, 1001), 30).max() > 0.9
