"""Two settings on the same two bars, side by side: the clips, and what each took."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.store.atomic import read_json
from studio.store.projects import Project
from tabs.markup import duration_words, escape, file_url

_NAMES = {"style": "Look", "seed": "Seed", "fps": "Frames a second", "width": "Width", "height": "Height"}


def read_comparison(folder: Path) -> Mapping[str, Any] | None:
    """comparison.json, with the time it was written as `version`; None while there is none."""
    path = Project(folder).comparison
    if not path.is_file():
        return None
    return {**read_json(path), "version": str(path.stat().st_mtime_ns)}


def comparison_html(project: str, comparison: Mapping[str, Any] | None, titles: Mapping[str, str]) -> str:
    """`titles`: {style: its title}."""
    if comparison is None:
        return '<p class="ks-quiet">The same two bars in both settings, with the seconds and the memory each took.</p>'
    sides = "".join(_side(project, side, comparison, titles) for side in comparison["sides"])
    return f'<div class="ks-compare" role="group" aria-label="Comparison">{sides}</div>'


def _side(project: str, side: Mapping[str, Any], comparison: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    settings, letter = side["settings"], escape(str(side["name"]).upper())
    names = ["style", *(name for name in comparison["changes"] if name not in ("style", "engines"))]
    words = [f"{_NAMES.get(name, name)} {titles.get(settings[name], settings[name])}" for name in names]
    if "engines" in comparison["changes"]:
        words += [f"{task}: {engine}" for task, engine in settings["engines"].items()]
    source = file_url(project, side["clip"], comparison["version"])
    megabytes = side["peak_memory_bytes"] / 1e6
    use = "" if side["name"] == "a" else '<button type="button" data-use="b">Use these settings</button>'
    return (
        f'<figure data-side="{escape(side["name"])}"><video src="{source}" controls playsinline loop preload="metadata"'
        f' aria-label="Side {letter}"></video><figcaption><b>{letter}: {escape(", ".join(words))}</b>'
        f"<span>{duration_words(side['seconds'])} of work, at most {megabytes:.0f} MB in use on "
        f"{escape(side['device'])}</span>{use}</figcaption></figure>"
    )
