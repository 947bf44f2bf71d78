"""Hibari's voice "heart": a woman's American English, a small network distilled from Kokoro (Apache-2.0).

Its reading of text and its vocoder are used as they are. Its network is asked for each sign's length too, which the
graph holds but doesn't give out.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.contracts import Sound
from studio.engines.speech.networks import Network
from studio.engines.speech.onnx_graph import with_output
from studio.engines.speech.voice import Said, Sign, Voice, settled, timed_phonemes, timed_words
from studio.errors import LoadFailed
from studio.speech.ipa import LENGTH, PAUSES, STRESS, from_kokoro

if TYPE_CHECKING:
    from studio.cancellation import CancelToken

LENGTHS = "/Clip_output_0"
"""The tensor of each sign's length in hibari 0.2's graph."""

STEP_SECONDS = 0.025
"""A length's unit: two of the network's 12.5 ms frames."""

LEAD_SECONDS = 0.055
"""The sound comes this much before the lengths say: there stops are quietest and vowels loudest within their times."""

MOST_SIGNS = 400
"""hibari.tts.MAX_PHONEMES: longer ones were not in its training."""


@dataclass(frozen=True)
class _Parts:
    read: Any
    vocabulary: dict[str, int]
    network: Network


class Heart(Voice):
    name = "heart"

    def __init__(self) -> None:
        self.title = "heart (English, a woman's)"
        self._lock = threading.Lock()
        self._parts: _Parts | None = None

    def say(self, text: str, speed: float, seed: int, cancel: CancelToken) -> Said:
        from hibari import dsp

        rng = np.random.default_rng(seed)
        samples: list[np.ndarray] = []
        signs: list[Sign] = []
        words: list[str] = []
        for characters in _pieces(self._read(text, words)):
            cancel.check()
            magnitude, turn, noise, free, phase, pitch, lengths = self._run([code for _, code, _ in characters], speed)
            samples.append(dsp.synth(magnitude[0], turn[0], noise[0], free[0], phase[0], pitch[0], rng))
            signs.extend(_signs(characters, lengths.reshape(-1)))
        wave = np.concatenate(samples).astype(np.float32) if samples else np.zeros(0, np.float32)
        phonemes = timed_phonemes(signs, STEP_SECONDS)
        return settled(Said(Sound(wave, dsp.SR), timed_words(words, signs, STEP_SECONDS), phonemes), LEAD_SECONDS)

    def _read(self, text: str, words: list[str]) -> list[tuple[str, int, int]]:
        """(sign, its code, its word or -1) of the text; the words themselves are added to `words`."""
        from hibari.g2p import normalize

        with self._lock:
            parts = self._loaded()
            tokens = parts.read.phonemize_tokens(parts.read.tokenize(normalize(text)))
        characters = []
        for token in tokens:
            signs = [(sign, parts.vocabulary[sign]) for sign in token.phonemes or "" if sign in parts.vocabulary]
            spoken = any(from_kokoro(sign) for sign, _ in signs)
            if spoken:
                words.append(token.text)
            characters += [(sign, code, len(words) - 1 if spoken else -1) for sign, code in signs]
            if token.whitespace:
                characters.append((" ", parts.vocabulary[" "], -1))
        return characters

    def _run(self, codes: list[int], speed: float) -> list[np.ndarray]:
        inputs = {"ids": np.asarray([[0, *codes, 0]], np.int64), "speed": np.asarray([speed], np.float32)}
        return self._loaded().network(inputs)

    def _loaded(self) -> _Parts:
        if self._parts is None:
            self._parts = _load()
        return self._parts


def _load() -> _Parts:
    import json

    import hibari
    from hibari.g2p import G2P

    assets = Path(hibari.__file__).parent / "assets"
    try:
        model = (assets / "hibari.onnx").read_bytes()
        vocabulary = json.loads((assets / "vocab.json").read_text(encoding="utf-8"))
        return _Parts(G2P(), vocabulary, Network(with_output(model, LENGTHS), "hibari.onnx"))
    except (OSError, ValueError) as error:
        raise LoadFailed(f"the voice heart is missing or damaged: {error}") from error


def _pieces(characters: list[tuple[str, int, int]]) -> Iterator[list[tuple[str, int, int]]]:
    """Runs of at most MOST_SIGNS, parted at the last space before the limit."""
    while len(characters) > MOST_SIGNS:
        spaces = [i for i, (sign, _, _) in enumerate(characters[:MOST_SIGNS]) if sign == " "]
        cut = spaces[-1] + 1 if spaces else MOST_SIGNS
        yield characters[:cut]
        characters = characters[cut:]
    if characters:
        yield characters


def _signs(characters: list[tuple[str, int, int]], lengths: np.ndarray) -> Iterator[Sign]:
    """The network pads a sentence with a silent sign on either side."""
    yield Sign("", float(lengths[0]), -1)
    for (sign, _, word), length in zip(characters, lengths[1:-1], strict=True):
        yield Sign(_symbol(sign), float(length), word)
    yield Sign("", float(lengths[-1]), -1)


def _symbol(sign: str) -> str | None:
    if sign in STRESS:
        return "+"
    if sign in LENGTH or sign == " ":
        return None
    return "" if sign in PAUSES else from_kokoro(sign) or None
