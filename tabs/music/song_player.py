"""The song as a musician sees it: player, waveform, beats, sections, key moments, tempo; and pictures in time with it.

The markup holds no script and changes with its view alone; assets/song_player/*.js brings it to life once a mount and
reads `data-view` again whenever that changes, while the sound plays on.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.media.waveform import Waveform
from tabs.markup import escape

SLOWEST, FASTEST = 20.0, 400.0
"""Beats per minute the analysis takes."""
_SCRIPTS = ("wave.js", "sound.js", "slides.js", "player.js")
_SURE, _FAIRLY_SURE = 0.8, 0.5
_SAME_PULSE = 1.06
_KINDS = frozenset({"intro", "verse", "build", "swell", "interlude", "drop", "chorus", "breakdown", "outro"})

_PLAY = '<path class="ks-sp-go" d="M7 4.5v15l12-7.5z"/><path class="ks-sp-hold" d="M6.5 5h4v14h-4zM13.5 5h4v14h-4z"/>'
_CLICK = '<path d="M9 3h6l3.5 18h-13zM7.6 14h8.8M12 14l6-8"/>'
_WIDEN = '<path d="M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5"/>'


@dataclass(frozen=True)
class Slide:
    """A picture shown from `time` seconds to the next slide's; `caption` is its alternative text too."""

    url: str
    time: float
    caption: str


@dataclass(frozen=True)
class SongView:
    """What the player shows.

    `audio_url` is the sound that was analysed: another decode of the same song may be tens of milliseconds off.
    `analysis` is analysis.json; None while the song is being listened to, and then only the player is shown.
    `typed_tempo` is what a person set, None where the tempo is as heard. `shape` is the slides' width and height.
    """

    title: str
    audio_url: str
    waveform: Waveform | None = None
    analysis: Mapping[str, Any] | None = None
    slides: tuple[Slide, ...] = ()
    typed_tempo: float | None = None
    shape: tuple[int, int] = (1, 1)


def song_player_script(assets: Path) -> str:
    """For `gr.HTML(js_on_load=...)`. It triggers "tempo" with {tempo: beats per minute, or null for "as heard"}."""
    return "\n".join((assets / "song_player" / name).read_text(encoding="utf-8") for name in _SCRIPTS)


def song_player_css(assets: Path) -> str:
    return (assets / "song_player" / "player.css").read_text(encoding="utf-8")


def song_player_html(view: SongView) -> str:
    """The player of one song; the same view gives the same markup."""
    data = json.dumps(_view_data(view), separators=(",", ":"))
    title = escape(view.title)
    return (
        f'<section class="ks-sp" data-view="{escape(data)}" aria-label="Song: {title}">{_slides(view)}'
        f"{_controls(view, title)}{_wave(view)}"
        '<p class="ks-sp-words"></p>'
        f'{_tempo(view)}<p class="ks-sp-said" role="status"></p></section>'
    )


def clock(seconds: float) -> str:
    """83.45 -> "1:23.4": minutes, seconds and tenths, cut off so that no time is shown before it is reached."""
    tenths = int(max(0.0, seconds) * 10 + 1e-6)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _view_data(view: SongView) -> dict[str, Any]:
    """What the script reads. Times are rounded to milliseconds: a pixel is never finer."""
    song, wave = view.analysis or {}, view.waveform
    return {
        "audio": view.audio_url,
        "duration": _duration(view),
        "wave": wave and {"step": wave.step, "rms": _packed(wave.rms), "peak": _packed(wave.peak)},
        "beats": _times(song.get("beat_times", ())),
        "downbeats": _times(song.get("downbeat_times", ())),
        "sections": [
            {"start": round(s["start"], 3), "end": round(s["end"], 3), "label": str(s["label"])}
            for s in song.get("sections", ())
        ],
        "moments": [
            {"time": round(m["timestamp"], 3), "words": str(m["description"])} for m in song.get("key_moments", ())
        ],
        "slides": [{"time": round(slide.time, 3), "caption": slide.caption} for slide in view.slides],
        "tempo": song.get("tempo", 0),
        "typed": view.typed_tempo,
    }


def _duration(view: SongView) -> float:
    """Seconds; 0 where neither the waveform nor the analysis is there yet."""
    if view.waveform:
        return round(view.waveform.duration, 3)
    return round(float(view.analysis["duration"]), 3) if view.analysis else 0.0


def _times(times: Sequence[float]) -> list[float]:
    return [round(float(time), 3) for time in times]


def _packed(values: bytes) -> str:
    return b64encode(values).decode("ascii")


def _button(do: str, label: str, inside: str, css: str = "", attributes: str = "") -> str:
    classes = f' class="{css}"' if css else ""
    return (
        f'<button type="button"{classes} data-do="{do}" aria-label="{label}" title="{label}"{attributes}>'
        f"{inside}</button>"
    )


def _icon(paths: str) -> str:
    return f'<svg viewBox="0 0 24 24" aria-hidden="true">{paths}</svg>'


def _slides(view: SongView) -> str:
    if not view.slides:
        return ""
    width, height = view.shape
    pictures = "".join(
        f'<img src="{escape(slide.url)}" alt="{escape(slide.caption)}" draggable="false" decoding="async">'
        for slide in view.slides
    )
    widen = _button("widen", "Full screen", _icon(_WIDEN), "ks-sp-widen")
    return (
        f'<div class="ks-sp-stage" style="--shape: {int(width)} / {int(height)}"><div class="ks-sp-pictures">{pictures}'
        f'</div><p class="ks-sp-caption" aria-hidden="true"></p><i class="ks-sp-start" aria-hidden="true">'
        f"{_icon(_PLAY)}</i>{widen}</div>"
    )


def _controls(view: SongView, title: str) -> str:
    beats = view.analysis and view.analysis["beat_times"]
    click = _button(
        "click", "Hear a click on every beat", f"{_icon(_CLICK)}<span>Click</span>", "ks-sp-click",
        ' aria-pressed="false"' + ("" if beats else " disabled"),
    )  # fmt: skip
    zoom = _button("out", "Zoom out", "&minus;") + _button("in", "Zoom in", "+")
    total = clock(_duration(view)).partition(".")[0]
    return (
        f'<div class="ks-sp-top">{_button("play", "Play", _icon(_PLAY), "ks-sp-play")}'
        f'<div class="ks-sp-name"><b title="{title}">{title}</b><span class="ks-sp-here"></span></div>'
        f'<span class="ks-sp-clock"><span class="ks-sp-now">0:00.0</span> / <span class="ks-sp-total">{total}</span>'
        f'</span><div class="ks-sp-tools" role="group" aria-label="Click and zoom">{click}{zoom}</div></div>'
    )


def _wave(view: SongView) -> str:
    song = view.analysis or {}
    moments = "".join(_moment(number, moment) for number, moment in enumerate(song.get("key_moments", ())))
    bands = "".join(_band(section) for section in song.get("sections", ()))
    duration = _duration(view)
    return (
        f'<div class="ks-sp-wave"><ol class="ks-sp-moments" aria-label="Key moments">{moments}</ol>'
        f'<div class="ks-sp-track" role="slider" tabindex="0" aria-label="Position in the song" aria-valuemin="0" '
        f'aria-valuemax="{duration:g}" aria-valuenow="0" aria-valuetext="0:00">'
        '<canvas class="ks-sp-rest"></canvas><canvas class="ks-sp-played"></canvas>'
        '<i class="ks-sp-ghost"></i><i class="ks-sp-playhead"></i></div>'
        f'<ol class="ks-sp-bands" aria-label="Sections">{bands}</ol></div>'
    )


def _moment(number: int, moment: Mapping[str, Any]) -> str:
    words = escape(f"Moment {number + 1} at {clock(moment['timestamp'])}: {moment['description']}")
    return f'<li><button type="button" data-moment="{number}" aria-label="{words}">{number + 1}</button></li>'


def _band(section: Mapping[str, Any]) -> str:
    label = str(section["label"])
    kind = label if label in _KINDS else "other"
    span = escape(f"{label}, {clock(section['start'])} to {clock(section['end'])}")
    return f'<li data-kind="{kind}" title="{span}"><span>{escape(label)}</span></li>'


def _tempo(view: SongView) -> str:
    if view.analysis is None:
        return '<div class="ks-sp-tempo"><p class="ks-sp-bpm"><span>Listening to the song</span></p></div>'
    tempo, typed = float(view.analysis["tempo"]), view.typed_tempo
    octaves = _octave("½×", "Half the tempo", tempo / 2) + _octave("2×", "Twice the tempo", tempo * 2)
    value = f' value="{typed or tempo:.1f}"' if typed or tempo else ""
    field = (
        f'<label class="ks-sp-field"><input type="number" min="{SLOWEST:g}" max="{FASTEST:g}" step="any"{value} '
        'inputmode="decimal" aria-label="Tempo in beats a minute" autocomplete="off"><span>BPM</span></label>'
    )
    tap = _button("tap", "Tap the beat, four times or more", "Tap", "ks-sp-tap")
    heard = _button("heard", "Back to the tempo as heard", "As heard") if typed else ""
    return (
        f'<div class="ks-sp-tempo">{_bpm(view, tempo)}'
        f'<div class="ks-sp-set" role="group" aria-label="Set the tempo">{octaves}{field}{tap}{heard}</div></div>'
    )


def _bpm(view: SongView, tempo: float) -> str:
    assert view.analysis is not None
    if not tempo:
        return '<p class="ks-sp-bpm"><b>No steady beat</b><span>cuts fall on the sections</span></p>'
    confidence, metre = float(view.analysis["tempo_confidence"]), int(view.analysis["metre"])
    number = f"{tempo:.1f} BPM"
    if view.typed_tempo:
        certainty = "as you set it"
    elif confidence >= _SURE:
        certainty = "sure"
    else:
        certainty = "fairly sure" if confidence >= _FAIRLY_SURE else ""
        number = number if certainty else f"perhaps {number}"
    words = ", ".join(filter(None, (certainty, f"{metre} beats a bar")))
    pulse = "<i></i>" * min(metre, 16)
    others = "" if view.typed_tempo or confidence >= _SURE else _others(tempo, view.analysis["tempo_alternatives"])
    return (
        f'<p class="ks-sp-bpm"><b>{number}</b><span>{words}</span>'
        f'<span class="ks-sp-pulse" aria-hidden="true">{pulse}</span>{others}</p>'
    )


def _octave(sign: str, label: str, tempo: float) -> str:
    within = f' data-tempo="{tempo:.3f}"' if SLOWEST <= tempo <= FASTEST else " disabled"
    return _button("set", label, sign, attributes=within)


def _others(tempo: float, alternatives: Sequence[float]) -> str:
    """Tempi the analysis would hear next, beside the half and the double that have their own buttons."""
    other = [t for t in alternatives if all(max(t / o, o / t) > _SAME_PULSE for o in (tempo / 2, tempo, tempo * 2))]
    return "".join(
        _button("set", f"Take {t:.1f} beats a minute", f"or {t:.1f}?", "ks-sp-other", f' data-tempo="{t:.3f}"')
        for t in other
        if SLOWEST <= t <= FASTEST
    )
