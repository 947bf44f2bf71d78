"""Follows a project for one open page: an endless, cheap look at it, sent whenever something changed.

Reading happens in short thread calls and waiting in the event loop, so that any number of open pages costs no threads.
A job started from another page or the command line shows here just as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Protocol, TypeVar

ACTIVE_SECONDS = 0.4
IDLE_SECONDS = 1.0
# A page that was closed is only noticed when something is sent to it.
_HEARTBEAT_SECONDS = 5.0
_LAST_LOOK_SECONDS = 3.0


class Look(Protocol):
    """What a page should show now. Looks are compared: equal ones aren't sent again."""

    @property
    def active(self) -> bool:
        """Whether work goes on, so that the next look is due soon."""
        ...


L_co = TypeVar("L_co", bound=Look, covariant=True)


class Follower(Protocol[L_co]):
    """One page's memory of the project it watches."""

    def look(self) -> L_co:
        """Blocking; for a thread."""
        ...


async def follow(follower: Follower[L_co], attachment: Attachment) -> AsyncGenerator[L_co, None]:
    """Each change as it comes, and a sign of life when nothing changes; ends when `attachment` is left."""
    shown: L_co | None = None
    sent = 0.0
    try:
        await attachment.begin()
        while attachment.wanted:
            look = await asyncio.to_thread(follower.look)
            if not attachment.wanted:
                return
            if look != shown or time.monotonic() - sent > _HEARTBEAT_SECONDS:
                shown, sent = look, time.monotonic()
                yield look
            await attachment.pause(ACTIVE_SECONDS if look.active else IDLE_SECONDS)
    finally:
        attachment.over()


class Attachment:
    """One watch of a page. `wanted`: no newer one has begun; `over()` is said when it sends nothing any more."""

    def __init__(self, former: Attachment | None) -> None:
        self._former, self._stirred, self._over = former, asyncio.Event(), asyncio.Event()
        self.wanted = True

    async def begin(self) -> None:
        """Waits until the page's former watch has sent its last look: a late one would show another project."""
        if self._former is not None:
            # A page that was lost may never take its watch's last look: such a watch shows nothing, so none waits long.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._former._over.wait(), _LAST_LOOK_SECONDS)
            self._former = None

    async def pause(self, seconds: float) -> None:
        """Sleeps, but not on when the watch is left or something new is known."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stirred.wait(), seconds)
        self._stirred.clear()

    def leave(self) -> None:
        self.wanted = False
        self._stirred.set()

    def stir(self) -> None:
        """There is something to look at: now and not at the next turn."""
        self._stirred.set()

    def over(self) -> None:
        self._over.set()


class Attachments:
    """Which watch of each browser page is its newest: opening another project ends the one before."""

    def __init__(self) -> None:
        self._newest: dict[str, Attachment] = {}

    def attach(self, page: str) -> Attachment:
        former = self._newest.get(page)
        if former is not None:
            former.leave()
        self._newest[page] = Attachment(former)
        return self._newest[page]

    def stir(self, page: str) -> None:
        """The page's newest watch looks at once."""
        if page in self._newest:
            self._newest[page].stir()

    def forget(self, page: str) -> None:
        former = self._newest.pop(page, None)
        if former is not None:
            former.leave()
