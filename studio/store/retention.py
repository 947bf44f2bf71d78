"""Sessions that nobody has opened for a long time are deleted with everything they made."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from studio.atomic import storage_errors
from studio.errors import NotFound, StorageFailed
from studio.store.projects import ProjectStore

log = logging.getLogger(__name__)
DAY = 86400.0
_OPENED = Path(".studio") / "opened"


def note_opened(folder: Path) -> None:
    """Somebody looks at the session in `folder` now. Raises StorageFailed."""
    path = folder / _OPENED
    with storage_errors(path):
        path.parent.mkdir(exist_ok=True)
        path.touch()


def last_opened(folder: Path) -> float:
    """Seconds since the epoch: when the session was opened, asked, read or made last."""
    stamps = [folder / name for name in (_OPENED, "project.json", "conversation.json")]
    stamps += (folder / "videos").glob("[0-9][0-9]/index.json")
    times = []
    for path in stamps:
        with suppress(OSError):  # what isn't there was never opened
            times.append(path.stat().st_mtime)
    return max(times, default=time.time())


def clean_up(sessions: ProjectStore, days: float, is_busy: Callable[[Path], bool]) -> list[str]:
    """Deletes the sessions that were not opened for `days`, 0 to keep all, and are not busy; returns their ids."""
    if days <= 0:
        return []
    before, gone = time.time() - days * DAY, []
    for info in sessions.list():
        if last_opened(info.folder) >= before or is_busy(info.folder):
            continue
        try:
            sessions.delete(info.id)
        except NotFound:  # somebody else deleted it meanwhile
            continue
        except StorageFailed as error:
            log.warning("session %s was not opened for %g days but can't be deleted: %s", info.id, days, error)
            continue
        gone.append(info.id)
        log.info("session %s deleted: not opened for %g days", info.id, days)
    return gone
