"""What every speech engine promises (contracts.SpeechEngine), and what the embedded one adds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound, Speech, SpeechEngine, SpeechRequest, VoiceReference
from studio.engines.speech.embedded import EmbeddedSpeech
from studio.engines.speech.pitch import pitch_of
from studio.errors import BadInput, Cancelled
from studio.speech.pace import expected_seconds

TEXTS = {
    "zh": "你好，今天天气很好。",
    "en": "Good morning, the boats are coming in now.",
    "ja": "おはようございます、船が入ってきます。",
    "ko": "안녕하세요, 오늘은 날씨가 좋습니다.",
    "de": "Guten Morgen, die Boote kommen jetzt herein.",
    "fr": "Bonjour, les bateaux arrivent maintenant.",
    "ru": "Доброе утро, лодки уже приходят.",
    "pt": "Bom dia, os barcos estão chegando agora.",
    "es": "Buenos días, los barcos llegan ahora.",
    "it": "Buongiorno, le barche arrivano adesso.",
}


@pytest.fixture(scope="module")
def engine() -> EmbeddedSpeech:
    return EmbeddedSpeech("embedded", "cpu")


@pytest.fixture(scope="module", params=["embedded", "qwen-tts"])
def each_engine(request: pytest.FixtureRequest) -> SpeechEngine:
    """Every engine, for what is promised of all. Qwen3-TTS says noise: its network is tiny and untrained."""
    if request.param == "embedded":
        return request.getfixturevalue("engine")
    return request.getfixturevalue("qwen_speech")


def speak(engine: SpeechEngine, text: str = TEXTS["en"], **changes) -> Speech:
    return engine.speak(replace(SpeechRequest(text), **changes), CancelToken())


def median_pitch(speech: Speech) -> float:
    pitch, _ = pitch_of(speech.sound)
    return float(np.median(pitch[pitch > 0]))


def longest_silence(sound: Sound) -> float:
    size = sound.sample_rate // 100
    count = len(sound.samples) // size
    quiet = np.abs(sound.samples[: count * size].reshape(count, size)).max(axis=1) < 0.005
    longest = run = 0
    for still in quiet:
        run = run + 1 if still else 0
        longest = max(longest, run)
    return longest / 100


@pytest.mark.parametrize("language", EmbeddedSpeech.languages)
def test_something_is_said_in_each_language(each_engine: SpeechEngine, language: str) -> None:
    assert language in each_engine.languages
    speech = speak(each_engine, TEXTS[language], language=language)
    samples = speech.sound.samples
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert np.isfinite(samples).all()
    assert 0.1 < float(np.abs(samples).max()) <= 0.91
    expected = expected_seconds(TEXTS[language], language)
    assert 0.2 * expected < speech.sound.seconds < 2.5 * expected + 1.0
    assert speech.kind == "own"
    assert speech.voice


@pytest.mark.parametrize("language", EmbeddedSpeech.languages)
def test_each_language_is_spoken_cleanly(engine: EmbeddedSpeech, language: str) -> None:
    speech = speak(engine, TEXTS[language], language=language)
    samples = speech.sound.samples
    assert samples.dtype == np.float32
    assert np.isfinite(samples).all()
    assert 1.2 < speech.sound.seconds < 6.0
    assert 0.2 < float(np.abs(samples).max()) <= 0.91
    assert float(np.sqrt(np.mean(np.square(samples)))) > 0.03
    assert abs(float(samples.mean())) < 0.01
    assert longest_silence(speech.sound) < 0.7
    assert speech.kind == "own"
    assert speech.voice


@pytest.mark.parametrize("language", ["en", "de", "ru", "ko"])
def test_times_run_in_order_to_the_end(engine: EmbeddedSpeech, language: str) -> None:
    speech = speak(engine, TEXTS[language], language=language)
    assert len(speech.words) >= len(TEXTS[language].split()) - 1
    assert len(speech.phonemes) > 2 * len(speech.words)
    for timed in (speech.words, speech.phonemes):
        assert all(one.start < one.end <= speech.sound.seconds + 1e-6 for one in timed)
        assert all(one.end <= two.start + 1e-6 for one, two in pairwise(timed))
    assert not any(mark in phoneme.symbol for phoneme in speech.phonemes for mark in "ˈˌː012")


@pytest.mark.parametrize("speaker", ["heart", "joe", "espeak-man"])
def test_times_fit_the_sound(engine: EmbeddedSpeech, speaker: str) -> None:
    """What is said to be silence is far quieter than what is said to be a vowel."""
    speech = speak(engine, "Well. Papa saw a bee.", options={"speaker": speaker})
    rate = speech.sound.sample_rate

    def loudness(symbols: str) -> float:
        parts = [
            speech.sound.samples[round(p.start * rate) : round(p.end * rate)]
            for p in speech.phonemes
            if (p.symbol[:1] in symbols if symbols else not p.symbol and p.end - p.start > 0.1)
        ]
        return float(np.sqrt(np.mean(np.square(np.concatenate(parts)))))

    assert loudness("ɑɔaiɛə") > 4.0 * loudness("")
    assert [word.text.strip(".,") for word in speech.words] == ["Well", "Papa", "saw", "a", "bee"]


def test_a_request_says_how_fast_and_whose_and_the_same_is_the_same(each_engine: SpeechEngine) -> None:
    plain, again, other = (speak(each_engine, seed=seed).sound for seed in (3, 3, 4))
    assert np.array_equal(plain.samples, again.samples)
    assert not np.array_equal(plain.samples, other.samples)
    fast, high = speak(each_engine, seed=3, speed=1.5).sound, speak(each_engine, seed=3, pitch=3.0).sound
    assert plain.seconds / fast.seconds == pytest.approx(1.5, rel=0.2)
    assert high.seconds == pytest.approx(plain.seconds, abs=0.2)
    assert not np.array_equal(high.samples[:1000], plain.samples[:1000])
    each_engine.reset()
    assert each_engine.residue() == ""
    assert np.array_equal(speak(each_engine, seed=3).sound.samples, plain.samples)


@pytest.mark.parametrize(("language", "speaker"), [("en", "heart"), ("en", "joe"), ("de", None), ("ja", None)])
def test_speed_and_pitch_do_what_they_say(engine: EmbeddedSpeech, language: str, speaker: str | None) -> None:
    options = {"speaker": speaker} if speaker else {}
    text = TEXTS[language]
    plain = speak(engine, text, language=language, options=options)
    fast = speak(engine, text, language=language, options=options, speed=1.5)
    slow = speak(engine, text, language=language, options=options, speed=0.7)
    assert plain.sound.seconds / fast.sound.seconds == pytest.approx(1.5, rel=0.2)
    assert plain.sound.seconds / slow.sound.seconds == pytest.approx(0.7, rel=0.2)
    assert median_pitch(fast) == pytest.approx(median_pitch(plain), rel=0.12)
    high, low = (speak(engine, text, language=language, options=options, pitch=each) for each in (4.0, -4.0))
    octaves = np.log2(median_pitch(high) / median_pitch(low))
    assert octaves == pytest.approx(8 / 12, abs=0.12)
    assert high.sound.seconds == pytest.approx(plain.sound.seconds, abs=0.2)


def test_the_same_request_is_the_same_sound_and_another_seed_another(engine: EmbeddedSpeech) -> None:
    for speaker in ("heart", "joe"):
        options = {"speaker": speaker}
        first, again, other = (speak(engine, options=options, seed=seed) for seed in (3, 3, 4))
        assert np.array_equal(first.sound.samples, again.sound.samples)
        assert not np.array_equal(first.sound.samples, other.sound.samples)
    fresh, known = (speak(each, seed=3).sound.samples for each in (EmbeddedSpeech(), engine))
    assert np.array_equal(fresh, known)


def test_figures_are_spoken_as_their_words(engine: EmbeddedSpeech) -> None:
    figures = speak(engine, "It costs $3.50 on 3/14/2024, i.e. 50% more.")
    words = speak(
        engine,
        "It costs three dollars and fifty cents on March fourteenth twenty twenty-four, that is fifty percent more.",
    )
    assert [p.symbol for p in figures.phonemes if p.symbol] == [p.symbol for p in words.phonemes if p.symbol]


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        ("language", {"language": "xx"}),
        ("--text", {"text": ""}),
        ("--text", {"text": "…!?"}),
        ("--text", {"text": "x" * 100_000}),
        ("speed", {"speed": 3.0}),
        ("speed", {"speed": float("nan")}),
        ("pitch", {"pitch": -13.0}),
        ("speaker", {"options": {"speaker": "nobody"}}),
        ("voice", {"voice": VoiceReference(Sound(np.ones(4000, np.float32), 16000), "en")}),
        ("voice", {"voice": VoiceReference(Sound(np.full(64000, np.nan, np.float32), 16000), "en")}),
        ("voice", {"voice": VoiceReference(Sound(np.ones((2, 64000), np.float32), 16000), "en")}),
    ],
)
def test_bad_requests_are_refused_by_name(each_engine: SpeechEngine, parameter: str, changes: dict) -> None:
    with pytest.raises(BadInput) as refusal:
        speak(each_engine, **changes)
    assert refusal.value.parameter == parameter


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        ("speaker", {"options": {"speaker": "mei"}}),
        ("sound", {"voice": VoiceReference(Sound(np.zeros(64000, np.float32), 16000), "en")}),
        (
            "voice",
            {
                "voice": VoiceReference(
                    Sound(np.random.default_rng(0).normal(0, 0.1, 64000).astype(np.float32), 16000), "en"
                )
            },
        ),
    ],
)
def test_what_can_t_be_matched_is_refused_by_name(engine: EmbeddedSpeech, parameter: str, changes: dict) -> None:
    with pytest.raises(BadInput) as refusal:
        speak(engine, **changes)
    assert refusal.value.parameter == parameter


@pytest.mark.parametrize(
    "text",
    [
        "I",
        "A.",
        "1",
        "hmm",
        "COVID-19",
        "😀 ok",
        "a" * 200,
        "\u202eabc\u202c",
        "x\ud800y",
        "Hello <b>world</b> & co",
        "Ünïcödé",
        "?!a",
    ],
)
def test_odd_texts_are_spoken(each_engine: SpeechEngine, text: str) -> None:
    assert speak(each_engine, text).sound.seconds > 0.1


def test_a_cancelled_request_stops(each_engine: SpeechEngine) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        each_engine.speak(SpeechRequest(TEXTS["en"]), cancel)


def test_speakers_are_named_and_can_be_chosen(engine: EmbeddedSpeech) -> None:
    speakers = dict(engine.speakers())
    assert {"heart", "joe", "mei"} <= set(speakers)
    deep, high = (median_pitch(speak(engine, options={"speaker": name})) for name in ("joe", "heart"))
    assert high > 1.5 * deep


def test_threads_may_speak_at_once(engine: EmbeddedSpeech) -> None:
    from concurrent.futures import ThreadPoolExecutor

    requests = [SpeechRequest(TEXTS[language], language) for language in ("de", "fr", "es", "it", "ru", "en") * 2]
    alone = [engine.speak(request, CancelToken()).sound.samples for request in requests[:6]]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda request: engine.speak(request, CancelToken()).sound.samples, requests))
    for i, samples in enumerate(together):
        assert np.array_equal(samples, alone[i % 6])
