"""Values that a person or a file gives, held to what is accepted; each refusal names the parameter and the value."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from studio.errors import BadInput

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
"""Of engines, tasks, options and weights."""
MOST_OPTION_CHARACTERS = 10_000


def check_engine_names(engines: Mapping[str, str]) -> None:
    for task, engine in engines.items():
        if not NAME.fullmatch(task) or not NAME.fullmatch(engine):
            raise BadInput("--engine", f"{task}={engine}", "TASK=NAME, as `models list` shows them")


def check_options(options: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises BadInput for anything but {task: {option: JSON value}}."""
    accepted = "TASK.NAME=VALUE, such as image.steps=30"
    if not isinstance(options, Mapping):
        raise BadInput("--option", options, accepted)
    for task, values in options.items():
        if not isinstance(task, str) or not NAME.fullmatch(task) or not isinstance(values, Mapping):
            raise BadInput("--option", task, accepted)
        for name, value in values.items():
            if not isinstance(name, str) or not NAME.fullmatch(name):
                raise BadInput("--option", f"{task}.{name}", accepted)
            try:
                text = json.dumps(value, allow_nan=False)
            except (TypeError, ValueError, RecursionError):
                raise BadInput(f"--option {task}.{name}", value, "a JSON value") from None
            if len(text) > MOST_OPTION_CHARACTERS:
                raise BadInput(f"--option {task}.{name}", value, f"at most {MOST_OPTION_CHARACTERS} characters")


def check_number(name: str, value: object, low: float, high: float, unit: str = "") -> float:
    """`value` as a float within low..high; BadInput otherwise, NaN and infinities included."""
    accepted = f"a number from {low:g} to {high:g}" + (f" {unit}" if unit else "")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadInput(name, value, accepted)
    if not low <= value <= high:
        raise BadInput(name, value, accepted)
    return float(value)


def check_integer(name: str, value: object, low: int, high: int) -> int:
    accepted = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise BadInput(name, value, accepted)
    return value


def check_choice(name: str, value: object, choices: Sequence[str]) -> str:
    if not isinstance(value, str) or value not in choices:
        raise BadInput(name, value, "one of " + ", ".join(choice or '""' for choice in choices))
    return value
