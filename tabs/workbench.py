"""The workbench drawer: the queue, the worker with its resident model and memory, and the engines with their needs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import gradio as gr

from studio.errors import NotFound
from studio.models.cards import EngineCard
from tabs.markup import escape, rows
from tabs.music.desk import Desk
from tabs.shelf import STATE_WORDS

_TICK_SECONDS = 2.0
_TASKS = {"image": "Pictures", "video": "Motion", "cutout": "Cut-outs"}


def build_workbench(desk: Desk) -> None:
    """A closed drawer that is only kept up to date while it is open."""

    async def refresh() -> str:
        return await asyncio.to_thread(workbench_html, desk)

    async def open_drawer() -> tuple[str, gr.Timer]:
        return await refresh(), gr.Timer(active=True)

    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    timer = gr.Timer(_TICK_SECONDS, active=False)
    with gr.Accordion("Workbench", open=False, elem_id="workbench") as drawer:
        view = gr.HTML("", apply_default_css=False)
    drawer.expand(open_drawer, None, [view, timer], api_name="page_workbench", **quiet)
    drawer.collapse(lambda: gr.Timer(active=False), None, timer, api_name="page_workbench_closed", **quiet)
    timer.tick(refresh, None, view, api_name="page_workbench_tick", **quiet)


def workbench_html(desk: Desk) -> str:
    return f'<div class="ks-bench">{_worker(desk)}{_queue(desk)}{_engines(desk)}</div>'


def _worker(desk: Desk) -> str:
    status = desk.studio.worker_status()
    snapshot = status.snapshot if status.alive else {}
    health = snapshot.get("health") or {}
    words = "Ready" if status.alive else "Starting"
    if status.alive and health and not health.get("ok", True):
        words = f"In trouble: {health.get('reason', '')}"
    device = snapshot.get("device") or {}
    facts = [("State", escape(words))]
    if device:
        facts.append(("Device", escape(f"{device['title']}, {device['precision']}")))
    resident = snapshot.get("resident")
    facts.append(("On the device", escape(resident) if resident else "no model: the built-in engines need none"))
    memory = snapshot.get("memory") or {}
    if memory.get("total_bytes"):
        facts.append(("Memory", f"{_size(memory.get('used_bytes') or 0)} of {_size(memory['total_bytes'])}"))
    return f"<section><h3>Worker</h3>{rows(facts, 'ks-facts')}</section>"


def _queue(desk: Desk) -> str:
    active = [job for job in desk.studio.jobs() if job.active]
    lines = "".join(
        f"<li><b>{escape(_title(desk, job.project.name))}</b>{_state(job.state, STATE_WORDS[desk.state(job)])}</li>"
        for job in reversed(active)
    )
    body = f'<ol class="ks-queue">{lines}</ol>' if lines else '<p class="ks-quiet">Nothing is waiting.</p>'
    return f"<section><h3>Queue</h3>{body}</section>"


def _title(desk: Desk, project: str) -> str:
    try:
        return desk.studio.projects.get(project).title
    except NotFound:
        return "A job of the command line"


def _engines(desk: Desk) -> str:
    used: Mapping[str, Any] = desk.studio.worker_status().snapshot.get("models") or {}
    lines = "".join(_engine(desk, card, used.get(card.key) or {}) for card in desk.studio.registry)
    head = "<tr><th>Engine</th><th>For</th><th>Needs</th><th>Here</th><th>Used</th></tr>"
    table = f'<table class="ks-engines"><thead>{head}</thead><tbody>{lines}</tbody></table>'
    return f'<section class="ks-wide"><h3>Engines</h3>{table}</section>'


def _engine(desk: Desk, card: EngineCard, used: Mapping[str, Any]) -> str:
    able, why = desk.studio.registry.availability(card)
    shelf = desk.studio.registry.shelf
    size = sum(shelf.item(name).size_bytes for name in card.weights) if shelf else 0
    needs = f"{_size(size)} download" if size else "nothing to download"
    if any(card.memory):
        needs += f", {_size(card.memory[-1])} of device memory"
    uses = (used.get("statistics") or {}).get("uses", 0)
    cells = (
        f'<th scope="row">{escape(card.title)}<small>{escape(card.quality)}</small></th>',
        f"<td>{escape(_TASKS.get(card.task, card.task))}</td>",
        f"<td>{escape(needs)}</td>",
        f"<td>{_state('done' if able else 'failed', 'Ready' if able else why)}</td>",
        f"<td>{int(uses)}×</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _state(state: str, words: str) -> str:
    return f'<span class="ks-state" data-state="{escape(state)}">{escape(words)}</span>'


def _size(count: float) -> str:
    """Bytes in the unit a person expects."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{int(count)} bytes"
