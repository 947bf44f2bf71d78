"""video: a video is read, and questions about it are answered."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.cli.arguments import DONE, Parser, engines, open_studio, path
from studio.cli.following import follow
from studio.errors import BadInput
from studio.requests import QuestionRequest, VideoRequest


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
    ask.add_argument("--engine", action="append", default=[], metavar="chat=NAME")
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
    from studio.compose import free_seat
    from studio.pipelines.asking import EMBEDDED, ask, shown

    studio = open_studio(arguments)
    folder = studio.session(arguments.session).folder
    chosen = engines(arguments.engine)
    if set(chosen) - {"chat"}:
        raise BadInput("--engine", ", ".join(arguments.engine), "chat=NAME")
    given = ask(folder, arguments.question)
    if chosen.get("chat", EMBEDDED) == EMBEDDED:
        _tell(shown(folder, given), folder, arguments.json)
        return DONE
    # no events here, in JSON neither: one answer is printed
    job = studio.ask(QuestionRequest(folder, arguments.question, chosen["chat"]), free_seat(studio))
    return follow(studio, job, False, lambda event: _tell(event.data["result"]["answer"], folder, arguments.json))


def _tell(answer: Mapping[str, Any], folder: Path, as_json: bool) -> None:
    from studio.index.times import clock

    if not as_json:
        print(answer["answer"])
        for one in answer["near"]:
            print(f"Nearest to it [{clock(one['start'])}]: “{one['quote']}”")
        return
    cited = {
        name: [one | {"frame": str(folder / one["frame"]) if one["frame"] else None} for one in answer[name]]
        for name in ("citations", "near")
    }
    print(json.dumps({**answer, **cited}))


def _list(arguments: argparse.Namespace) -> int:
    for info in open_studio(arguments).sessions.list():
        body = {"id": info.id, "title": info.title, "updated": info.updated}
        print(json.dumps(body) if arguments.json else f"{info.id}\t{info.title}\t{info.updated}")
    return DONE


def _delete(arguments: argparse.Namespace) -> int:
    open_studio(arguments).delete_session(arguments.session)
    return DONE
