"""An OpenAI-compatible chat endpoint over HTTP: tokens as they stream, retries, a key that shows nowhere."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.cancellation import CancelToken
from studio.errors import EngineUnavailable

if TYPE_CHECKING:
    import httpx

LONGEST_REPLY = 20_000
"""Characters; an endpoint that never stops is cut off there."""


@dataclass(frozen=True)
class Patience:
    """Seconds: to connect, between two pieces of a reply, for a whole reply, before the first retry (then doubled)."""

    connect: float = 5.0
    read: float = 30.0
    whole: float = 120.0
    backoff: float = 0.5
    retries: int = 3
    longest_backoff: float = 20.0


@dataclass(frozen=True)
class Endpoint:
    """`url` up to and without "/chat/completions"."""

    url: str
    model: str
    key: str = field(default="", repr=False)
    patience: Patience = Patience()


class Interrupted(EngineUnavailable):
    """The stream broke off after part of the reply had come."""


class _TryAgain(Exception):
    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


Messages = Sequence[Mapping[str, str]]


def stream(endpoint: Endpoint, messages: Messages, cancel: CancelToken) -> Iterator[str]:
    """Pieces of the reply as they come.

    Busy or failing servers (429, 5xx), timeouts and lost connections are tried again as `endpoint.patience` says, as
    long as no piece has come. Raises EngineUnavailable when that is used up or the endpoint refuses, Interrupted when a
    begun reply breaks off, Cancelled.
    """
    patience = endpoint.patience
    wait = patience.backoff
    for attempt in range(patience.retries + 1):
        begun = False
        try:
            for piece in _attempt(endpoint, messages, cancel):
                begun = True
                yield piece
            return
        except _TryAgain as error:
            cancel.check()
            if begun:
                raise Interrupted("endpoint", f"its reply broke off: {error}") from None
            if attempt == patience.retries:
                tries = f"after {attempt + 1} tries" if attempt else "at once"
                raise EngineUnavailable("endpoint", f"{error} ({tries})", "is KINORA_CHAT_URL right?") from None
            # spread, so that many clients of a busy server don't come back together
            cancel.wait(min(max(error.after, wait * random.uniform(0.75, 1.25)), patience.longest_backoff))
            wait *= 2


def _attempt(endpoint: Endpoint, messages: Messages, cancel: CancelToken) -> Iterator[str]:
    import httpx

    patience = endpoint.patience
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    body = {"model": endpoint.model, "messages": list(messages), "stream": True, "temperature": 0}
    timeout = httpx.Timeout(patience.read, connect=patience.connect)
    # a redirect would carry the question, and with some servers the key, to somewhere nobody chose
    client = httpx.Client(timeout=timeout, trust_env=False, follow_redirects=False)
    forget = cancel.on_cancel(client.close)
    try:
        with client, client.stream("POST", f"{endpoint.url}/chat/completions", json=body, headers=headers) as response:
            _accepted(response)
            yield from _pieces(response, patience.whole, cancel)
    except httpx.TimeoutException:
        raise _TryAgain("it did not answer in time") from None
    except httpx.TransportError as error:
        cancel.check()
        raise _TryAgain(f"the connection failed ({type(error).__name__})") from None
    except (httpx.InvalidURL, httpx.StreamError, RuntimeError, UnicodeEncodeError) as error:
        cancel.check()  # a client closed by a cancel raises whatever it was doing
        raise EngineUnavailable("endpoint", f"the request can't be made ({type(error).__name__})") from None
    finally:
        forget()


def _accepted(response: httpx.Response) -> None:
    """Returns for a reply worth reading. The server's own words stay out: they may repeat even the key."""
    status = response.status_code
    if status == 429 or status >= 500:
        after = response.headers.get("retry-after", "")
        raise _TryAgain(f"it answered with status {status}", float(after) if after.isdigit() else 0.0)
    if status in (401, 403):
        raise EngineUnavailable("endpoint", f"it refused the key (status {status})", "set KINORA_CHAT_KEY")
    if status == 404:
        why = "it knows no such address or model (status 404)"
        raise EngineUnavailable("endpoint", why, "check KINORA_CHAT_URL and KINORA_CHAT_MODEL")
    if status != 200:
        raise EngineUnavailable("endpoint", f"it answered with status {status}")


def _pieces(response: httpx.Response, whole: float, cancel: CancelToken) -> Iterator[str]:
    """The text of each event (https://html.spec.whatwg.org/multipage/server-sent-events.html); of a server that does
    not stream, its one reply."""
    import time

    until = time.monotonic() + whole
    if "text/event-stream" not in response.headers.get("content-type", ""):
        yield _text(_json(response.read().decode("utf-8", "replace")[: 50 * LONGEST_REPLY]), "message")[:LONGEST_REPLY]
        return
    length, done = 0, False
    for line in response.iter_lines():
        cancel.check()
        if time.monotonic() > until:
            raise _TryAgain("it took too long")
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            done = True
            break
        body = _json(data)
        piece = _text(body, "delta")
        length += len(piece)
        if piece:
            yield piece
        if length > LONGEST_REPLY or _finished(body):
            done = True
            break
    if not done:
        raise _TryAgain("the stream ended before the reply did")


def _json(data: str) -> Mapping[str, Any]:
    try:
        body = json.loads(data)
    except ValueError:
        raise _TryAgain("it sent something that is no JSON") from None
    if not isinstance(body, dict) or "error" in body:
        raise _TryAgain("it reported an error")
    return body


def _choice(body: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else {}
    return first if isinstance(first, dict) else {}


def _text(body: Mapping[str, Any], part: str) -> str:
    inner = _choice(body).get(part)
    text = inner.get("content") if isinstance(inner, dict) else None
    return text if isinstance(text, str) else ""


def _finished(body: Mapping[str, Any]) -> bool:
    return bool(_choice(body).get("finish_reason"))
