"""Voices brought near to a reference: nearer than they were, and still clean."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound, SpeechRequest, VoiceReference
from studio.engines.hearing.resampling import at_rate
from studio.engines.hearing.similarity import SpeakerEncoder
from studio.engines.speech.embedded import EmbeddedSpeech
from studio.engines.speech.espeak import Espeak, Manner
from studio.engines.speech.pitch import pitch_of
from studio.engines.speech.world import analysed, sounded, stretched_tract, transposed
from studio.errors import Cancelled

SAID = "I walked down to the harbour this morning and watched the boats come in for an hour."
HELD_OUT = "Thank you for calling me back so soon. I would like to hear about the new plan."


@pytest.fixture(scope="module")
def engine() -> EmbeddedSpeech:
    return EmbeddedSpeech()


@pytest.fixture(scope="module")
def encoder() -> SpeakerEncoder:
    return SpeakerEncoder()


@pytest.fixture(scope="module")
def references(engine: EmbeddedSpeech) -> dict[str, VoiceReference]:
    joe = engine.speak(SpeechRequest(SAID, options={"speaker": "joe"}, seed=9), CancelToken()).sound
    formant = {variant: Espeak().say(SAID, Manner(f"en-us+{variant}"), CancelToken()).sound for variant in ("f3", "m3")}
    mei = engine.speak(
        SpeechRequest("今朝、港まで歩いて行って、船が入ってくるのを見ていました。", "ja"), CancelToken()
    ).sound
    sounds = {"joe": joe, "mei": mei, **formant}
    return {name: VoiceReference(sound, "en") for name, sound in sounds.items()}


def likeness(encoder: SpeakerEncoder, sound: Sound, reference: VoiceReference) -> float:
    return float(encoder.embed(sound) @ encoder.embed(reference.sound))


@pytest.mark.parametrize(
    ("reference", "speaker", "gain"),
    [("f3", "heart", 0.03), ("m3", "joe", 0.05), ("mei", "heart", 0.08), ("f3", "espeak-man", 0.10)],
)
def test_a_matched_voice_is_nearer_to_the_reference(engine, encoder, references, reference, speaker, gain) -> None:
    request = SpeechRequest(HELD_OUT, options={"speaker": speaker}, seed=2)
    own = engine.speak(request, CancelToken())
    matched = engine.speak(replace(request, voice=references[reference]), CancelToken())
    before, after = (likeness(encoder, speech.sound, references[reference]) for speech in (own, matched))
    assert after > before + gain
    assert matched.kind == "matched"
    assert "not a clone" in matched.voice
    assert matched.sound.seconds == pytest.approx(own.sound.seconds, abs=0.15)
    assert [word.text for word in matched.words] == [word.text for word in own.words]
    assert 0.2 < float(np.abs(matched.sound.samples).max()) <= 0.91


def test_the_nearest_base_voice_is_taken(engine, references) -> None:
    matched = engine.speak(SpeechRequest(HELD_OUT, voice=references["joe"]), CancelToken())
    assert "joe" in matched.voice
    matched = engine.speak(SpeechRequest(HELD_OUT, voice=references["mei"]), CancelToken())
    assert "heart" in matched.voice


def test_the_pitch_becomes_the_reference_s_and_is_then_moved(engine, references) -> None:
    def median(sound: Sound) -> float:
        pitch, _ = pitch_of(sound)
        return float(np.median(pitch[pitch > 0]))

    request = SpeechRequest(HELD_OUT, voice=references["f3"], options={"speaker": "heart"})
    plain = median(engine.speak(request, CancelToken()).sound)
    assert plain == pytest.approx(median(references["f3"].sound), rel=0.15)
    higher = median(engine.speak(replace(request, pitch=5.0), CancelToken()).sound)
    assert np.log2(higher / plain) == pytest.approx(5 / 12, abs=0.1)


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000])
def test_a_reference_may_have_any_rate(engine, encoder, references, rate) -> None:
    voice = references["mei"]
    other = VoiceReference(Sound(at_rate(voice.sound, rate), rate), "en")
    speech = engine.speak(SpeechRequest(HELD_OUT, voice=other, options={"speaker": "heart"}), CancelToken())
    own = engine.speak(SpeechRequest(HELD_OUT, options={"speaker": "heart"}), CancelToken())
    assert likeness(encoder, speech.sound, voice) > likeness(encoder, own.sound, voice)
    assert brightness(speech.sound) > 0.2 * brightness(own.sound)


def brightness(sound: Sound) -> float:
    """Share of power above 5 kHz: what a telephone's recording must not take from the voice."""
    power = np.abs(np.fft.rfft(sound.samples)) ** 2
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / sound.sample_rate)
    return float(power[hertz > 5000].sum() / power.sum())


def test_a_match_is_the_same_again_and_forgotten_on_reset(references) -> None:
    engine = EmbeddedSpeech()
    request = SpeechRequest("Guten Morgen.", "de", voice=references["f3"], options={"speaker": "espeak-man"})
    first = engine.speak(request, CancelToken())
    again = engine.speak(request, CancelToken())
    assert np.array_equal(first.sound.samples, again.sound.samples)
    engine.reset()
    assert engine._matches == {}
    assert engine.residue() == ""
    plain = engine.speak(replace(request, voice=None), CancelToken())
    assert plain.kind == "own"
    assert np.array_equal(
        plain.sound.samples, EmbeddedSpeech().speak(replace(request, voice=None), CancelToken()).sound.samples
    )


def test_matching_can_be_cancelled(references) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        EmbeddedSpeech().speak(SpeechRequest(HELD_OUT, voice=references["f3"]), cancel)


@pytest.mark.parametrize("hertz", [70.0, 120.0, 210.0, 400.0])
def test_the_pitch_of_a_buzz_is_found(hertz: float) -> None:
    rate = 24_000
    times = np.arange(rate) / rate
    buzz = sum(np.sin(2 * np.pi * hertz * k * times) / k for k in range(1, int(4000 / hertz)))
    pitch, _ = pitch_of(Sound((0.2 * buzz).astype(np.float32), rate))
    assert np.median(pitch[20:-20]) == pytest.approx(hertz, rel=0.01)
    noise = np.random.default_rng(1).normal(0, 0.1, rate).astype(np.float32)
    assert (pitch_of(Sound(noise, rate))[0] > 0).mean() < 0.3


def test_the_vocoder_keeps_what_it_is_not_asked_to_change() -> None:
    sound = Espeak().say(SAID, Manner("en-us"), CancelToken()).sound
    anatomy = analysed(sound)
    back = sounded(anatomy)
    assert len(back.samples) == len(sound.samples)
    encoder = SpeakerEncoder()
    assert float(encoder.embed(back) @ encoder.embed(sound)) > 0.85
    higher = pitch_of(sounded(transposed(anatomy, 6)))[0]
    assert np.median(higher[higher > 0]) == pytest.approx(np.median(anatomy.pitch[anatomy.voiced]) * 2**0.5, rel=0.05)
    bins = np.arange(anatomy.envelope.shape[1])
    plain, moved = (
        np.average(bins, weights=a.envelope.mean(axis=0)) for a in (anatomy, stretched_tract(anatomy, 1.15))
    )
    assert moved / plain == pytest.approx(1.15, abs=0.05)
