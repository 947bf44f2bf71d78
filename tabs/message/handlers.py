"""What happens when a person uses the Video Message room. Jobs live in the studio, not here."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import gradio as gr

from studio.errors import BadInput, StudioError
from tabs.engine_choice import refreshed
from tabs.job_html import export_html, task_html
from tabs.markup import escape
from tabs.message.desk import MessageDesk
from tabs.message.form import ENGINE_TASKS, MessageForm, MessageValues, read, show
from tabs.message.live import MessageFollower, MessageLook, first_seconds
from tabs.message.people import people_html, people_of
from tabs.message.portrait_html import portrait_html
from tabs.message.room import MessageRoom
from tabs.message.screen_html import message_details_html, message_html
from tabs.message.speech_html import speech_html
from tabs.room_handlers import RoomHandlers, seen
from tabs.shelf import shelf_html
from tabs.uploads import cached, refusal_html, uploaded

_VOICE_SECONDS = 0.3


class MessageHandlers(RoomHandlers):
    """One method an event. They check, submit and look; each returns within moments, but for the making of a voice."""

    def __init__(self, desk: MessageDesk, cache: Path) -> None:
        super().__init__(desk)
        self._desk, self._cache = desk, cache

    def _only_words(self, error: StudioError) -> list[Any]:
        kept = [gr.skip()] * (1 + len(fields(MessageForm)))
        return [gr.skip(), gr.skip(), gr.skip(), refusal_html(error), *kept]

    # ---- opening ----

    async def arrive(self, remembered: str | None) -> list[Any]:
        """A page was loaded: back to the message it had open, else the newest one, else a new one."""
        return await asyncio.to_thread(self._arrive, remembered or "")

    def _arrive(self, remembered: str) -> list[Any]:
        known = [entry.id for entry in self._desk.entries()]
        if not known:
            return self._blank()
        project = remembered if remembered in known else known[0]
        if not self._desk.jobs(project):
            self._desk.look_again(project)  # nobody has worked on it yet, as on the demo
        return self._opened(project)

    async def open(self, event: gr.EventData) -> list[Any]:
        return await self._or_words(self._opened, str(event.project))

    async def new(self) -> list[Any]:
        return await asyncio.to_thread(self._blank)

    def _opened(self, project: str) -> list[Any]:
        info = self._studio.projects.get(project)
        shown = show(self._desk.values(project), self._cache, info.names, self._desk.voices())
        return [project, project, info.title, "", people_html(people_of(self._studio)), *shown]

    def _blank(self) -> list[Any]:
        shown = show(MessageValues(), self._cache, {}, self._desk.voices())
        return ["", "", "", "", people_html(people_of(self._studio)), *shown]

    # ---- the job ----

    async def look(self, current: str, title: str, *widgets: Any) -> list[Any]:
        """A photo was chosen: its faces are found and the person freed at once; a new message begins with it."""
        return await self._work(current, title, widgets, "photo")

    async def hear(self, current: str, title: str, *widgets: Any) -> list[Any]:
        return await self._work(current, title, widgets, "speech")

    async def make(self, current: str, title: str, *widgets: Any) -> list[Any]:
        """Submits; a refusal is shown beside the button and leaves nothing behind."""
        return await self._work(current, title, widgets, "message")

    async def _work(self, current: str, title: str, widgets: Sequence[Any], goal: str) -> list[Any]:
        def submit() -> str:
            return self._desk.submit(current or "", title or "", read(widgets, self._cache), goal)[0]

        return await self._submitted(submit)

    async def take(self, event: gr.EventData, current: str, title: str, *widgets: Any) -> list[Any]:
        """A character of a music video is put into the message."""
        values = list(widgets)

        def find() -> dict[str, str]:
            for one in people_of(self._studio):
                if one.project == event.project and one.number == event.number:
                    names = self._studio.projects.get(one.project).names
                    copy = cached(one.file, self._cache, names) or ""
                    return {"path": copy, "url": f"gradio_api/file={copy}", "name": Path(copy).name}
            raise BadInput("--photo", event.number, "a character of a music video that is still there")

        try:
            values[0] = await asyncio.to_thread(find)
        except StudioError as error:
            return [gr.skip(), gr.skip(), gr.skip(), refusal_html(error), gr.skip()]
        return [*await self._work(current, title, values, "photo"), values[0]]

    async def note(self, current: str, *widgets: Any) -> Any:
        """Keeps what stands in the form. Without a message there is nothing to keep it in yet."""

        def keep() -> None:
            if current:
                self._desk.keep(current, read(widgets, self._cache))

        return await self._said(keep) or gr.skip()

    async def background(self, choice: str) -> list[Any]:
        """Shows what belongs to the kind of background that was chosen."""
        return [gr.ColorPicker(visible=choice == "colour"), gr.File(visible=choice == "picture")]

    async def engines(self) -> list[Any]:
        """The engines as they can be chosen now."""
        return await asyncio.to_thread(refreshed, self._studio, ENGINE_TASKS)

    async def face(self, event: gr.EventData, current: str) -> Any:
        return await self._place(current, face=int(event.face), mouth=None)

    async def mouth(self, event: gr.EventData, current: str) -> Any:
        """`event.box`: left, top, width, height as shares of the picture; None takes the mouth away."""
        box = event.box

        def place() -> None:
            facts = self._desk.photo_facts(current) if current and box else None
            if facts is None:
                self._desk.place(current, mouth=None)
                return
            scale, x, y = facts["place"]
            left, top, width, height = (float(value) for value in box)
            corner = ((left * facts["width"] - x) / scale, (top * facts["height"] - y) / scale)
            size = (width * facts["width"] / scale, height * facts["height"] / scale)
            self._desk.place(current, mouth=tuple(max(0, round(value)) for value in (*corner, *size)))

        return await self._said(place)

    async def _place(self, current: str, **changes: Any) -> Any:
        def place() -> None:
            self._desk.place(current, **changes)
            self._desk.look_again(current)

        return await self._said(place)

    def _follower(self, current: str) -> MessageFollower:
        return MessageFollower(self._desk, current)

    def _live(self, look: MessageLook, current: str) -> list[Any]:
        """What MessageRoom.live shows."""
        screen, task = look.screen, look.task
        goal = task.goal if task and task.active else ""
        return [
            portrait_html(look.portrait, goal == "photo"),
            speech_html(look.speech, goal == "speech" or screen.active),
            task_html(task),
            message_html(screen, first_seconds(screen)),
            message_details_html(screen, look.versions),
            export_html(screen),
            shelf_html(list(look.entries), current, "Messages you make are kept here."),
            gr.Button("Making it" if screen.active else "Make the message", interactive=not screen.active),
            gr.Button("Speaking" if goal == "speech" else "Hear it", interactive=not (goal or screen.active)),
            gr.Button(visible=seen(screen.active)),
            gr.Button(visible=seen(screen.state in ("failed", "cancelled", "interrupted"))),
            gr.Button(visible=seen(bool(current))),
        ]

    # ---- the message ----

    async def delete(self, current: str) -> list[Any]:
        """Ends the message's jobs, then removes it; "" where the person kept it."""
        if not current:
            return [gr.skip()] * (5 + len(fields(MessageForm)))
        try:
            await self._removed(current)
        except StudioError as error:
            return self._only_words(error)
        return await self.arrive("")

    # ---- voices ----

    async def make_voice(
        self, name: str, spoken: str | None, files: list[str] | None, language: str, consent: bool
    ) -> AsyncIterator[list[Any]]:
        """Makes a voice and waits for it: (the voices, what is said of it, name, recording, files, consent)."""
        kept = [gr.skip()] * 4
        try:
            if not consent:
                raise BadInput("consent", "no", "the tick that the voice may be used")
            recordings = tuple(uploaded(path, self._cache) for path in [*([spoken] if spoken else []), *(files or [])])
            if not recordings:
                raise BadInput("--reference", "(none)", "a recording, three seconds of speech or more")
            job = await asyncio.to_thread(self._desk.make_voice, name or "", recordings, language)
        except StudioError as error:
            yield [gr.skip(), refusal_html(error), *kept]
            return
        yield [gr.skip(), '<p class="ks-quiet" role="status">Listening to the voice…</p>', *kept]
        while job.active:
            await asyncio.sleep(_VOICE_SECONDS)
            job = await asyncio.to_thread(self._studio.job, job.id)
        events = await asyncio.to_thread(self._studio.events, job.id)
        shutil.rmtree(job.project, ignore_errors=True)
        if job.state != "done":
            words = escape((events[-1].data.get("error") or {}).get("message", "The voice was not made."))
            yield [gr.skip(), f'<div class="ks-banner ks-bad" role="alert"><p>{words}</p></div>', *kept]
            return
        notices = "".join(f"<li>{escape(e.data['text'])}</li>" for e in events if e.kind == "notice")
        notes = f'<ul class="ks-notices">{notices}</ul>' if notices else ""
        value = await asyncio.to_thread(self._voices, events[-1].data["result"]["voice"])
        words = f'<p class="ks-quiet" role="status">Kept: {escape(name)} can speak now.</p>{notes}'
        yield [value, words, "", None, None, False]

    async def rename_voice(self, event: gr.EventData, value: Any) -> list[Any]:
        return await self._voices_after(value, self._studio.voices.rename, str(event.voice), str(event.name))

    async def voice_words(self, event: gr.EventData, value: Any) -> list[Any]:
        """What a voice's recording says, as a person corrected it."""
        words = str(event.transcript)
        return await self._voices_after(value, self._studio.voices.set_transcript, str(event.voice), words)

    async def delete_voice(self, event: gr.EventData, value: Any) -> list[Any]:
        return await self._voices_after(value, self._studio.voices.delete, str(event.voice))

    async def bring_voice(self, file: str, value: Any) -> list[Any]:
        return await self._voices_after(value, self._studio.voices.import_zip, Path(file))

    async def _voices_after(self, value: Any, act: Callable[..., object], *arguments: Any) -> list[Any]:
        """(the voices, the message) after something was done to them."""
        try:
            await asyncio.to_thread(act, *arguments)
        except StudioError as error:
            return [gr.skip(), refusal_html(error)]
        chosen = value.get("chosen", "") if isinstance(value, dict) else ""
        return [await asyncio.to_thread(self._voices, str(chosen)), ""]

    def _voices(self, chosen: str) -> dict[str, Any]:
        voices = self._desk.voices()
        return {"chosen": chosen if any(voice["id"] == chosen for voice in voices) else "", "voices": voices}


def wire_message(room: MessageRoom, handlers: MessageHandlers, page: gr.Blocks) -> None:
    """Ties events to handlers. All are private: scripts use the named calls of tabs.calls instead."""
    quiet = {"show_progress": "hidden", "api_visibility": "private", "concurrency_limit": None}
    each = {**quiet, "trigger_mode": "multiple"}
    outputs = [room.current, room.remembered, room.title, room.message]
    inputs = [room.current, room.title, *room.form.widgets]
    form = room.form

    page.load(handlers.arrive, room.remembered, room.opened, api_name="say_arrive", **quiet)
    room.current.change(handlers.watch, room.current, room.live, api_name="say_watch", **each)
    page.unload(handlers.leave)
    chosen_by = [getattr(form, f"{task}_engine") for task in ENGINE_TASKS]
    page.load(handlers.engines, None, chosen_by, api_name="say_engines", **quiet)
    form.photo.chosen(handlers.look, inputs, outputs, api_name="say_look", **each)
    room.people.take(handlers.take, inputs, [*outputs, form.photo], api_name="say_take", **each)
    room.portrait.face(handlers.face, room.current, room.message, api_name="say_face", **each)
    room.portrait.mouth(handlers.mouth, room.current, room.message, api_name="say_mouth", **each)
    form.background.change(
        handlers.background, form.background, [form.colour, form.picture], api_name="say_background", **quiet
    )
    room.hear.click(handlers.hear, inputs, outputs, api_name="say_hear", **quiet)
    room.make.click(handlers.make, inputs, outputs, api_name="say_make", **quiet)
    room.cancel.click(handlers.cancel, room.current, room.message, api_name="say_cancel", **quiet)
    room.task.cancel(handlers.cancel_task, room.current, room.message, api_name="say_cancel_task", **quiet)
    room.resume.click(handlers.resume, room.current, room.message, api_name="say_resume", **quiet)
    room.shelf.open(handlers.open, None, room.opened, api_name="say_open", **each)
    room.new.click(handlers.new, None, room.opened, api_name="say_new", **quiet)
    gr.on(
        [room.title.submit, room.title.blur], handlers.rename, [room.current, room.title],
        [room.title, room.message], api_name="say_rename", **quiet,
    )  # fmt: skip
    room.delete.click(
        handlers.delete, room.current, room.opened, api_name="say_delete",
        js="(c) => confirm('Delete this message with its photo and film? This can\\'t be undone.') ? c : ''", **quiet,
    )  # fmt: skip
    _wire_notes(room, handlers, quiet)
    _wire_voices(room, handlers, quiet)


def _wire_notes(room: MessageRoom, handlers: MessageHandlers, quiet: dict[str, Any]) -> None:
    """What stands in the form is kept as soon as it changes by a person's hand."""
    form = room.form
    changes = [
        form.background.input, form.colour.change, form.picture.upload, form.picture.clear,
        form.language.input, form.text.blur, form.audio.input, form.speed.release, form.pitch.release,
        form.volume.release, form.pause.release, form.motion.release, form.captions.input, form.repair.input,
        form.height.input, form.seed.blur, *(getattr(form, f"{task}_engine").input for task in ENGINE_TASKS),
    ]  # fmt: skip
    inputs = [room.current, *form.widgets]
    gr.on(changes, handlers.note, inputs, room.message, api_name="say_note", trigger_mode="always_last", **quiet)
    form.voice.picked(handlers.note, inputs, room.message, api_name="say_picked", trigger_mode="always_last", **quiet)


def _wire_voices(room: MessageRoom, handlers: MessageHandlers, quiet: dict[str, Any]) -> None:
    making, voice = room.voices, room.form.voice
    making.make.click(
        handlers.make_voice,
        [making.name, making.spoken, making.files, making.language, making.consent],
        [voice, making.said, making.name, making.spoken, making.files, making.consent],
        api_name="say_make_voice",
        **quiet,
    )
    voice.rename(handlers.rename_voice, voice, [voice, making.said], api_name="say_rename_voice", **quiet)
    voice.words(handlers.voice_words, voice, [voice, making.said], api_name="say_voice_words", **quiet)
    voice.remove(handlers.delete_voice, voice, [voice, making.said], api_name="say_delete_voice", **quiet)
    making.bring.upload(
        handlers.bring_voice, [making.bring, voice], [voice, making.said], api_name="say_import_voice", **quiet
    )
