"""Two settings on the same two bars, side by side: the clips, what each took, and in what they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.store.atomic import read_json
from studio.store.projects import Project
from tabs.markup import duration_words, escape, file_url

_NAMES = {"style": "Look", "seed": "Seed", "fps": "Frames a second", "width": "Width", "height": "Height"}
_TASKS = {"image": "Pictures by", "video": "Motion by", "cutout": "Cut out by"}


@dataclass(frozen=True)
class Titles:
    """What things are called: `styles` {name: title}, `engines` {"task/name": title}, `fields(task, name)` of an
    engine's options."""

    styles: Mapping[str, str]
    engines: Mapping[str, str]
    fields: Callable[[str, str], Sequence[Mapping[str, Any]]]


def read_comparison(folder: Path) -> Mapping[str, Any] | None:
    """comparison.json, with the time it was written as `version`; None while there is none."""
    path = Project(folder).comparison
    if not path.is_file():
        return None
    return {**read_json(path), "version": str(path.stat().st_mtime_ns)}


def changes_of(comparison: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What side `name` changes of the project's film; {} for nothing, and for a side there is none of."""
    side = next((one for one in comparison["sides"] if one["name"] == name), {})
    # older comparisons changed side B only, and say so once
    return side.get("changes", comparison.get("changes", {}) if name == "b" else {})


def comparison_html(project: str, comparison: Mapping[str, Any] | None, titles: Titles | None) -> str:
    if comparison is None or titles is None:
        return (
            '<p class="ks-quiet">The same two bars of the same shots in both settings, side by side, with the seconds'
            " and the memory each took.</p>"
        )
    facts = [dict(_facts(side["settings"], titles)) for side in comparison["sides"]]
    sides = "".join(
        _side(project, side, comparison, _differing(own, [each for each in facts if each is not own]))
        for side, own in zip(comparison["sides"], facts, strict=True)
    )
    return f'<div class="ks-compare" role="group" aria-label="Comparison">{sides}</div>'


def _side(project: str, side: Mapping[str, Any], comparison: Mapping[str, Any], facts: Mapping[str, str]) -> str:
    letter, name = escape(str(side["name"]).upper()), escape(str(side["name"]))
    source = file_url(project, side["clip"], comparison["version"])
    rows = "".join(f"<dt>{escape(title)}</dt><dd>{escape(value)}</dd>" for title, value in facts.items())
    if changes_of(comparison, str(side["name"])):
        use = f'<button type="button" data-use="{name}">Use this one</button>'
    else:
        use = "<small>As the project is</small>"
    return (
        f'<figure data-side="{name}"><video src="{source}" controls playsinline loop preload="metadata"'
        f' aria-label="Side {letter}"></video><figcaption><b>{letter}</b><dl>{rows}</dl>'
        f"<span>{escape(_cost(side))}</span>{use}</figcaption></figure>"
    )


def _cost(side: Mapping[str, Any]) -> str:
    load = side.get("load_seconds", 0.0)
    loading = f" after {duration_words(load)} of loading" if load >= 0.5 else ""
    peak = side.get("peak_memory_bytes")
    memory = f", at most {peak / 1e6:.0f} MB in use on {side['device']}" if peak else ""
    return f"{duration_words(side['seconds'])} of work{loading}{memory}"


def _facts(settings: Mapping[str, Any], titles: Titles) -> Iterator[tuple[str, str]]:
    """(what it is called, its value in words) of everything two sides may differ in."""
    for name, title in _NAMES.items():
        value = settings[name]
        yield title, titles.styles.get(value, str(value)) if name == "style" else str(value)
    for task, engine in settings["engines"].items():
        yield _TASKS.get(task, str(task)), titles.engines.get(f"{task}/{engine}", engine)
        yield from _options(task, settings.get("options", {}).get(task, {}), titles.fields(task, engine))


def _options(task: str, given: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    brought: dict[str, Any] = {}
    for field in fields:
        for choice in field["choices"]:
            if choice["value"] == given.get(field["name"], field["default"]):
                brought |= choice["defaults"]
    known = {field["name"]: field for field in fields}
    for name in dict.fromkeys([*known, *given]):
        field = known.get(name, {})
        value = given.get(name, brought.get(name, field.get("default")))
        title = str(field.get("label", name))
        yield title if task == "image" else f"{title} (motion)", _said(value, field)


def _said(value: Any, field: Mapping[str, Any]) -> str:
    for choice in field.get("choices", ()):
        if choice["value"] == value:
            return str(choice["words"])
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {weight:g}" for name, weight in value.items()) or "none"
    if value is None:
        return "found by itself"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, int | float) else str(value) or "none"


def _differing(own: Mapping[str, str], others: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return {name: value for name, value in own.items() if any(other.get(name) != value for other in others)}
