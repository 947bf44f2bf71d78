"""What all commands share: exit statuses, refusals in one line, and values read from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from studio.errors import BadInput
from studio.settings import read_settings

if TYPE_CHECKING:
    from studio.compose import Studio

DONE, FAILED, BAD_INPUT, CANCELLED = 0, 1, 2, 130


def refuse(message: str) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return BAD_INPUT


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SystemExit(refuse(f"{self.prog}: {message}; see `{self.prog} --help`"))


def path(text: str) -> Path:
    return Path(text)


def integer(parameter: str) -> Any:
    def parse(text: str) -> int:
        try:
            return int(text)
        except ValueError:
            raise BadInput(parameter, text, "a whole number") from None

    return parse


def number(parameter: str) -> Any:
    def parse(text: str) -> float:
        try:
            return float(text)
        except ValueError:
            raise BadInput(parameter, text, "a number") from None

    return parse


def engines(pairs: Sequence[str]) -> dict[str, str]:
    engines: dict[str, str] = {}
    for pair in pairs:
        task, equals, name = pair.partition("=")
        if not equals or not task or not name or task in engines:
            raise BadInput("--engine", pair, "TASK=NAME, each task once, as `models list` shows them")
        engines[task] = name
    return engines


def options(pairs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """{task: {option: value}} of TASK.NAME=VALUE; a value that is no JSON is text."""
    options: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        task, dot, option = name.partition(".")
        if not (equals and dot and task and option) or option in options.get(task, {}):
            raise BadInput("--option", pair, "TASK.NAME=VALUE, each name once, such as image.steps=30")
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            value = text
        options.setdefault(task, {})[option] = value
    return options


def open_studio(arguments: argparse.Namespace) -> Studio:
    from studio.compose import Studio

    return Studio(read_settings(arguments.data))
