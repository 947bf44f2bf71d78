"""What the page's server hands out beside Gradio's own routes: a project's results, and the studio's health.

Gradio would copy every shown file into its cache; here a film is streamed from its project folder, and only the kinds
of file named below ever leave it.
"""

from __future__ import annotations

import asyncio
import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from studio.errors import NotFound, StudioError
from studio.health import health_report
from tabs.chat.files import session_routes
from tabs.serving import HEADERS, logged_in, missing

if TYPE_CHECKING:
    from studio.compose import Studio

_SERVED = re.compile(
    r"final_video\.mp4|report\.json|analysis\.json|keyframes/\d{1,4}\.png|segments/\d{1,4}\.mp4"
    r"|\.studio/previews/[A-Za-z0-9_-]{1,80}\.jpg|\.studio/drawings/[0-9a-f]{1,64}/image\.png"
    r"|inputs/song\.wav|compare/[ab]\.mp4|characters/\d{1,2}\.png"
    r"|inputs/video-\d-[0-9a-f]{16}\.\w{1,6}|videos/\d\d/(playable\.mp4|frames/\d{1,12}\.jpg)"
    r"|message\.(mp4|webm)|versions/\d{1,4}\.mp4|photo\.png|cutout\.png|speech\.wav|speech/\d{3}\.wav|\.studio/freed\.png"
)
_SMALL_SIDE = 400
_PAPER = (239, 236, 230, 255)


def routes(studio: Studio) -> list[Route]:
    """To be put in front of Gradio's: one of those takes every path of one word."""
    styles = frozenset(studio.styles())
    made = {"keyframes.zip": _keyframes_zip, "project.zip": partial(_project_zip, studio)}

    async def media(request: Request) -> Response:
        if not logged_in(request):
            return JSONResponse({"error": "Not authenticated"}, status_code=401)
        try:
            home = _home(studio, request.path_params["project"])
        except StudioError:
            return missing()
        name = request.path_params["name"]
        if name in made:
            return await asyncio.to_thread(made[name], home)
        path = _served_file(home, name)
        if path is None:
            return missing()
        if "small" in request.query_params and path.suffix == ".png":
            return await asyncio.to_thread(_small, path)
        return FileResponse(path, headers=HEADERS)

    async def look(request: Request) -> Response:
        name = request.path_params["name"]
        path = studio.settings.assets / "styles" / f"{name}.jpg"
        return FileResponse(path, headers=HEADERS) if name in styles and path.is_file() else missing()

    async def health(_: Request) -> Response:
        body = await asyncio.to_thread(health_report, studio)
        return JSONResponse(body, status_code=200 if body["worker"] == "alive" else 503)

    return [
        *session_routes(studio),
        Route("/media/{project}/{name:path}", media),
        Route("/looks/{name}.jpg", look),
        Route("/voices/{voice}/{name}", _voice_files(studio)),
        Route("/health", health),
    ]


def _home(studio: Studio, identity: str) -> Path:
    """The folder of a project, or of a session of videos. Raises NotFound."""
    try:
        return studio.projects.folder(identity)
    except NotFound:
        return studio.sessions.folder(identity)


def _voice_files(studio: Studio) -> Callable[[Request], Awaitable[Response]]:
    """Hands out a voice's recordings, and the whole of it as voice.zip."""

    async def voice(request: Request) -> Response:
        if not logged_in(request):
            return JSONResponse({"error": "Not authenticated"}, status_code=401)
        try:
            profile = studio.voices.get(request.path_params["voice"])
        except StudioError:
            return missing()
        name = request.path_params["name"]
        if name == "voice.zip":
            return await asyncio.to_thread(_zipped, partial(studio.voices.export_zip, profile.id))
        known = name in profile.samples
        return FileResponse(profile.folder / name, headers=HEADERS) if known else missing()

    return voice


def _served_file(home: Path, name: str) -> Path | None:
    if not _SERVED.fullmatch(name):
        return None
    path = (home / name).resolve()
    return path if path.is_file() and path.is_relative_to(home.resolve()) else None


def _small(path: Path) -> Response:
    from PIL import Image

    with Image.open(path, formats=["PNG"]) as picture:
        small = picture.convert("RGBA")
        small.thumbnail((_SMALL_SIDE, _SMALL_SIDE))
    # JPEG has no transparency: a cut-out stands on paper, not on black.
    paper = Image.new("RGBA", small.size, _PAPER)
    paper.alpha_composite(small)
    small = paper.convert("RGB")
    target = io.BytesIO()
    small.save(target, "JPEG", quality=85)
    return Response(target.getvalue(), media_type="image/jpeg", headers=HEADERS)


def _project_zip(studio: Studio, home: Path) -> Response:
    return _zipped(partial(studio.projects.export_zip, home.name))


def _zipped(export: Callable[[Path], None]) -> Response:
    """What `export` writes, into a file first: it may be larger than memory. The file goes once it was sent."""
    folder = Path(tempfile.mkdtemp(prefix="kinora-export-"))
    target = folder / "export.zip"
    try:
        export(target)
    except StudioError as error:
        shutil.rmtree(folder, ignore_errors=True)
        return JSONResponse({"error": str(error)}, status_code=507)
    headers = {**HEADERS, "Cache-Control": "no-store"}
    clean = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(target, media_type="application/zip", headers=headers, background=clean)


def _keyframes_zip(home: Path) -> Response:
    names = sorted(path.name for path in (home / "keyframes").glob("*.png"))
    paths = [path for path in (_served_file(home, f"keyframes/{name}") for name in names) if path]
    if not paths:
        return missing()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in paths:
            archive.write(path, path.name)
    return Response(target.getvalue(), media_type="application/zip", headers=HEADERS)
