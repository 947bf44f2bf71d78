"""How the studio is doing, for whoever watches it: its workers with their devices, and every engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.compose import Studio, WorkerStatus
    from studio.models.cards import EngineCard


def health_report(studio: Studio) -> dict[str, Any]:
    """JSON-ready. `worker` is "alive" or "starting"; `workers` has one for each device; `engines` says of each whether
    it can run here and, if not, why, and on which device it is loaded now, with what was measured of it in bytes."""
    statuses = studio.worker_statuses()
    return {
        "studio": "up",
        "worker": "alive" if statuses[0].alive else "starting",
        "workers": [_worker(status.snapshot) for status in statuses if status.alive and status.snapshot],
        "engines": [_engine(studio, card, statuses) for card in studio.registry],
    }


def _worker(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    return {name: snapshot.get(name) for name in ("device", "memory", "health", "resident")}


def _engine(studio: Studio, card: EngineCard, statuses: Sequence[WorkerStatus]) -> dict[str, Any]:
    available, why = studio.registry.availability(card)
    loaded = [found for status in statuses if status.alive and (found := _loaded(card, status.snapshot))]
    return {"engine": card.key, "title": card.title, "available": available, "why": why, "loaded": loaded}


def _loaded(card: EngineCard, snapshot: Mapping[str, Any]) -> dict[str, Any] | None:
    model = (snapshot.get("models") or {}).get(card.key) or {}
    if model.get("state") != "ready":
        return None
    rung = model.get("rung_words")
    device = {"device": "cpu"} if card.embedded else _device(snapshot)
    return device | {"rung": rung, "measured_bytes": model.get("measured_bytes", {}).get(rung)}


def _device(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    device = snapshot["device"]
    return {"device": device["name"], "title": device["title"], "precision": device["precision"]}
