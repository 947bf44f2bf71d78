"""The Music Video room: its widgets, and what happens when a person uses them. Jobs live in the studio, not here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from studio.errors import BadInput, StudioError
from studio.jobs.store import Job
from tabs.form import Form, FormValues, build_form, read, refusal_words, show
from tabs.job_html import Screen, details_html, screen_html
from tabs.live import Attachments, Follower, Look, follow
from tabs.markup import escape
from tabs.projects import Desk, shelf_html

_OPEN_SCRIPT = """
element.addEventListener('click', event => {
    const card = event.target.closest('[data-project]');
    if (!card) return;
    delete document.body.dataset.asking;
    trigger('open', {project: card.dataset.project});
});
"""
_RENAME_SCRIPT = "() => { const t = document.querySelector('#title :is(input, textarea)'); t.focus(); t.select(); }"
# On a phone the film is a screen further down than the button.
_RENDER_SCRIPT = """
() => {
    const stage = document.getElementById('stage');
    if (stage.getBoundingClientRect().top > innerHeight * .6)
        stage.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}
"""
_STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Room:
    """The room's widgets beside its form. `current` holds the open project's id, `remembered` the same in the
    browser, so that a reload comes back to it."""

    form: Form
    current: gr.State
    remembered: gr.BrowserState
    title: gr.Textbox
    message: gr.HTML
    screen: gr.HTML
    details: gr.HTML
    shelf: gr.HTML
    render: gr.Button
    cancel: gr.Button
    resume: gr.Button
    rename: gr.Button
    new: gr.Button
    delete: gr.Button
    confirm_delete: gr.Button
    keep: gr.Button

    @property
    def opened(self) -> list[Any]:
        """What changes when a project is opened, in the order of `Handlers.opened`."""
        return [self.current, self.remembered, self.title, self.message, *self.form.widgets]

    @property
    def live(self) -> list[Any]:
        """What follows the job, in the order of `Handlers.watch`'s results."""
        return [self.screen, self.details, self.shelf, self.render, self.cancel, self.resume, self.delete]


class Handlers:
    """One method an event. They check, submit and look; each returns within moments."""

    def __init__(self, desk: Desk, cache: Path) -> None:
        self._desk, self._studio, self._cache = desk, desk.studio, cache
        self._attachments = Attachments()

    # ---- opening ----

    async def arrive(self, remembered: str | None) -> list[Any]:
        """A page was loaded: back to the project it had open, else the newest one, else a new one."""
        return await asyncio.to_thread(self._arrive, remembered or "")

    def _arrive(self, remembered: str) -> list[Any]:
        known = [entry.id for entry in self._desk.entries()]
        if remembered in known:
            return self._opened(remembered)
        return self._opened(known[0]) if known else self._blank()

    async def open(self, event: gr.EventData) -> list[Any]:
        try:
            return await asyncio.to_thread(self._opened, str(event.project))
        except StudioError as error:
            return _only_words(error)

    async def new(self) -> list[Any]:
        return await asyncio.to_thread(self._blank)

    def _opened(self, project: str) -> list[Any]:
        title = self._studio.projects.get(project).title
        values = self._desk.values(project)
        return [project, project, title, "", *show(values, self._cache)]

    def _blank(self) -> list[Any]:
        return ["", "", "", "", *show(FormValues(), self._cache)]

    # ---- the job ----

    async def render(self, current: str, title: str, *widgets: Any) -> list[Any]:
        """Submits; a refusal is shown beside the button and leaves nothing behind."""
        try:
            project = await asyncio.to_thread(self._submit, current, title or "", widgets)
        except StudioError as error:
            return [gr.skip(), gr.skip(), gr.skip(), refusal_html(error)]
        return [project, project, self._studio.projects.get(project).title, ""]

    def _submit(self, current: str, title: str, widgets: Sequence[Any]) -> str:
        busy = self._desk.job(current) if current else None
        if busy and busy.active:
            raise BadInput("--out", title, "one render at a time", "this project is being rendered; cancel it first")
        return self._desk.submit(current, title, read(widgets, self._cache))[0]

    async def cancel(self, current: str) -> str:
        return await self._with_job(current, self._studio.cancel)

    async def resume(self, current: str) -> str:
        return await self._with_job(current, self._studio.resume)

    async def _with_job(self, current: str, act: Any) -> str:
        def run() -> None:
            job = self._desk.job(current) if current else None
            if job:
                act(job.id)

        try:
            await asyncio.to_thread(run)
        except StudioError as error:
            return refusal_html(error)
        return ""

    async def watch(self, current: str, request: gr.Request) -> AsyncIterator[list[Any]]:
        """Everything that follows the job, for as long as the page has this project open."""
        attached = self._attachments.attach(str(request.session_hash))
        async for look in follow(Follower(self._desk, current), attached):
            # Whole each time: the page merges updates that come close together and would lose a part sent only once.
            # On the wire Gradio sends the difference.
            yield _live(look, current)

    def leave(self, request: gr.Request) -> None:
        self._attachments.forget(str(request.session_hash))

    # ---- the project ----

    async def rename(self, current: str, title: str) -> list[Any]:
        if not current:
            return [gr.skip(), ""]
        try:
            info = await asyncio.to_thread(self._studio.projects.rename, current, title)
        except StudioError as error:
            return [gr.skip(), refusal_html(error)]
        # Sent back only where it was cleaned: the person may be typing on.
        return [gr.skip() if info.title == title else info.title, ""]

    async def delete(self, current: str) -> list[Any]:
        """Ends the project's job, then removes the project."""
        if not current:
            return await self.new()
        job = await asyncio.to_thread(self._desk.job, current)
        try:
            if job and job.active:
                await self._stop(job)
            await asyncio.to_thread(self._studio.projects.delete, current)
        except StudioError as error:
            return _only_words(error)
        return await self.arrive("")

    async def _stop(self, job: Job) -> None:
        await asyncio.to_thread(self._studio.cancel, job.id)
        for _ in range(int(_STOP_SECONDS / 0.25)):
            if not (await asyncio.to_thread(self._studio.job, job.id)).active:
                return
            await asyncio.sleep(0.25)
        raise StudioError("The render has not stopped yet; delete the project in a moment.")


def _only_words(error: StudioError) -> list[Any]:
    """For Room.opened: everything stays as it is, the message says why."""
    kept, form = [gr.skip()] * 3, [gr.skip()] * len(fields(FormValues))
    return [*kept, refusal_html(error), *form]


def _live(look: Look, current: str) -> list[Any]:
    """What Room.live shows."""
    screen = look.screen
    return [
        screen_html(screen),
        details_html(screen),
        shelf_html(list(look.entries), current),
        gr.Button("Rendering" if screen.active else "Render", interactive=not screen.active),
        gr.Button(visible=_seen(screen.active)),
        gr.Button(visible=_seen(screen.state in ("failed", "cancelled", "interrupted"))),
        gr.Button(visible=_seen(bool(current))),
    ]


def _seen(wanted: bool) -> bool | Literal["hidden"]:
    # "hidden" stays in the page, so that nothing is built anew when it is shown again.
    return True if wanted else "hidden"


def refusal_html(error: StudioError) -> str:
    words = refusal_words(error) if isinstance(error, BadInput) else str(error)
    return f'<div class="ks-banner ks-bad" role="alert"><p>{escape(words)}</p></div>'


def build_room(desk: Desk, empty: Screen) -> Room:
    """Lays the widgets out; needs a gr.Blocks around it."""
    studio = desk.studio
    current, remembered = gr.State(None), gr.BrowserState("", storage_key="kinora-project", secret="kinora")
    with gr.Row(elem_id="project-bar"):
        title = gr.Textbox(
            label="Project", show_label=False, placeholder="Untitled film", container=False, max_length=120,
            elem_id="title", html_attributes=gr.InputHTMLAttributes(autocomplete="off"), scale=1,
        )  # fmt: skip
        rename = gr.Button("Rename", size="sm", elem_id="rename", scale=0, min_width=72)
        new = gr.Button("New", size="sm", elem_id="new", scale=0, min_width=72)
        delete = gr.Button("Delete", size="sm", elem_id="delete", scale=0, min_width=72, visible="hidden")
    with gr.Row(elem_id="confirm"):
        gr.HTML("<p>Delete this project with its film and pictures? This can't be undone.</p>")
        confirm_delete = gr.Button("Delete for good", variant="stop", size="sm", elem_id="confirm-delete", scale=0)
        keep = gr.Button("Keep it", size="sm", elem_id="keep", scale=0)
    with gr.Row(elem_id="bench"):
        with gr.Column(elem_id="inputs", min_width=320):
            form = build_form(studio.styles(), studio.settings.limits)
            message = gr.HTML("", elem_id="message", apply_default_css=False)
            render = gr.Button("Render", variant="primary", size="lg", elem_id="render")
        with gr.Column(elem_id="stage", min_width=320):
            screen = gr.HTML(screen_html(empty), elem_id="screen", apply_default_css=False)
            cancel = gr.Button("Cancel", size="sm", elem_id="cancel", visible="hidden")
            resume = gr.Button("Resume", size="sm", elem_id="resume", visible="hidden")
            details = gr.HTML("", elem_id="details", apply_default_css=False)
    gr.HTML('<h2 class="ks-heading">Projects</h2>', apply_default_css=False)
    shelf = gr.HTML("", elem_id="shelf", apply_default_css=False, js_on_load=_OPEN_SCRIPT)
    return Room(
        form, current, remembered, title, message, screen, details, shelf, render, cancel, resume, rename, new, delete,
        confirm_delete, keep,
    )  # fmt: skip


def wire(room: Room, handlers: Handlers, page: gr.Blocks) -> None:
    """Ties events to handlers. All are private: scripts use the named calls of tabs.calls instead."""
    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    job_outputs = [room.current, room.remembered, room.title, room.message]
    inputs = [room.current, room.title, *room.form.widgets]

    page.load(handlers.arrive, room.remembered, room.opened, api_name="page_arrive", **quiet)
    room.current.change(
        handlers.watch, room.current, room.live, api_name="page_watch", trigger_mode="multiple", **quiet
    )
    page.unload(handlers.leave)
    room.render.click(handlers.render, inputs, job_outputs, api_name="page_render", **quiet)
    room.render.click(None, None, None, js=_RENDER_SCRIPT, api_name="page_scroll", api_visibility="private")
    room.cancel.click(handlers.cancel, room.current, room.message, api_name="page_cancel", **quiet)
    room.resume.click(handlers.resume, room.current, room.message, api_name="page_resume", **quiet)
    room.shelf.open(handlers.open, None, room.opened, api_name="page_open", **quiet)
    room.new.click(handlers.new, None, room.opened, api_name="page_new", **quiet)
    room.rename.click(None, None, None, js=_RENAME_SCRIPT, api_name="page_focus_title", api_visibility="private")
    gr.on(
        [room.title.submit, room.title.blur], handlers.rename, [room.current, room.title],
        [room.title, room.message], api_name="page_rename", **quiet,
    )  # fmt: skip
    # The question is asked and answered in the browser; only its consequence comes here.
    only_here = {"fn": None, "api_visibility": "private"}
    room.delete.click(js="() => { document.body.dataset.asking = 'yes'; }", api_name="page_ask", **only_here)
    for number, button in enumerate((room.keep, room.confirm_delete, room.new)):
        button.click(js="() => { delete document.body.dataset.asking; }", api_name=f"page_asked_{number}", **only_here)
    room.confirm_delete.click(handlers.delete, room.current, room.opened, api_name="page_delete", **quiet)
