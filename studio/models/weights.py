"""Published weights: what there is to fetch, and where it lies on this machine. Imports nothing heavy.

One item is one repository's files for one purpose; an engine's card names the items it is loaded from. An item lies in
the model folder, as `models/<item>/` or `models/<item>.safetensors`, or in the hub's cache, where other programs may
have put it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from studio.contracts import Weights
from studio.errors import BadInput, NotFound

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
HUB_REVISION = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True)
class WeightsItem:
    """repository  on the hub, "owner/name"; "" for files that only the person can supply
    revision    a branch, tag or commit of it
    files       glob patterns of the files to fetch
    needs       glob patterns each of which some file must match for the item to be there; () for `files`
    size_bytes  what is fetched, as the repository states it
    single      whether one checkpoint file may stand for the folder
    place       where it lies in the model folder, "" for a folder, or file, of its name
    notice      what a person has to know before fetching: a gate, a pickle, a duty to name the author
    """

    name: str
    title: str
    licence: str
    repository: str = ""
    revision: str = "main"
    files: tuple[str, ...] = ("*",)
    needs: tuple[str, ...] = ()
    size_bytes: int = 0
    single: bool = False
    place: str = ""
    notice: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadInput("weights", self.name, "lower-case letters, digits, '.', '_' and '-'")
        if self.repository and not _REPOSITORY.fullmatch(self.repository):
            raise BadInput(f"{self.name} repository", self.repository, "owner/name")
        for pattern in (*self.files, *self.needs, self.place):
            if pattern.startswith("/") or ".." in Path(pattern).parts:
                raise BadInput(f"{self.name} files", pattern, "patterns of files within the item")

    def missing_from(self, folder: Path) -> tuple[str, ...]:
        """The patterns that no file of `folder` matches; () when the item is whole there."""
        return tuple(pattern for pattern in self.needs or self.files if not any(folder.glob(pattern)))


class WeightsShelf:
    """All items known, and the folders they are looked for in: `models` the studio's own, `hub` the hub's cache."""

    def __init__(self, items: Iterable[WeightsItem], models: Path, hub: Path | None = None) -> None:
        self._items = {item.name: item for item in items}
        self.models, self.hub = models, hub

    def __iter__(self) -> Iterator[WeightsItem]:
        return iter(self._items.values())

    def add(self, item: WeightsItem) -> None:
        """Another item. Raises BadInput for a taken name."""
        if item.name in self._items:
            raise BadInput("weights", item.name, "a name not yet taken")
        self._items[item.name] = item

    def item(self, name: str) -> WeightsItem:
        """Raises NotFound."""
        try:
            return self._items[name]
        except KeyError:
            raise NotFound("weights", name, " | ".join(self._items) or "nothing: no weights are known") from None

    def find(self, name: str) -> Path | None:
        """The folder, or single file, the item lies in whole; None where it doesn't."""
        item = self.item(name)
        file = self.models / (item.place or f"{item.name}.safetensors")
        if item.single and file.is_file():
            return file
        return next(
            (folder for folder in self._places(item) if folder.is_dir() and not item.missing_from(folder)), None
        )

    def missing(self, name: str) -> str:
        """Why the item can't be used, in words; "" when it is there."""
        if self.find(name) is not None:
            return ""
        item = self.item(name)
        begun = next((folder for folder in self._places(item) if folder.is_dir()), None)
        if begun is not None:
            return f"its weights {item.name} are not whole: {begun} has no {', '.join(item.missing_from(begun))}"
        return f"its weights {item.name} are missing"

    def remedy(self, name: str, fetch: str = "") -> str:
        """What to do about an item that is missing, in words: fetch it (as part of what is called `fetch`) or, where it
        has no repository, what its notice asks for."""
        item = self.item(name)
        if item.repository:
            return f"fetch them with python -m studio models fetch {fetch or name}"
        words = item.notice.partition(":")[0].rstrip(".")
        return words[:1].lower() + words[1:] if words else f"put them into {self.models / name}"

    def weights(self, needed: Iterable[str], extras: Iterable[str], precision: str) -> Weights:
        """What an engine is loaded from. Raises NotFound for a needed item that is not there."""
        parts: dict[str, Path] = {}
        for name in needed:
            path = self.find(name)
            if path is None:
                raise NotFound("weights", name, f"weights in {self.models}", self.missing(name))
            parts[name] = path
        parts |= {name: path for name in extras if (path := self.find(name)) is not None}
        return Weights(parts, self.models, precision)

    def _places(self, item: WeightsItem) -> Iterator[Path]:
        yield self.models / (item.place or item.name)
        if self.hub is None or not item.repository:
            return
        stored = self.hub / f"models--{item.repository.replace('/', '--')}"
        reference = stored / "refs" / item.revision
        named = reference.read_text(encoding="utf-8").strip() if reference.is_file() else item.revision
        if HUB_REVISION.fullmatch(named):
            yield stored / "snapshots" / named


def read_items(path: Path) -> tuple[WeightsItem, ...]:
    """The items of a YAML file: name -> fields. Raises BadInput naming the item and the field."""
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadInput("weights", path, "a readable YAML file", str(error)) from None
    if not isinstance(body, Mapping):
        raise BadInput("weights", path, "a mapping of name to fields")
    return tuple(_item(str(name), entry) for name, entry in body.items())


_KINDS: Mapping[str, type] = {"str": str, "bool": bool, "int": int, "tuple[str, ...]": list}


def _item(name: str, entry: Any) -> WeightsItem:
    kinds = {field.name: str(field.type) for field in fields(WeightsItem) if field.name != "name"}
    if not isinstance(entry, Mapping):
        raise BadInput(f"weights {name}", entry, "a mapping of fields")
    values: dict[str, Any] = {}
    for field, value in entry.items():
        kind = _KINDS.get(kinds.get(field, ""))
        if kind is None:
            raise BadInput(f"weights {name}", field, f"one of {', '.join(kinds)}")
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise BadInput(f"weights {name} {field}", value, kinds[field])
        values[field] = tuple(map(str, value)) if isinstance(value, list) else value
    for field in ("title", "licence"):
        if field not in values:
            raise BadInput(f"weights {name}", "(nothing)", f"an item with `{field}`")
    return WeightsItem(name=name, **values)
