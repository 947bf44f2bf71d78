"""Files between a person, Gradio's upload folder and the projects; and refusals in the page's own words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from studio.atomic import atomic_path, storage_errors
from studio.errors import BadInput, StudioError
from studio.store.artifacts import file_digest
from studio.store.names import safe_name
from tabs.markup import escape

_LABELS = {
    "--audio": "Song", "--character": "Characters", "--prompt": "Sentence", "--style": "Look", "--seed": "Seed",
    "--width": "Format", "--height": "Format", "--fps": "Frames a second", "--tempo": "Tempo", "--out": "Project",
    "--captions": "Captions", "--title": "Title", "--artist": "Artist", "--visualizer": "Sound drawn",
    "file": "File", "--photo": "Photo", "--text": "Words", "--reference": "Recording", "--voice": "Voice",
    "--language": "Language", "--background": "Background", "--mouth-box": "Mouth", "--face": "Face",
    "--speed": "Speed", "--pitch": "Pitch", "--volume": "Volume", "--pause": "Pause", "--lines": "Height",
    "NAME": "Name", "changes": "Comparison",
}  # fmt: skip


def uploaded(name: object, uploads: Path) -> Path:
    """The path `name`, which has to lie in the folder `uploads`. Raises BadInput."""
    accepted = "a file uploaded in the last day; choose it again"
    try:
        path = Path(str(name)).resolve()
        inside = path.is_relative_to(uploads.resolve()) and path.is_file()
    except (OSError, ValueError):
        raise BadInput("file", name, accepted) from None
    if not inside:
        raise BadInput("file", name, accepted)
    return path


def cached(path: Path, cache: Path, names: Mapping[str, str]) -> str | None:
    """A copy of `path` in `cache`, the only place the page serves uploads from, under the name its person gave it
    (`names`); None for a file that is gone."""
    if not path.is_file():
        return None
    target = cache / file_digest(path) / safe_name(names.get(path.name, path.name))
    if not target.is_file():
        with storage_errors(cache):
            target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_path(target) as partial:
            shutil.copyfile(path, partial)
    return str(target)


def refusal_words(error: BadInput) -> str:
    """The refusal in the page's own words: its field, why, what is accepted. A value that is a path is no news here."""
    label = _LABELS.get(error.parameter) or _option_label(error.parameter)
    value = error.value if not re.search(r"[/\\]", error.value) else ""
    why = error.reason or (f"{value} is not accepted" if value else "this file is not accepted")
    return f"{label}: {why}. Accepted: {error.accepted}."


def _option_label(parameter: str) -> str:
    """The last word of "--option image.negative_prompt" as a page says it; anything else as it is."""
    option = re.fullmatch(r"--option \w+\.(\w+)(\..*)?", parameter)
    return option[1].replace("_", " ").capitalize() if option else parameter


def refusal_html(error: StudioError) -> str:
    words = refusal_words(error) if isinstance(error, BadInput) else str(error)
    return f'<div class="ks-banner ks-bad" role="alert"><p>{escape(words)}</p></div>'
