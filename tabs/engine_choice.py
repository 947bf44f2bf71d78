"""Which engine does a task: dropdowns of all there are, with what each would need here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

if TYPE_CHECKING:
    from studio.compose import Studio
    from studio.models.cards import EngineCard

LABELS: Mapping[str, str] = {
    "image": "Pictures by",
    "video": "Motion by",
    "cutout": "Cut out by",
    "inpaint": "Mended by",
    "speech": "Spoken by",
    "lip_sync": "Lips by",
    "vision": "Watched by",
    "transcript": "Written down by",
    "chat": "Answered by",
}


def engine_inputs(studio: Studio, tasks: Sequence[str], prefix: str, same: str = "") -> list[gr.Dropdown]:
    """One dropdown a task; its value is an engine's name, "" for the studio's own choice, or for what is the `same` in
    these words."""
    return [
        gr.Dropdown(
            _choices(studio, task, same), value="", label=LABELS[task], min_width=180,
            elem_id=f"{prefix}-{task}-engine", filterable=False,
        )
        for task in tasks
    ]  # fmt: skip


def refreshed(studio: Studio, tasks: Sequence[str], same: str = "") -> list[Any]:
    """The dropdowns as things stand now: weights may have been fetched since the page was built."""
    return [gr.Dropdown(choices=_choices(studio, task, same)) for task in tasks]


def chosen(tasks: Sequence[str], values: Sequence[Any]) -> dict[str, str]:
    """{task: engine} of what the dropdowns hold; the studio's own choice is left out."""
    return {task: str(value) for task, value in zip(tasks, values, strict=True) if value}


def _choices(studio: Studio, task: str, same: str) -> list[tuple[str, str]]:
    cards = studio.registry.cards(task)
    if same:
        return [(same, ""), *((_words(studio, card), card.name) for card in cards)]
    first = next((card for card in cards if card.default), cards[0])
    others = [card for card in cards if card is not first]
    return [(first.title, ""), *((_words(studio, card), card.name) for card in others)]


def _words(studio: Studio, card: EngineCard) -> str:
    able, why = studio.registry.availability(card)
    if able:
        return card.title
    shelf = studio.registry.shelf
    absent = [shelf.item(name) for name in card.weights if shelf.find(name) is None] if shelf else []
    size = sum(item.size_bytes for item in absent)
    if absent and size:
        return f"{card.title} (to be fetched, {size / 1e9:.1f} GB)"
    return f"{card.title} ({why.split(';')[0]})"
