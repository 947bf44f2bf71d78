"""Phonemes to mouth shapes: every language's sounds are known, neighbours blend, lips close when they must."""

from __future__ import annotations

import numpy as np
import pytest

from studio.speech.timing import TimedPhoneme
from studio.speech.visemes import PARAMETERS, REST, blend, mouth_shapes_of

APERTURE, ROUNDED = PARAMETERS.index("aperture"), PARAMETERS.index("rounded")


@pytest.mark.parametrize("symbol", ["p", "b", "m", "pʰ", "bʲ", "mː", "p͈", "ˈm"])
def test_bilabials_press_the_lips(symbol: str) -> None:
    assert mouth_shapes_of(symbol)[0].pressed == 1
    assert mouth_shapes_of(symbol)[0].aperture == 0


@pytest.mark.parametrize(
    "symbols",
    [
        "ə iː æ ɑː ɔː ʊ uː ʌ ɜː eɪ aɪ ɔɪ aʊ oʊ ɛɹ ɐ ᵻ θ ð ʃ ʒ tʃ dʒ ŋ ɹ ɾ j w h A I O W Y ʤ ʧ ᵊ",
        "tɕʰ tʂ ʈʂ ɕ ʂ ʐ ɻ y ɤ ɨ ɥ a5 i2 ɑu ou iɛ ts x",
        "ɯ ɸ ç ɴ ɰ ɲ dʑ",
        "p͈ t͈ k͈ tɕ͈ ɭ ʌ ɯ wʌ",
        "ʏ ø œ pf ʁ χ ɐ̯ aɪ̯ ɔʏ ts",
        "ɑ̃ ɛ̃ ɔ̃ œ̃ ɥ ʁ ɲ",
        "ɨ ɕː tʲ ʐ ɭʲ o",
        "ɐ̃ w̃ ʎ ɾ β ɣ r ʝ",
    ],
)
def test_the_ten_languages_symbols_are_known(symbols: str) -> None:
    unknown = mouth_shapes_of("?"), mouth_shapes_of("!")
    assert unknown[0] == unknown[1] == (REST,)
    for symbol in symbols.split():
        assert all(shape != mouth_shapes_of("ꞷ")[0] for shape in mouth_shapes_of(symbol)), symbol


def test_silence_rests_and_diphthongs_move() -> None:
    assert mouth_shapes_of("") == (REST,)
    first, second = mouth_shapes_of("aʊ")
    assert first.aperture > second.aperture
    assert second.rounded > first.rounded
    assert mouth_shapes_of("W") == (first, second)
    assert len(mouth_shapes_of("tʃ")) == 1


def said(*symbols: str, each: float = 0.1) -> list[TimedPhoneme]:
    return [TimedPhoneme(symbol, n * each, (n + 1) * each) for n, symbol in enumerate(symbols)]


@pytest.mark.parametrize("closure", ["p", "b", "m"])
@pytest.mark.parametrize("phase", [0.0, 0.25, 0.5, 0.75])
def test_short_closures_are_never_missed(closure: str, phase: float) -> None:
    phonemes = [TimedPhoneme("a", 0, 0.2), TimedPhoneme(closure, 0.2, 0.25), TimedPhoneme("a", 0.25, 0.5)]
    aperture = blend(phonemes, (np.arange(12) + phase) / 25)[:, APERTURE]
    assert aperture.min() < 0.02
    assert aperture.max() > 0.4


def test_lips_round_before_the_vowel_is_heard() -> None:
    times = np.arange(0, 0.6, 0.01)
    rounded = blend(said("", "t", "u", "t", "", each=0.12), times)[:, ROUNDED]
    start = times[np.argmax(rounded > 0.3 * rounded.max())]
    assert 0.05 < 0.24 - start < 0.2
    assert blend(said("", "t", "i", "t", "", each=0.12), times)[:, ROUNDED].max() < 0.1


def test_neighbours_blend_without_jumps() -> None:
    shapes = blend(said("h", "ə", "l", "oʊ", "j", "uː"), np.arange(0, 0.6, 0.005))
    assert np.abs(np.diff(shapes, axis=0)).max() < 0.12
    assert shapes[:, APERTURE].min() >= 0


def test_a_silence_closes_the_mouth_and_nothing_said_is_rest() -> None:
    shapes = blend(said("a", "", "", "", "a"), np.array([0.05, 0.25, 0.45]))
    assert shapes[1, APERTURE] < 0.05
    assert shapes[0, APERTURE] > 0.4
    assert not blend([], np.arange(5) / 25).any()
    assert not blend([TimedPhoneme("a", 0.2, 0.2)], np.arange(5) / 25).any()
