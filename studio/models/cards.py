"""Engine cards: what is known of an engine before it is loaded, as presets/engines.yaml states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from studio.errors import BadInput

DEVICES = ("cpu", "cuda", "mps")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_IMPLEMENTATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class EngineCard:
    """One engine of one task.

    implementation  "package.module:Class", called as Class(name, device, rung), with contracts.Weights behind them
                    where the card names weights
    embedded        needs no weights and occupies no device memory: it never takes the device from another model
    devices         workers it may run under (an embedded engine computes on the CPU under all of them)
    memory          bytes of device memory a rung needs, one figure a rung, never rising; estimates, superseded by
                    what the manager measures
    rungs           words a person reads for each rung, best first: ("full", "VAE slicing", ...)
    requires        Python packages that must be importable
    libraries       shared libraries of the system that must load (Linux only), such as "libEGL.so.1"
    weights         items of presets/weights.yaml it is loaded from; its class is then called with them as well
    extras          items it makes use of where they are there
    check           "module:function" returning "" or why the engine can't run; the module must be light
    options         "module:NAME" of what can be asked of it, a contracts.options.Schema; the module must be light
    concurrency     leases one loaded engine serves at once; above 1 the engine must be stateless between calls
    idle_seconds    unloaded after this long without a lease; 0 never, None the manager's own figure
    """

    name: str
    task: str
    title: str
    implementation: str
    embedded: bool = False
    devices: tuple[str, ...] = DEVICES
    licence: str = ""
    quality: str = ""
    memory: tuple[int, ...] = (0,)
    rungs: tuple[str, ...] = ("full",)
    requires: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    check: str = ""
    options: str = ""
    default: bool = False
    concurrency: int = 1
    idle_seconds: float | None = None

    def __post_init__(self) -> None:
        for field, value in (("name", self.name), ("task", self.task)):
            if not _NAME.fullmatch(value):
                raise BadInput(f"engine card {field}", value, "lower-case letters, digits, '.', '_' and '-'")
        for field, value in (
            ("implementation", self.implementation),
            ("check", self.check),
            ("options", self.options),
        ):
            if value and not _IMPLEMENTATION.fullmatch(value):
                raise BadInput(f"{self.key} {field}", value, "package.module:name")
        if not self.devices or not set(self.devices) <= set(DEVICES):
            raise BadInput(f"{self.key} devices", self.devices, f"some of {', '.join(DEVICES)}")
        self._check_figures()

    def _check_figures(self) -> None:
        if not self.rungs or len(self.memory) != len(self.rungs):
            raise BadInput(
                f"{self.key} memory", self.memory, f"one figure a rung ({len(self.rungs)} rungs, at least 1)"
            )
        if min(self.memory) < 0 or list(self.memory) != sorted(self.memory, reverse=True):
            raise BadInput(f"{self.key} memory", self.memory, "bytes that never rise from rung to rung")
        if self.concurrency < 1:
            raise BadInput(f"{self.key} concurrency", self.concurrency, "a whole number from 1")
        if self.idle_seconds is not None and self.idle_seconds < 0:
            raise BadInput(f"{self.key} idle_seconds", self.idle_seconds, "seconds, 0 for never")

    @property
    def key(self) -> str:
        """The name leases and statistics go by: "image/painter"."""
        return f"{self.task}/{self.name}"

    @property
    def last_rung(self) -> int:
        return len(self.rungs) - 1


def read_cards(path: Path) -> tuple[EngineCard, ...]:
    """The cards of a YAML file: task -> name -> fields. Raises BadInput naming the card and the field."""
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("engine cards", path, "a readable YAML file", str(error)) from None
    if not isinstance(body, Mapping) or not all(isinstance(engines, Mapping) for engines in body.values()):
        raise BadInput("engine cards", path, "a mapping of task to name to fields")
    return tuple(
        _card(str(task), str(name), entry) for task, engines in body.items() for name, entry in engines.items()
    )


_KINDS: Mapping[str, type | tuple[type, ...]] = {
    "str": str,
    "bool": bool,
    "int": int,
    "float | None": (int, float, type(None)),
    "tuple[str, ...]": list,
    "tuple[int, ...]": list,
}


def _card(task: str, name: str, entry: Any) -> EngineCard:
    kinds = {field.name: str(field.type) for field in fields(EngineCard)}
    if not isinstance(entry, Mapping):
        raise BadInput(f"{task}/{name}", entry, "a mapping of fields")
    values: dict[str, Any] = {}
    for field, value in entry.items():
        if field not in kinds or field in ("name", "task"):
            raise BadInput(
                f"{task}/{name}", field, f"one of {', '.join(k for k in kinds if k not in ('name', 'task'))}"
            )
        kind = kinds[field]
        items = value if kind.startswith("tuple") and isinstance(value, list) else ()
        item_kind = int if kind == "tuple[int, ...]" else str
        if not _is(value, _KINDS[kind]) or not all(_is(item, item_kind) for item in items):
            raise BadInput(f"{task}/{name} {field}", value, kind.replace("tuple[", "a list [").replace("None", "null"))
        values[field] = tuple(value) if isinstance(value, list) else value
    for field in ("title", "implementation"):
        if field not in values:
            raise BadInput(f"{task}/{name}", "(nothing)", f"a card with `{field}`")
    return EngineCard(name=name, task=task, **values)


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    # True is an int to Python, never to a card.
    return isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
