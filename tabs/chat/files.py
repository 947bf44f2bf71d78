"""What the server hands out of a session that is made when it is asked for: the viewer's data, exports, clips."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from studio.errors import BadInput, NotFound, StudioError
from tabs.chat.watching import search_json, watch_json
from tabs.serving import FRESH, HEADERS, logged_in, missing

if TYPE_CHECKING:
    from studio.compose import Studio, VideoSession

Answer = Callable[["VideoSession", int, Request], Response]
_OF_VIDEO = ("speech.srt", "text.srt", "scenes.csv")
_OF_SESSION = ("chat.md", "chat.json")


def session_routes(studio: Studio) -> list[Route]:
    """To be put before the route that serves a session's files."""

    def route(path: str, answer: Answer) -> Route:
        async def serve(request: Request) -> Response:
            if not logged_in(request):
                return JSONResponse({"error": "Not authenticated"}, status_code=401)
            try:
                session = await asyncio.to_thread(studio.session, request.path_params["session"])
                return await asyncio.to_thread(answer, session, request.path_params.get("number", 1), request)
            except NotFound:
                return missing()
            except BadInput as error:
                return JSONResponse(error.to_json(), status_code=422)
            except StudioError as error:
                return JSONResponse({"error": str(error)}, status_code=507)

        return Route(f"/media/{{session}}/{path}", serve)

    return [
        route("videos/{number:int}/watch.json", _watch),
        route("videos/{number:int}/search.json", _search),
        route("videos/{number:int}/clip.mp4", _clip),
        route("search.json", _search_all),
        *(route(f"videos/{{number:int}}/{kind}", _export(kind)) for kind in _OF_VIDEO),
        *(route(kind, _export(kind)) for kind in _OF_SESSION),
    ]


def _watch(session: VideoSession, number: int, _: Request) -> Response:
    return JSONResponse(watch_json(session, number), headers=HEADERS)


def _search(session: VideoSession, number: int, request: Request) -> Response:
    return JSONResponse(search_json(session, number, request.query_params.get("q", "")), headers=FRESH)


def _search_all(session: VideoSession, _: int, request: Request) -> Response:
    return JSONResponse(search_json(session, None, request.query_params.get("q", "")), headers=FRESH)


def _clip(session: VideoSession, number: int, request: Request) -> Response:
    """?from=SECONDS&to=SECONDS"""
    start, end = (_seconds(name, request.query_params.get(name, "")) for name in ("from", "to"))
    return FileResponse(session.clip(number, start, end), media_type="video/mp4", headers=FRESH)


def _export(kind: str) -> Answer:
    def export(session: VideoSession, number: int, _: Request) -> Response:
        return FileResponse(session.export(kind, number), headers=FRESH)

    return export


def _seconds(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInput(name, text, "seconds of the video") from None
