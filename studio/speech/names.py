"""English titles, streets, crowned heads and shouting: short forms whose reading hangs on their neighbours."""

from __future__ import annotations

import re

_SAINT = re.compile(r"\bSt\.?\s(?=[A-Z][a-z])")
_STREET = re.compile(r"(?<=[a-z])\sSt\b\.?")
_DOCTOR = re.compile(r"\bDr\.?\s(?=[A-Z])")
_DRIVE = re.compile(r"(?<=[a-z])\sDr\b\.(?!\s[A-Z])")
_NUMBER = re.compile(r"\bNo\.\s?(?=\d)")
_HASH = re.compile(r"#(?=\d)")
_PART = re.compile(r"\b(Chapter|Part|Volume|War|Act|Book|Section|Phase|Type|Class|Level|Episode|Bowl)\s([IVX]{1,5})\b")
_CROWNED = re.compile(
    r"\b(Henry|Louis|Elizabeth|George|Charles|William|Edward|James|Richard|Napoleon|Philip|Paul|Benedict|Pius|John|"
    r"Francis|Frederick|Nicholas|Alexander|Leo|Mary|Catherine|Peter|Ramses)\s([IVX]{1,5})\b"
)
_ROMAN = re.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10}


def with_names_read(text: str, language: str) -> str:
    """`text` with these written out; a text that is all capitals in small letters, else voices spell it."""
    letters = [character for character in text if character.isalpha()]
    if len(letters) > 12 and " " in text and not any(character.islower() for character in letters):
        text = text.capitalize()
    if language != "en":
        return text
    text = _PART.sub(lambda m: f"{m.group(1)} {_roman(m.group(2)) or m.group(2)}", text)
    text = _CROWNED.sub(_crowned, text)
    text = _SAINT.sub("Saint ", text)
    text = _STREET.sub(" Street", text)
    text = _DRIVE.sub(" Drive", text)
    text = _DOCTOR.sub("Doctor ", text)
    text = _NUMBER.sub("number ", text)
    return _HASH.sub("number ", text)


def _crowned(match: re.Match[str]) -> str:
    value = _roman(match.group(2))
    if not value or match.group(2) == "I":
        # "Mary I" is a queen; "Then Mary I met" is not
        return match.group()
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(value % 10 if value not in (11, 12, 13) else 0, "th")
    return f"{match.group(1)} the {value}{suffix}"


def _roman(text: str) -> int:
    """0 for letters that make no number."""
    if not _ROMAN.fullmatch(text):
        return 0
    values = [_VALUES[letter] for letter in text]
    return sum(-v if i + 1 < len(values) and values[i + 1] > v else v for i, v in enumerate(values))
