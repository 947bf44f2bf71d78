"""Checkpoints that a person put into models/checkpoints: each becomes an image engine of its own, to be chosen and
compared by name. Looked for once, at the start; imports nothing heavy.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from studio.models.cards import EngineCard
from studio.models.weights import WeightsItem

FOLDER = "checkpoints"
PUBLISHED = "image/stable-diffusion"
"""The engine they are run by, whose card theirs is made after."""

_LONGEST = 56


def checkpoint_cards(models: Path, published: EngineCard) -> Iterator[tuple[EngineCard, WeightsItem]]:
    """A card "sd-<name>" and where its weights lie, for each folder with a model_index.json and each .safetensors file
    of `models`/checkpoints. `published`: the card of the engine that draws with them."""
    taken: set[str] = set()
    for path in _found(models / FOLDER):
        title = path.name if path.is_dir() else path.stem
        name = _unused(f"sd-{_slug(title)}", taken)
        taken.add(name)
        item = WeightsItem(
            name=name,
            title=title,
            licence="the checkpoint's own",
            place=f"{FOLDER}/{path.name}",
            needs=("model_index.json",),
            single=path.is_file(),
        )
        card = replace(
            published,
            name=name,
            title=f"{published.title}: {title}",
            licence=item.licence,
            weights=(name,),
            extras=(*published.weights, *published.extras),  # for the tokenizer, which a single file lacks
            default=False,
        )
        yield card, item


def _found(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith("."):
            continue
        if (path / "model_index.json").is_file() or (path.is_file() and path.suffix == ".safetensors"):
            yield path


def _slug(title: str) -> str:
    return re.sub(r"[^a-z0-9_.-]+", "-", title.lower()).strip("-._")[:_LONGEST] or "checkpoint"


def _unused(name: str, taken: set[str]) -> str:
    number = 2
    fresh = name
    while fresh in taken:
        fresh, number = f"{name}-{number}", number + 1
    return fresh
