"""What happens when a person uses the Video Chat room. Jobs live in the studio, not here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import BadInput, StudioError
from studio.requests import QuestionRequest
from studio.settings import Settings
from tabs.chat.asking import Asked
from tabs.chat.desk import ChatDesk
from tabs.chat.endpoint import LanguageModel
from tabs.chat.live import ChatFollower, ChatLook
from tabs.chat.room import ENGINE_TASKS, ChatRoom
from tabs.chat.talk_html import Home, pending_html, talk_html
from tabs.chat.viewer import exports_html, reading_html
from tabs.engine_choice import chosen, refreshed
from tabs.local import is_local
from tabs.room_handlers import RoomHandlers, seen
from tabs.shelf import READING_WORDS, shelf_html
from tabs.uploads import refusal_html, uploaded

_PIECE_SECONDS = 0.1
_HERE = ("", "embedded", "endpoint")
"""Chat engines that need no worker."""
_EMPTY = "Ask anything about the video: what is said, what stands on the screen, when something happens."
_WAITING = "Add a video: it is read on this machine, and then you can ask it anything."


class ChatHandlers(RoomHandlers):
    """One method an event; each returns within moments, but for `ask`, which ends with the answer."""

    def __init__(self, desk: ChatDesk, cache: Path) -> None:
        super().__init__(desk)
        self._desk, self._cache = desk, cache

    def _only_words(self, error: StudioError) -> list[Any]:
        return [gr.skip(), gr.skip(), gr.skip(), refusal_html(error)]

    # ---- opening ----

    async def arrive(self, remembered: str | None) -> list[Any]:
        """A page was loaded: back to the session it had open, else the newest one, else none."""
        return await asyncio.to_thread(self._arrive, remembered or "")

    def _arrive(self, remembered: str) -> list[Any]:
        known = [entry.id for entry in self._desk.entries()]
        if not known:
            return self._blank()
        return self._opened(remembered if remembered in known else known[0])

    async def enter(self, current: str) -> Any:
        """The room was entered: a session that nobody has begun to read, such as the demo, is read."""

        def begin() -> None:
            if current and not self._desk.jobs(current):
                self._desk.read(current)

        return await self._said(begin) or gr.skip()  # what stands there may be of something newer

    async def open(self, event: gr.EventData) -> list[Any]:
        return await self._or_words(self._opened, str(event.project))

    async def new(self) -> list[Any]:
        return await asyncio.to_thread(self._blank)

    def _opened(self, session: str) -> list[Any]:
        return [session, session, self._store.get(session).title, ""]

    def _blank(self) -> list[Any]:
        return ["", "", "", ""]

    async def engines(self) -> list[Any]:
        """The engines as they can be chosen now."""
        return await asyncio.to_thread(refreshed, self._studio, ENGINE_TASKS)

    async def add(self, event: gr.EventData, current: str, *readers: str) -> list[Any]:
        """A video was uploaded: it joins the session that is open, or begins one."""
        try:
            file = uploaded(str(event.path), self._cache)
            for job in await asyncio.to_thread(self._desk.jobs, current) if current else ():
                if job.active and self._desk.is_whole(job):
                    await self._stopped(job)
            engines = chosen(ENGINE_TASKS[:2], readers)
            session, _ = await asyncio.to_thread(self._desk.add, current or "", (file,), engines)
        except StudioError as error:
            return self._only_words(error)
        return await asyncio.to_thread(self._opened, session)

    async def ask_about(self, event: gr.EventData) -> list[Any]:
        """A film or message made in another room is asked about here."""

        def begin() -> list[Any]:
            made = self._studio.projects.open(str(event.project))
            file = made.folder / str(event.file)
            if file.name not in ("final_video.mp4", "message.mp4") or not file.is_file():
                raise BadInput("--out", event.file, "a film or a message that is finished")
            session, _ = self._desk.add("", (file,))
            self._store.rename(session, made.info().title)
            return self._opened(session)

        return await self._or_words(begin)

    # ---- following ----

    def _follower(self, current: str) -> ChatFollower:
        return ChatFollower(self._desk, current)

    def _live(self, look: ChatLook, current: str) -> list[Any]:
        """What ChatRoom.live shows."""
        screen = look.screen
        home = Home(current, {video.number: video.name for video in look.videos})
        words = "" if look.asked else _EMPTY if look.videos else _WAITING
        return [
            {"session": current, "videos": [video.to_json(current) for video in look.videos]},
            reading_html(screen),
            talk_html(home, look.turns, () if look.turns or look.asked else look.suggestions, words),
            exports_html(screen, look.videos, bool(look.turns)),
            shelf_html(list(look.entries), current, "Videos you ask about are kept here.", READING_WORDS),
            gr.Button(visible=seen(screen.active)),
            gr.Button(visible=seen(screen.state in ("failed", "cancelled", "interrupted"))),
            gr.Button(visible=seen(bool(current))),
            gr.Button(visible=seen(bool(look.turns))),
            pending_html(look.asked.question, look.asked.said) if look.asked else "",
            gr.Button(visible=seen(look.asked is None)),
            gr.Button(visible=seen(look.asked is not None)),
        ]

    # ---- asking ----

    async def ask(
        self, question: str, current: str, by_model: bool, model: LanguageModel | None, engine: str, request: gr.Request
    ) -> AsyncIterator[list[Any]]:
        """(the question's field, the message). The answer shows, as it comes, in what follows the session: here as on
        every other page that has it open."""
        text = (question or "").strip()
        if not text or not current:
            yield [gr.skip(), "" if current or not text else refusal_html(_no_video())]
            return
        yield ["", ""]
        page = str(request.session_hash)
        try:
            if engine in _HERE or by_model:
                settings = model.within(self._studio.settings) if model else self._studio.settings
                answered = await self._here(page, current, text, (by_model or engine == "endpoint", settings))
            else:
                answered = await self._by_worker(page, current, text, engine)
        except StudioError as error:
            yield [text, refusal_html(error)]
            return
        finally:
            self._attachments.stir(page)
        yield [gr.skip() if answered else text, ""]

    async def ask_suggested(
        self, event: gr.EventData, current: str, by_model: bool, model: LanguageModel | None, engine: str,
        request: gr.Request,
    ) -> AsyncIterator[list[Any]]:  # fmt: skip
        async for shown in self.ask(str(event.question), current, by_model, model, engine, request):
            yield shown

    async def _here(self, page: str, current: str, text: str, manner: tuple[bool, Settings]) -> bool:
        """Answered in a thread of this process, which goes on where the page is left. False where it was stopped."""
        use_endpoint, settings = manner

        def answer() -> bool:
            session = self._studio.session(current, settings)
            return self._desk.questions.answer(
                session, text, lambda one, say, cancel: one.converse(text, use_endpoint, say, cancel)
            )

        work = asyncio.ensure_future(asyncio.to_thread(answer))
        work.add_done_callback(lambda one: one.cancelled() or one.exception())
        shown: Asked | None = None
        while not (await asyncio.wait({work}, timeout=_PIECE_SECONDS))[0]:
            asked = self._desk.questions.latest(current)
            if asked != shown:
                shown = asked
                self._attachments.stir(page)
        return work.result()

    async def _by_worker(self, page: str, current: str, text: str, engine: str) -> bool:
        """Answered in the worker, by a language model that is an engine. False where it was stopped."""
        folder = await asyncio.to_thread(self._store.folder, current)
        job = await asyncio.to_thread(self._studio.ask, QuestionRequest(folder, text, engine, talk=True))
        seen_to = job.first_seq - 1
        self._attachments.stir(page)
        while job.active:
            await asyncio.sleep(_PIECE_SECONDS)
            events = await asyncio.to_thread(self._studio.events, job.id, seen_to)
            if events:
                seen_to = events[-1].seq
                self._attachments.stir(page)
            job = await asyncio.to_thread(self._studio.job, job.id)
        if job.state == "failed":
            events = await asyncio.to_thread(self._studio.events, job.id)
            raise StudioError((events[-1].data.get("error") or {}).get("message", "The question was not answered."))
        return job.state == "done"

    async def stop(self, current: str) -> str:
        """What is being answered is left alone."""

        def stop() -> None:
            if current:
                self._desk.stop_answering(current)

        return await self._said(stop)

    async def forget(self, current: str) -> str:
        def forget() -> None:
            if current:
                self._studio.session(current).forget()

        return await self._said(forget)

    async def set_model(self, url: str, key: str, name: str, request: gr.Request) -> list[Any]:
        """A language model for this page alone: (it, whether it is used, what is said of it, the key's field)."""
        try:
            # a stranger must not make the studio call addresses of its own network
            if not is_local(request):
                reason = "only the machine it runs on may set one here; otherwise by environment"
                raise BadInput("endpoint", url, "KINORA_CHAT_URL, KINORA_CHAT_KEY and KINORA_CHAT_MODEL", reason)
            model = LanguageModel.of(url or "", key or "", name or "")
        except StudioError as error:
            return [gr.skip(), gr.skip(), refusal_html(error), ""]
        label = f"Let {model.name} at {model.host} word the answers"
        words = '<p class="ks-quiet" role="status">Used on this page until it is closed. Questions and quotes of the ' \
                "video are sent there; the video is not.</p>"  # fmt: skip
        return [model, gr.Checkbox(True, label=label, visible=True), words, ""]

    # ---- the session ----

    async def delete(self, current: str) -> list[Any]:
        """Ends the session's jobs, then removes everything of it; "" where the person kept it."""
        if not current:
            return [gr.skip()] * 4
        try:
            await self._removed(current)
        except StudioError as error:
            return self._only_words(error)
        return await self.arrive("")


def _no_video() -> BadInput:
    return BadInput("FILE", "(none)", "a video to ask about", "there is none yet")


def wire_chat(room: ChatRoom, handlers: ChatHandlers, page: gr.Blocks) -> None:
    """Ties events to handlers. All are private: scripts use the named calls of tabs.calls instead."""
    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    each = {**quiet, "trigger_mode": "multiple"}
    asked = [room.question, room.message]
    manner = [room.current, room.by_model, room.model, room.chat]

    page.load(handlers.arrive, room.remembered, room.opened, api_name="chat_arrive", **quiet)
    room.current.change(handlers.watch, room.current, room.live, api_name="chat_watch", **each)
    page.unload(handlers.leave)
    room.add.entered(handlers.enter, room.current, room.message, api_name="chat_enter", **each)
    page.load(handlers.engines, None, [room.vision, room.transcript, room.chat], api_name="chat_engines", **quiet)
    readers = [room.vision, room.transcript]
    room.add.added(handlers.add, [room.current, *readers], room.opened, api_name="chat_add", **each)
    room.add.about(handlers.ask_about, None, room.opened, api_name="chat_about", **each)
    room.question.submit(handlers.ask, [room.question, *manner], asked, api_name="chat_ask", **quiet)
    room.send.click(handlers.ask, [room.question, *manner], asked, api_name="chat_send", **quiet)
    room.talk.ask(handlers.ask_suggested, manner, asked, api_name="chat_suggested", **quiet)
    room.stop.click(handlers.stop, room.current, room.message, api_name="chat_stop", **quiet)
    room.forget.click(handlers.forget, room.current, room.message, api_name="chat_forget", **quiet)
    room.cancel.click(handlers.cancel, room.current, room.message, api_name="chat_cancel", **quiet)
    room.resume.click(handlers.resume, room.current, room.message, api_name="chat_resume", **quiet)
    room.shelf.open(handlers.open, None, room.opened, api_name="chat_open", **each)
    room.new.click(handlers.new, None, room.opened, api_name="chat_new", **quiet)
    gr.on(
        [room.title.submit, room.title.blur], handlers.rename, [room.current, room.title],
        [room.title, room.message], api_name="chat_rename", **quiet,
    )  # fmt: skip
    room.delete.click(
        handlers.delete, room.current, room.opened, api_name="chat_delete",
        js="(c) => confirm('Delete this video, all that was read of it and the conversation? "
        "This can\\'t be undone.') ? c : ''", **quiet,
    )  # fmt: skip
    panel = room.panel
    panel.use.click(
        handlers.set_model, [panel.url, panel.key, panel.name], [room.model, room.by_model, panel.said, panel.key],
        api_name="chat_model", **quiet,
    )  # fmt: skip
