"""What a person may change of a film while its pictures are drawn, and the values it stands at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from studio.errors import BadInput, EngineUnavailable
from studio.models.asked import check_live, fields_of
from studio.requests import MusicVideoRequest

if TYPE_CHECKING:
    from studio.models.cards import EngineCard
    from studio.models.registry import Registry

DRAWING_STAGES = ("keyframes", "views")
"""The stages in which pictures are drawn."""


@dataclass(frozen=True)
class Steering:
    """`fields`: what can be changed, as models.asked.fields_of writes options; `values`: what holds from the next step
    on, of all of them; `steered`: whether that is something else than the film's own settings."""

    engine: str
    fields: tuple[Mapping[str, Any], ...]
    values: Mapping[str, Any]
    steered: bool


def read_steering(registry: Registry, kind: str, body: Mapping[str, Any], said: Mapping[str, Any]) -> Steering | None:
    """Of a job of `kind` for the stored request `body`, to which `said` was said. None where its engine can't be
    steered."""
    try:
        card = _engine(registry, kind, body)
    except EngineUnavailable:  # the job says so itself
        return None
    fields = fields_of(registry, card, live=True) if card else []
    if card is None or not fields:
        return None
    values = {**_asked(registry, card, body), **said}
    return Steering(card.title, tuple(fields), {field["name"]: values[field["name"]] for field in fields}, bool(said))


def read_changes(registry: Registry, kind: str, body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Those of `changes` that differ from the film's own settings. Raises BadInput naming the option."""
    card = _engine(registry, kind, body)
    if card is None or not registry.schema(card).live:
        what = f"{card.title} draws without steps" if card else "it draws no film"
        raise BadInput("ID", kind, "a film whose pictures are drawn step by step", what)
    check_live(registry, card, changes)
    asked = _asked(registry, card, body)
    return {name: value for name, value in changes.items() if value != asked.get(name)}


def _engine(registry: Registry, kind: str, body: Mapping[str, Any]) -> EngineCard | None:
    if kind != MusicVideoRequest.kind:
        return None
    request = MusicVideoRequest.from_json(body)
    return registry.choose("image", request.engines.get("image"), request.substitutes)[0]


def _asked(registry: Registry, card: EngineCard, body: Mapping[str, Any]) -> dict[str, Any]:
    """What the film's settings say of the options that are live: the person's, else a chosen mode's, else usual."""
    schema, given = registry.schema(card), dict(body.get("options", {}).get("image", {}))
    usual = {option.name: option.default for option in schema.live}
    brought: dict[str, Any] = {}
    for option in schema.options:
        choice = option.chosen(given.get(option.name))
        brought |= dict(choice.defaults) if choice else {}
    return {name: {**usual, **brought, **given}[name] for name in usual}
