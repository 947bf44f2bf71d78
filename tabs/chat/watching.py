"""What the viewer draws of a video: its scenes with their pictures, what is said and written, what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.index.facts import Scene, ScreenText
from studio.index.search import look_of

if TYPE_CHECKING:
    from studio.compose import VideoSession


def watch_json(session: VideoSession, number: int) -> dict[str, Any]:
    """Of video `number`; times in seconds, pictures as paths within the session.

    {duration, seen, scenes[{start, end, picture, colours, words}], lines[{start, end, text, source}],
    sounds[{start, end, kind}]}, each in time order. Raises NotFound before anything was read.
    """
    index = session.index(number)
    said = [{"start": one.start, "end": one.end, "text": one.text, "source": "transcript"} for one in index.speech]
    written = [
        {"start": one.start, "end": one.end, "text": _written(one), "source": "screen_text"} for one in index.texts
    ]
    return {
        "duration": index.video.duration,
        "seen": index.seen_seconds(),
        "scenes": [_scene(session, number, scene) for scene in index.scenes],
        "lines": sorted([*said, *written], key=lambda line: (line["start"], line["end"])),
        "sounds": [{"start": one.start, "end": one.end, "kind": one.kind} for one in index.sounds],
    }


def search_json(session: VideoSession, number: int | None, words: str) -> dict[str, Any]:
    """{lines[{start, end, text, source, spans, video}]} of video `number`, or of all, that have all of `words`; `spans`
    as from, to in characters."""
    hits = session.search(words, number)
    names = ("end", "text", "source", "spans", "video")
    return {"lines": [{"start": hit.time} | {name: getattr(hit, name) for name in names} for hit in hits]}


def _scene(session: VideoSession, number: int, scene: Scene) -> dict[str, Any]:
    return {
        "start": scene.start,
        "end": scene.end,
        "picture": session.picture(number, scene.key_time) or "",
        "colours": [name for name, _ in scene.colours[:2]],
        "words": scene.description or look_of(scene),
    }


def _written(text: ScreenText) -> str:
    if text.kind == "counter" and len(text.readings) > 1:
        return f"{text.readings[0][1]} … {text.readings[-1][1]}"
    return text.text
