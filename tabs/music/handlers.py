"""The Music Video room: its widgets, and what happens when a person uses them. Jobs live in the studio, not here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import BadInput, StudioError
from tabs.engine_choice import refreshed
from tabs.job_html import details_html, empty_player_html, export_html, screen_html, task_html
from tabs.music.board_html import board_html
from tabs.music.comparing import SAME, Side, moved_panels, project_panels, side_changes
from tabs.music.comparison_html import Titles, changes_of, comparison_html, read_comparison
from tabs.music.desk import Desk
from tabs.music.form import ENGINE_TASKS, TEMPO, Form, FormValues, read, show
from tabs.music.live import Follower, Look
from tabs.music.room import Room
from tabs.music.song_player import song_player_html
from tabs.music.storyboard import Storyboards
from tabs.options_panel import moved_panel, panel_value
from tabs.room_handlers import RoomHandlers, seen
from tabs.shelf import shelf_html
from tabs.uploads import refusal_html

_RENAME_SCRIPT = "() => { const t = document.querySelector('#title :is(input, textarea)'); t.focus(); t.select(); }"
# On a phone the film is a screen further down than the button.
_RENDER_SCRIPT = """
() => {
    const stage = document.getElementById('stage');
    if (stage.getBoundingClientRect().top > innerHeight * .6)
        stage.scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}
"""


class Handlers(RoomHandlers):
    """One method an event. They check, submit and look; each returns within moments."""

    def __init__(self, desk: Desk, cache: Path) -> None:
        super().__init__(desk)
        self._desk, self._cache = desk, cache
        self._boards = Storyboards(desk)
        self._panel = partial(panel_value, desk.studio)

    def _only_words(self, error: StudioError) -> list[Any]:
        kept, form = [gr.skip()] * 3, [gr.skip()] * len(fields(Form))
        return [*kept, refusal_html(error), *form]

    # ---- opening ----

    async def arrive(self, remembered: str | None) -> list[Any]:
        """A page was loaded: back to the project it had open, else the newest one, else a new one."""
        return await asyncio.to_thread(self._arrive, remembered or "")

    def _arrive(self, remembered: str) -> list[Any]:
        known = [entry.id for entry in self._desk.entries()]
        if not known:
            return self._blank()
        project = remembered if remembered in known else known[0]
        if self._desk.job(project) is None:
            self._desk.draw(project)  # nobody has worked on it yet, as on the demo: it is heard and drawn at once
        return self._opened(project)

    async def open(self, event: gr.EventData) -> list[Any]:
        try:
            return await asyncio.to_thread(self._opened, str(event.project))
        except StudioError as error:
            return self._only_words(error)

    async def new(self) -> list[Any]:
        return await asyncio.to_thread(self._blank)

    def _opened(self, project: str) -> list[Any]:
        info = self._studio.projects.get(project)
        values = self._desk.values(project)
        return [project, project, info.title, "", *show(values, self._cache, info.names, self._panel)]

    def _blank(self) -> list[Any]:
        return ["", "", "", "", *show(FormValues(), self._cache, {}, self._panel)]

    # ---- the job ----

    async def render(self, current: str, title: str, *widgets: Any) -> list[Any]:
        """Submits; a refusal is shown beside the button and leaves nothing behind."""
        return await self._work(current, title, widgets, "film")

    async def draw(self, current: str, title: str, *widgets: Any) -> list[Any]:
        return await self._work(current, title, widgets, "storyboard")

    async def listen(self, current: str, title: str, *widgets: Any) -> list[Any]:
        """A song was chosen: it is heard at once, and a new project begins with it."""
        return await self._work(current, title, widgets, "song")

    async def _work(self, current: str, title: str, widgets: Sequence[Any], goal: str) -> list[Any]:
        def submit() -> str:
            return self._desk.submit(current or "", title or "", read(widgets, self._cache), goal)[0]

        return await self._submitted(submit)

    async def note(self, current: str, *widgets: Any) -> Any:
        """Keeps what stands in the form. Without a song or a project there is nothing to keep it in yet."""

        def keep() -> None:
            values = read(widgets, self._cache)
            if current and values.song:
                self._desk.keep(current, values)

        # Nothing to say is no reason to take another's words away.
        return await self._said(keep) or gr.skip()

    async def tempo(self, event: gr.EventData, current: str, title: str, *widgets: Any) -> list[Any]:
        """The person knows the tempo better, or takes that back: the song is heard anew with it."""
        values = list(widgets)
        values[TEMPO] = event.tempo
        return [*await self._work(current, title, values, "song"), event.tempo]

    async def card(self, event: gr.EventData, current: str) -> Any:
        """A click on a card of the storyboard."""
        changes = event.changes if isinstance(event.changes, dict) else {}
        return await self._said(self._boards.act, current, event.index, event.act, changes)

    async def steer(self, event: gr.EventData, current: str) -> Any:
        """Something was changed while pictures are drawn."""
        values = event.values if isinstance(event.values, dict) else {}
        return await self._said(self._desk.steer, current or "", values)

    async def options(self, *widgets: Any) -> list[Any]:
        """The form's panels of options after another engine was chosen."""
        half = len(ENGINE_TASKS)

        def move(task: str, engine: str, panel: Any) -> Any:
            return _unless_same(panel, moved_panel(self._studio, task, engine or "", panel))

        trios = zip(ENGINE_TASKS, widgets[:half], widgets[half:], strict=True)
        return await asyncio.to_thread(lambda: [move(*trio) for trio in trios])

    async def compare(self, current: str, moment: int, *sides: Any) -> Any:
        half = len(sides) // 2

        def submit() -> None:
            request = self._desk.film(current or "")
            a, b = side_changes(request, sides[:half]), side_changes(request, sides[half:])
            if a == b:
                raise BadInput("changes", "the same", "another look, seed, engine or option on one of the sides")
            self._desk.compare(current, a, b, moment)

        return await self._said(submit)

    async def sides(self, current: str, *engines: Any) -> list[Any]:
        """Both sides' panels of options, as the project has them."""
        half = len(engines) // 2

        def read() -> list[Any]:
            request = self._desk.request(current) if current else None
            return [
                *project_panels(self._studio, request, engines[:half]),
                *project_panels(self._studio, request, engines[half:]),
            ]

        return await self._or_nothing(read, 2 * half)

    async def side(self, current: str, *widgets: Any) -> list[Any]:
        """One side's panels after another engine was chosen for it."""
        half = len(widgets) // 2

        def read() -> list[Any]:
            request = self._desk.request(current) if current else None
            moved = moved_panels(self._studio, request, widgets[:half], widgets[half:])
            return [_unless_same(panel, now) for panel, now in zip(widgets[half:], moved, strict=True)]

        return await self._or_nothing(read, half)

    async def _or_nothing(self, act: Callable[[], list[Any]], count: int) -> list[Any]:
        """What `act` gives; nothing changes where the project has gone meanwhile."""
        try:
            return await asyncio.to_thread(act)
        except StudioError:
            return [gr.skip()] * count

    async def engines(self) -> list[Any]:
        """The engines as they can be chosen now, for the form and for both sides of the comparison."""
        own, same = await asyncio.to_thread(
            lambda: (refreshed(self._studio, ENGINE_TASKS), refreshed(self._studio, ENGINE_TASKS, SAME))
        )
        return [*own, *same, *same]

    async def use(self, event: gr.EventData, current: str) -> list[Any]:
        """A side's settings become the project's."""

        def take() -> list[Any]:
            comparison = read_comparison(self._studio.projects.folder(current))
            if comparison:
                changes = changes_of(comparison, str(event.side))
                self._desk.keep(current, replace(self._desk.values(current), **changes))
            return self._opened(current)

        try:
            return await asyncio.to_thread(take)
        except StudioError as error:
            return self._only_words(error)

    async def bring(self, file: str) -> list[Any]:
        """An exported project becomes one of these."""

        def take() -> list[Any]:
            return self._opened(self._studio.projects.import_zip(Path(file), "file").id)

        try:
            return await asyncio.to_thread(take)
        except StudioError as error:
            return self._only_words(error)

    def _follower(self, current: str) -> Follower:
        return Follower(self._desk, current)

    def _live(self, look: Look, current: str) -> list[Any]:
        """What Room.live shows."""
        screen, task = look.screen, look.task
        drawing = bool(task and task.active and task.goal == "storyboard")
        return [
            song_player_html(look.song) if look.song else empty_player_html(bool(task and task.active)),
            board_html(look.board),
            task_html(task),
            look.steering,
            screen_html(screen),
            details_html(screen),
            comparison_html(current, look.comparison, self._titles() if look.comparison else None),
            export_html(screen),
            shelf_html(list(look.entries), current, "Films you make are kept here."),
            gr.Button(draw_words(look), interactive=not (screen.active or drawing)),
            gr.Button("Rendering" if screen.active else "Render", interactive=not screen.active),
            gr.Button(visible=seen(screen.active)),
            gr.Button(visible=seen(screen.state in ("failed", "cancelled", "interrupted"))),
            gr.Button(visible=seen(bool(current))),
        ]

    def _titles(self) -> Titles:
        styles = {name: style.title for name, style in self._studio.styles().items()}
        return Titles(styles, {card.key: card.title for card in self._studio.registry}, self._fields)

    def _fields(self, task: str, engine: str) -> list[dict[str, Any]]:
        """What an engine that was compared could be asked; nothing of one that has gone since."""
        try:
            return self._studio.options(task, engine)
        except BadInput:
            return []

    # ---- the project ----

    async def delete(self, current: str) -> list[Any]:
        """Ends the project's job, then removes the project."""
        if not current:
            return await self.new()
        try:
            await self._removed(current)
        except StudioError as error:
            return self._only_words(error)
        return await self.arrive("")


def _unless_same(panel: Any, now: dict[str, Any]) -> Any:
    """`now`, unless the page has it already: it would be drawn anew under the person's hand."""
    return gr.skip() if panel == now else now


def draw_words(look: Look) -> str:
    board = look.board
    if board is None or not board.drawn:
        return "Draw the storyboard"
    undrawn = sum(1 for card in board.cards if not card.picture)
    return f"Draw {undrawn} shot{'s' * (undrawn > 1)} anew" if undrawn else "Storyboard drawn"


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
    comparing = room.comparing
    chosen_by = [room.form.image_engine, room.form.video_engine, *comparing.a.engines, *comparing.b.engines]
    page.load(handlers.engines, None, chosen_by, api_name="page_engines", **quiet)
    room.form.song.upload(handlers.listen, inputs, job_outputs, api_name="page_listen", **quiet)
    room.player.tempo(
        handlers.tempo, inputs, [*job_outputs, room.form.tempo], api_name="page_tempo", trigger_mode="multiple", **quiet
    )
    panels = [room.form.image_options, room.form.video_options]
    gr.on(
        [room.form.image_engine.input, room.form.video_engine.input], handlers.options,
        [room.form.image_engine, room.form.video_engine, *panels], panels, api_name="page_options", **quiet,
    )  # fmt: skip
    room.steer.steer(
        handlers.steer, room.current, room.message, api_name="page_steer", trigger_mode="multiple", **quiet
    )
    room.draw.click(handlers.draw, inputs, job_outputs, api_name="page_draw", **quiet)
    room.board.card(handlers.card, room.current, room.message, api_name="page_card", trigger_mode="multiple", **quiet)
    room.render.click(handlers.render, inputs, job_outputs, api_name="page_render", **quiet)
    room.render.click(None, None, None, js=_RENDER_SCRIPT, api_name="page_scroll", api_visibility="private")
    room.cancel.click(handlers.cancel, room.current, room.message, api_name="page_cancel", **quiet)
    room.task.cancel(handlers.cancel_task, room.current, room.message, api_name="page_cancel_task", **quiet)
    room.resume.click(handlers.resume, room.current, room.message, api_name="page_resume", **quiet)
    _wire_notes(room, handlers, quiet)
    _wire_comparing(room, handlers, quiet)
    _wire_projects(room, handlers, quiet)


def _wire_notes(room: Room, handlers: Handlers, quiet: dict[str, Any]) -> None:
    """What stands in the form is kept as soon as it changes by a person's hand."""
    form = room.form
    changes = [
        form.characters.change, form.style.change, form.size.input, form.visualizer.input, form.prompt.blur,
        form.seed.blur, form.fps.blur, form.title.blur, form.artist.blur, form.captions.upload, form.captions.clear,
        form.image_engine.input, form.video_engine.input, form.image_options.change, form.video_options.change,
    ]  # fmt: skip
    gr.on(
        changes,
        handlers.note,
        [room.current, *form.widgets],
        room.message,
        api_name="page_note",
        trigger_mode="always_last",
        **quiet,
    )


def _wire_comparing(room: Room, handlers: Handlers, quiet: dict[str, Any]) -> None:
    comparing = room.comparing
    a, b = comparing.a, comparing.b
    asked = [room.current, comparing.moment, *a.widgets, *b.widgets]
    comparing.start.click(handlers.compare, asked, room.message, api_name="page_compare", **quiet)
    comparing.result.use(handlers.use, room.current, room.opened, api_name="page_use", **quiet)
    gr.on(
        [comparing.box.expand, room.current.change], handlers.sides, [room.current, *a.engines, *b.engines],
        [*a.panels, *b.panels], api_name="page_sides", **quiet,
    )  # fmt: skip
    _wire_side(room, a, handlers, quiet | {"api_name": "page_side_a"})
    _wire_side(room, b, handlers, quiet | {"api_name": "page_side_b"})


def _wire_side(room: Room, side: Side, handlers: Handlers, quiet: dict[str, Any]) -> None:
    chosen = [engine.input for engine in side.engines]
    gr.on(chosen, handlers.side, [room.current, *side.engines, *side.panels], side.panels, **quiet)


def _wire_projects(room: Room, handlers: Handlers, quiet: dict[str, Any]) -> None:
    room.shelf.open(handlers.open, None, room.opened, api_name="page_open", trigger_mode="multiple", **quiet)
    room.new.click(handlers.new, None, room.opened, api_name="page_new", **quiet)
    room.bring.upload(handlers.bring, room.bring, room.opened, api_name="page_import", **quiet)
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
