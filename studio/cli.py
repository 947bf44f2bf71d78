"""The command line: the same requests and jobs as the page, no page needed.

Exit: 0 done; 2 bad input, one line on standard error; 1 failed; 130 cancelled.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from studio import __version__
from studio.errors import BadInput, StudioError
from studio.requests import GOALS, VISUALIZERS, MusicVideoRequest, check_choice
from studio.settings import read_settings

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.events import Event
    from studio.jobs.store import Job

DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130
_POLL_SECONDS = 0.1
_STORYBOARD_BYTES = 1_000_000
_BAD_INPUT_KINDS = (BadInput.kind, "not_found")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    try:
        parsed = build_parser().parse_args(sys.argv[1:] if arguments is None else arguments)
        return parsed.command(parsed)
    except BadInput as error:
        return _refuse(str(error))
    except StudioError as error:
        print(error, file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return CANCELLED
    except BrokenPipeError:
        # The reader of our output has gone: nobody is left to tell.
        sys.stderr.close()
        return FAILED
    except Exception as error:  # noqa: BLE001 - a fault of ours: the trace goes to a file, the person gets one line
        return _own_fault(error)


def _own_fault(error: Exception) -> int:
    with tempfile.NamedTemporaryFile("w", prefix="kinora-fault-", suffix=".txt", delete=False) as file:
        file.writelines(traceback.format_exception(error))
    what = " ".join(f"{type(error).__name__}: {error}".split())
    print(f"this is a fault of the studio itself ({what}); details are in {file.name}", file=sys.stderr)
    return FAILED


def _refuse(message: str) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return BAD_INPUT


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SystemExit(_refuse(f"{self.prog}: {message}; see `{self.prog} --help`"))


def build_parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m studio", description="Kinora Studio without its page.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"Kinora Studio {__version__}")
    parser.add_argument("--data", type=Path, help="folder of projects and jobs (KINORA_DATA)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    _add_music_video(commands)
    _add_analyze(commands)
    _add_jobs(commands)
    _add_models(commands)
    doctor = commands.add_parser("doctor", help="what this machine can run, what is missing, what it would take")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(command=_doctor)
    return parser


def _add_music_video(commands: Any) -> None:
    add = commands.add_parser("music-video", help="a song and pictures become a film", allow_abbrev=False)
    add.add_argument("--audio", type=_path, required=True, metavar="FILE")
    add.add_argument("--character", type=_path, action="append", required=True, metavar="IMG")
    add.add_argument("--out", type=_path, required=True, metavar="DIR")
    add.add_argument("--prompt", default="", metavar="TEXT")
    add.add_argument("--style", default="", metavar="NAME")
    add.add_argument("--seed", type=_integer("--seed"), default=0, metavar="N")
    add.add_argument("--width", type=_integer("--width"), default=512)
    add.add_argument("--height", type=_integer("--height"), default=512)
    add.add_argument("--fps", type=_integer("--fps"), default=24)
    add.add_argument("--tempo", type=_number("--tempo"), metavar="BPM")
    add.add_argument("--engine", action="append", default=[], metavar="TASK=NAME")
    add.add_argument("--storyboard", type=_path, metavar="FILE", help="a storyboard.json to film, edited or not")
    add.add_argument("--captions", type=_path, metavar="FILE", help="the words, as .lrc or .srt")
    add.add_argument("--title", default="", metavar="TEXT", help="opens the film with a title card")
    add.add_argument("--artist", default="", metavar="TEXT")
    add.add_argument("--visualizer", default="", metavar="NAME", help=" or ".join(filter(None, VISUALIZERS)))
    add.add_argument("--until", default="film", metavar="GOAL", help=", ".join(GOALS))
    add.add_argument("--json", action="store_true", help="one event object a line on standard output")
    add.set_defaults(command=_music_video)


def _add_analyze(commands: Any) -> None:
    add = commands.add_parser("analyze", help="the song's analysis.json on standard output", allow_abbrev=False)
    add.add_argument("file", type=_path, metavar="FILE")
    add.add_argument("--tempo", type=_number("--tempo"), metavar="BPM")
    add.set_defaults(command=_analyze)


def _add_jobs(commands: Any) -> None:
    jobs = commands.add_parser("jobs", help="list | show ID | cancel ID | resume ID")
    actions = jobs.add_subparsers(required=True, metavar="ACTION", parser_class=_Parser)
    for name, command in (
        ("list", _jobs_list),
        ("show", _jobs_show),
        ("cancel", _jobs_cancel),
        ("resume", _jobs_resume),
    ):
        add = actions.add_parser(name)
        if name != "list":
            add.add_argument("id", metavar="ID")
        add.add_argument("--json", action="store_true")
        add.set_defaults(command=command)


def _add_models(commands: Any) -> None:
    models = commands.add_parser("models", help="list | status")
    actions = models.add_subparsers(required=True, metavar="ACTION", parser_class=_Parser)
    for name, command in (("list", _models_list), ("status", _models_status)):
        add = actions.add_parser(name)
        add.add_argument("--json", action="store_true")
        add.set_defaults(command=command)


def _path(text: str) -> Path:
    return Path(text)


def _integer(parameter: str) -> Any:
    def parse(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise BadInput(parameter, text, "a whole number") from None

    return parse


def _number(parameter: str) -> Any:
    def parse(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise BadInput(parameter, text, "a number") from None

    return parse


# ---- commands ----


def _studio(arguments: argparse.Namespace) -> Studio:
    from studio.compose import Studio

    return Studio(read_settings(arguments.data))


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
        engines=_engines(arguments.engine),
        goal=check_choice("--until", arguments.until, GOALS),
        shots=_storyboard(arguments.storyboard),
        captions=arguments.captions,
        title=arguments.title,
        artist=arguments.artist,
        visualizer=arguments.visualizer,
    )
    studio = _studio(arguments)
    return _follow(studio, studio.submit(request, free_seat(studio)), arguments.json)


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


def _engines(pairs: Sequence[str]) -> dict[str, str]:
    engines: dict[str, str] = {}
    for pair in pairs:
        task, equals, name = pair.partition("=")
        if not equals or not task or not name or task in engines:
            raise BadInput("--engine", pair, "TASK=NAME, each task once, as `models list` shows them")
        engines[task] = name
    return engines


def _analyze(arguments: argparse.Namespace) -> int:
    from studio.pipelines.listening import analyse_file

    settings = read_settings(arguments.data)
    print(json.dumps(analyse_file(arguments.file, arguments.tempo, settings.limits).to_json()))
    return DONE


def _jobs_list(arguments: argparse.Namespace) -> int:
    studio = _studio(arguments)
    for job in studio.jobs():
        body = job.to_json() | {"state": _state(studio, job)}
        print(
            json.dumps(body)
            if arguments.json
            else f"{job.id}\t{body['state']}\t{job.kind}\t{job.created}\t{job.project}"
        )
    return DONE


def _jobs_show(arguments: argparse.Namespace) -> int:
    studio = _studio(arguments)
    job = studio.job(arguments.id)
    events = [event.to_json() for event in studio.events(job.id)]
    print(
        json.dumps(
            job.to_json() | {"state": _state(studio, job), "events": events}, indent=None if arguments.json else 2
        )
    )
    return DONE


def _state(studio: Studio, job: Job) -> str:
    return "interrupted" if studio.is_interrupted(job) else job.state


def _jobs_cancel(arguments: argparse.Namespace) -> int:
    studio = _studio(arguments)
    job = studio.cancel(arguments.id)
    while job.active and not studio.is_interrupted(job):
        time.sleep(_POLL_SECONDS)
        job = studio.job(job.id)
    print(json.dumps(job.to_json()) if arguments.json else f"{job.id}\t{job.state}")
    return DONE


def _jobs_resume(arguments: argparse.Namespace) -> int:
    from studio.compose import free_seat

    studio = _studio(arguments)
    return _follow(studio, studio.resume(arguments.id, free_seat(studio)), arguments.json)


def _models_list(arguments: argparse.Namespace) -> int:
    studio = _studio(arguments)
    for row in studio.engines():
        state = "available" if row["available"] else f"not available: {row['why']}"
        print(
            json.dumps(row)
            if arguments.json
            else f"{row['task']}={row['name']}\t{row['title']}\t{row['licence']}\t{state}"
        )
    return DONE


def _models_status(arguments: argparse.Namespace) -> int:
    status = _studio(arguments).worker_status()
    body = {"alive": status.alive, "pid": status.pid, **status.snapshot}
    if arguments.json or status.alive:
        print(json.dumps(body, indent=None if arguments.json else 2))
    else:
        print("no worker is running; one starts with the studio or with a job")
    return DONE


def _doctor(arguments: argparse.Namespace) -> int:
    from studio.doctor import examine

    findings = examine(_studio(arguments))
    if arguments.json:
        print(json.dumps([finding.to_json() for finding in findings]))
    else:
        print("\n".join(map(str, findings)))
    return DONE if all(finding.ok for finding in findings) else FAILED


# ---- following a job ----


def _follow(studio: Studio, job: Job, as_json: bool) -> int:
    """Prints a job's events to its end, working on it here unless another process has its seat. Ctrl-C cancels."""
    signal.signal(signal.SIGINT, lambda *_: studio.cancel(job.id))
    seq, narrator = job.first_seq - 1, _Narrator()
    try:
        while True:
            job = studio.attend(studio.job(job.id))
            for event in studio.events(job.id, seq):
                seq = event.seq
                if as_json:
                    print(json.dumps(event.to_json()), flush=True)
                else:
                    narrator.say(event)
            if not job.active:
                return _exit_status(studio, job, seq)
            time.sleep(_POLL_SECONDS)
    finally:
        studio.close()


class _Narrator:
    """Events in words on standard error, results on standard output. A terminal sees one line that changes."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""

    def say(self, event: Event) -> None:
        data = event.data
        if event.kind == "progress":
            self._progress(data)
        elif event.kind == "notice":
            self._line(data["text"])
        elif event.kind == "done":
            self._line("")
            for role, value in data["result"].items():
                print(f"{role}\t{value}")

    def _progress(self, data: Mapping[str, Any]) -> None:
        eta = data["eta_seconds"]
        left = "" if eta is None else f", about {max(1, round(eta))} s left"
        if self._terminal:
            print(f"\r\033[K{data['label']}: {data['done']}/{data['total']}{left}", end="", file=sys.stderr, flush=True)
        elif data["stage"] != self._stage:
            self._line(data["label"] + left)
        self._stage = data["stage"]

    def _line(self, text: str) -> None:
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr)
        if text:
            print(text, file=sys.stderr, flush=True)


def _exit_status(studio: Studio, job: Job, seq: int) -> int:
    if job.state == "done":
        return DONE
    if job.state == "cancelled":
        return CANCELLED
    last = studio.events(job.id, seq - 1)[-1]
    error = last.data.get("error", {})
    print(" ".join(str(error.get("message", "failed")).split()), file=sys.stderr)
    return BAD_INPUT if error.get("kind") in _BAD_INPUT_KINDS else FAILED
