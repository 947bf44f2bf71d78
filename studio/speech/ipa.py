"""Phoneme alphabets of the speech engines, brought to plain IPA: no stress, no length, no tone."""

from __future__ import annotations

STRESS = "ˈˌ"
LENGTH = "ːˑ"
PAUSES = ',.;:!?…—–-"“”„«»()¡¿、。，！？'

_MARKS = str.maketrans("", "", STRESS + LENGTH + "̯̩̪̃͡ʲʰʷˤ˞|_^'0123456789˥˦˧˨˩-*")

_KOKORO = {
    "A": "eɪ",
    "I": "aɪ",
    "O": "oʊ",
    "Q": "əʊ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "ʤ": "dʒ",
    "ʧ": "tʃ",
    "T": "ɾ",
    "ᵊ": "ə",
    "ᵻ": "ɪ",
}

_JAPANESE = {
    "a": "a",
    "i": "i",
    "u": "ɯ",
    "e": "e",
    "o": "o",
    "A": "a",
    "I": "i",
    "U": "ɯ",
    "E": "e",
    "O": "o",
    "N": "ɴ",
    "sh": "ɕ",
    "ch": "tɕ",
    "ts": "ts",
    "j": "dʑ",
    "f": "ɸ",
    "hy": "ç",
    "y": "j",
    "r": "ɾ",
    "ry": "ɾ",
    "g": "ɡ",
    "gy": "ɡ",
    "ky": "k",
    "ny": "ɲ",
    "my": "m",
    "by": "b",
    "py": "p",
    "dy": "d",
    "ty": "t",
    "kw": "k",
    "gw": "ɡ",
    "cl": "ʔ",
    "pau": "",
    "sil": "",
}


def plain_phoneme(symbol: str) -> str:
    """`symbol` without stress, length, tone and secondary articulation; "" for a pause."""
    return symbol.translate(_MARKS).strip(PAUSES + " ")


def from_kokoro(symbol: str) -> str:
    """One character of the alphabet Kokoro's family of voices reads (misaki's EN_PHONES), in IPA."""
    return _KOKORO.get(symbol, plain_phoneme(symbol))


def from_japanese(symbol: str) -> str:
    """One phoneme of Open JTalk's labels or VOICEVOX's moras, in IPA; devoiced vowels as voiced ones."""
    return _JAPANESE.get(symbol, symbol)
