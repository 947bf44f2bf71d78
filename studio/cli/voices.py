"""voices: profiles of people's voices, made, listed, tried, deleted, taken over."""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.cli.arguments import DONE, Parser, engines, number, open_studio, path
from studio.cli.following import follow
from studio.errors import BadInput
from studio.requests import LANGUAGES, MessageRequest, VoiceRequest

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.events import Event


def add_voices(commands: Any) -> None:
    voices = commands.add_parser("voices", help="create NAME | list | delete ID | rename | speak ID | migrate FOLDER")
    actions = voices.add_subparsers(required=True, metavar="ACTION", parser_class=Parser)
    create = actions.add_parser("create", allow_abbrev=False)
    create.add_argument("name", metavar="NAME")
    create.add_argument("--reference", type=path, action="append", required=True, metavar="FILE")
    create.add_argument("--reference-text", default="", metavar="TEXT", help="what is said in them")
    create.add_argument("--language", default="en", metavar="CODE", help=", ".join(LANGUAGES))
    create.add_argument("--consent", default="", metavar="SENTENCE", help="by which the speaker agreed to this use")
    create.set_defaults(command=_create)
    actions.add_parser("list").set_defaults(command=_list)
    delete = actions.add_parser("delete")
    delete.add_argument("id", metavar="ID")
    delete.set_defaults(command=_delete)
    rename = actions.add_parser("rename")
    rename.add_argument("id", metavar="ID")
    rename.add_argument("name", metavar="NAME")
    rename.set_defaults(command=_rename)
    speak = actions.add_parser("speak", allow_abbrev=False)
    speak.add_argument("id", metavar="ID")
    speak.add_argument("--text", required=True, metavar="TEXT")
    speak.add_argument("--out", type=path, required=True, metavar="FILE.wav")
    speak.add_argument("--language", default="", metavar="CODE", help="the voice's own where not given")
    speak.add_argument("--speed", type=number("--speed"), default=1.0)
    speak.add_argument("--pitch", type=number("--pitch"), default=0.0, metavar="SEMITONES")
    speak.add_argument("--engine", action="append", default=[], metavar="TASK=NAME")
    speak.set_defaults(command=_speak)
    speakers = actions.add_parser("speakers", help="the fixed voices of a speech engine, for message --speaker")
    speakers.add_argument("--engine", action="append", default=[], metavar="speech=NAME")
    speakers.set_defaults(command=_speakers)
    migrate = actions.add_parser("migrate")
    migrate.add_argument("folder", type=path, metavar="FOLDER")
    migrate.set_defaults(command=_migrate)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true")


def _create(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    with _workplace() as folder:
        request = VoiceRequest(
            project=folder,
            name=arguments.name,
            references=tuple(arguments.reference),
            language=arguments.language,
            transcript=arguments.reference_text,
            consent=arguments.consent,
        )
        studio = open_studio(arguments)
        job = studio.make_voice(request, free_seat(studio))

        def done(event: Event) -> None:
            profile = studio.voices.get(event.data["result"]["voice"])
            print(json.dumps(_brief(profile)) if arguments.json else profile.id)

        return follow(studio, job, False, done)


def _list(arguments: argparse.Namespace) -> int:
    for profile in open_studio(arguments).voices.list():
        if arguments.json:
            print(json.dumps(_brief(profile)))
        else:
            print("\t".join((profile.id, profile.name, profile.language)))
    return DONE


def _speakers(arguments: argparse.Namespace) -> int:
    studio = open_studio(arguments)
    card, _ = studio.registry.choose("speech", engines(arguments.engine).get("speech"), False)
    for identity, name in studio.speakers(card.name):
        print(json.dumps({"id": identity, "name": name}) if arguments.json else f"{identity}\t{name}")
    return DONE


def _delete(arguments: argparse.Namespace) -> int:
    open_studio(arguments).voices.delete(arguments.id)
    return DONE


def _rename(arguments: argparse.Namespace) -> int:
    open_studio(arguments).voices.rename(arguments.id, arguments.name)
    return DONE


def _speak(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    _check_wav(arguments.out)
    studio = open_studio(arguments)
    profile = studio.voices.get(arguments.id, "ID")
    with _workplace() as folder:
        request = MessageRequest(
            project=folder,
            goal="speech",
            text=arguments.text,
            voice=profile.id,
            language=arguments.language or profile.language,
            speed=arguments.speed,
            pitch=arguments.pitch,
            engines=engines(arguments.engine),
        )
        job = studio.submit(request, free_seat(studio))

        def done(event: Event) -> None:
            with atomic_path(arguments.out) as partial:
                shutil.copyfile(event.data["result"]["speech"], partial)
            print(json.dumps({"speech": str(arguments.out)}) if arguments.json else arguments.out)

        return follow(studio, job, False, done)


def _check_wav(out: Path) -> None:
    if out.suffix.lower() != ".wav":
        raise BadInput("--out", out, "a name that ends in .wav")
    if not out.absolute().parent.is_dir():
        raise BadInput("--out", out, "a file in a folder that is there")


def _migrate(arguments: argparse.Namespace) -> int:
    from studio.pipelines.voices import VoiceMaker

    studio: Studio = open_studio(arguments)
    ids, notices = VoiceMaker(studio.settings.limits).migrate(arguments.folder, studio.voices, CancelToken())
    for identity in ids:
        print(json.dumps(_brief(studio.voices.get(identity))) if arguments.json else identity)
    return _tell(notices)


def _tell(notices: list[str]) -> int:
    import sys

    for notice in notices:
        print(" ".join(notice.split()), file=sys.stderr)
    return DONE


def _brief(profile: Any) -> dict[str, Any]:
    return {"id": profile.id, "name": profile.name, "language": profile.language}


class _workplace(ExitStack):
    """A folder for a job of which only the result is kept."""

    def __enter__(self) -> Path:  # type: ignore[override]
        super().__enter__()
        return Path(self.enter_context(tempfile.TemporaryDirectory(prefix="kinora-")))
