"""The workbench drawer: the queue, the worker with its resident model and memory, and the engines with their needs."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from studio.errors import BadInput, NotFound, StudioError
from studio.jobs.store import Job
from studio.models.cards import EngineCard
from studio.models.planner import Prospect
from studio.requests import FetchRequest
from tabs.local import is_local
from tabs.markup import escape, rows
from tabs.music.desk import Desk
from tabs.shelf import STATE_WORDS
from tabs.uploads import refusal_html

if TYPE_CHECKING:
    from studio.compose import WorkerStatus

_TICK_SECONDS = 2.0
_TASKS = {
    "image": "Pictures", "video": "Motion", "cutout": "Cut-outs", "inpaint": "Repair", "speech": "Speech",
    "transcript": "Transcripts", "lip_sync": "Lips", "vision": "Watching", "chat": "Answers",
}  # fmt: skip


# Nothing is fetched without this question: what, from where, under which licence, how much of which space.
_SCRIPT = """
element.addEventListener('click', event => {
    const button = event.target.closest('[data-act]');
    if (!button) return;
    const { act, name, ask } = button.dataset;
    if (!ask || confirm(ask)) trigger('fetch', { act, name });
});
"""


def build_workbench(desk: Desk) -> None:
    """A closed drawer that is only kept up to date while it is open."""

    async def refresh() -> str:
        return await asyncio.to_thread(workbench_html, desk)

    async def open_drawer() -> tuple[str, gr.Timer]:
        return await refresh(), gr.Timer(active=True)

    async def fetch(event: gr.EventData, request: gr.Request) -> str:
        return await asyncio.to_thread(_fetch, desk, str(event.act), str(event.name), is_local(request))

    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    timer = gr.Timer(_TICK_SECONDS, active=False)
    with gr.Accordion("Workbench", open=False, elem_id="workbench") as drawer:
        said = gr.HTML("", elem_id="workbench-said", apply_default_css=False)
        view = gr.HTML("", elem_id="workbench-view", js_on_load=_SCRIPT, apply_default_css=False)
    drawer.expand(open_drawer, None, [view, timer], api_name="page_workbench", **quiet)
    drawer.collapse(lambda: gr.Timer(active=False), None, timer, api_name="page_workbench_closed", **quiet)
    view.fetch(fetch, None, said, api_name="page_fetch", trigger_mode="multiple", **quiet)
    timer.tick(refresh, None, view, api_name="page_workbench_tick", **quiet)


def workbench_html(desk: Desk) -> str:
    return f'<div class="ks-bench">{_workers(desk)}{_queue(desk)}{_fetches(desk)}{_engines(desk)}</div>'


def _workers(desk: Desk) -> str:
    """A section for each device's worker."""
    statuses = desk.studio.worker_statuses()
    alone = len(statuses) == 1
    return "".join(_worker("Worker" if alone else f"Worker {n}", each) for n, each in enumerate(statuses, 1))


def _worker(heading: str, status: WorkerStatus) -> str:
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
    return f"<section><h3>{heading}</h3>{rows(facts, 'ks-facts')}</section>"


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


def _fetch(desk: Desk, act: str, name: str, local: bool) -> str:
    """Begins, pauses or goes on with a fetch; what is said of it."""
    studio = desk.studio
    try:
        if not local:
            raise BadInput("NAME", name, "a fetch asked for on the machine the studio runs on")
        if act == "fetch":
            studio.fetch(name)
        elif act in ("pause", "resume"):
            job = studio.job(name)
            if job.kind != FetchRequest.kind:
                raise BadInput("ID", name, "the id of a fetch")
            (studio.cancel if act == "pause" else studio.resume)(name)
    except StudioError as error:
        return refusal_html(error)
    return ""


def _fetches(desk: Desk) -> str:
    """Weights on their way, and those that stopped on it."""
    newest: dict[Path, Job] = {}
    for job in desk.studio.jobs():
        if job.kind == FetchRequest.kind and job.project not in newest:
            newest[job.project] = job
    lines = "".join(_on_its_way(desk, job) for job in newest.values() if job.state not in ("done",))
    return f'<section><h3>Fetching</h3><ol class="ks-queue">{lines}</ol></section>' if lines else ""


def _on_its_way(desk: Desk, job: Job) -> str:
    last = desk.studio.last_progress(job.id)
    data = last.data if last and last.seq >= job.first_seq else {}
    share = f"{100 * float(data['done']) / float(data['total']):.0f} %" if data.get("total") else ""
    events = desk.studio.events(job.id, job.first_seq - 1) if job.state == "failed" else []
    fault = next((event.data["error"]["message"] for event in reversed(events) if event.kind == "failed"), "")
    act, words = ("pause", "Pause") if job.active else ("resume", "Go on")
    items = ", ".join(job.request["items"])
    return (
        f"<li><b>{escape(items)}</b>{_state(desk.state(job), share or desk.state(job))}"
        f'<button type="button" data-act="{act}" data-name="{escape(job.id)}">{words}</button>'
        f"<small>{escape(fault)}</small></li>"
    )


def _offer(desk: Desk, card: EngineCard) -> str:
    """A button that fetches what an engine lacks; "" where it lacks nothing that could be fetched."""
    shelf = desk.studio.registry.shelf
    absent = [shelf.item(name) for name in card.weights if shelf.find(name) is None] if shelf else []
    absent = [item for item in absent if item.repository]
    if shelf is None or not absent:
        return ""
    size = sum(item.size_bytes for item in absent)
    free = shutil.disk_usage(next(path for path in (shelf.models, *shelf.models.parents) if path.exists())).free
    lines = [f"{item.title}: {_size(item.size_bytes)} from {item.repository}, {item.licence}. {item.notice}".strip()
             for item in absent]  # fmt: skip
    ask = "\n".join([f"Fetch {card.title}?", *lines, f"{_size(free)} are free in {shelf.models}."])
    return (
        f'<button type="button" data-act="fetch" data-name="{escape(card.key)}" data-ask="{_lines(ask)}">'
        f"Fetch {_size(size)}</button>"
    )


def _lines(text: str) -> str:
    """For an attribute, line breaks kept."""
    return "&#10;".join(escape(line) for line in text.split("\n"))


def _engines(desk: Desk) -> str:
    snapshots = [status.snapshot for status in desk.studio.worker_statuses()]
    told = {each.card.key: each for each in desk.studio.prospects()} if snapshots[0].get("memory") else {}

    def used(card: EngineCard) -> list[Mapping[str, Any]]:
        return [(snapshot.get("models") or {}).get(card.key) or {} for snapshot in snapshots]

    lines = "".join(_engine(desk, card, used(card), told.get(card.key)) for card in desk.studio.registry)
    head = "<tr><th>Engine</th><th>For</th><th>On this machine</th><th>State</th><th>Used</th></tr>"
    table = f'<table class="ks-engines"><thead>{head}</thead><tbody>{lines}</tbody></table>'
    return f'<section class="ks-wide"><h3>Engines</h3>{table}</section>'


def _engine(desk: Desk, card: EngineCard, used: list[Mapping[str, Any]], told: Prospect | None) -> str:
    """`used`: what each device's worker says of the engine."""
    able, why = desk.studio.registry.availability(card)
    uses = sum((each.get("statistics") or {}).get("uses", 0) for each in used)
    loaded = next((each for each in used if each.get("state") == "ready" and not card.embedded), None)
    offer = "" if able else _offer(desk, card)
    missing = "Not fetched" if offer else why
    words = f"On the device, {loaded.get('rung_words')}" if loaded else "Ready" if able else missing
    cells = (
        f'<th scope="row">{escape(card.title)}<small>{escape(card.quality)}</small></th>',
        f"<td>{escape(_TASKS.get(card.task, card.task))}</td>",
        f"<td>{escape(_needs(card, told))}</td>",
        f"<td>{_state('done' if able else '' if offer else 'failed', words)}{offer}</td>",
        f"<td>{int(uses)}×</td>",
    )
    return f"<tr>{''.join(cells)}</tr>"


def _needs(card: EngineCard, told: Prospect | None) -> str:
    pace = f"; {told.pace}" if told and told.pace else ""
    if card.embedded:
        return f"built in, no device memory{pace}"
    if told is None:
        return f"{_size(card.memory[0])} of device memory"
    return told.memory_words() + pace


def _state(state: str, words: str) -> str:
    return f'<span class="ks-state" data-state="{escape(state)}">{escape(words)}</span>'


def _size(count: float) -> str:
    """Bytes in the unit a person expects."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{int(count)} bytes"
