"""What may be asked of engines on this machine: their options, with the weights and LoRAs that are there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.contracts.options import ONLY_LIVE, Option, Schema, option_json
from studio.errors import BadInput

if TYPE_CHECKING:
    from studio.models.cards import EngineCard
    from studio.models.registry import Registry


def check_asked(registry: Registry, card: EngineCard, values: Mapping[str, Any]) -> None:
    """Raises BadInput naming the option, its value and what is accepted; for what lacks its weights or file too."""
    schema = registry.schema(card)
    read = schema.read(values)
    _check_there(registry, schema, {name: read[name] for name in values})


def check_live(registry: Registry, card: EngineCard, values: Mapping[str, Any]) -> None:
    """The same for what is changed between two steps of a picture."""
    schema = registry.schema(card)
    _check_there(registry, schema, schema.read_live(values))


def fields_of(registry: Registry, card: EngineCard, live: bool = False, hidden: bool = False) -> list[dict[str, Any]]:
    """The options a page offers, or only the `live` ones, or with `hidden` all that a request takes; JSON-ready: as in
    Option, a choice with `missing`, why it can't be had here, and a mix with `names`, those there are."""
    schema = registry.schema(card)
    options = schema.live if live else tuple(option for option in schema.options if option.live != ONLY_LIVE)
    return [_field(registry, option) for option in options if option.shown or hidden]


def _field(registry: Registry, option: Option) -> dict[str, Any]:
    body = option_json(option)
    for choice in body["choices"]:
        choice["missing"] = _missing(registry, choice["needs"])
    return body | ({"names": list(_files(registry))} if option.kind == "mix" else {})


def _check_there(registry: Registry, schema: Schema, read: Mapping[str, Any]) -> None:
    for option in schema.options:
        if option.name not in read:
            continue
        parameter, value = schema.parameter(option.name), read[option.name]
        choice = option.chosen(value)
        why = _missing(registry, choice.needs) if choice else ""
        if why:
            accepted = ", ".join(one.value or '""' for one in option.choices if not _missing(registry, one.needs))
            raise BadInput(parameter, value, accepted, why)
        if option.kind == "mix":
            _check_files(registry, parameter, value)


def _check_files(registry: Registry, parameter: str, mix: tuple[tuple[str, float], ...]) -> None:
    there = _files(registry)
    for name, _ in mix:
        if name not in there:
            raise BadInput(parameter, name, ", ".join(there) or "nothing: put .safetensors files into models/loras")


def _missing(registry: Registry, item: str) -> str:
    if not item or registry.shelf is None:
        return ""
    why = registry.shelf.missing(item)
    return f"{why}; fetch them with python -m studio models fetch {item}" if why else ""


def _files(registry: Registry) -> Mapping[str, Path]:
    """The LoRAs of the model folder by name."""
    folder = registry.shelf.models / "loras" if registry.shelf else None
    return {path.stem: path for path in sorted(folder.glob("*.safetensors"))} if folder else {}
