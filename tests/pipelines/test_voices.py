"""Voice profiles from real recordings: any format, level and rate in; a clean reference or a plain reason out."""

from __future__ import annotations

import json
import os
import pickle
import re
from pathlib import Path

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Sound, Transcript
from studio.engines.hearing.quality import measure
from studio.engines.hearing.similarity import SpeakerEncoder, similarity
from studio.errors import BadInput, Cancelled, StudioError
from studio.media.audio import read_pcm
from studio.pipelines.recordings import cut_out, levelled, one_channel, read_recording
from studio.pipelines.voices import MadeVoice, VoiceMaker, voice_reference
from studio.requests import VoiceRequest
from studio.settings import Limits
from studio.store.voices import VoiceProfile, VoiceStore
from tests.hostile_files import ffmpeg, tone, write_wav
from tests.speech_samples import (
    LAKE,
    at,
    file_of,
    heart,
    hiss,
    in_noise,
    joe,
    joined,
    loud,
    mei,
    music,
    silence,
    whistle,
)

ENCODER = SpeakerEncoder()


@pytest.fixture
def store(tmp_path: Path) -> VoiceStore:
    return VoiceStore(tmp_path / "voices")


@pytest.fixture(scope="module")
def maker() -> VoiceMaker:
    def draft(sound: Sound, language: str) -> Transcript | None:
        return Transcript(f"{sound.seconds:.0f} seconds", (), 0.5) if language == "en" else None

    return VoiceMaker(Limits(), draft)


def make(maker: VoiceMaker, store: VoiceStore, *files: Path, **fields: str) -> MadeVoice:
    return maker.create(VoiceRequest(Path("unused"), "Ada", files, **fields), store, CancelToken())


def refused(maker: VoiceMaker, store: VoiceStore, *files: Path) -> BadInput:
    with pytest.raises(BadInput) as caught:
        make(maker, store, *files)
    assert caught.value.parameter == "--reference"
    assert "\n" not in str(caught.value)
    assert store.list() == []
    return caught.value


def stored(profile: VoiceProfile, index: int = 0) -> Sound:
    samples, rate = read_pcm(profile.sample_paths[index])
    assert samples.shape[1] == 1
    return Sound(samples[:, 0], rate)


def test_a_recording_becomes_a_clean_reference(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    source = joined(silence(2, 22_050), loud(joe(), 0.1), silence(3, 22_050), loud(joe(LAKE), 0.1), silence(1, 22_050))
    made = make(maker, store, file_of(source, tmp_path / "joe.wav"), consent="I agree.")
    profile = made.profile
    sound = stored(profile)
    assert sound.sample_rate == 24_000
    assert sound.seconds == pytest.approx(joe().seconds + joe(LAKE).seconds + 0.4, abs=0.8)
    found = measure(sound, maker._activity)
    assert found.level == pytest.approx(-22, abs=2)  # the gaps between the words counted in
    assert np.abs(sound.samples).max() <= 10 ** (-1 / 20) + 0.001
    assert similarity(ENCODER.embed(sound), ENCODER.embed(joe())) > 0.95
    assert profile.quality["speech_seconds"] == pytest.approx(found.speech_seconds, abs=0.8)
    assert profile.quality["level_dbfs"] == pytest.approx(measure(joe(), maker._activity).level - 20, abs=2)
    assert profile.quality["mos_overall"] > 2.5
    assert (profile.transcript, profile.transcript_draft) == (f"{sound.seconds:.0f} seconds", True)
    assert profile.consent
    assert profile.consent.sentence == "I agree."
    assert store.get(profile.id) == profile
    assert made.notices == ()


@pytest.mark.parametrize("kind", ["wav", "mp3", "ogg", "m4a", "webm", "mp4 film"])
def test_any_format(maker: VoiceMaker, store: VoiceStore, tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"voice.{kind.removesuffix(' film')}"
    if kind == "mp4 film":
        sound = file_of(heart(), tmp_path / "voice.m4a")
        picture = ["-f", "lavfi", "-i", "testsrc2=d=2:r=5:s=64x64", "-i", str(sound), "-c:v", "libx264"]
        ffmpeg(*picture, "-c:a", "copy", str(path))
    else:
        file_of(heart(), path)
    sound = stored(make(maker, store, path).profile)
    assert similarity(ENCODER.embed(sound), ENCODER.embed(heart())) > 0.93


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 6), (96_000, 2)])
def test_any_rate_and_channels(maker: VoiceMaker, store: VoiceStore, tmp_path: Path, rate: int, channels: int) -> None:
    path = file_of(at(heart(), rate), tmp_path / "voice.wav", channels=channels)
    made = make(maker, store, path)
    assert similarity(ENCODER.embed(stored(made.profile)), ENCODER.embed(heart())) > 0.85
    assert any("telephone" in notice for notice in made.notices) == (rate == 8000)


def test_three_seconds_are_enough_and_two_are_not(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    words = joe().samples
    short = Sound(words[: round(2.2 * 22_050)], 22_050)
    error = refused(maker, store, file_of(joined(short, silence(4, 22_050)), tmp_path / "short.wav"))
    assert re.search(r"2\.[0-3] seconds of speech were found", str(error))
    assert "at least 3 seconds of speech" in error.accepted
    enough = Sound(words[: round(3.2 * 22_050)], 22_050)
    made = make(maker, store, file_of(enough, tmp_path / "enough.wav"))
    assert 3 <= made.profile.quality["speech_seconds"] <= 3.3


def test_several_recordings_count_together_and_are_kept_apart(
    maker: VoiceMaker, store: VoiceStore, tmp_path: Path
) -> None:
    parts = [Sound(joe().samples[round(s * 22_050) : round((s + 1.7) * 22_050)], 22_050) for s in (0, 1.7)]
    files = [file_of(loud(part, gain), tmp_path / f"{gain}.mp3") for part, gain in zip(parts, (1, 0.05), strict=True)]
    profile = make(maker, store, *files, transcript="What I said.").profile
    assert profile.samples == ("sample_01.wav", "sample_02.wav")
    assert (profile.transcript, profile.transcript_draft) == ("What I said.", False)
    reference = voice_reference(profile)
    assert reference.sound.sample_rate == 24_000
    assert reference.sound.seconds == pytest.approx(3.5, abs=0.5)
    assert (reference.language, reference.transcript) == ("en", "What I said.")


def test_no_more_than_thirty_seconds_are_kept(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    long = joined(*[heart(), heart(LAKE)] * 3)
    path = file_of(long, tmp_path / "long.mp3")
    made = make(maker, store, path, path, language="fr")
    assert sum(stored(made.profile, index).seconds for index in range(len(made.profile.samples))) <= 30.01
    assert any("first 30 are kept" in notice for notice in made.notices)
    assert made.profile.transcript == ""  # nobody here knows French


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (silence(5), "silent"),
        (hiss(5), "nobody speaks"),
        (whistle(5), "nobody speaks"),
        (music(8), "nobody speaks"),
        (Sound(heart().samples[9_600:21_600], 24_000), "seconds of speech"),
        (in_noise(heart(), -3), "above its noise"),
        (loud(heart(), 40), "cut off at full scale"),
    ],
    ids=["silence", "noise", "tone", "music", "half a second", "in noise", "clipped"],
)
def test_what_can_not_serve_is_refused_with_its_reason(
    maker: VoiceMaker, store: VoiceStore, tmp_path: Path, sound: Sound, words: str
) -> None:
    error = refused(maker, store, file_of(sound, tmp_path / "bad.wav"))
    assert words in str(error)
    assert "bad.wav" in error.value


def test_clipping_behind_lossy_coding_is_refused_too(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    assert "cut off" in str(refused(maker, store, file_of(loud(heart(), 20), tmp_path / "cut.mp3", "-b:a", "96k")))


def test_one_bad_recording_of_several_is_named(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    good, bad = file_of(joe(), tmp_path / "good.wav"), file_of(music(4), tmp_path / "bad.wav")
    assert "bad.wav" in refused(maker, store, good, bad).value


def test_hum_and_rumble_do_no_harm(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    voice = joined(silence(1), heart())
    time = np.arange(len(voice.samples)) / 24_000
    hum = (0.1 * np.sin(2 * np.pi * 50 * time) + 0.1 * np.sin(2 * np.pi * 20 * time)).astype(np.float32)
    made = make(maker, store, file_of(Sound(voice.samples + hum, 24_000), tmp_path / "hum.wav"))
    sound = stored(made.profile)
    spectrum = np.abs(np.fft.rfft(sound.samples * np.hanning(len(sound.samples)))) ** 2
    hertz = np.fft.rfftfreq(len(sound.samples), 1 / 24_000)
    assert spectrum[hertz < 55].sum() < 0.02 * spectrum.sum()  # it was four times the voice
    assert similarity(ENCODER.embed(sound), ENCODER.embed(heart())) > 0.9


def test_a_reference_can_be_had_without_a_profile(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    files = [file_of(joe(), tmp_path / "one.wav"), file_of(joe(LAKE), tmp_path / "two.mp3")]
    sound, notices = maker.listen(files, CancelToken())
    assert (sound.sample_rate, notices) == (24_000, ())
    assert joe().seconds + joe(LAKE).seconds - 1 < sound.seconds < joe().seconds + joe(LAKE).seconds + 1
    with pytest.raises(BadInput, match="--voice-file"):
        maker.listen([file_of(hiss(4), tmp_path / "hiss.wav")], CancelToken(), "--voice-file")
    assert store.list() == []


def test_what_could_be_better_is_said(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    noisy = in_noise(joined(silence(1), heart()), 12)
    made = make(maker, store, file_of(noisy, tmp_path / "noisy.wav"))
    assert any("noisy" in notice for notice in made.notices)
    assert 10 < made.profile.quality["snr_db"] < 18
    assert made.profile.quality["mos_background"] < 3


def test_files_that_are_no_sound_are_refused(
    maker: VoiceMaker, store: VoiceStore, tmp_path: Path, hostile_songs: dict[str, Path]
) -> None:
    for path in hostile_songs.values():
        refused(maker, store, path)
    refused(maker, store, tmp_path / "missing.wav")
    refused(maker, store, tmp_path)
    refused(maker, store)


@pytest.mark.parametrize("fields", [{"language": "english"}, {"consent": "x" * 600}, {"transcript": "x" * 6000}])
def test_bad_words_are_refused(maker: VoiceMaker, store: VoiceStore, tmp_path: Path, fields: dict[str, str]) -> None:
    with pytest.raises(BadInput, match=next(iter(fields))):
        make(maker, store, file_of(joe(), tmp_path / "joe.wav"), **fields)
    assert store.list() == []


def test_cancelling_leaves_nothing(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        maker.create(VoiceRequest(Path("unused"), "Ada", (file_of(joe(), tmp_path / "joe.wav"),)), store, token)
    assert store.list() == []


def test_sides_that_cancel_out_or_are_empty_are_told() -> None:
    voice = joe().samples
    assert np.array_equal(one_channel(np.stack([voice, -voice], 1)), voice)
    assert np.array_equal(one_channel(np.stack([voice * 0, voice], 1)), voice)
    assert np.allclose(one_channel(np.stack([voice, voice], 1)), voice)


def test_pauses_are_kept_up_to_four_tenths_of_a_second() -> None:
    rate = 1000
    sound = Sound(np.ones(10_000, np.float32), rate)
    cut = cut_out(sound, [(1.0, 2.0), (2.3, 3.0), (6.0, 7.0)])
    assert cut.seconds == pytest.approx(2.0 + 0.4 + 1.0)
    assert cut.samples[0] == 0
    assert cut.samples[-1] == 0
    assert cut.samples[1500] == 1


def test_levelling_is_bounded_by_the_peak() -> None:
    quiet = levelled(Sound(joe().samples * np.float32(0.001), 22_050))
    assert np.allclose(quiet.samples, levelled(joe()).samples, atol=1e-4)
    click = joe().samples.copy()
    click[1000] = 20
    assert np.abs(levelled(Sound(click, 22_050)).samples).max() <= 0.9


def test_a_long_recording_is_heard_for_ten_minutes(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    ffmpeg("-f", "lavfi", "-i", "sine=frequency=300:duration=660:sample_rate=8000", str(path))
    sound, notices = read_recording(path, "--reference", Limits(), CancelToken())
    assert sound.seconds == 600
    assert notices == ["only the first 10 minutes of the recording were heard"]


class Bomb:
    """Unpickling it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (os.mkdir, (str(self.path),))


def test_old_profiles_keep_their_recordings_and_lose_their_embeddings(
    maker: VoiceMaker, store: VoiceStore, tmp_path: Path
) -> None:
    folder = tmp_path / "old" / "ada"
    folder.mkdir(parents=True)
    (folder / "profile.json").write_text(json.dumps({"id": "9", "name": "Ada", "language": "JP", "created": "then"}))
    (folder / "se.pth").write_bytes(pickle.dumps(Bomb(tmp_path / "ran")))
    mono = file_of(joe(), folder / "sample_01.wav", "-ac", "1")
    file_of(mei(), folder / "sample_02.mp3")
    broken = tmp_path / "old" / "broken"
    broken.mkdir()
    (broken / "profile.json").write_text(json.dumps({"name": "x"}))
    (broken / "sample_01.wav").write_bytes(b"RIFF nothing")
    ids, notices = maker.migrate(tmp_path / "old", store, CancelToken())
    (profile,) = store.list()
    assert ids == [profile.id]
    assert (profile.name, profile.language) == ("Ada", "ja")
    assert profile.sample_paths[0].read_bytes() == mono.read_bytes()
    assert similarity(ENCODER.embed(stored(profile, 1)), ENCODER.embed(mei())) > 0.9
    assert sorted(path.name for path in profile.folder.iterdir()) == ["profile.json", "sample_01.wav", "sample_02.wav"]
    assert len(notices) == 1
    assert "broken" in notices[0]
    assert not (tmp_path / "ran").exists()
    with pytest.raises(StudioError, match="FOLDER"):
        maker.migrate(broken, store, CancelToken())
    assert store.list() == [profile]


def test_a_stereo_tone_is_a_recording_but_no_voice(maker: VoiceMaker, store: VoiceStore, tmp_path: Path) -> None:
    assert "nobody speaks" in str(refused(maker, store, write_wav(tmp_path / "tone.wav", tone(4))))
