"""The command line: the same requests and jobs as the page, no page needed.

Exit: 0 done; 2 bad input, one line on standard error; 1 failed; 130 cancelled.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

from studio import __version__
from studio.cli.arguments import CANCELLED, FAILED, Parser, refuse
from studio.cli.housekeeping import add_doctor, add_jobs, add_models
from studio.cli.message import add_message
from studio.cli.music_video import add_analyze, add_music_video
from studio.cli.video import add_video
from studio.cli.voices import add_voices
from studio.errors import BadInput, StudioError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status."""
    try:
        parsed = build_parser().parse_args(sys.argv[1:] if arguments is None else arguments)
        return parsed.command(parsed)
    except BadInput as error:
        return refuse(str(error))
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


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m studio", description="Kinora Studio without its page.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"Kinora Studio {__version__}")
    parser.add_argument("--data", type=Path, help="folder of projects and jobs (KINORA_DATA)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    add_music_video(commands)
    add_analyze(commands)
    add_message(commands)
    add_voices(commands)
    add_video(commands)
    add_jobs(commands)
    add_models(commands)
    add_doctor(commands)
    return parser
