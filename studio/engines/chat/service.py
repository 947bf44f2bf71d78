"""Where the language model is said to answer. Light: the page asks it before any engine is loaded."""

from __future__ import annotations

from studio.media.endpoint import Endpoint
from studio.settings import read_settings

REMEDY = "set KINORA_CHAT_URL and KINORA_CHAT_MODEL, and KINORA_CHAT_KEY where it wants one"


def endpoint() -> Endpoint:
    """The endpoint of the settings. Raises BadInput where its address is none."""
    settings = read_settings()
    return Endpoint(settings.chat_url, settings.chat_model, settings.chat_key)


def unavailable() -> str:
    """Why no language model can be asked, "" when one is named. Whether it answers shows when it is asked."""
    where = endpoint()
    missing = [
        name for name, value in (("KINORA_CHAT_URL", where.url), ("KINORA_CHAT_MODEL", where.model)) if not value
    ]
    return f"{' and '.join(missing)} not set; {REMEDY}" if missing else ""
