"""A real worker process with pipelines made for watching it: `counting_worker.py DATA SEAT STALL_SECONDS [OTHER
SEATS]`. A worker says that the engine named in its data folder's file `resident-SEAT` is on its device."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from studio.errors import BadInput
from studio.jobs.runner import Runner
from studio.jobs.seats import Post
from studio.jobs.store import JobStore
from studio.jobs.worker import Worker, end_with_parent
from studio.models.devices import cpu_device
from studio.models.manager import ModelManager
from studio.models.registry import Registry
from studio.pipelines.context import Context, ContextParts
from studio.pipelines.timing import Timings
from studio.settings import Settings


def count(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Writes one file a step; a step whose file is there is not done again. `faults`: what happens at which step."""
    faults = body.get("faults", {})
    with context.stage("count", "Counting", body["steps"]) as stage:
        for step in range(body["steps"]):
            target = context.project / f"{step}.txt"
            if target.exists():
                continue
            fault = faults.get(str(step))
            once = context.project / f"fault-{step}"
            if fault and not (once.exists() and not fault.endswith("always")):
                once.touch()
                strike(fault.removesuffix("-always"))
            context.cancel.wait(body.get("seconds", 0.05))
            said = context.controls.read()
            if said:
                context.notice(f"said before step {step}: {said['words']}")
            with (context.project / "log.txt").open("a") as log:
                log.write(f"{step} {os.getpid()}\n")
            target.touch()
            context.artifact("step", target)
            stage.advance()
    return {"steps": body["steps"]}


def strike(fault: str) -> None:
    match fault:
        case "raise":
            raise RuntimeError("a wire came loose")
        case "refuse":
            raise BadInput("--count", "x", "a number")
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "freeze":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "hang":
            time.sleep(3600)


def main() -> None:
    data, seat, stall = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    end_with_parent()
    settings = replace(Settings(data), stall_seconds=stall, heartbeat_seconds=0.2, jobs_per_worker=2)
    store = JobStore(settings.database)
    registry = Registry()
    parts = ContextParts(settings, ModelManager(registry, cpu_device()), registry, Timings(data / "timings.json"))
    resident = data / f"resident-{seat}"

    def snapshot() -> dict[str, str]:
        return {"resident": resident.read_text()} if resident.exists() else {}

    Worker(settings, Post(seat, tuple(sys.argv[4:])), store, Runner(store, {"count": count}, parts), snapshot).serve()


if __name__ == "__main__":
    main()
