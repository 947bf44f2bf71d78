"""music-video and analyze."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.checks import check_choice
from studio.cli.arguments import DONE, engines, integer, number, open_studio, options, path
from studio.cli.following import follow
from studio.errors import BadInput
from studio.requests import GOALS, VISUALIZERS, MusicVideoRequest
from studio.settings import read_settings

_STORYBOARD_BYTES = 1_000_000


def add_music_video(commands: Any) -> None:
    add = commands.add_parser("music-video", help="a song and pictures become a film", allow_abbrev=False)
    add.add_argument("--audio", type=path, required=True, metavar="FILE")
    add.add_argument("--character", type=path, action="append", required=True, metavar="IMG")
    add.add_argument("--out", type=path, required=True, metavar="DIR")
    add.add_argument("--prompt", default="", metavar="TEXT")
    add.add_argument("--style", default="", metavar="NAME")
    add.add_argument("--seed", type=integer("--seed"), default=0, metavar="N")
    add.add_argument("--width", type=integer("--width"), default=512)
    add.add_argument("--height", type=integer("--height"), default=512)
    add.add_argument("--fps", type=integer("--fps"), default=24)
    add.add_argument("--tempo", type=number("--tempo"), metavar="BPM")
    add.add_argument("--engine", action="append", default=[], metavar="TASK=NAME")
    add.add_argument("--option", action="append", default=[], metavar="TASK.NAME=VALUE", help="a setting of an engine")
    add.add_argument("--storyboard", type=path, metavar="FILE", help="a storyboard.json to film, edited or not")
    add.add_argument("--captions", type=path, metavar="FILE", help="the words, as .lrc or .srt")
    add.add_argument("--title", default="", metavar="TEXT", help="opens the film with a title card")
    add.add_argument("--artist", default="", metavar="TEXT")
    add.add_argument("--visualizer", default="", metavar="NAME", help=" or ".join(filter(None, VISUALIZERS)))
    add.add_argument("--until", default="film", metavar="GOAL", help=", ".join(GOALS))
    add.add_argument("--json", action="store_true", help="one event object a line on standard output")
    add.set_defaults(command=_music_video)


def add_analyze(commands: Any) -> None:
    add = commands.add_parser("analyze", help="the song's analysis.json on standard output", allow_abbrev=False)
    add.add_argument("file", type=path, metavar="FILE")
    add.add_argument("--tempo", type=number("--tempo"), metavar="BPM")
    add.set_defaults(command=_analyze)


def _music_video(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    request = MusicVideoRequest(
        audio=arguments.audio,
        characters=tuple(arguments.character),
        project=arguments.out,
        prompt=arguments.prompt,
        style=arguments.style,
        seed=arguments.seed,
        width=arguments.width,
        height=arguments.height,
        fps=arguments.fps,
        tempo=arguments.tempo,
        engines=engines(arguments.engine),
        options=options(arguments.option),
        goal=check_choice("--until", arguments.until, GOALS),
        shots=_storyboard(arguments.storyboard),
        captions=arguments.captions,
        title=arguments.title,
        artist=arguments.artist,
        visualizer=arguments.visualizer,
    )
    studio = open_studio(arguments)
    return follow(studio, studio.submit(request, free_seat(studio)), arguments.json)


def _storyboard(path: Path | None) -> tuple[Mapping[str, Any], ...]:
    """The shots of a storyboard file, all of them settled. What they say is checked at admission."""
    if path is None:
        return ()
    accepted = "a storyboard.json, as music-video leaves it, of at most 1 MB"
    try:
        if path.stat().st_size > _STORYBOARD_BYTES:
            raise BadInput("--storyboard", path, accepted, "it is larger than any storyboard")
        body = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput("--storyboard", path, accepted, f"it can't be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise BadInput("--storyboard", path, accepted, "it is no JSON") from None
    shots = body.get("shots") if isinstance(body, dict) else None
    if not isinstance(shots, list) or not all(isinstance(shot, dict) for shot in shots):
        raise BadInput("--storyboard", path, accepted, "it has no list of shots")
    return tuple(shots)


def _analyze(arguments: argparse.Namespace) -> int:
    from studio.pipelines.listening import analyse_file

    settings = read_settings(arguments.data)
    print(json.dumps(analyse_file(arguments.file, arguments.tempo, settings.limits).to_json()))
    return DONE
