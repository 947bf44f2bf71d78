"""Where VOICEVOX is said to answer. Light: the page asks it before any engine is loaded."""

from __future__ import annotations

from studio.settings import read_settings

REMEDY = "start VOICEVOX and set VOICEVOX_URL, such as http://127.0.0.1:50021"


def address() -> str:
    """VOICEVOX_URL, "" where it isn't set. Raises BadInput where it is no address."""
    return read_settings().voicevox_url


def unavailable() -> str:
    """Why VOICEVOX can't be asked, "" when an address is set. Whether anything answers there shows when it is asked."""
    return "" if address() else f"VOICEVOX_URL is not set; {REMEDY}"
