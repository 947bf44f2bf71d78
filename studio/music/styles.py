"""The looks in presets/styles/*.yaml, read strictly: a misspelt key or a strength past 1 is refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from studio.errors import BadInput
from studio.music.shots import MEDIUMS, MOODS, MOTIFS, Colour, Style

_HEX = re.compile(r"#[0-9a-f]{6}")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_WORDS = ("title", "description", "prompt")
_STRENGTHS = tuple(field.name for field in fields(Style) if field.type == "float")
_REQUIRED = frozenset(field.name for field in fields(Style) if field.default is MISSING) - {"name"}
_KNOWN = frozenset(field.name for field in fields(Style)) - {"name"}

DEFAULT_STYLE = "neon-night"


def load_styles(folder: Path) -> dict[str, Style]:
    """Every NAME.yaml in `folder` as {NAME: Style}, by name. Raises BadInput naming the file, key and value."""
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise BadInput("presets", folder, "a folder with at least one NAME.yaml style")
    return {path.stem: _read(path) for path in paths}


def choose_style(styles: Mapping[str, Style], name: str) -> Style:
    """The style called `name`, whatever its case and spaces; "" takes the default. Raises BadInput("--style", ...)."""
    wanted = re.sub(r"[\s_]+", "-", name.strip().lower()) or DEFAULT_STYLE
    if wanted in styles:
        return styles[wanted]
    if not name.strip():
        return styles[min(styles)]
    raise BadInput("--style", name, "one of " + ", ".join(sorted(styles)))


def _read(path: Path) -> Style:
    import yaml

    try:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(path.name, str(error).splitlines()[0], "a YAML mapping") from error
    if not _NAME.fullmatch(path.stem):
        raise BadInput("style", path.stem, "a file name of lower-case letters, digits and hyphens")
    if not isinstance(body, dict):
        raise BadInput(path.name, body, "a YAML mapping")
    _check_keys(path, body)
    values = {key: _value(path, key, value) for key, value in body.items()}
    return Style(name=path.stem, **values)


def _check_keys(path: Path, body: Mapping[Any, Any]) -> None:
    unknown = sorted(str(key) for key in body if key not in _KNOWN)
    if unknown:
        raise BadInput(f"{path.name}: key", unknown[0], ", ".join(sorted(_KNOWN)))
    missing = sorted(_REQUIRED - body.keys())
    if missing:
        raise BadInput(f"{path.name}: {missing[0]}", "(missing)", "every one of " + ", ".join(sorted(_REQUIRED)))


def _value(path: Path, key: str, value: object) -> Any:
    where = f"{path.name}: {key}"
    if key == "palettes":
        return _palettes(where, value)
    if key == "motifs":
        if not isinstance(value, list) or any(motif not in MOTIFS for motif in value):
            raise BadInput(where, value, "a list of some of " + ", ".join(MOTIFS))
        return tuple(value)
    if key in _STRENGTHS:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
            raise BadInput(where, value, "a number from 0 to 1")
        return float(value)
    if not isinstance(value, str) or not value.strip() or (key in _WORDS and len(value) > 400):
        raise BadInput(where, value, "1 to 400 characters of text")
    if key == "medium" and value not in MEDIUMS:
        raise BadInput(where, value, "one of " + ", ".join(MEDIUMS))
    return " ".join(value.split())


def _palettes(where: str, value: object) -> dict[str, tuple[Colour, ...]]:
    if not isinstance(value, dict) or not value:
        raise BadInput(where, value, "a mapping from mood to five colours")
    palettes = {}
    for mood, colours in value.items():
        if mood not in MOODS:
            raise BadInput(where, mood, "moods among " + ", ".join(MOODS))
        if not isinstance(colours, list) or len(colours) != 5:
            raise BadInput(f"{where}.{mood}", colours, "five colours, dark to light")
        for colour in colours:
            if not isinstance(colour, str) or not _HEX.fullmatch(colour):
                raise BadInput(f"{where}.{mood}", colour, 'colours such as "#1a2b3c" in lower case')
        if sorted(colours, key=_luma) != colours:
            raise BadInput(f"{where}.{mood}", colours, "colours ordered from dark to light")
        palettes[mood] = tuple(colours)
    return palettes


def _luma(colour: Colour) -> float:
    """Rec. 709 luma of "#rrggbb", 0..255."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
