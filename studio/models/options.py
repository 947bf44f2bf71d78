"""How the manager behaves, and where its models live."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ManagerOptions:
    """How patient the manager is. Seconds, on its clock.

    patience          how long priority and grouping may keep anyone waiting
    idle_seconds      an unused model with weights leaves the device after this, 0 never
    ram_idle_seconds  and RAM after this
    ram_bytes         what the RAM tier may fill, None for a share of what is free
    stall_seconds     health turns bad when somebody waits and nothing has moved for so long
    backoff, backoff_most  pause after a failed load, doubled each time up to the most
    close_seconds     how long `close` waits for leases and loads under way
    """

    patience: float = 60.0
    idle_seconds: float = 300.0
    ram_idle_seconds: float = 1800.0
    ram_bytes: int | None = None
    stall_seconds: float = 300.0
    backoff: float = 1.0
    backoff_most: float = 300.0
    close_seconds: float = 5.0


@dataclass(frozen=True)
class Place:
    """capacity   bytes the device offers models while none is resident
    ram_bytes  the RAM tier's budget
    unified    whether device memory and RAM are the same memory (CPU, Apple)"""

    capacity: int
    ram_bytes: int
    unified: bool
