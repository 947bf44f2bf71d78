"""How long a text takes to say."""

from __future__ import annotations

import re

SYLLABLES_A_SECOND = {
    "zh": 5.2,
    "en": 6.2,
    "ja": 7.8,
    "ko": 6.7,
    "de": 6.0,
    "fr": 7.2,
    "ru": 5.9,
    "pt": 6.6,
    "es": 7.8,
    "it": 7.0,
}
"""Pellegrino, Coupé and Marsico, "A Cross-Language Perspective on Speech Information Rate", 2011, table 1; Korean after
Coupé et al., 2019; Russian and Portuguese rates there are of the same order. Read-aloud speech, pauses left out."""

READING_PACE = 0.75
"""These rates are of articulation; voices that read sentences out, as measured here, take a third longer."""

CLAUSE_SECONDS, SENTENCE_SECONDS = 0.2, 0.4
DIGIT_SYLLABLES, CAPITAL_SYLLABLES = 2.0, 1.3

_VOWELS = re.compile(r"[aeiouyàâäáãåæèéêëìíîïòóôöõøœùúûüýÿаеёиоуыэюя]+", re.IGNORECASE)
_SYLLABIC = re.compile(r"[\u3040-\u30ff\uac00-\ud7a3]")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ACRONYM = re.compile(r"\b[A-Z]{2,}\b")


def expected_seconds(text: str, language: str) -> float:
    """Seconds, within a factor of two; 0.3 at least. `text` as written or as spoken."""
    syllables = sum(len(_VOWELS.findall(word)) or 1 for word in re.findall(r"[^\W\d_]+", _latin(text)))
    syllables += len(_SYLLABIC.findall(text)) + len(_HAN.findall(text)) * (1.9 if language == "ja" else 1.0)
    syllables += DIGIT_SYLLABLES * sum(character.isdigit() for character in text)
    syllables += CAPITAL_SYLLABLES * sum(len(word) for word in _ACRONYM.findall(text))
    pauses = CLAUSE_SECONDS * len(re.findall(r"[,;:，、；：—]", text))
    pauses += SENTENCE_SECONDS * len(re.findall(r"[.!?…。！？]", text))
    return max(0.3, syllables / (SYLLABLES_A_SECOND[language] * READING_PACE) + pauses)


def _latin(text: str) -> str:
    return _HAN.sub(" ", _SYLLABIC.sub(" ", text))
