"""The manager's state in words and figures: JSON-ready, for the workbench and the health check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from studio.models.scheduler import Scheduler
from studio.models.states import DEVICE_LANE, RESIDENT, Slot


@dataclass(frozen=True)
class Health:
    """`reason` is "" when all is well."""

    ok: bool
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "reason": self.reason}


def judge(scheduler: Scheduler, stall_seconds: float) -> Health:
    """Bad when the scheduler had to give up, or when somebody waits and nothing has moved for `stall_seconds`."""
    if scheduler.fault:
        return Health(False, scheduler.fault)
    stalled = scheduler.stalled_for()
    if stalled < stall_seconds:
        return Health(True)
    held = [f"{key} is {slot.state.value}" for key, slot in scheduler.slots.items() if slot.state in RESIDENT]
    there = "; ".join(held) or "nothing is resident"
    return Health(False, f"{len(scheduler.waiting)} waiting and nothing has moved for {stalled:.0f} s: {there}")


def describe(scheduler: Scheduler, now: float) -> dict[str, Any]:
    """resident  the model on the device, or None (embedded engines occupy no device and are listed under models)
    waiting   who waits for what, oldest first
    models    every model used so far: state, rung, leases, statistics, ...
    ram_tier  what is kept in RAM
    """
    waiting = [
        {"model": t.key, "priority": t.options.priority, "seconds": round(now - t.asked, 3)} for t in scheduler.waiting
    ]
    slots = scheduler.slots
    on_device = [key for key, slot in slots.items() if slot.lane == DEVICE_LANE and slot.state in RESIDENT]
    kept = list(scheduler.tier)
    return {
        "resident": on_device[0] if on_device else None,
        "waiting": waiting,
        "models": {key: _model(slot, key in kept, now) for key, slot in slots.items()},
        "ram_tier": {"models": kept, "used_bytes": scheduler.tier.used, "budget_bytes": scheduler.tier.budget},
        "closing": bool(scheduler.closing),
    }


def _model(slot: Slot, kept: bool, now: float) -> dict[str, Any]:
    card, rung = slot.entry.card, slot.build.rung if slot.build else None
    pause = max(0.0, slot.retry_at - now)
    return {
        "title": card.title,
        "task": card.task,
        "embedded": card.embedded,
        "state": slot.state.value,
        "rung": rung,
        "rung_words": card.rungs[rung] if rung is not None and rung <= card.last_rung else None,
        "leases": len(slot.leases),
        "kept_in_ram": kept,
        "failure": slot.failure.text if slot.failure else None,
        "retry_in_seconds": round(pause, 1) if slot.failure else None,
        "measured_bytes": {card.rungs[r]: size for r, size in slot.measured.items()},
        "statistics": slot.statistics.to_json(),
    }
