"""Weights that a person asked for are fetched: the only work of the studio that goes to the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.models.fetching import check_room, fetch, plan_fetch
from studio.models.weights import WeightsShelf
from studio.pipelines.context import Context
from studio.requests import FetchRequest

_MEGABYTE = 1_000_000


def run(body: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """Returns the items' names and where they lie. An item that is there already is left alone."""
    request = FetchRequest.from_json(body)
    shelf = context.registry.shelf
    assert isinstance(shelf, WeightsShelf)
    wanted = [shelf.item(name) for name in request.items if shelf.find(name) is None]
    with context.stage("ask", "Asking the hub", max(1, len(wanted))) as stage:
        plans = []
        for item in wanted:
            context.cancel.check()
            plans.append(plan_fetch(item))
            stage.advance()
        check_room(plans, shelf.models)
    for plan in plans:
        if plan.item.notice:
            context.notice(f"{plan.item.title}: {plan.item.notice}")
        with context.stage(plan.item.name, f"Fetching {plan.item.title}", max(1, plan.size // _MEGABYTE)) as stage:
            told = 0

            def progress(done: int, stage: Any = stage) -> None:
                nonlocal told
                stage.advance((done - told) / _MEGABYTE)
                told = done

            context.artifact("weights", fetch(plan, shelf.models, progress, context.cancel))
    return {"items": list(request.items), "folder": str(shelf.models)}
