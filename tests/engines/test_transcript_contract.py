"""What every recogniser promises, and the embedded ones' ears, over clear speech, noise, and what is no speech."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript, TranscriptEngine, Weights
from studio.engines.hearing.words import normal_words, word_error_rate
from studio.engines.transcript.passages import passages
from studio.engines.transcript.sphinx import SphinxTranscript
from studio.engines.transcript.whisper import WhisperTranscript
from studio.errors import BadInput, Cancelled
from tests.speech_samples import LAKE, MARCH, at, espeak, heart, hiss, in_noise, joe, joined, loud, mei, music, silence


@pytest.fixture(params=[WhisperTranscript, SphinxTranscript], scope="module")
def engine(request: pytest.FixtureRequest) -> TranscriptEngine:
    return request.param()


@pytest.fixture(params=[WhisperTranscript, SphinxTranscript, "whisper-small"], scope="module")
def each_engine(request: pytest.FixtureRequest) -> TranscriptEngine:
    """Every engine, for what is promised of all. The last one writes one text down, whatever is said: its network is
    tiny and untrained."""
    if not isinstance(request.param, str):
        return request.param()
    from studio.engines.transcript.whisper_transformers import WhisperTransformers

    folder = request.getfixturevalue("tiny_whisper")
    return WhisperTransformers("whisper-small", "cpu", 0, Weights({"whisper-small": folder}, folder.parent))


def heard(engine: TranscriptEngine, sound: Sound) -> Transcript:
    return engine.transcribe(sound, "en", CancelToken())


@pytest.mark.parametrize("voice", [heart, joe])
@pytest.mark.parametrize("text", [MARCH, LAKE], ids=["march", "lake"])
def test_clear_speech_is_understood_and_trusted(engine: TranscriptEngine, voice, text: str) -> None:
    found = heard(engine, voice(text))
    assert word_error_rate(text, found.text) < 0.2
    assert 0.5 < found.confidence <= 1


def test_words_have_their_times(engine: TranscriptEngine) -> None:
    sound = joined(silence(3, 22_050), joe(), silence(6, 22_050), joe(LAKE))
    found = heard(engine, sound)
    assert normal_words(" ".join(word.text for word in found.words)) == normal_words(found.text)
    times = [time for word in found.words for time in (word.start, word.end)]
    assert all(one <= two + 0.05 for one, two in pairwise(times))
    assert times[0] == pytest.approx(3, abs=0.4)
    later = [word for word in found.words if word.start > 3 + joe().seconds + 3]
    assert later[0].text.casefold() == "it"
    assert later[0].start == pytest.approx(9 + joe().seconds, abs=0.4)
    assert times[-1] <= sound.seconds


def test_what_is_hard_is_trusted_less(engine: TranscriptEngine) -> None:
    clear = heard(engine, joe())
    hard = heard(engine, in_noise(espeak(LAKE, "en-gb+m3").sound, 3))
    assert hard.confidence < clear.confidence - 0.15
    assert hard.confidence < 0.55
    assert heard(engine, mei()).confidence < 0.45  # no English at all


def test_rate_and_level_make_no_difference(engine: TranscriptEngine) -> None:
    for sound in (at(heart(), 48_000), loud(heart(), 0.02)):
        assert word_error_rate(MARCH, heard(engine, sound).text) < 0.2


@pytest.mark.parametrize(
    "sound", [silence(2), silence(0), hiss(3), music(4)], ids=["silence", "empty", "hiss", "music"]
)
def test_where_nothing_is_said_there_are_no_words(each_engine: TranscriptEngine, sound: Sound) -> None:
    assert heard(each_engine, sound) == Transcript("", (), 0.0)


def test_the_same_sound_says_the_same(each_engine: TranscriptEngine) -> None:
    found = heard(each_engine, joe())
    assert found == heard(each_engine, joe())
    assert 0 < found.confidence <= 1
    times = [time for word in found.words for time in (word.start, word.end)]
    assert all(one <= two + 0.05 for one, two in pairwise(times))
    assert 0 <= times[0] < times[-1] <= joe().seconds
    assert normal_words(" ".join(word.text for word in found.words)) == normal_words(found.text)


def test_other_languages_are_refused(each_engine: TranscriptEngine) -> None:
    unknown = ("xx", "EN") if each_engine.finds_language else ("de", "", "EN")
    assert "en" in each_engine.languages
    for language in unknown:
        with pytest.raises(BadInput, match="language"):
            each_engine.transcribe(joe(), language, CancelToken())


def test_cancelling_stops_it(each_engine: TranscriptEngine) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        each_engine.transcribe(joe(), "en", token)


def test_speech_is_heard_in_few_passages_that_fit() -> None:
    spans = [(float(start), start + 0.9) for start in range(0, 70)] + [(90.0, 91.0)]
    found = passages(spans)
    assert len(found) == 4
    assert all(end - start <= 28 for start, end in found)
    assert found[-1] == (90.0, 91.0)
    assert passages([]) == []
    assert passages([(0.0, 100.0)]) == [(0.0, 100.0)]
    assert np.all(np.diff([time for span in found for time in span]) > 0)
