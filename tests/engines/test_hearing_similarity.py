"""Speaker similarity: one voice stays itself in other words, levels and rates; two voices don't."""

from __future__ import annotations

import numpy as np
import pytest

from studio.contracts import Sound
from studio.engines.hearing.similarity import SpeakerEncoder, similarity
from studio.engines.hearing.spectrum import mel_filters, mel_spectrogram
from studio.errors import BadInput
from tests.speech_samples import LAKE, MARCH, at, espeak, heart, in_noise, joe, joined, loud, mei, silence

ENCODER = SpeakerEncoder()


def alike(one: Sound, other: Sound) -> float:
    return similarity(ENCODER.embed(one), ENCODER.embed(other))


@pytest.mark.parametrize("voice", [heart, joe, lambda text: espeak(text).sound], ids=["heart", "joe", "robot"])
def test_one_voice_in_other_words_is_closer_than_any_other_voice(voice) -> None:
    mine = ENCODER.embed(voice(MARCH))
    same = similarity(mine, ENCODER.embed(voice(LAKE)))
    others = [similarity(mine, ENCODER.embed(other)) for other in (heart(LAKE), joe(LAKE), mei(), espeak(LAKE).sound)]
    assert same > 0.85
    assert all(other < 0.7 or other == pytest.approx(same) for other in others), others


def test_an_embedding_is_of_unit_length_and_always_the_same() -> None:
    one, two = ENCODER.embed(joe()), SpeakerEncoder().embed(joe())
    assert one.shape == (256,)
    assert one.dtype == np.float32
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert one.min() >= 0
    assert np.array_equal(one, two)
    assert similarity(one, one) == pytest.approx(1)


def test_level_rate_pauses_and_offset_make_next_to_no_difference() -> None:
    sound = heart()
    assert alike(sound, loud(sound, 0.01)) > 0.999
    assert alike(sound, at(sound, 48_000)) > 0.999
    assert alike(sound, at(sound, 44_100)) > 0.999
    assert alike(sound, at(sound, 8000)) > 0.85
    assert alike(sound, joined(silence(3), sound, silence(3))) > 0.98
    assert alike(sound, Sound(sound.samples + np.float32(0.1), sound.sample_rate)) > 0.99
    assert alike(sound, in_noise(sound, 20)) > 0.85


def test_short_and_long_sounds_are_heard() -> None:
    whole = heart()
    for seconds, least in ((0.3, 0.3), (1.0, 0.6), (3.0, 0.8)):
        start = 12_000
        piece = Sound(whole.samples[start : start + round(seconds * 24_000)], 24_000)
        assert alike(whole, piece) > least, seconds
    minutes = Sound(np.tile(whole.samples, 20), 24_000)
    assert alike(whole, minutes) > 0.97


@pytest.mark.parametrize("sound", [silence(2), silence(0)], ids=["silent", "empty"])
def test_silence_is_nobody(sound: Sound) -> None:
    with pytest.raises(BadInput, match="silence"):
        ENCODER.embed(sound)


def test_the_mel_spectrum_is_the_one_of_the_training() -> None:
    filters = mel_filters(16_000, 400, 40)
    # as librosa 0.11's filters.mel gives them
    peaks = filters.argmax(axis=1)[[0, 1, 9, 17, 24, 31, 39]].tolist()
    assert peaks == [2, 4, 18, 35, 59, 101, 185]
    assert filters[10].max() == pytest.approx(0.01187949, abs=1e-7)
    assert filters[39].max() == pytest.approx(0.00172499, abs=1e-7)
    tone = np.sin(2 * np.pi * 1000 * np.arange(16_000) / 16_000).astype(np.float32)
    spectrum = mel_spectrogram(tone, filters, 400, 160)
    assert spectrum.shape == (101, 40)
    # a full tone: the square of half the window's sum, 100, spread over the window's main lobe
    assert spectrum[50].sum() == pytest.approx(filters[:, 24:27].sum(0) @ [2500, 10_000, 2500], rel=1e-3)
    assert spectrum[50].argmax() == int(filters[:, 25].argmax())
