"""Alignment of known text, against the times that a synthesiser itself states; and counting wrong words."""

from __future__ import annotations

import numpy as np
import pytest

from studio.engines.hearing.alignment import Aligner, Alignment, laid_out
from studio.engines.hearing.pronunciation import IPA, phones_of
from studio.engines.hearing.words import normal_words, word_error_rate
from tests.speech_samples import (
    LAKE,
    MARCH,
    Spoken,
    espeak,
    heart,
    hiss,
    in_noise,
    joe,
    joined,
    mei,
    music,
    silence,
)

ALIGNER = Aligner()
# sentences in which espeak runs no two words together, so that it states a time for each
PLAIN = "Every student found seven old books under that large table yesterday."
NAMES = "Doctor Xyloquart met Nguyen and Szczepanski in Zagreb, at noon."


def aligned(spoken: Spoken, text: str) -> Alignment:
    found = ALIGNER.align(spoken.sound, text, "en")
    assert found
    assert found.exact
    assert len(found.words) == len(spoken.words)
    return found


@pytest.mark.parametrize("voice", ["en-us", "en-gb+m3", "en-us+f3"])
@pytest.mark.parametrize("text", [PLAIN, NAMES])
def test_words_begin_where_the_synthesiser_says(voice: str, text: str) -> None:
    spoken = espeak(text, voice)
    errors = np.abs([word.start for word in aligned(spoken, text).words] - np.array(spoken.words))
    assert errors.mean() < 0.03
    assert errors.max() < 0.12


@pytest.mark.parametrize("sound", [heart(LAKE), joe(LAKE), in_noise(heart(LAKE), 10)], ids=["heart", "joe", "noise"])
def test_natural_voices_and_noise(sound) -> None:
    found = ALIGNER.align(sound, LAKE, "en")
    assert found
    assert [word.text for word in found.words] == [word.strip(",.") for word in LAKE.split()]
    flat = [time for word in found.words for time in (word.start, word.end)]
    assert flat == sorted(flat)
    assert 0 <= flat[0] < 0.6
    assert sound.seconds - 0.7 < flat[-1] <= sound.seconds


def test_phonemes_fill_the_words_and_the_pauses_between() -> None:
    sound = joined(silence(1, 22_050), joe(), silence(1, 22_050))
    found = ALIGNER.align(sound, MARCH, "en")
    assert found
    assert {each.symbol for each in found.phonemes} <= set(IPA.values())
    for one, two in zip(found.phonemes, found.phonemes[1:], strict=False):
        assert one.start < one.end <= two.start + 1e-6
    assert found.phonemes[0].symbol == ""
    assert found.phonemes[0].end == pytest.approx(1.0, abs=0.1)
    ships = next(word for word in found.words if word.text == "ships")
    inside = [each.symbol for each in found.phonemes if ships.start - 0.001 <= each.start < ships.end - 0.001]
    assert inside == ["ʃ", "ɪ", "p", "s"]


def test_numbers_are_one_word_as_written() -> None:
    text = "The train leaves at 42 minutes past 7 from platform 3."
    found = ALIGNER.align(heart(text), text, "en")
    assert found
    assert [word.text for word in found.words] == text.rstrip(".").split()
    number = next(word for word in found.words if word.text == "42")
    assert 0.3 < number.end - number.start < 1.0


@pytest.mark.parametrize(
    ("sound", "text"),
    [
        (silence(3), "hello there"),
        (silence(0), "hello there"),
        (hiss(3), "hello there"),
        (music(4), "hello there"),
        (heart(), "!!! ..."),
        (heart(), ""),
        (heart(), "привет мир"),
        (heart(), "今日は"),
        (heart(), "\x00\x00"),
        (heart(), "word " * 5000),
        (joe(), "a far longer text than anybody could say in so little time, " * 12),
    ],
    ids=["silent", "empty", "hiss", "music", "marks", "none", "Cyrillic", "kanji", "zeros", "5000 words", "too long"],
)  # fmt: skip
def test_what_can_not_be_aligned_gives_none(sound, text: str) -> None:
    assert ALIGNER.align(sound, text, "en") is None


def test_other_languages_are_laid_over_their_speech() -> None:
    text = "今日はとても良い天気ですね、散歩に行きましょう。"
    found = ALIGNER.align(mei(), text, "ja")
    assert found
    assert not found.exact
    assert found.phonemes == ()
    assert "".join(word.text for word in found.words) == text.replace("、", "").replace("。", "")
    assert ALIGNER.align(mei(), "", "ja") is None
    german = "Am frühen Morgen gingen wir langsam über die alte Brücke."
    spoken = espeak(german, "de")
    guessed = ALIGNER.align(spoken.sound, german, "de")
    assert guessed
    assert [word.text for word in guessed.words] == german.rstrip(".").split()
    if len(guessed.words) == len(spoken.words):
        assert np.abs([word.start for word in guessed.words] - np.array(spoken.words)).mean() < 0.25


def test_no_laid_out_word_spans_a_pause() -> None:
    words = ["eins", "zwei", "drei", "vier", "fünf", "sechs"]
    spans = [(0.5, 1.2), (3.0, 3.9), (6.0, 6.4)]
    placed = laid_out(words, spans)
    for word in placed:
        assert any(start <= word.start < word.end <= end for start, end in spans), word
    assert [word.text for word in placed] == words
    assert [word.start for word in placed] == sorted(word.start for word in placed)


@pytest.mark.parametrize(
    ("reference", "hypothesis", "rate"),
    [
        ("The cat sat.", "the CAT sat", 0),
        ("It’s well-known", "it's well known", 0),
        ("one two three four", "one three four", 0.25),
        ("one two three four", "one two x three four", 0.25),
        ("one two", "three four five", 1.5),
        ("one two", "", 1),
        ("", "", 0),
        ("...", "word", 1),
        ("今日は", "今日わ", 1 / 3),
        ("Straße", "STRASSE", 0),
    ],
)
def test_word_error_rate(reference: str, hypothesis: str, rate: float) -> None:
    assert word_error_rate(reference, hypothesis) == pytest.approx(rate)


def test_words_and_their_sounds() -> None:
    assert normal_words("“Don't!” — she said, 'no'…") == ["don't", "she", "said", "no"]
    assert phones_of("photograph") == ["F", "OW", "T", "OW", "G", "R", "AE", "F"]
    assert phones_of("Žižek") == ["Z", "IH", "Z", "EH", "K"]
    assert phones_of("привет") == []
    for word in ("a", "e", "xqz", "ghough", "q" * 100):
        assert set(phones_of(word)) <= set(IPA), word
