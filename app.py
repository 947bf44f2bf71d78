"""The door: flags, the studio, its page.

    python app.py [--host 127.0.0.1] [--port 7860] [--share] [--data DIR] [--auth USER:PASSWORD]

Ctrl-C or SIGTERM closes the page and ends the worker; unfinished jobs go on at the next start.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from studio.errors import BadInput, StudioError
from studio.settings import read_settings

if TYPE_CHECKING:
    from studio.compose import Studio


CLOSING_SECONDS = 1.0
"""What answers under way get to be finished in when the studio ends."""


class _Flags(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def read_flags(arguments: list[str] | None = None) -> argparse.Namespace:
    """The flags; a bad one ends the process with status 2 and one line."""
    flags = _Flags(prog="app.py", description="Kinora Studio: a page on your own machine.", allow_abbrev=False)
    # Without the flag Gradio decides: 127.0.0.1, or what a hosting service says in GRADIO_SERVER_NAME.
    flags.add_argument("--host", default=None, help="address to listen on (127.0.0.1); 0.0.0.0 for the whole network")
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
    closing = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: closing.set())
    check_address(flags.host or "127.0.0.1", flags.port)
    settings = read_settings(flags.data)
    cache = settings.data / "uploads"
    # Gradio reads both where it is imported.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(cache)

    from studio.compose import Studio

    studio = Studio(settings)
    studio.start_worker()
    try:
        show_page(studio, cache, flags, closing)
    finally:
        studio.close()


def check_address(host: str, port: int) -> None:
    """Raises BadInput at once, instead of after the seconds a start takes."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError):
        raise BadInput("--host", host, "an address of this machine, such as 127.0.0.1 or 0.0.0.0") from None
    with socket.socket(family, kind, protocol) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise BadInput("--port", port, f"a port that is free on {host}", error.strerror or "") from None


def show_page(studio: Studio, cache: Path, flags: argparse.Namespace, closing: threading.Event) -> None:
    """Serves the page until `closing` is set."""
    from tabs.page import build_page, launch_options

    page = build_page(studio, cache)
    try:
        page.launch(
            server_name=flags.host,
            server_port=flags.port,
            share=flags.share,
            auth=flags.auth,
            prevent_thread_lock=True,
            quiet=True,
            **launch_options(studio),
        )
        print(f"Kinora Studio is on {page.share_url or page.local_url}", flush=True)
        closing.wait()
    finally:
        # The streams of pages that are open never end by themselves: the server's thread goes with the process.
        closer = threading.Thread(target=page.close, kwargs={"verbose": False}, daemon=True)
        closer.start()
        closer.join(CLOSING_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
