"""The door: flags, the studio, its page.

    python app.py [--host 127.0.0.1] [--port 7860] [--share] [--data DIR] [--auth USER:PASSWORD]

Ctrl-C or SIGTERM closes the page and ends the worker; unfinished jobs go on at the next start.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from studio.errors import BadInput, StudioError
from studio.settings import read_settings


class _Flags(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def read_flags(arguments: list[str] | None = None) -> argparse.Namespace:
    """The flags; a bad one ends the process with status 2 and one line."""
    flags = _Flags(prog="app.py", description="Kinora Studio: a page on your own machine.", allow_abbrev=False)
    flags.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 for the whole network")
    flags.add_argument("--port", type=_port, default=7860, help="1 to 65535")
    flags.add_argument("--share", action="store_true", help="make a public link through Gradio's tunnel")
    flags.add_argument("--data", type=Path, default=None, help="folder of projects and jobs (default: ./data)")
    flags.add_argument("--auth", type=_account, default=None, metavar="USER:PASSWORD", help="ask for a login")
    return flags.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not accepted: accepted is a whole number from 1 to 65535")
    return int(text)


def _account(text: str) -> tuple[str, str]:
    user, colon, password = text.partition(":")
    if not (user.strip() and colon and password):
        raise argparse.ArgumentTypeError("accepted is USER:PASSWORD, neither of them empty")
    return user, password


def main() -> int:
    flags = read_flags()
    try:
        serve(flags)
    except BadInput as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except StudioError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 1
    return 0


def serve(flags: argparse.Namespace) -> None:
    """Until a signal comes. Raises BadInput for an address that can't be listened on, StorageFailed."""
    settings = read_settings(flags.data)
    cache = settings.data / "uploads"
    # Gradio reads both where it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(cache)

    from studio.compose import Studio
    from tabs.page import build_page, launch_options

    studio = Studio(settings)
    studio.start_worker()
    closing = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: closing.set())
    page = build_page(studio, cache)
    try:
        page.launch(
            server_name=flags.host,
            server_port=flags.port,
            share=flags.share,
            auth=flags.auth,
            prevent_thread_lock=True,
            **launch_options(studio),
        )
        closing.wait()
    except OSError as error:
        raise BadInput("--port", flags.port, f"a free port on {flags.host}", str(error)) from None
    finally:
        page.close(verbose=False)
        studio.close()


if __name__ == "__main__":
    sys.exit(main())
