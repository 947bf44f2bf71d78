"""The worker process: `python -m studio.worker --data DIR --seat NAME [--others NAME,NAME] [--device NAME]`. Started by
the studio."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

from studio.jobs.seats import Post
from studio.jobs.worker import end_with_parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m studio.worker")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seat", required=True)
    parser.add_argument("--others", default="", help="seats of the studio's other workers, one a device")
    parser.add_argument("--device")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    end_with_parent()

    from studio.compose import build_worker
    from studio.settings import read_settings

    post = Post(arguments.seat, tuple(filter(None, arguments.others.split(","))))
    build_worker(read_settings(arguments.data), post, arguments.device).serve()


if __name__ == "__main__":
    main()
