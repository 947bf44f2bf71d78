"""The named calls of scripts (gradio_client, curl): the same requests the page makes, with plain JSON answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio import FileData
from gradio.events import api

from studio.errors import BadInput, StudioError
from studio.jobs.store import Job
from tabs.chat.desk import ChatDesk
from tabs.message.desk import OWN_VOICES, MessageDesk
from tabs.message.form import MessageValues, hex_colour
from tabs.music.desk import Desk
from tabs.music.form import FormValues
from tabs.uploads import refusal_words, uploaded

_SETTINGS = ("size", "seed", "fps", "tempo", "title", "engines", "options")
_MESSAGE_SETTINGS = (
    "background", "speed", "pitch", "volume", "pause", "motion", "captions", "height", "seed", "title",
)  # fmt: skip


class Calls:
    """One method a call. A refusal reaches the caller as its message."""

    def __init__(self, desk: Desk, cache: Path) -> None:
        self._desk, self._cache = desk, cache
        self._messages, self._chats = MessageDesk(desk.studio), ChatDesk(desk.studio)

    async def render(
        self,
        song: FileData,
        characters: list[FileData],
        prompt: str = "",
        style: str = "",
        settings: dict | None = None,
    ) -> dict:
        """Starts a music video. settings: size ("512x512", "1280x720", ...), seed, fps, tempo, title, engines {task:
        name}, options {task: {option: value}}.

        Returns {project, job, state}."""
        return await _answer(self._render, song, characters, prompt, style, settings or {})

    async def message(
        self, photo: FileData, text: str, voice: str = "", language: str = "en", settings: dict | None = None
    ) -> dict:
        """Starts a video message. voice: an id out of `voices`, "" for the studio's own. settings: background ("keep",
        "blur", "transparent", "#rrggbb"), speed, pitch, volume, pause, motion, captions, height, seed, title.

        Returns {project, job, state}."""
        return await _answer(self._message, photo, text, voice, language, settings or {})

    async def voices(self) -> list[dict]:
        """The voices a message may use: {id, name, language}."""
        return await _answer(self._voices)

    async def index(self, video: FileData) -> dict:
        """Begins to read a video. Returns {session, job, state}; it may be asked about at once."""
        return await _answer(self._index, video)

    async def ask(self, session: str, question: str) -> dict:
        """An answer from what was read of a session's videos so far: {answer, abstained, confidence, coverage,
        citations[{start, end, source, quote, frame, video}], near: passages alike where it abstains, notices}."""
        return await _answer(
            lambda: dict(self._chats.studio.session(session).converse(question, False, _silent).answer)
        )

    async def status(self, project: str) -> dict:
        """The project's job: {project, job, state, stage, done, total, eta_seconds}."""
        return await _answer(self._status, project)

    async def cancel(self, project: str) -> dict:
        """Stops the project's render; what is finished is kept."""
        return await _answer(self._act, project, self._desk.studio.cancel)

    async def steer(self, project: str, changes: dict) -> dict:
        """Changes what the pictures being drawn are drawn with, from the next step on: some of guidance, loras {name:
        weight}, words (added to the sentence), negative_prompt; {} for as set."""
        return await _answer(self._steer, project, changes)

    async def resume(self, project: str) -> dict:
        """Goes on with a stopped or failed render."""
        return await _answer(self._act, project, self._desk.studio.resume)

    async def projects(self) -> list[dict]:
        """Every project, newest first: {id, title, updated, state}."""
        return await _answer(lambda: [entry.to_json() for entry in self._desk.entries()])

    async def styles(self) -> list[dict]:
        """The looks a film may have: {name, title, description}."""
        return await _answer(self._styles)

    def _render(self, song: Any, characters: Any, prompt: str, style: str, settings: Mapping[str, Any]) -> dict:
        unknown = sorted(set(settings) - set(_SETTINGS))
        if unknown:
            raise BadInput("settings", unknown[0], ", ".join(_SETTINGS))
        for name in ("engines", "options"):
            if not isinstance(settings.get(name, {}), Mapping):
                raise BadInput(name, settings[name], "an object by task")
        if not all(isinstance(engine, str) for engine in settings.get("engines", {}).values()):
            raise BadInput("engines", settings["engines"], "{task: name}")
        given = {name: value for name, value in settings.items() if name != "title"}
        pictures = tuple(self._uploaded(item) for item in characters)
        values = FormValues(self._uploaded(song), pictures, prompt, style, **given)
        project, job = self._desk.submit("", str(settings.get("title", "")), values)
        return _brief(project, job)

    def _message(self, photo: Any, text: str, voice: str, language: str, settings: Mapping[str, Any]) -> dict:
        unknown = sorted(set(settings) - set(_MESSAGE_SETTINGS))
        if unknown:
            raise BadInput("settings", unknown[0], ", ".join(_MESSAGE_SETTINGS))
        given = {name: value for name, value in settings.items() if name != "title"}
        if str(given.get("background", "")).startswith("#"):
            given |= {"colour": hex_colour(given["background"]), "background": "colour"}
        values = MessageValues(photo=self._uploaded(photo), text=text, voice=voice, language=language, **given)
        project, job = self._messages.submit("", str(settings.get("title", "")), values, "message")
        return _brief(project, job)

    def _index(self, video: Any) -> dict:
        session, job = self._chats.add("", (self._uploaded(video),))
        return {"session": session, "job": job.id, "state": job.state}

    def _ask(self, session: str, question: str) -> dict:
        return dict(self._chats.studio.session(session).converse(question, False, _silent).answer)

    def _voices(self) -> list[dict]:
        own = [{"id": voice["id"], "name": voice["name"], "language": "en"} for voice in OWN_VOICES]
        kept = self._desk.studio.voices.list()
        return own + [{"id": one.id, "name": one.name, "language": one.language} for one in kept]

    def _uploaded(self, file: Any) -> Path:
        return uploaded(file.get("path") if isinstance(file, Mapping) else getattr(file, "path", ""), self._cache)

    def _status(self, project: str) -> dict:
        job = self._job(project)
        last = self._desk.studio.last_progress(job.id)
        names = ("stage", "done", "total", "eta_seconds")
        progress = last.data if last and last.seq >= job.first_seq else {}
        return _brief(project, job) | {"state": self._desk.state(job)} | {name: progress.get(name) for name in names}

    def _act(self, project: str, act: Callable[[str], Job]) -> dict:
        return _brief(project, act(self._job(project).id))

    def _steer(self, project: str, changes: Any) -> dict:
        if not isinstance(changes, Mapping):
            raise BadInput("changes", changes, "an object of options")
        self._desk.steer(project, changes)
        return _brief(project, self._job(project))

    def _job(self, project: str) -> Job:
        job = self._desk.job(project)
        if job is None:
            raise BadInput("project", project, "a project that was rendered")
        return job

    def _styles(self) -> list[dict]:
        styles = self._desk.studio.styles().values()
        return [{"name": s.name, "title": s.title, "description": s.description} for s in styles]


def add_calls(calls: Calls) -> None:
    """Adds the calls to the gr.Blocks around it."""
    named = (
        calls.render,
        calls.message,
        calls.voices,
        calls.index,
        calls.ask,
        calls.status,
        calls.cancel,
        calls.steer,
        calls.resume,
        calls.projects,
        calls.styles,
    )
    for call in named:
        api(call, api_name=call.__name__, concurrency_limit=None)


def _brief(project: str, job: Job) -> dict:
    return {"project": project, "job": job.id, "state": job.state}


def _silent(_: str) -> None:
    """The answer is returned whole."""


async def _answer(call: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return await asyncio.to_thread(call, *arguments)
    except StudioError as error:
        words = refusal_words(error) if isinstance(error, BadInput) else str(error)
        raise gr.Error(words, print_exception=False) from None
