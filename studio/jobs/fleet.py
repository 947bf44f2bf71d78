"""The studio's workers, one a device, each kept alive by a supervisor of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from studio.jobs.seats import Seat
from studio.jobs.store import JobStore
from studio.jobs.supervisor import Launch, Supervisor
from studio.settings import Settings


@dataclass(frozen=True)
class Plan:
    """`find_seats` may take seconds, as asking a driver does; `launch` tells how the worker of a seat is started, which
    is told of all of them."""

    find_seats: Callable[[], Sequence[Seat]]
    launch: Callable[[Seat, Sequence[Seat]], Launch]


class Fleet:
    def __init__(self, settings: Settings, store: JobStore, plan: Plan) -> None:
        self._settings, self._store, self._plan = settings, store, plan
        self._supervisors: list[Supervisor] = []
        self._lock = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._begin, name="fleet", daemon=True)

    def start(self) -> None:
        """Returns at once; the workers come up in the background."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the workers; unfinished jobs stay and go on at the next start."""
        with self._lock:
            self._stopped = True
            supervisors = list(self._supervisors)
        for supervisor in supervisors:
            supervisor.ask_to_stop()
        for supervisor in supervisors:
            supervisor.stop()

    def _begin(self) -> None:
        seats = self._plan.find_seats()
        with self._lock:
            if self._stopped:
                return
            for seat in seats:
                launch = self._plan.launch(seat, seats)
                supervisor = Supervisor(self._settings, seat.name, self._store, launch)
                self._supervisors.append(supervisor)
                supervisor.start()
