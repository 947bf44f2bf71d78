"""Numbers in words, and the word lists of studio/speech/readings that go with them."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

READINGS = Path(__file__).parent / "readings"
LARGEST_DIGITS = 15
"""A longer number is read digit by digit: nobody follows quadrillions."""


@functools.cache
def readings(language: str) -> Mapping[str, Any]:
    """The language's word lists."""
    import yaml

    return yaml.safe_load((READINGS / f"{language}.yaml").read_text(encoding="utf-8"))


def cardinal(digits: str, language: str) -> str:
    """A whole number's words; digits stay where the voice reads them better itself (Chinese, Japanese, Korean)."""
    from num2words import num2words

    if readings(language).get("digits"):
        return digits
    if len(digits) > LARGEST_DIGITS or (len(digits) > 1 and digits[0] == "0"):
        return digit_by_digit(digits, language)
    words = num2words(int(digits), lang=language)
    return words.replace(",", "") if language == "en" else words


def digit_by_digit(digits: str, language: str) -> str:
    from num2words import num2words

    if readings(language).get("digits"):
        return " ".join(digits)
    return " ".join(num2words(int(digit), lang=language) for digit in digits)


def decimal(whole: str, fraction: str, language: str) -> str:
    from num2words import num2words

    if readings(language).get("digits"):
        return f"{whole}.{fraction}"
    if language == "ru" and len(fraction) <= 3:
        return num2words(f"{whole}.{fraction}", lang="ru")
    return f"{cardinal(whole, language)} {readings(language)['point']} {digit_by_digit(fraction, language)}"


def ordinal(digits: str, language: str, ending: str = "") -> str:
    """Nominative, masculine, Russian neuter; German with `ending` ("n" after "am") behind it."""
    from num2words import num2words

    if language == "ru":
        return num2words(int(digits), lang="ru", to="ordinal", gender="n", case="n")
    return num2words(int(digits), lang=language, to="ordinal") + ending


def year(digits: str, language: str) -> str:
    from num2words import num2words

    if language == "ru":
        return num2words(int(digits), lang="ru", to="ordinal", gender="m", case="g") + " года"
    return num2words(int(digits), lang=language, to="year").replace(",", "").replace(" and ", " ", language == "en")


def counted(number: str, forms: Sequence[str]) -> str:
    """The form of a noun that goes with `number` as written: one and many, or Russian's one, few and many."""
    if len(forms) == 2:
        return forms[0] if number in ("1", "1.0", "1,0") else forms[1]
    if not number.isdigit():
        return forms[1]
    tens, ones = int(number) % 100, int(number) % 10
    if ones == 1 and tens != 11:
        return forms[0]
    return forms[1] if ones in (2, 3, 4) and tens not in (12, 13, 14) else forms[2]
