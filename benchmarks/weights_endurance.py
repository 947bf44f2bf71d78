"""Engines that are loaded from weights, over and over: memory, swaps, memory that runs out, cancels, deadlines, LoRAs.

    python -m benchmarks.weights_endurance [--rounds N] [--points N] [--only ENGINE ...] [--checks CHECK ...]
                                           [--save NAME]

Tiny networks of the real classes on a CPU, through the model manager; the device's memory is pretended, so that every
engine is charged what its card says. No figure here is a published model's. Prints what was found for each engine and
exits with 1 when a promise was broken. --points: at how many places, evenly spread over all there are, memory runs out.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import torch

from benchmarks.results import keep
from studio.cancellation import CancelToken
from studio.errors import Cancelled, OutOfMemory, TimedOut
from studio.models.manager import LeaseOptions
from studio.models.memory import give_back
from tests.engines.diffusion_samples import asked, paint
from tests.engines.weights_roster import ROSTER, Member, Points, Stage, member, same

ROUNDS, POINTS = 200, 40
CHECKS = ("loads", "memory", "cancels", "deadlines", "pairs", "loras")
TITLES = {
    "loads": "load and unload",
    "memory": "memory runs out in",
    "cancels": "cancels of",
    "deadlines": "deadlines of",
}
FLAT = 12_000_000
"""Bytes that the process may grow by over all rounds but the first fifth: pages that the C library keeps."""


class Broken(AssertionError):
    """A promise that was not kept, in words."""


def hold(kept: bool, words: str) -> None:
    if not kept:
        raise Broken(words)


def resident() -> int:
    give_back()
    return psutil.Process().memory_info().rss


def tensors() -> int:
    gc.collect()
    return sum(issubclass(type(each), torch.Tensor) for each in gc.get_objects())


@dataclass
class Trend:
    """Bytes and tensors seen over rounds; flat when the last tenth is no higher than the second."""

    used: list[int] = field(default_factory=list)
    tensors: list[int] = field(default_factory=list)

    def note(self) -> None:
        self.used.append(resident())

    def growth(self) -> int:
        tenth = max(1, len(self.used) // 10)
        return max(self.used[-tenth:]) - max(self.used[tenth : 3 * tenth])


def loads(models: Path, one: Member, rounds: int) -> dict[str, Any]:
    """Loaded, used and unloaded `rounds` times."""
    stage, trend = Stage(models), Trend()
    try:
        for number in range(rounds):
            stage.run(one)
            stage.empty()
            trend.note()
            if number in (rounds // 5, rounds - 1):
                trend.tensors.append(tensors())
    finally:
        hold(stage.manager.close(), f"{one.key}: the manager did not end")
    hold(len(stage.engines) == rounds, f"{one.key}: {len(stage.engines)} loads in {rounds} rounds")
    hold(trend.growth() < FLAT, f"{one.key}: memory grew by {trend.growth() / 1e6:.1f} MB over {rounds} loads")
    hold(trend.tensors[-1] <= trend.tensors[0], f"{one.key}: {trend.tensors} tensors are left behind")
    return {"loads": rounds, "growth_mb": round(trend.growth() / 1e6, 2), "resident_mb": trend.used[-1] // 10**6}


def pairs(models: Path, members: Sequence[Member], passes: int = 3) -> dict[str, Any]:
    """Every engine after every other one, `passes` times through; the last time the process may not grow."""
    stage = Stage(models)
    wanted = {one.key: stage.run(one) for one in members}
    used: list[int] = []
    try:
        for _ in range(passes):
            for first, second in itertools.permutations(members, 2):
                for one in (first, second):
                    hold(same(stage.run(one), wanted[one.key]), f"{one.key} is not what it was, after {first.key}")
                    hold(stage.memory.resident == 1, f"{stage.memory.resident} engines are resident at {one.key}")
            stage.empty()
            hold(stage.memory.read().used == 0, "memory is not back to where it was")
            used.append(resident())
    finally:
        hold(stage.manager.close(), "the manager did not end")
    hold(stage.memory.most_resident == 1, f"{stage.memory.most_resident} engines were resident at once")
    hold(used[-1] - used[-2] < FLAT, f"memory grew by {(used[-1] - used[-2]) / 1e6:.1f} MB over the last pass")
    return {
        "pairs": len(members) * (len(members) - 1),
        "loads": len(stage.engines),
        "most_resident": stage.memory.most_resident,
        "growth_mb": round((used[-1] - used[-2]) / 1e6, 2),
    }


def runs_out(models: Path, one: Member, most: int) -> dict[str, Any]:
    """Memory runs out once, at each of up to `most` allocations of loading, warming up and working, which costs a rung
    and a notice; then at all of them, which is a clear error. Either way the next lease serves."""
    stage = Stage(models)
    stage.points = Points()
    stage.run(one)
    count, wanted = stage.points.count, None
    lowered = 0
    number = min(most, count)
    places = sorted({1 + round(at * (count - 1) / max(1, number - 1)) for at in range(number)})
    try:
        for place in places:
            stage.empty()
            stage.points = Points(place)
            notices: list[str] = []
            begun = len(stage.engines)
            # What ran out is remembered by the shape of the work: each place is another's.
            stage.run(one, LeaseOptions(notify=notices.append, shape=f"place {place}"))
            hold(stage.points.count >= place, f"{one.key}: place {place} of {count} was not met")
            hold(stage.memory.resident == 1, f"{one.key}: what ran out at place {place} is still there")
            rungs = [rung for _, rung in stage.engines[begun:]]
            hold(rungs == [0, 1] and bool(notices), f"{one.key}: rungs {rungs}, told {notices}, at place {place}")
            lowered += 1
            stage.points = None
            result = stage.run(one, LeaseOptions(fixed_rung=1))
            wanted = result if wanted is None else wanted
            hold(same(result, wanted), f"{one.key}: not what it was, after memory ran out at place {place}")
        refused = _for_good(models, one)
    finally:
        hold(stage.manager.close(), f"{one.key}: the manager did not end")
    return {"points": count, "failed_at": len(places), "lowered": lowered, "refused_after_rungs": refused}


def _for_good(models: Path, one: Member) -> int:
    """Memory runs out at the first allocation of every rung: one clear error, after as many rungs as there are."""
    stage = Stage(models)

    class Never(Points):
        def meet(self) -> None:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    stage.points = Never()
    try:
        stage.run(one)
    except OutOfMemory as error:
        hold("memory" in str(error), f"{one.key}: {error}")
    else:
        raise Broken(f"{one.key} worked without memory")
    tried = [rung for _, rung in stage.engines]
    hold(tried == sorted(set(tried)), f"{one.key}: tried rungs {tried}")
    stage.points = None
    stage.run(one)
    hold(stage.manager.close(), f"{one.key}: the manager did not end")
    return len(tried)


class CountedToken(CancelToken):
    """Sets itself when it is asked for the `at`-th time."""

    def __init__(self, at: int = 0) -> None:
        super().__init__()
        self.at, self.asked = at, 0

    def check(self) -> None:
        self.asked += 1
        if self.asked == self.at:
            self.cancel()
        super().check()


def cancels(models: Path, one: Member, most: int = 100) -> dict[str, Any]:
    """Cancelled at each look at the token, up to `most`: it ends there, and the next serves as before."""
    stage = Stage(models)
    wanted, token = stage.run(one), CountedToken()
    stage.run(one, LeaseOptions(cancel=token))
    places = range(1, min(token.asked, most) + 1)
    try:
        for place in places:
            again = CountedToken(place)
            try:
                stage.run(one, LeaseOptions(cancel=again))
            except Cancelled:
                hold(again.asked == place, f"{one.key}: cancelled at look {place}, looked {again.asked} times")
            else:
                raise Broken(f"{one.key}: cancelled at look {place} of {token.asked} and went on")
        hold(same(stage.run(one), wanted), f"{one.key}: not what it was, after {len(places)} cancels")
    finally:
        hold(stage.manager.close(), f"{one.key}: the manager did not end")
    hold(len(stage.engines) == 1, f"{one.key}: a cancelled lease left something in the engine")
    return {"looks": token.asked, "cancelled_at": len(places)}


def deadlines(models: Path, one: Member) -> dict[str, Any]:
    """Out of time while it is loaded, while it warms up, and while another lease has it: refused in time, and what
    was under way serves the next."""
    stage = Stage(models)
    late = 0
    try:
        for at in ("load", "warm up"):
            stage.gate.shut(at)
            late += _is_late(stage, one, at)
            stage.gate.open.set()
            stage.run(one)
            stage.empty()
        with stage.manager.lease(one.key):
            late += _is_late(stage, one, "wait", apart=True)
        stage.run(one)
    finally:
        stage.gate.open.set()
        hold(stage.manager.close(), f"{one.key}: the manager did not end")
    return {"late": late}


def _is_late(stage: Stage, one: Member, at: str, apart: bool = False) -> int:
    from concurrent.futures import ThreadPoolExecutor

    options = LeaseOptions(deadline=0.05)
    try:
        if apart:  # a thread holds one lease at a time
            with ThreadPoolExecutor(1) as pool:
                pool.submit(stage.run, one, options).result()
        else:
            stage.run(one, options)
    except TimedOut:
        return 1
    raise Broken(f"{one.key} had 0.05 s, was held up at {at!r}, and served all the same")


def loras(models: Path, leases: int) -> dict[str, Any]:
    """Stable Diffusion leased with one LoRA, with another, with both, with none, ...: no lease sees another's."""
    stage, trend = Stage(models), Trend()
    one = member("image/stable-diffusion")
    mixes: tuple[Mapping[str, float], ...] = ({"noir": 0.8}, {"v1.5 oil": 1.0}, {"noir": 0.4, "v1.5 oil": 0.3}, {})
    pictures: dict[int, Any] = {}
    try:
        for number in range(leases + 1):
            which = number % len(mixes)
            request = asked(steps=1, **({"loras": mixes[which]} if mixes[which] else {}))
            picture = stage.manager.run(one.key, None, lambda engine, request=request: paint(engine, request))
            hold(same(picture, pictures.setdefault(which, picture)), f"lease {number} saw another's LoRAs")
            if which == 0:
                trend.note()
                trend.tensors.append(tensors())
    finally:
        hold(stage.manager.close(), "the manager did not end")
    hold(len(stage.engines) == 1, f"the engine was loaded {len(stage.engines)} times: a LoRA stayed in it")
    hold(len({picture.tobytes() for picture in pictures.values()}) == len(mixes), "the LoRAs do nothing")
    hold(trend.growth() < FLAT, f"memory grew by {trend.growth() / 1e6:.1f} MB over {leases} leases")
    early = trend.tensors[1 + len(trend.tensors) // 5]
    hold(trend.tensors[-1] <= early, f"{trend.tensors[-1] - early} tensors are left behind")
    return {"leases": leases, "growth_mb": round(trend.growth() / 1e6, 2)}


class Report:
    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}
        self.broken: list[str] = []

    def run(self, title: str, check: Callable[[], dict[str, Any]]) -> None:
        began = time.perf_counter()
        try:
            figures = check()
        except Exception as error:  # noqa: BLE001 - every promise is looked at; the exit status tells
            self.broken.append(f"{title}: {error}")
            figures = {"broken": str(error) or type(error).__name__}
        self.found[title] = figures | {"seconds": round(time.perf_counter() - began, 1)}
        print(f"{title}: " + ", ".join(f"{name} {value}" for name, value in self.found[title].items()), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--points", type=int, default=POINTS)
    parser.add_argument("--only", nargs="*", metavar="ENGINE", help="such as inpaint/lama")
    parser.add_argument("--checks", nargs="*", metavar="CHECK", default=CHECKS, choices=CHECKS)
    parser.add_argument("--save", metavar="NAME", help="write benchmarks/results/NAME.json")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    logging.getLogger("studio").setLevel(logging.ERROR)  # what fails on purpose is not told
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    members = [one for one in ROSTER if not arguments.only or one.key in arguments.only]
    report = Report()
    print("tiny networks on a CPU, the device's memory pretended", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder), members)
        look(report, Path(folder), members, arguments)
    keep(arguments.save, report.found)
    for line in report.broken:
        print(f"BROKEN: {line}", file=sys.stderr)
    return 1 if report.broken else 0


def prepare(models: Path, members: Sequence[Member]) -> None:
    """Writes the networks and uses each once, so that the libraries are loaded before memory is measured."""
    for one in members:
        one.write(models)
        stage = Stage(models)
        stage.run(one)
        stage.manager.close()
    gc.collect()
    gc.freeze()  # the libraries' own objects are not looked through each time


def look(report: Report, models: Path, members: Sequence[Member], arguments: argparse.Namespace) -> None:
    for one in members:
        each: dict[str, Callable[[], dict[str, Any]]] = {
            "loads": lambda one=one: loads(models, one, arguments.rounds),
            "memory": lambda one=one: runs_out(models, one, arguments.points),
            "cancels": lambda one=one: cancels(models, one),
            "deadlines": lambda one=one: deadlines(models, one),
        }
        for name, check in each.items():
            if name in arguments.checks:
                report.run(f"{TITLES[name]} {one.key}", check)
    if "pairs" in arguments.checks and len(members) > 1:
        report.run("swaps of all pairs", lambda: pairs(models, members))
    if "loras" in arguments.checks and member("image/stable-diffusion") in members:
        report.run("LoRAs", lambda: loras(models, arguments.rounds))


if __name__ == "__main__":
    raise SystemExit(main())
