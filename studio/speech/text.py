"""Text as it comes from people, made safe to read out: hostile characters gone, refusals said."""

from __future__ import annotations

import re
import unicodedata

from studio.errors import BadInput

LANGUAGES = ("zh", "en", "ja", "ko", "de", "fr", "ru", "pt", "es", "it")
CHARACTERS = 20_000
"""At most, half an hour of speech."""

ASIAN = ("zh", "ja", "ko")

_SCRIPTS = {
    "zh": re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffffA-Za-z0-9]"),
    "ja": re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff66-\uff9fA-Za-z0-9]"),
    "ko": re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3A-Za-z0-9]"),
    "ru": re.compile(r"[\u0400-\u04ffA-Za-z0-9]"),
}
_LATIN = re.compile(r"[A-Za-z0-9\u00aa\u00ba\u00c0-\u024f]")
_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}
_SPOKEN_SYMBOLS = set("°©®™№℃℉")
_LIGATURES = {0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl"}
_RUNS = (
    (re.compile(r"([^\W\d_])\1{3,}"), r"\1\1\1"),
    (re.compile(r"\.{3,}|…+\.*"), "…"),
    (re.compile(r"([!?！？。,;:、，])[!?！？。,;:、，]+"), r"\1"),
    (re.compile(r"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+"), " "),
    (re.compile(r" *\n *"), "\n"),
    (re.compile(r"\n{3,}"), "\n\n"),
)


def readable_text(text: str, language: str, parameter: str = "--text") -> str:
    """`text` cleaned. Raises BadInput for an unknown language, and naming `parameter` for text that is empty, too long,
    without a word or in none of the language's scripts."""
    if language not in LANGUAGES:
        raise BadInput("--language", language, " | ".join(LANGUAGES))
    if len(text) > CHARACTERS:
        raise BadInput(parameter, f"{len(text):,} characters", f"at most {CHARACTERS:,} characters")
    clean = cleaned(text)
    if not any(character.isalnum() for character in clean):
        raise BadInput(parameter, text, "a text with at least one word")
    if not _SCRIPTS.get(language, _LATIN).search(clean):
        raise BadInput(parameter, text, f"a text in the letters of the language ({language})")
    return clean


def cleaned(text: str) -> str:
    """Composed (NFC), without control, formatting, unassigned and surrogate characters, emoji and piled-up accents;
    wide Latin letters and digits made narrow; runs of signs and spaces made one."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n")).translate(_WIDE)
    kept: list[str] = []
    accents = 0
    for character in text.translate(_LIGATURES):
        category = unicodedata.category(character)
        accents = accents + 1 if category in ("Mn", "Me") else 0
        if accents <= 1:
            kept.append(_kept(character, category))
    clean = "".join(kept)
    for pattern, replacement in _RUNS:
        clean = pattern.sub(replacement, clean)
    return clean.strip()


def _kept(character: str, category: str) -> str:
    if character == "\n":
        return character
    if character in "\u2028\u2029\x0b\x0c\x85":
        return "\n"
    if category in ("Cf", "Me") or "\ufe00" <= character <= "\ufe0f":
        return ""
    if category[0] in "CZ" or category == "Sk" or (category == "So" and character not in _SPOKEN_SYMBOLS):
        return " "
    return character
