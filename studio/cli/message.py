"""message: a photo says something."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from studio.checks import check_choice
from studio.cli.arguments import engines, integer, number, open_studio, path
from studio.cli.following import follow
from studio.errors import BadInput
from studio.requests import BACKGROUNDS, LANGUAGES, MESSAGE_GOALS, MessageRequest


def add_message(commands: Any) -> None:
    add = commands.add_parser("message", help="a photo, a text and a voice become a talking video", allow_abbrev=False)
    add.add_argument("--photo", type=path, required=True, metavar="IMG", help="a picture, or a video of a face")
    add.add_argument("--out", type=path, required=True, metavar="DIR")
    add.add_argument("--text", default="", metavar="TEXT")
    add.add_argument("--audio", type=path, metavar="FILE", help="the words as a recording, instead of --text")
    add.add_argument("--voice", default="", metavar="PROFILE_ID")
    add.add_argument("--reference", type=path, metavar="FILE", help="a recording of the voice, 3 seconds or more")
    add.add_argument("--reference-text", default="", metavar="TEXT", help="what is said in it")
    add.add_argument("--speaker", default="", metavar="ID", help="a fixed voice of the speech engine")
    add.add_argument("--language", default="en", metavar="CODE", help=", ".join(LANGUAGES))
    add.add_argument("--speed", type=number("--speed"), default=1.0)
    add.add_argument("--pitch", type=number("--pitch"), default=0.0, metavar="SEMITONES")
    add.add_argument("--volume", type=number("--volume"), default=1.0)
    add.add_argument("--pause", type=number("--pause"), default=0.0, metavar="SECONDS")
    add.add_argument("--background", default="keep", metavar="FILE|#rrggbb", help="or keep, blur, transparent")
    add.add_argument("--face", type=integer("--face"), default=0, metavar="N", help="the largest is 0")
    add.add_argument("--mouth-box", type=_box, metavar="X,Y,W,H", help="where it speaks, in pixels of the photo")
    add.add_argument("--lines", type=integer("--lines"), metavar="N", help="height of the film, 256 to 1080")
    add.add_argument("--fps", type=integer("--fps"), default=25)
    add.add_argument("--still", action="store_true", help="no blinks, no breathing, no motion of the head")
    add.add_argument("--captions", action="store_true", help="show the words")
    add.add_argument("--no-repair", action="store_true", help="leave what the cut-out damaged")
    add.add_argument("--seed", type=integer("--seed"), default=0, metavar="N")
    add.add_argument("--engine", action="append", default=[], metavar="TASK=NAME")
    add.add_argument("--until", default="message", metavar="GOAL", help=", ".join(MESSAGE_GOALS))
    add.add_argument("--json", action="store_true", help="one event object a line on standard output")
    add.set_defaults(command=_message)


def _message(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    background, picture = read_background(arguments.background)
    request = MessageRequest(
        project=arguments.out,
        photo=arguments.photo,
        text=arguments.text,
        audio=arguments.audio,
        voice=arguments.voice,
        reference=arguments.reference,
        reference_text=arguments.reference_text,
        speaker=arguments.speaker,
        language=arguments.language,
        speed=arguments.speed,
        pitch=arguments.pitch,
        volume=arguments.volume,
        pause=arguments.pause,
        background=background,
        background_picture=picture,
        face=arguments.face,
        mouth=arguments.mouth_box,
        lines=arguments.lines,
        fps=arguments.fps,
        motion=0.0 if arguments.still else 1.0,
        captions=arguments.captions,
        repair=not arguments.no_repair,
        seed=arguments.seed,
        engines=engines(arguments.engine),
        goal=check_choice("--until", arguments.until, MESSAGE_GOALS),
    )
    studio = open_studio(arguments)
    return follow(studio, studio.submit(request, free_seat(studio)), arguments.json)


def read_background(text: str) -> tuple[str, Path | None]:
    """The setting, and the picture where it is one."""
    if text.startswith("#") or (text in BACKGROUNDS and text != "picture"):
        return text, None
    return "picture", Path(text)


def _box(text: str) -> tuple[int, ...]:
    try:
        left, top, width, height = (int(part) for part in text.split(","))
    except ValueError:
        raise BadInput("--mouth-box", text, "X,Y,W,H: four whole numbers") from None
    return left, top, width, height
