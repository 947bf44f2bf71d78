"""Text out of a video as it may be kept: one line of bounded length, without signs that steer a terminal or a page."""

from __future__ import annotations

import unicodedata

LONGEST = 300  # letters of one line
LONGEST_TICKER = 4000


def clean(text: str, longest: int = LONGEST) -> str:
    """`text` composed (NFC), spaces made one, without control, format, surrogate, private and unassigned characters."""
    spaced = "".join(" " if each.isspace() else each for each in unicodedata.normalize("NFC", text[: 4 * longest]))
    kept = "".join(each for each in spaced if not unicodedata.category(each).startswith("C"))
    return " ".join(kept.split())[:longest].rstrip()
