"""What a person may do to a project in every room: rename it, delete it, end and resume its jobs."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Literal

import gradio as gr

from studio.errors import StudioError
from tabs.following import Attachments, follow
from tabs.uploads import refusal_html

if TYPE_CHECKING:
    from studio.jobs.store import Job
    from tabs.room_desk import RoomDesk

_STOP_SECONDS = 15.0


class RoomHandlers(ABC):
    """One method an event; each returns within moments."""

    def __init__(self, desk: RoomDesk) -> None:
        self._room, self._studio, self._store = desk, desk.studio, desk.store
        self._attachments = Attachments()

    @abstractmethod
    def _only_words(self, error: StudioError) -> list[Any]:
        """For what an opened project changes: everything stays as it is, the message says why."""

    @abstractmethod
    def _follower(self, current: str) -> Any:
        """A page's memory of the project it watches: a RoomFollower."""

    @abstractmethod
    def _live(self, look: Any, current: str) -> list[Any]:
        """What of the room follows the project, in the order of its room's `live`."""

    async def watch(self, current: str, request: gr.Request) -> AsyncIterator[list[Any]]:
        """Everything that follows the project, for as long as the page has it open."""
        attachment = self._attachments.attach(str(request.session_hash))
        # Closed here and not when it is collected: the page's next watch waits for the end of this one.
        async with aclosing(follow(self._follower(current), attachment)) as looks:
            async for look in looks:
                # Whole each time: the page merges updates that come close together and would lose a part sent only
                # once. On the wire Gradio sends the difference.
                yield self._live(look, current)

    async def _submitted(self, submit: Callable[[], str]) -> list[Any]:
        """(current, remembered, title, message) after `submit`, which returns the project's id."""
        try:
            project = await asyncio.to_thread(submit)
        except StudioError as error:
            return [gr.skip(), gr.skip(), gr.skip(), refusal_html(error)]
        return [project, project, self._store.get(project).title, ""]

    async def _or_words(self, act: Callable[..., list[Any]], *arguments: Any) -> list[Any]:
        try:
            return await asyncio.to_thread(act, *arguments)
        except StudioError as error:
            return self._only_words(error)

    async def _said(self, act: Callable[..., None], *arguments: Any) -> str:
        """Carries something out; what the message says then."""
        try:
            await asyncio.to_thread(act, *arguments)
        except StudioError as error:
            return refusal_html(error)
        return ""

    async def cancel_task(self, current: str) -> str:
        return await self._with_job(current, self._studio.cancel, whole=False)

    async def cancel(self, current: str) -> str:
        return await self._with_job(current, self._studio.cancel)

    async def resume(self, current: str) -> str:
        return await self._with_job(current, self._studio.resume)

    async def _with_job(self, current: str, act: Callable[[str], Job], whole: bool = True) -> str:
        def run() -> None:
            if not current:
                return
            job = self._room.whole_job(current) if whole else next(iter(self._room.jobs(current)), None)
            if job:
                act(job.id)

        return await self._said(run)

    def leave(self, request: gr.Request) -> None:
        self._attachments.forget(str(request.session_hash))

    async def rename(self, current: str, title: str) -> list[Any]:
        if not current:
            return [gr.skip(), ""]
        try:
            info = await asyncio.to_thread(self._store.rename, current, title)
        except StudioError as error:
            return [gr.skip(), refusal_html(error)]
        # Sent back only where it was cleaned: the person may be typing on.
        return [gr.skip() if info.title == title else info.title, ""]

    async def _removed(self, project: str) -> None:
        """Ends the project's jobs, then removes the project. Raises StudioError."""
        for job in await asyncio.to_thread(self._room.jobs, project):
            if job.active:
                await self._stopped(job)
        await asyncio.to_thread(self._store.delete, project)

    async def _stopped(self, job: Job) -> None:
        await asyncio.to_thread(self._studio.cancel, job.id)
        for _ in range(int(_STOP_SECONDS / 0.25)):
            if not (await asyncio.to_thread(self._studio.job, job.id)).active:
                return
            await asyncio.sleep(0.25)
        raise StudioError("The work has not stopped yet; delete it in a moment.")


def seen(wanted: bool) -> bool | Literal["hidden"]:
    """For `visible=`: "hidden" stays in the page, so that nothing is built anew when it is shown again."""
    return True if wanted else "hidden"
