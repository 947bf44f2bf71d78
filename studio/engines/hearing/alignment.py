"""When each word of a known text is said in a sound.

English: forced alignment with the acoustic model and dictionary inside PocketSphinx. Other languages: the words laid
over the stretches of speech, each as long as its letters suggest; good for captions, rough for lips.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.contracts import Sound
from studio.engines.hearing.activity import RATE, VoiceActivity
from studio.engines.hearing.pronunciation import IPA, phones_of
from studio.engines.hearing.resampling import at_rate
from studio.engines.hearing.words import normal_words
from studio.speech.timing import TimedPhoneme, TimedWord

if TYPE_CHECKING:
    from pocketsphinx import Decoder

_FRAME = 0.01
_LEAD = 0.25
"""Seconds of faint noise put around the sound: the aligner wants a silence to begin in, and no digital one."""
_PEAK, _DITHER = 0.8, 1e-4
_BEAM = 1e-200
_LONGEST = 120.0
_MOST_WORDS = 1000
_VOWELS = re.compile(r"[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüœаеёиоуыэюя]+")


@dataclass(frozen=True)
class Alignment:
    """`phonemes` cover the sound with their silences, () where only words were laid out; `exact`: heard, not
    estimated."""

    words: tuple[TimedWord, ...]
    phonemes: tuple[TimedPhoneme, ...]
    exact: bool


@dataclass(frozen=True)
class _Token:
    """A word as written, and the words it is said as: "42" is "forty", "two"."""

    text: str
    spoken: tuple[str, ...]


class Aligner:
    """Holds the networks; threads may share it."""

    def __init__(self, activity: VoiceActivity | None = None) -> None:
        self._activity = activity or VoiceActivity()

    def align(self, sound: Sound, text: str, language: str) -> Alignment | None:
        """Words as written in `text`, without punctuation, in the order said. None when there is no word in it, the
        sound is empty, or English text could not be found in the sound (`estimate` still lays it out then)."""
        if language != "en":
            return self.estimate(sound, text)
        tokens = _tokens(text)
        samples = at_rate(sound, RATE)
        spoken = sum(len(token.spoken) for token in tokens)
        if not 1 <= spoken <= _MOST_WORDS or not 0 < sound.seconds <= _LONGEST:
            return None
        if not self._activity.speech_spans(Sound(samples, RATE)):
            return None
        found = _forced(samples, [word for token in tokens for word in token.spoken])
        return _assembled(tokens, found, sound.seconds) if found else None

    def estimate(self, sound: Sound, text: str) -> Alignment | None:
        """Words alone, laid over the stretches of speech by their length. None for no word or no sound."""
        words = [word for token in text.split() for word in _written(token)]
        if not words or not len(sound.samples):
            return None
        spans = self._activity.speech_spans(sound) or ((0.0, sound.seconds),)
        return Alignment(laid_out(words, spans), (), exact=False)


def laid_out(words: Sequence[str], spans: Sequence[tuple[float, float]]) -> tuple[TimedWord, ...]:
    """`words` one after another over `spans` (start, end in seconds), each as long as its syllables and letters
    suggest, none across a pause."""
    ends = np.cumsum([_length(word) for word in words])
    durations = np.cumsum([end - start for start, end in spans])
    edges = np.concatenate([[0.0], ends / ends[-1] * durations[-1]])
    placed: list[TimedWord] = []
    for word, begin, finish in zip(words, edges, edges[1:], strict=False):
        index = min(int(np.searchsorted(durations, (begin + finish) / 2, "right")), len(spans) - 1)
        start, end = spans[index]
        passed = durations[index] - (end - start)
        first, last = np.clip([start + begin - passed, start + finish - passed], start, end)
        placed.append(TimedWord(word, float(first), float(last)))
    return tuple(placed)


def _length(word: str) -> float:
    """In syllables: vowels that can be told, else letters of which each is nearly one (kana, hanzi, hangul)."""
    vowels = len(_VOWELS.findall(word.casefold()))
    return vowels + 0.15 * len(word) if vowels else max(1.0, 0.8 * len(word))


def _written(token: str) -> list[str]:
    """The words in one piece of text between spaces, as written; every character where words aren't spaced."""
    spoken = normal_words(token)
    plain = token.strip(' .,;:!?…"“”«»„‚‘()[]{}-–—。、，！？「」¿¡')
    return [plain] if len(spoken) == 1 and plain else spoken


def _tokens(text: str) -> list[_Token]:
    return [_Token(word, tuple(_said(word))) for piece in text.split() for word in _written(piece) if _said(word)]


def _said(word: str) -> list[str]:
    """English: digits become words."""
    from num2words import num2words

    plain = re.sub(r"(?<=\d),(?=\d{3})", "", word)
    named = re.sub(r"\d{1,12}", lambda digits: f" {num2words(int(digits[0]))} ", plain)
    return normal_words(re.sub(r"\d+", " ", named).replace("-", " "))


@dataclass(frozen=True)
class _Heard:
    """A word of the aligner, or a silence (""), with its phones; times in seconds of the padded sound."""

    name: str
    start: float
    end: float
    phones: tuple[tuple[str, float, float], ...]


def _forced(samples: np.ndarray, words: Sequence[str]) -> list[_Heard] | None:
    """Two passes: words first, then phones within them. None where the aligner finds no way through the sound."""
    from pocketsphinx import Decoder

    # wide beams: the narrow ones of recognition lose the only path there is; without a lattice, short texts align too
    beams = {"beam": _BEAM, "pbeam": _BEAM, "wbeam": _BEAM}
    decoder = Decoder(samprate=RATE, loglevel="FATAL", bestpath=False, lm=None, **beams)
    if not _taught(decoder, words):
        return None
    pcm = _pcm(samples)
    try:
        decoder.set_align_text(" ".join(words))
        _listen(decoder, pcm)
        decoder.set_alignment()
        _listen(decoder, pcm)
        aligned = decoder.get_alignment()
    except RuntimeError:
        return None
    heard = [
        _Heard(
            word.name,
            word.start * _FRAME,
            (word.start + word.duration) * _FRAME,
            tuple((each.name, each.start * _FRAME, (each.start + each.duration) * _FRAME) for each in word),
        )
        for word in aligned or ()
    ]
    return heard if [_bare(each.name) for each in heard if not _is_silence(each.name)] == list(words) else None


def _taught(decoder: Decoder, words: Sequence[str]) -> bool:
    """Adds what its dictionary lacks; False for a word that has no sound in English."""
    for word in dict.fromkeys(words):
        if decoder.lookup_word(word) is None:
            phones = phones_of(word)
            if not phones:
                return False
            decoder.add_word(word, " ".join(phones), True)
    return True


def _listen(decoder: Decoder, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def _pcm(samples: np.ndarray) -> bytes:
    peak = float(np.max(np.abs(samples)))
    levelled = np.pad(samples * (_PEAK / peak if peak else 1.0), round(_LEAD * RATE))
    faint = np.random.default_rng(0).normal(0, _DITHER, len(levelled))
    return (np.clip(levelled + faint, -1, 1) * 32767).astype("<i2").tobytes()


def _is_silence(name: str) -> bool:
    return name.startswith(("<", "[", "+"))


def _bare(name: str) -> str:
    """Without the number of a second pronunciation: "the(2)"."""
    return re.sub(r"\(\d+\)$", "", name)


def _assembled(tokens: Sequence[_Token], heard: Sequence[_Heard], seconds: float) -> Alignment:
    def at(time: float) -> float:
        return float(min(max(time - _LEAD, 0.0), seconds))

    said = iter([each for each in heard if not _is_silence(each.name)])
    words: list[TimedWord] = []
    for token in tokens:
        parts = [next(said) for _ in token.spoken]
        words.append(TimedWord(token.text, at(parts[0].start), at(parts[-1].end)))
    phonemes = [
        TimedPhoneme("" if _is_silence(each.name) else IPA.get(name, ""), at(start), at(end))
        for each in heard
        for name, start, end in each.phones
    ]
    return Alignment(tuple(words), tuple(each for each in phonemes if each.end > each.start), exact=True)
