"""What every chat engine promises."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from studio.cancellation import CancelToken
from studio.contracts import ChatEngine, ChatRequest, Weights
from studio.engines.chat.embedded import EmbeddedChat
from studio.engines.chat.endpoint import EndpointChat
from studio.engines.chat.local import LocalChat
from studio.errors import BadInput, Cancelled
from studio.media.endpoint import Endpoint, Patience
from tests.engines.chat_server import Act, serving
from tests.engines.tiny_chat import make_tiny_chat
from tests.index.films import film


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> LocalChat:
    """At its worst: it says what nothing bears out."""
    folder = tmp_path_factory.mktemp("weights") / "qwen2.5-3b-instruct"
    make_tiny_chat(folder, [([{"role": "user", "content": "Hello"}], "Nonsense and more of it.")])
    return LocalChat("local", "cpu", 0, Weights({folder.name: folder}, folder.parent))


@pytest.fixture(params=["embedded", "endpoint", "local"])
def engine(request: pytest.FixtureRequest) -> Iterator[ChatEngine]:
    if request.param == "embedded":
        yield EmbeddedChat()
        return
    if request.param == "local":
        yield request.getfixturevalue("local")
        return
    with serving(Act(status=503)) as server:  # at its worst
        yield EndpointChat(where=Endpoint(server.url, "tiny", "", Patience(retries=0, backoff=0.01)))


def test_an_answer_is_said_cited_and_the_same_each_time(engine: ChatEngine) -> None:
    said: list[str] = []
    request = ChatRequest("Who will lead the new office?", film())
    given = engine.answer(request, said.append, CancelToken())
    assert "".join(said) == given.answer
    assert given.answer.startswith("Anna Berger")
    assert [(one.source, one.start) for one in given.citations] == [("transcript", 13.0)]
    assert engine.answer(request, said.append, CancelToken()) == given


def test_what_is_not_there_is_refused(engine: ChatEngine) -> None:
    given = engine.answer(ChatRequest("Who designed the Falcon?", film()), lambda _: None, CancelToken())
    assert given.abstained
    assert given.citations == ()


def test_no_question_is_bad_input_and_a_cancel_is_heeded(engine: ChatEngine) -> None:
    with pytest.raises(BadInput, match="question"):
        engine.answer(ChatRequest("  ", film()), lambda _: None, CancelToken())
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        engine.answer(ChatRequest("Who will lead the new office?", film()), lambda _: None, cancel)
