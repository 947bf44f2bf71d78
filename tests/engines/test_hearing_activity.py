"""Voice activity: when somebody speaks, at any level and rate, and that nothing else is taken for a voice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from studio.contracts import Sound
from studio.engines.hearing.activity import FRAME, RATE, VoiceActivity, curve, spans
from studio.errors import BadInput
from tests.speech_samples import at, espeak, hiss, in_noise, joe, joined, loud, mei, music, silence, whistle

ACTIVITY = VoiceActivity()


def two_utterances() -> Sound:
    """2 s of silence, joe, 3 s of silence, joe, 2 s of silence."""
    return joined(silence(2, 22_050), joe(), silence(3, 22_050), joe(), silence(2, 22_050))


def assert_found(sound: Sound) -> None:
    length = joe().seconds
    found = ACTIVITY.speech_spans(sound)
    first = [span for span in found if span[0] < 2 + length]
    second = [span for span in found if span[0] >= 2 + length]
    assert first[0][0] == pytest.approx(2.0, abs=0.15)
    assert first[-1][1] == pytest.approx(2 + length, abs=0.2)
    assert second[0][0] == pytest.approx(5 + length, abs=0.15)
    assert second[-1][1] == pytest.approx(5 + 2 * length, abs=0.2)


def test_speech_is_found_where_it_is() -> None:
    assert_found(two_utterances())


@pytest.mark.parametrize("gain", [0.001, 0.01, 6.0], ids=["-60 dB", "-40 dB", "clipped"])
def test_at_any_level(gain: float) -> None:
    assert_found(loud(two_utterances(), gain))


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 44_100, 48_000])
def test_at_any_rate(rate: int) -> None:
    assert_found(at(two_utterances(), rate))


def test_in_noise_and_on_an_offset() -> None:
    assert_found(in_noise(two_utterances(), 10))
    sound = two_utterances()
    assert_found(Sound(sound.samples * np.float32(0.5) + np.float32(0.4), sound.sample_rate))


@pytest.mark.parametrize(
    "sound",
    [silence(4), hiss(4), hiss(4, 1e-5), whistle(4), music(6), Sound(np.full(48_000, 0.3, np.float32), 24_000)],
    ids=["silence", "hiss", "faint hiss", "tone", "music", "offset"],
)
def test_nothing_else_is_speech(sound: Sound) -> None:
    assert ACTIVITY.speech_spans(sound) == ()
    assert ACTIVITY.speaking(sound, Fraction(25), 50).max() == 0


def test_robots_and_other_languages_speak_too() -> None:
    for sound in (espeak().sound, mei()):
        found = ACTIVITY.speech_spans(sound)
        assert sum(end - start for start, end in found) > 0.6 * sound.seconds


def test_one_probability_for_every_frame_and_none_for_nothing() -> None:
    assert ACTIVITY.probabilities(silence(0)).shape == (0,)
    assert ACTIVITY.speech_spans(silence(0)) == ()
    assert ACTIVITY.speaking(silence(0), Fraction(25), 3).tolist() == [0, 0, 0]
    chances = ACTIVITY.probabilities(Sound(np.zeros(FRAME * 3 + 1, np.float32), RATE))
    assert chances.shape == (4,)
    assert chances.min() >= 0
    assert chances.max() <= 1


def test_spans_lie_in_the_sound_in_order_and_apart() -> None:
    found = ACTIVITY.speech_spans(joe())
    flat = [time for span in found for time in span]
    assert flat == sorted(flat)
    assert flat[0] >= 0
    assert flat[-1] <= joe().seconds
    assert spans(np.ones(10, np.float32), 0.3) == ((0.0, 0.3),)
    assert spans(np.array([0.9, 0, 0, 0, 0, 0, 0, 0], np.float32), 0.25) == ()  # a click


def test_the_curve_opens_and_closes_with_the_voice_and_briefly() -> None:
    fps = Fraction(30000, 1001)
    sound = two_utterances()
    count = round(sound.seconds * fps)
    mouth = ACTIVITY.speaking(sound, fps, count)
    assert mouth.shape == (count,)
    assert mouth.dtype == np.float32
    assert mouth.min() >= 0
    assert mouth.max() <= 1
    times = np.arange(count) / float(fps)
    length = joe().seconds
    silent = (times < 1.7) | ((times > 2.35 + length) & (times < 4.7 + length)) | (times > 5.35 + 2 * length)
    said = ((times > 2.2) & (times < 1.8 + length)) | ((times > 5.2 + length) & (times < 4.8 + 2 * length))
    assert mouth[silent].max() < 0.05
    assert mouth[said].mean() > 0.9
    step = curve(np.repeat([0, 1, 0], 40).astype(np.float32), Fraction(50), 192)
    opened, closed = np.flatnonzero(step > 0.8)[0] / 50 - 1.28, np.flatnonzero(step > 0.2)[-1] / 50 - 2.56
    assert 0 <= opened < 0.08
    assert 0 <= closed < 0.15


def test_threads_may_share_it() -> None:
    expected = [ACTIVITY.probabilities(sound) for sound in (joe(), hiss(3))]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ACTIVITY.probabilities, (joe(), hiss(3)) * 4))
    for one, two in zip(found, expected * 4, strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize(
    "sound",
    [
        Sound(np.full(100, np.nan, np.float32), 16_000),
        Sound(np.zeros((10, 2), np.float32), 16_000),
        Sound(np.zeros(100, np.float32), 100),
    ],
    ids=["no numbers", "two channels", "100 Hz"],
)
def test_what_is_no_sound_is_refused(sound: Sound) -> None:
    with pytest.raises(BadInput, match="sound"):
        ACTIVITY.speech_spans(sound)
