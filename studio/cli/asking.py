"""What may be asked of engines: `models options`, and `jobs steer` while pictures are drawn."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from studio.cli.arguments import DONE, open_studio, options
from studio.errors import BadInput
from studio.models.asked import fields_of


def add_options(actions: Any) -> None:
    add = actions.add_parser("options", help="what --option takes for an engine", allow_abbrev=False)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--json", action="store_true")
    add.set_defaults(command=_options)


def add_steer(actions: Any) -> None:
    add = actions.add_parser("steer", help="another setting from the next step on; none for as set", allow_abbrev=False)
    add.add_argument("id", metavar="ID")
    add.add_argument("--option", action="append", default=[], metavar="image.NAME=VALUE")
    add.set_defaults(command=_steer)


def _options(arguments: argparse.Namespace) -> int:
    registry, name = open_studio(arguments).registry, arguments.name
    card = next((card for card in registry if name in (card.key, card.name)), None)
    if card is None:
        raise BadInput("NAME", name, ", ".join(card.key for card in registry if card.options))
    fields = fields_of(registry, card, hidden=True)
    if arguments.json:
        print(json.dumps({"engine": card.key, "options": fields}))
        return DONE
    for field in fields:
        print("\t".join((f"{card.task}.{field['name']}", _accepted(field), field["label"])))
    return DONE


def _accepted(field: Mapping[str, Any]) -> str:
    """What the option takes, and what it is without."""
    match field["kind"]:
        case "whole" | "number":
            usual = "" if field["default"] is None else f", usually {field['default']:g}"
            return f"{field['low']:g} to {field['high']:g}{usual}"
        case "choice":
            return " | ".join(choice["value"] or '""' for choice in field["choices"])
        case "mix":
            names = ", ".join(field["names"]) or "none there"
            return f'{{"NAME": {field["low"]:g} to {field["high"]:g}}} of {names}'
        case "flag":
            return "true | false"
        case _:
            return f"text, at most {field['most']} characters"


def _steer(arguments: argparse.Namespace) -> int:
    given = options(arguments.option)
    for task in given:
        if task != "image":
            raise BadInput("--option", task, "image.NAME=VALUE: pictures are what can be steered")
    open_studio(arguments).steer(arguments.id, given.get("image", {}))
    return DONE
