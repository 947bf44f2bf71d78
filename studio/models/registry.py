"""Which engines there are, which of them can run here, and how one is made.

Built-in engines come in through `register`, the hook a plugin would use.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from studio.contracts import Engine, Weights
from studio.contracts.options import Schema
from studio.errors import BadInput, EngineUnavailable, LoadFailed, NotFound
from studio.models.cards import EngineCard, read_cards
from studio.models.checkpoints import PUBLISHED, checkpoint_cards
from studio.models.weights import WeightsItem, WeightsShelf

Factory = Callable[[str, str, int], Engine]
"""Called with (name, device, rung)."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A card and the way to make its engine. Two entries are the same only if they are one object, so that a swap to
    an equal card loads anew."""

    card: EngineCard
    factory: Factory | None = None
    weights: Callable[[EngineCard], Weights] | None = None

    def create(self, device: str, rung: int) -> Engine:
        """A new engine, not warmed up. Raises what its constructor raises; LoadFailed if it is none of the task."""
        make: Callable[..., Any] = self.factory or _load_object(self.card.implementation)
        weights = (self.weights(self.card),) if self.weights and self.card.weights else ()
        engine = make(self.card.name, device, rung, *weights)
        if not isinstance(engine, Engine) or engine.task != self.card.task:
            raise LoadFailed(f"{self.card.key}: {self.card.implementation} is no {self.card.task} engine")
        return engine


class Registry:
    """All engines known, in the order they were registered.

    device     "cpu", "cuda", "cuda:1" or "mps" to hold cards to it; None where it isn't known (the page's process)
    shelf      where the items of a card's `weights` are looked for
    precision  what the device computes in
    """

    def __init__(self, device: str | None = None, shelf: WeightsShelf | None = None) -> None:
        self.device, self.shelf, self.precision = device, shelf, "float32"
        self._entries: dict[str, Entry] = {}

    def __iter__(self) -> Iterator[EngineCard]:
        return (entry.card for entry in tuple(self._entries.values()))

    @property
    def tasks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(card.task for card in self))

    def register(self, card: EngineCard, factory: Factory | None = None) -> Entry:
        """Adds an engine; `factory` stands in for the card's implementation. Raises BadInput for a taken name."""
        if card.key in self._entries:
            raise BadInput("engine card", card.key, "a name not yet taken")
        self._entries[card.key] = Entry(card, factory, self._weights if factory is None else None)
        return self._entries[card.key]

    def replace(self, entry: Entry) -> None:
        """Puts `entry` in the place of the one with its key; done by the manager once the new engine serves."""
        self._entries[entry.card.key] = entry

    def entry(self, key: str) -> Entry:
        """The entry of "task/name". Raises NotFound."""
        try:
            return self._entries[key]
        except KeyError:
            raise NotFound("engine", key, " | ".join(self._entries) or "nothing: no engine is registered") from None

    def cards(self, task: str) -> tuple[EngineCard, ...]:
        return tuple(card for card in self if card.task == task)

    def availability(self, card: EngineCard) -> tuple[bool, str]:
        """Whether the engine can run here, and if not why and what would help. Cheap: imports no engine."""
        why = self._missing(card)
        return not why, why

    def schema(self, card: EngineCard) -> Schema:
        """What can be asked of the engine beside its request. Imports no engine. Raises LoadFailed."""
        if not card.options:
            return Schema(card.task)
        schema: object = _load_object(card.options)
        if not isinstance(schema, Schema) or schema.task != card.task:
            raise LoadFailed(f"{card.key}: {card.options} is no description of {card.task} options")
        return schema

    def choose(self, task: str, wanted: str | None, substitutes: bool) -> tuple[EngineCard, str | None]:
        """The engine for `task`: `wanted`, or the default where that is None; and a notice when another stands in.

        Raises BadInput for an unknown task or name, EngineUnavailable when it can't run and nothing may stand in.
        """
        first = self.wanted(task, wanted)
        why = self._missing(first)
        if not why:
            return first, None
        others = sorted((card for card in self.cards(task) if card is not first), key=lambda card: not card.default)
        standin = next((card for card in others if not self._missing(card)), None) if substitutes else None
        if standin is None:
            raise EngineUnavailable(first.key, why)
        return standin, f"{first.key} can't run here: {why}; {standin.key} is used instead"

    def wanted(self, task: str, wanted: str | None) -> EngineCard:
        """The engine of that name, the default for None, whether or not it can run. Raises BadInput."""
        cards = self.cards(task)
        if not cards:
            raise BadInput("--engine", f"{task}={wanted or ''}", f"a task out of {', '.join(self.tasks)}")
        if wanted is None:
            return next((card for card in cards if card.default), cards[0])
        for card in cards:
            if card.name == wanted:
                return card
        raise BadInput("--engine", f"{task}={wanted}", " | ".join(f"{task}={card.name}" for card in cards))

    def _weights(self, card: EngineCard) -> Weights:
        if self.shelf is None:
            raise LoadFailed(f"{card.key} needs {', '.join(card.weights)}, and no model folder is known")
        return self.shelf.weights(card.weights, card.extras, self.precision)

    def _missing(self, card: EngineCard) -> str:
        if self.device is not None and self.device.split(":")[0] not in card.devices:
            return f"it needs {' or '.join(card.devices)} and this worker runs on {self.device}"
        for package in card.requires:
            if not _importable(package):
                return f"the Python package {package} is missing; install it with pip install {package}"
        for library in card.libraries if sys.platform.startswith("linux") else ():
            if not _loads(library):
                return f"the system library {library} is missing; install it with the system's package manager"
        for item in card.weights:
            if self.shelf is None:
                return f"its weights {item} are missing and no model folder is known"
            why = self.shelf.missing(item)
            if why:
                return f"{why}; {self.shelf.remedy(item, card.name)}"
        return str(_load_object(card.check)()) if card.check else ""


def load_registry(path: Path, device: str | None = None, shelf: WeightsShelf | None = None) -> Registry:
    """A registry of the cards in the YAML file at `path`, and of the checkpoints in the shelf's folder. Raises BadInput
    for a card that makes no sense."""
    registry = Registry(device, shelf)
    cards = read_cards(path)
    for card in cards:
        registry.register(card)
    published = next((card for card in cards if card.key == PUBLISHED), None)
    if shelf is not None and published is not None:
        for card, item in checkpoint_cards(shelf.models, published):
            shelf.add(item)
            registry.register(card)
    return registry


def items_of(registry: Registry, name: str) -> tuple[WeightsItem, ...]:
    """The weights of the engine `name`, or "task/name", or the one item of that name. Raises NotFound."""
    shelf = registry.shelf
    if shelf is None:
        raise NotFound("NAME", name, "nothing: no weights are known")
    cards = [card for card in registry if card.weights and name in (card.name, card.key)]
    if cards:
        return tuple(shelf.item(item) for item in dict.fromkeys(item for card in cards for item in card.weights))
    known = [card.name for card in registry if card.weights]
    if name not in {item.name for item in shelf}:
        raise NotFound("NAME", name, " | ".join([*known, *(item.name for item in shelf)]))
    return (shelf.item(name),)


def _load_object(name: str) -> Callable[..., object]:
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def _importable(package: str) -> bool:
    # find_spec imports the parents of a dotted name, and raises where a parent is missing.
    parts = package.split(".")
    return find_spec(parts[0]) is not None and (len(parts) == 1 or _importable_inside(package))


def _importable_inside(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
