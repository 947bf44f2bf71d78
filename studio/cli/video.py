"""video: a video is read, and questions about it are answered."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.arguments import DONE, Parser, engines, open_studio, path
from studio.cli.following import follow
from studio.requests import VideoRequest

if TYPE_CHECKING:
    from studio.index.answers import Answer


def add_video(commands: Any) -> None:
    video = commands.add_parser("video", help="index FILE | ask SESSION QUESTION | list | delete SESSION")
    actions = video.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    index = actions.add_parser("index", allow_abbrev=False)
    index.add_argument("files", type=path, nargs="+", metavar="FILE")
    index.add_argument("--engine", action="append", default=[], metavar="TASK=NAME")
    index.set_defaults(command=_index)
    ask = actions.add_parser("ask", allow_abbrev=False)
    ask.add_argument("session", metavar="SESSION")
    ask.add_argument("question", metavar="QUESTION")
    ask.set_defaults(command=_ask)
    actions.add_parser("list").set_defaults(command=_list)
    delete = actions.add_parser("delete")
    delete.add_argument("session", metavar="SESSION")
    delete.set_defaults(command=_delete)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true")


def _index(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    studio = open_studio(arguments)
    session = studio.sessions.create(arguments.files[0].stem)
    try:
        request = VideoRequest(session.folder, tuple(arguments.files), engines=engines(arguments.engine))
        job = studio.index(request, free_seat(studio))
    except BaseException:
        studio.sessions.delete(session.id)
        raise
    # The id is there at once; asking may begin while the reading goes on.
    if arguments.json:
        return follow(studio, job, True, first={"session": session.id})
    print(session.id, flush=True)
    return follow(studio, job, False, lambda _: None)


def _ask(arguments: argparse.Namespace) -> int:
    from studio.pipelines.asking import ask

    folder = open_studio(arguments).sessions.folder(arguments.session)
    given = ask(folder, arguments.question)
    if arguments.json:
        print(json.dumps(given.to_json() | {"citations": _citations(given, folder)}))
    else:
        print(given.answer)
    return DONE


def _citations(given: Answer, folder: Path) -> list[dict[str, Any]]:
    from studio.pipelines.asking import frame_at

    return [
        one | {"frame": str(shown) if (shown := frame_at(folder, given, one["frame"])) else None}
        for one in given.to_json()["citations"]
    ]


def _list(arguments: argparse.Namespace) -> int:
    for info in open_studio(arguments).sessions.list():
        body = {"id": info.id, "title": info.title, "updated": info.updated}
        print(json.dumps(body) if arguments.json else f"{info.id}\t{info.title}\t{info.updated}")
    return DONE


def _delete(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    folder = studio.sessions.folder(arguments.session)
    for job in studio.project_jobs(folder):
        if job.active:
            studio.cancel(job.id)
    studio.sessions.delete(arguments.session)
    return DONE
