from __future__ import annotations

import dataclasses
import threading
import wave
from pathlib import Path

import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput, Cancelled, StorageFailed
from studio.media.audio import check_song, decode_song, encode_sound, read_pcm
from studio.settings import Limits
from tests.hostile_files import SECRET_FREQUENCY, ffmpeg, tone, write_wav

LIMITS = Limits()
KINDS = (
    "wav", "mp3", "flac", "ogg", "opus", "m4a", "aac", "aiff", "caf", "w64", "wma", "mka", "mp3 with cover",
    "m4a with cover", "mp4 film", "webm film", "mkv film", "mov film", "wrong name",
)  # fmt: skip


def decode(path: Path, folder: Path, limits: Limits = LIMITS):
    facts = decode_song(path, folder / "out.wav", "--audio", limits, CancelToken())
    samples, rate = read_pcm(folder / "out.wav")
    return facts, samples, rate


def pitch(samples: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    return float(np.argmax(spectrum) * rate / len(samples))


@pytest.mark.parametrize("kind", KINDS)
def test_every_accepted_format_is_decoded_to_the_same_song(kind: str, songs: dict[str, Path], tmp_path: Path):
    checked = check_song(songs[kind], "--audio", LIMITS)
    facts, samples, rate = decode(songs[kind], tmp_path)
    assert (checked.format, checked.sample_rate) == (facts.format, facts.sample_rate)
    assert rate == (48_000 if kind in ("opus", "webm film") else 44_100)
    assert samples.shape[1] == 2
    assert samples.dtype == np.float32
    assert len(samples) / rate == pytest.approx(3, abs=0.08)
    assert facts.duration == len(samples) / rate
    assert pitch(samples, rate) == pytest.approx(440, abs=1)
    assert np.abs(samples[rate : 2 * rate]).max() == pytest.approx(0.4, abs=0.04)
    assert facts.notice == ""


def test_16_bit_samples_come_through_unchanged(tmp_path: Path):
    original = np.random.default_rng(0).integers(-32768, 32768, (50_000, 2)).astype("<i2")
    source = tmp_path / "in.wav"
    with wave.open(str(source), "wb") as writer:
        writer.setparams((2, 2, 48_000, 0, "NONE", ""))
        writer.writeframes(original.tobytes())
    _, samples, rate = decode(source, tmp_path)
    assert rate == 48_000
    assert np.array_equal(samples * 32768, original)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 40])
def test_any_number_of_channels_is_heard_on_both_sides(channels: int, tmp_path: Path):
    _, samples, _ = decode(write_wav(tmp_path / "in.wav", tone(1, channels=channels)), tmp_path)
    peaks = np.abs(samples).max(0)
    assert peaks == pytest.approx([0.4, 0.4], abs=0.01)


def test_loud_surround_is_mixed_down_without_clipping(tmp_path: Path):
    _, samples, rate = decode(write_wav(tmp_path / "in.wav", tone(1, channels=6) * 2.49), tmp_path)
    assert np.abs(samples).max() <= 1
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    third_harmonic = spectrum[round(1320 * len(samples) / rate)]
    assert third_harmonic < spectrum.max() / 1000


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 32_000, 88_200, 96_000, 192_000])
def test_odd_rates_become_48_kHz_at_the_same_pitch(rate: int, tmp_path: Path):
    facts, samples, out_rate = decode(write_wav(tmp_path / "in.wav", tone(1.5, rate=rate), rate), tmp_path)
    assert (facts.sample_rate, out_rate) == (rate, 48_000)
    assert len(samples) == pytest.approx(72_000, abs=100)
    assert pitch(samples, out_rate) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_numbers_are_silenced_and_told(value: float, tmp_path: Path):
    samples = tone(2)
    samples[1000::5000] = value
    facts, decoded, _ = decode(write_wav(tmp_path / "in.wav", samples, floating=True), tmp_path)
    assert "no numbers" in facts.notice
    assert np.abs(decoded).max() == pytest.approx(0.4, abs=0.01)


def test_a_float_file_far_above_full_scale_is_turned_down_not_clipped(tmp_path: Path):
    facts, samples, rate = decode(write_wav(tmp_path / "in.wav", tone(2) * 10, floating=True), tmp_path)
    assert "turned down by 12.0 dB" in facts.notice
    spectrum = np.abs(np.fft.rfft(samples[:, 0] * np.hanning(len(samples))))
    assert spectrum[round(1320 * len(samples) / rate)] < spectrum.max() / 1000


def test_hostile_songs_are_refused_at_the_door(hostile_songs: dict[str, Path], tmp_path: Path):
    for wrong, path in hostile_songs.items():
        for attempt in (
            lambda path=path: check_song(path, "--audio", LIMITS),
            lambda path=path: decode_song(path, tmp_path / "out.wav", "--audio", LIMITS, CancelToken()),
        ):
            with pytest.raises(BadInput) as refused:
                attempt()
            assert str(refused.value).startswith("--audio: "), wrong
            assert "\n" not in str(refused.value), wrong
        assert list(tmp_path.iterdir()) == [], wrong


def test_silent_songs_are_refused_and_leave_nothing(silent_songs: dict[str, Path], tmp_path: Path):
    for wrong, path in silent_songs.items():
        with pytest.raises(BadInput, match="silent"):
            decode_song(path, tmp_path / "out.wav", "--audio", LIMITS, CancelToken())
        assert list(tmp_path.iterdir()) == [], wrong


def test_a_very_quiet_song_is_accepted(tmp_path: Path):
    decode(write_wav(tmp_path / "in.wav", tone(2) * 0.004, floating=True), tmp_path)


def test_a_playlist_hidden_in_a_real_file_opens_no_other(songs, hostile_songs, tmp_path: Path):
    """Neither appended to nor put before real sound does a playlist bring the other file's tone in."""
    playlist = hostile_songs["hls as mp3"].read_bytes()
    (tmp_path / "after.mp3").write_bytes(songs["mp3"].read_bytes() + playlist)
    (tmp_path / "before.mp3").write_bytes(playlist + songs["mp3"].read_bytes())
    for name in ("after.mp3", "before.mp3"):
        try:
            _, samples, rate = decode(tmp_path / name, tmp_path)
        except BadInput:
            continue
        spectrum = np.abs(np.fft.rfft(samples[:, 0]))
        secret = slice(*(round(f * len(samples) / rate) for f in (SECRET_FREQUENCY - 20, SECRET_FREQUENCY + 20)))
        assert spectrum[secret].max() < spectrum.max() / 100


@pytest.mark.parametrize("kind", ["mp3", "flac", "wav", "aiff", "mka"])
def test_a_song_cut_off_at_its_end_gives_what_is_there(kind: str, songs: dict[str, Path], tmp_path: Path):
    whole = songs[kind].read_bytes()
    cut = tmp_path / "cut"
    cut.write_bytes(whole[: len(whole) * 6 // 10])
    facts, samples, rate = decode(cut, tmp_path)
    assert 1 < len(samples) / rate < 2.2
    assert pitch(samples, rate) == pytest.approx(440, abs=2)
    if kind != "wav":
        assert "cut off" in facts.notice or "damaged" in facts.notice


@pytest.mark.parametrize("kind", ["mp3", "ogg", "flac", "aac", "m4a"])
def test_a_song_damaged_in_the_middle_survives_with_a_notice(kind: str, songs: dict[str, Path], tmp_path: Path):
    data = bytearray(songs[kind].read_bytes())
    middle = len(data) // 2
    data[middle : middle + 400] = np.random.default_rng(3).bytes(400)
    (tmp_path / "damaged").write_bytes(data)
    facts, samples, rate = decode(tmp_path / "damaged", tmp_path)
    assert "damaged" in facts.notice
    assert len(samples) / rate > 1.5


def test_too_long_a_song_is_refused_and_decoding_stops_there(tmp_path: Path):
    path = tmp_path / "long.mp3"
    ffmpeg("-f", "lavfi", "-i", "sine=duration=90", "-b:a", "32k", str(path))
    with pytest.raises(BadInput, match="more than"):
        decode(path, tmp_path, dataclasses.replace(LIMITS, song_seconds=5))
    with pytest.raises(BadInput, match=r"lasts 3\.00 seconds"):
        check_song(write_wav(tmp_path / "l.wav", tone(3)), "--audio", dataclasses.replace(LIMITS, song_seconds=1.5))
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.parametrize(
    "name",
    [
        "-i.mp3",
        "a:b.mp3",
        "http:x.mp3",
        "100%d.mp3",
        'it\'s "so".mp3',
        "new\nline.mp3",
        "歌 🎵.mp3",
        " .mp3",
        b"\xff\xfe.mp3",
    ],
)
def test_any_name_is_only_a_name(name: str | bytes, songs: dict[str, Path], tmp_path: Path, monkeypatch):
    import os

    monkeypatch.chdir(tmp_path)
    path = Path(os.fsdecode(name))
    path.write_bytes(songs["mp3"].read_bytes())
    check_song(path, "--audio", LIMITS)
    wav = path.with_suffix(".wav")
    decode_song(path, wav, "--audio", LIMITS, CancelToken())
    encode_sound(wav, path.with_suffix(".m4a"), CancelToken())
    assert check_song(path.with_suffix(".m4a"), "--audio", LIMITS).duration_hint == pytest.approx(3, abs=0.1)


def test_cancelling_ends_a_decode_at_once_and_leaves_nothing(tmp_path: Path):
    source = tmp_path / "long.flac"
    ffmpeg("-f", "lavfi", "-i", "anoisesrc=duration=200:amplitude=0.3:sample_rate=96000", "-c:a", "flac", str(source))
    token = CancelToken()
    threading.Timer(0.1, token.cancel).start()
    with pytest.raises(Cancelled):
        decode_song(source, tmp_path / "out.wav", "--audio", LIMITS, token)
    assert [path.name for path in tmp_path.iterdir()] == ["long.flac"]


@pytest.mark.parametrize("seconds", [0.99, 1.0, 2.345])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_encoded_sound_starts_and_ends_with_the_pcm_to_the_sample(seconds: float, rate: int, tmp_path: Path):
    samples = tone(seconds, rate)
    samples += np.random.default_rng(1).normal(0, 0.1, samples.shape)
    write_wav(tmp_path / "in.wav", samples, rate)
    encode_sound(tmp_path / "in.wav", tmp_path / "out.m4a", CancelToken())
    ffmpeg("-i", str(tmp_path / "out.m4a"), str(tmp_path / "back.wav"))
    back, back_rate = read_pcm(tmp_path / "back.wav")
    original, _ = read_pcm(tmp_path / "in.wav")
    assert back_rate == rate
    assert len(back) == len(original)
    scores = [
        float(np.dot(original[2000:-2000, 0], back[2000 + lag : len(back) - 2000 + lag, 0]))
        for lag in range(-1500, 1501)
    ]
    assert int(np.argmax(scores)) - 1500 == 0


def test_encoding_is_repeatable(tmp_path: Path):
    write_wav(tmp_path / "in.wav", tone(1))
    for name in ("a.m4a", "b.m4a"):
        encode_sound(tmp_path / "in.wav", tmp_path / name, CancelToken())
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()


def test_damaged_pcm_is_said_to_be_damaged(tmp_path: Path):
    wav = write_wav(tmp_path / "in.wav", tone(1))
    wav.write_bytes(wav.read_bytes()[:1000])
    with pytest.raises(StorageFailed, match=r"in\.wav"):
        read_pcm(wav)
    with pytest.raises(StorageFailed, match=r"gone\.wav"):
        read_pcm(tmp_path / "gone.wav")
