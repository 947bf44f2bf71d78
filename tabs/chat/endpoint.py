"""A language model that a person names on the page: for this page alone, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from studio.errors import BadInput
from studio.settings import Settings


@dataclass(frozen=True)
class LanguageModel:
    """An OpenAI-compatible endpoint; the key is sent there and shown or written nowhere."""

    url: str
    name: str
    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str, key: str, name: str) -> LanguageModel:
        """Raises BadInput for an address that is none and for a missing name."""
        address, model = url.strip().rstrip("/"), name.strip()
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise BadInput("endpoint", address, "an address such as http://127.0.0.1:11434/v1")
        if not model:
            raise BadInput("model", name, "the model's name, as the endpoint knows it")
        return cls(address, model, key.strip())

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def within(self, settings: Settings) -> Settings:
        return replace(settings, chat_url=self.url, chat_key=self.key, chat_model=self.name)
