"""Questions under way: told as they are answered on every page that has the session open, stopped, found again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from studio.compose import Studio
from studio.events import now_utc
from studio.index.facts import VideoFacts, VideoIndex
from studio.requests import QuestionRequest
from studio.settings import Settings
from studio.store.atomic import write_json
from studio.store.conversation import KeptTurn, add_turn, read_turns
from tabs.chat.desk import ChatDesk
from tabs.chat.handlers import ChatHandlers
from tabs.chat.live import ChatFollower, ChatLook
from tests.engines.chat_server import Act, serving
from tests.index.films import said

INDEX = VideoIndex(
    VideoFacts("talk.mp4", 10.0, 64, 36, 24.0, True),
    speech=(said(2, "The new product called Falcon ships in March."),),
    read={name: ((0.0, 10.0),) for name in ("frames", "text", "speech", "sound")},
)
QUESTION = "When does Falcon ship?"


@dataclass(frozen=True)
class Room:
    """A session whose video was read, and the handlers of one page that has it open."""

    desk: ChatDesk
    handlers: ChatHandlers
    session: str

    def look(self) -> ChatLook:
        """What a page that is opened now shows."""
        return ChatFollower(self.desk, self.session).look()

    async def ask(self, question: str, engine: str = "", by_model: bool = False) -> list[list[Any]]:
        page: Any = SimpleNamespace(session_hash="page")
        return [shown async for shown in self.handlers.ask(question, self.session, by_model, None, engine, page)]

    def turns(self) -> list[str]:
        return [turn.question for turn in read_turns(self.desk.store.folder(self.session))]


def make_room(settings: Settings) -> Room:
    desk = ChatDesk(Studio(settings))
    session = desk.store.create("A talk")
    index = session.folder / "videos" / "01" / "index.json"
    index.parent.mkdir(parents=True)
    write_json(index, INDEX.to_json())
    return Room(desk, ChatHandlers(desk, settings.data), session.id)


@pytest.fixture
def room(settings: Settings) -> Room:
    return make_room(settings)


async def seen(room: Room, wanted: Callable[[ChatLook], Any]) -> ChatLook:
    for _ in range(200):
        look = await asyncio.to_thread(room.look)
        if wanted(look):
            return look
        await asyncio.sleep(0.02)
    raise AssertionError("it never came")


def test_an_endpoint_s_answer_is_told_as_it_comes_and_is_kept(settings: Settings) -> None:
    go_on = threading.Event()

    async def run(room: Room) -> None:
        asking = asyncio.ensure_future(room.ask(QUESTION, by_model=True))
        look = await seen(room, lambda look: look.asked and look.asked.said)
        assert (look.asked.question, look.asked.said) == (QUESTION, "Falcon ships in March [00:02].")
        assert look.active
        assert not look.turns
        go_on.set()
        assert await asking == [["", ""], [gr.skip(), ""]]
        look = room.look()
        assert (look.asked, [turn.question for turn in look.turns]) == (None, [QUESTION])

    class Waits(list):
        """Pieces of a reply, the last ones once they are let go."""

        def __iter__(self):
            yield from ("Falcon ships in March [e1]. ", "It ")
            go_on.wait(10)
            yield "is new [e1]."

    with serving(Act(Waits())) as server:
        asyncio.run(run(make_room(replace(settings, chat_url=server.url, chat_model="tiny"))))


def test_what_is_being_answered_is_stopped_and_the_question_given_back(settings: Settings) -> None:
    async def run(room: Room) -> None:
        asking = asyncio.ensure_future(room.ask(QUESTION, engine="endpoint"))
        await seen(room, lambda look: look.asked)
        assert await room.handlers.stop(room.session) == ""
        assert (await asking)[-1] == [QUESTION, ""]
        assert room.look().asked is None
        assert room.turns() == []

    with serving(Act(("Falcon ", "ships ") * 100, pause=0.05)) as server:
        asyncio.run(run(make_room(replace(settings, chat_url=server.url, chat_model="tiny"))))


def test_a_page_that_is_left_finds_the_answer(room: Room) -> None:
    async def run() -> None:
        asking = asyncio.ensure_future(room.ask(QUESTION))
        while room.desk.questions.latest(room.session) is None and not room.turns():
            await asyncio.sleep(0.001)
        asking.cancel()
        await seen(room, lambda look: look.turns)

    asyncio.run(run())
    assert room.turns() == [QUESTION]


def test_an_answer_in_the_worker_is_followed_from_any_page(room: Room, worker: Callable[..., None]) -> None:
    folder = room.desk.store.folder(room.session)

    async def run() -> None:
        asking = asyncio.ensure_future(room.ask(QUESTION, engine="local"))
        look = await seen(room, lambda look: look.asked)
        (job,) = room.desk.jobs(room.session)
        assert job.request == QuestionRequest(folder, QUESTION, "local", talk=True).to_json()
        worker(job, ("text", {"text": "In Mar", "at": 0}), ("text", {"text": "ch [00:02].", "at": 6}))
        look = await seen(room, lambda look: look.asked.said.endswith("]."))
        assert look.asked.said == "In March [00:02]."
        worker(job, ("text", {"text": "In May", "at": 0}))  # another attempt
        assert room.look().asked.said == "In May"
        add_turn(folder, KeptTurn(QUESTION, {"answer": "In May.", "citations": []}, "tiny", time=now_utc()))
        assert room.look().asked is None
        worker(job, ("done", {"result": {}}))
        assert (await asking)[-1][1] == ""

    asyncio.run(run())


def test_a_worker_s_question_is_stopped_or_says_why_it_failed(room: Room, worker: Callable[..., None]) -> None:
    async def ended(*events: Any) -> list[Any]:
        asking = asyncio.ensure_future(room.ask(QUESTION, engine="local"))
        await seen(room, lambda look: look.asked)
        if events:
            worker(room.desk.jobs(room.session)[0], *events)
        else:
            await room.handlers.stop(room.session)
        return (await asking)[-1]

    assert asyncio.run(ended()) == [QUESTION, ""]
    question, message = asyncio.run(ended(("failed", {"error": {"message": "no room"}})))
    assert question == QUESTION
    assert "no room" in message
