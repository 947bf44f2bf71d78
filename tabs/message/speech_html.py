"""The words as they are said: each sentence to be heard as soon as it is there, then the whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.store.atomic import read_json
from tabs.markup import escape, file_url


@dataclass(frozen=True)
class SpeechView:
    """`sentences`: (file, version) of those said so far; `whole`: speech.wav's version, "" until it is there; `voice`
    says whose voice is heard."""

    project: str
    sentences: tuple[tuple[str, str], ...]
    whole: str
    voice: str


def read_speech(project: str, home: Path) -> SpeechView | None:
    """What there is to hear in the message's folder; None while there is nothing."""
    files = sorted((home / "speech").glob("[0-9][0-9][0-9].wav"))
    sentences = tuple((f"speech/{path.name}", _version(path)) for path in files)
    whole = _version(home / "speech.wav")
    facts = home / "speech.json"
    voice = str(read_json(facts).get("voice", "")) if whole and facts.is_file() else ""
    return SpeechView(project, sentences, whole, voice) if sentences or whole else None


def speech_html(view: SpeechView | None, speaking: bool) -> str:
    if view is None:
        return '<div class="ks-speech" hidden></div>'
    parts = []
    if view.whole and not speaking:
        address = file_url(view.project, "speech.wav", view.whole)
        parts.append(f'<audio controls preload="metadata" src="{address}" aria-label="What is said"></audio>')
        if view.voice:
            parts.append(f"<p>{escape(view.voice)}.</p>")
    else:
        clips = "".join(
            f'<li><audio controls preload="metadata" src="{file_url(view.project, name, version)}" '
            f'aria-label="Sentence {number}"></audio></li>'
            for number, (name, version) in enumerate(view.sentences, 1)
        )
        parts.append(f"<ol>{clips}</ol>")
    return f'<div class="ks-speech">{"".join(parts)}</div>'


def _version(path: Path) -> str:
    try:
        return str(path.stat().st_mtime_ns)
    except OSError:
        return ""
