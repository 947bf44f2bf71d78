"""Seats: who runs a job. One worker a device, each with a seat of its own, and who of them takes the next job.

The studio's jobs wait at the seat "studio". With one device its worker takes them all. With several the worker of that
seat, the first, also hands jobs on to the others' seats: "studio-2", "studio-3", ...
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

STUDIO_SEAT = "studio"


@dataclass(frozen=True)
class Seat:
    """`flags` and `environment` bind the worker of the seat `name` to its device."""

    name: str
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


def seats_of(devices: tuple[str, ...]) -> tuple[Seat, ...]:
    """A seat for each of `devices`: torch's names of them ("cpu", "mps", "cuda:1"), or the unique ids of NVIDIA's cards
    and of the parts that a card is split into ("GPU-8932f937-...", "MIG-..."). Without any, one that finds the best."""
    if not devices:
        return (Seat(STUDIO_SEAT),)
    return tuple(_seat(number, device) for number, device in enumerate(devices, 1))


def _seat(number: int, device: str) -> Seat:
    name = STUDIO_SEAT if number == 1 else f"{STUDIO_SEAT}-{number}"
    if device.partition(":")[0] in ("cpu", "mps", "cuda"):
        return Seat(name, ("--device", device))
    # A process sees at most one part of a split card, and only where it is named to it before CUDA starts.
    return Seat(name, environment={"CUDA_VISIBLE_DEVICES": device})


@dataclass(frozen=True)
class Post:
    """Where a worker sits: its own seat, and the `others` among which the studio's jobs are shared out."""

    seat: str
    others: tuple[str, ...] = ()


def is_studio_seat(name: str) -> bool:
    """Whether the studio's jobs may be at the seat `name`, be it one of today's devices or of an earlier start's."""
    return name == STUDIO_SEAT or (name.startswith(f"{STUDIO_SEAT}-") and name.rpartition("-")[2].isdigit())


@dataclass(frozen=True)
class Standing:
    """How a worker stands: how many `jobs` it has, which engine is `resident` on its device, which it keeps `near`, in
    RAM; engines as "task/name"."""

    seat: str
    jobs: int
    resident: str | None = None
    near: Collection[str] = ()


def engines_named(request: Mapping[str, Any]) -> frozenset[str]:
    """The engines, as "task/name", that a job's request asks for by name, a compared film's and the one that words an
    answer among them."""
    film = request.get("film") or {}
    named = {**(film.get("engines") or {}), **(request.get("engines") or {})}
    if request.get("engine"):
        named["chat"] = request["engine"]
    return frozenset(f"{task}/{name}" for task, name in named.items())


def choose(engines: Collection[str], standings: Iterable[Standing], room: int) -> Standing | None:
    """Who takes a job that needs `engines`: of those with the fewest jobs, fewer than `room`, the one that has such a
    model on its device, else one that keeps one in RAM, else the first. None where all are full."""
    free = [standing for standing in standings if standing.jobs < room]

    def cost(standing: Standing) -> tuple[int, bool, bool]:
        return standing.jobs, standing.resident not in engines, not any(key in engines for key in standing.near)

    return min(free, key=cost, default=None)
