"""Names from strangers: made fit for any disk, and ids that can't climb out of their folder."""

from __future__ import annotations

import re
import unicodedata

from studio.errors import BadInput

_LONGEST_NAME_BYTES = 100
_FORBIDDEN = frozenset('<>:"/\\|?*')
# Windows keeps these for devices, with any suffix and in any case
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?", re.IGNORECASE | re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_ID_WORDS = "up to 100 letters, digits, - and _"


def safe_name(text: str, otherwise: str = "untitled") -> str:
    """A file name close to `text` that every system takes: at most 100 bytes, never empty, hidden or reserved.

    Letters of all scripts stay. Separators, control and invisible characters (a right-to-left override among them)
    go, so that a name is what it looks like. `otherwise` stands for what leaves nothing.
    """
    # ten thousand characters may be one grapheme: bound the work before normalising
    composed = unicodedata.normalize("NFC", text[:1000])
    kept = "".join(" " if c.isspace() else c for c in composed if _is_visible(c) or c.isspace())
    name = _cut(" ".join(kept.split()), _LONGEST_NAME_BYTES).strip(". ")
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return name or otherwise


def _is_visible(character: str) -> bool:
    return character not in _FORBIDDEN and unicodedata.category(character)[0] != "C"


def _cut(text: str, most_bytes: int) -> str:
    """The longest start of `text` within `most_bytes` of UTF-8 that splits no character."""
    return text.encode("utf-8")[:most_bytes].decode("utf-8", "ignore")


def slug(text: str, otherwise: str = "project") -> str:
    """Lower-case ASCII words joined by hyphens, at most 40 characters: the readable part of an id."""
    plain = unicodedata.normalize("NFKD", text[:1000]).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or otherwise


def check_id(parameter: str, value: object) -> str:
    """`value` when it is an id: a single plain name. BadInput otherwise."""
    if not isinstance(value, str) or not _ID.fullmatch(value) or _RESERVED.fullmatch(value):
        raise BadInput(parameter, value, f"an id: {_ID_WORDS}")
    return value
