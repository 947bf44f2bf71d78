"""Measures of a recording: each moves with what it measures, and only with that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.contracts import Sound
from studio.engines.hearing.activity import VoiceActivity
from studio.engines.hearing.quality import Listener, Quality, clipped_share, measure
from studio.errors import BadInput
from tests.hostile_files import ffmpeg
from tests.speech_samples import (
    LAKE,
    at,
    espeak,
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

ACTIVITY = VoiceActivity()
LISTENER = Listener()


def quality(sound: Sound) -> Quality:
    return measure(sound, ACTIVITY)


def full(sound: Sound) -> Sound:
    return Sound(sound.samples / np.abs(sound.samples).max(), sound.sample_rate)


def test_seconds_and_level_of_speech() -> None:
    said = quality(joe())
    padded = quality(joined(silence(3, 22_050), joe(), silence(3, 22_050)))
    assert padded.seconds == pytest.approx(said.seconds + 6)
    assert padded.speech_seconds == pytest.approx(said.speech_seconds, abs=0.4)
    assert padded.level == pytest.approx(said.level, abs=1)
    assert quality(loud(joe(), 0.1)).level == pytest.approx(said.level - 20, abs=0.5)


@pytest.mark.parametrize("snr", [30, 20, 10, 5])
@pytest.mark.parametrize("voice", [heart, joe])
def test_noise_is_measured_within_a_few_decibels(voice, snr: float) -> None:
    sound = joined(silence(0.6, voice().sample_rate), voice(), silence(0.6, voice().sample_rate))
    found = quality(in_noise(sound, snr))
    # the words are louder than the mean over pauses that the noise was set by
    assert snr - 1 < found.snr < snr + 5
    assert found.snr == pytest.approx(found.level - found.noise, abs=2)


def test_the_extremes_of_noise() -> None:
    assert quality(joined(silence(1), heart(), silence(1))).snr == 80
    nothing = quality(hiss(3))
    assert (nothing.snr, nothing.level, nothing.speech_seconds) == (0, -100, 0)
    assert nothing.noise == pytest.approx(-21.8, abs=1)  # what of it lies below 8 kHz
    assert quality(silence(2)) == Quality(2.0, 0, -100, -100, 0, 0, 0)
    assert replace(quality(silence(0)), seconds=0) == Quality(0, 0, -100, -100, 0, 0, 0)


@pytest.mark.parametrize("voice", [heart, joe, mei, lambda: espeak().sound], ids=["heart", "joe", "mei", "robot"])
@pytest.mark.parametrize("gain", [2, 4, 8])
def test_clipping_is_counted(voice, gain: float) -> None:
    samples = full(voice()).samples
    cut = np.clip(samples * gain, -1, 1)
    truth = float(np.mean(np.abs(cut) >= 1))
    assert clipped_share(cut) == pytest.approx(truth, rel=0.2, abs=0.001)
    assert clipped_share(cut * np.float32(0.05)) == pytest.approx(truth, rel=0.2, abs=0.001)  # turned down afterwards


@pytest.mark.parametrize("voice", [heart, joe, mei, lambda: espeak().sound], ids=["heart", "joe", "mei", "robot"])
def test_undamaged_speech_is_not_clipped(voice, tmp_path: Path) -> None:
    sound = full(voice())
    assert clipped_share(sound.samples) < 0.001
    assert clipped_share(sound.samples[: 3 * sound.sample_rate]) < 0.002
    wav, limited = file_of(sound, tmp_path / "voice.wav"), tmp_path / "limited.wav"
    broadcast = "acompressor=threshold=0.06:ratio=6:attack=5:release=80:makeup=4,alimiter=limit=0.9:attack=3"
    ffmpeg("-i", str(wav), "-af", broadcast, str(limited))
    assert clipped_share(samples_of(limited)) < 0.002


@pytest.mark.parametrize("kind", ["mp3", "opus", "m4a"])
def test_clipping_is_seen_through_lossy_coding_and_a_volume_control(kind: str, tmp_path: Path) -> None:
    cut = loud(full(heart()), 4)
    coded = file_of(Sound(cut.samples * np.float32(0.5), 24_000), tmp_path / f"cut.{kind}", "-b:a", "64k")
    wav = tmp_path / "back.wav"
    ffmpeg("-i", str(coded), str(wav))
    assert clipped_share(samples_of(wav)) > 0.03


def samples_of(wav: Path) -> np.ndarray:
    from studio.media.audio import read_pcm

    return read_pcm(wav)[0][:, 0]


def test_bandwidth_tells_a_telephone_from_a_studio() -> None:
    assert quality(at(heart(), 48_000)).bandwidth > 9000
    assert 3000 < quality(at(at(heart(), 8000), 48_000)).bandwidth < 4800


def test_listeners_mind_noise_in_its_order() -> None:
    marks = [LISTENER.rate(sound) for sound in (heart(), in_noise(heart(), 20), in_noise(heart(), 5))]
    assert marks[0].overall > 3
    assert marks[0].background > 3.8
    assert marks[0].overall > marks[1].overall + 0.3 > marks[2].overall + 0.6
    assert marks[0].background > marks[1].background + 0.5 > marks[2].background + 1
    for mark in marks:
        assert 1 <= min(mark.signal, mark.background, mark.overall) <= 5
    assert LISTENER.rate(hiss(3)).overall < 2
    assert LISTENER.rate(whistle(3)).overall < LISTENER.rate(joe()).overall
    assert LISTENER.rate(music(3)).signal < marks[0].signal


def test_listeners_hear_short_and_long_sounds() -> None:
    long = joined(heart(), heart(LAKE), heart(), heart(LAKE))
    assert LISTENER.rate(long).overall == pytest.approx(LISTENER.rate(heart()).overall, abs=0.4)
    assert 1 <= LISTENER.rate(Sound(heart().samples[9600:14_400], 24_000)).overall <= 5
    with pytest.raises(BadInput, match="sound"):
        LISTENER.rate(silence(0))
