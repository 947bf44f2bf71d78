from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from studio.media.waveform import Waveform
from studio.settings import ROOT
from tabs.music.song_player import Slide, SongView, clock, song_player_css, song_player_html, song_player_script

ASSETS = ROOT / "assets"
HOSTILE = "\"'><img src=x onerror=alert(1)>${1}{{x}}`\\</section>"


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text, as a browser reads them."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(markup)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("img", "input", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, Any]]:
        names = {key.replace("_", "-"): value for key, value in wanted.items()}
        return [a for t, a in self.tags if t == tag and all(a.get(k) == v for k, v in names.items())]

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.tags[0][1]["data-view"])


def analysis(**changes: Any) -> dict[str, Any]:
    body = {
        "duration": 8.0,
        "sample_rate": 44100,
        "tempo": 120.0,
        "tempo_confidence": 0.93,
        "tempo_alternatives": [60.0, 240.0, 90.0],
        "metre": 4,
        "beat_times": [i / 2 for i in range(16)],
        "downbeat_times": [0.0, 2.0, 4.0, 6.0],
        "intensity_curve": [],
        "key_moments": [{"timestamp": float(i), "description": f"word {i}", "intensity": 0.5} for i in range(7)],
        "sections": [
            {"start": 0.0, "end": 4.0, "label": "intro"},
            {"start": 4.0, "end": 8.0, "label": "drop"},
        ],
        "accents": [],
    }
    return body | changes


def view(**changes: Any) -> SongView:
    song = SongView("A song", "media/1/song.m4a?v=1", Waveform(8.0, 0.02, b"\x01\x02", b"\x03\xff"), analysis())
    return replace(song, **changes)


def test_all_the_script_needs_is_in_the_view():
    page = Elements(song_player_html(view(slides=(Slide("a.png", 1.25, "one"), Slide("b.png", 3, "two")))))
    data = page.data
    assert data["audio"] == "media/1/song.m4a?v=1"
    assert data["duration"] == 8
    assert b64decode(data["wave"]["peak"]) == b"\x03\xff"
    assert data["beats"][:3] == [0, 0.5, 1]
    assert [s["label"] for s in data["sections"]] == ["intro", "drop"]
    assert [m["time"] for m in data["moments"]] == [0, 1, 2, 3, 4, 5, 6]
    assert data["slides"] == [{"time": 1.25, "caption": "one"}, {"time": 3, "caption": "two"}]
    assert [i["src"] for i in page.all("img")] == ["a.png", "b.png"]


def test_everything_has_a_name_and_a_role():
    page = Elements(song_player_html(view()))
    slider = page.all("div", role="slider")[0]
    assert (slider["tabindex"], slider["aria-valuemin"], slider["aria-valuemax"]) == ("0", "0", "8")
    assert slider["aria-label"]
    assert all(button.get("aria-label") for button in page.all("button"))
    assert all(button["type"] == "button" for button in page.all("button"))
    moments = [button for button in page.all("button") if "data-moment" in button]
    assert moments[2]["aria-label"] == "Moment 3 at 0:02.0: word 2"
    assert page.all("p", role="status")
    field = page.all("input")[0]
    assert (field["min"], field["max"], field["value"]) == ("20", "400", "120.0")
    assert field["aria-label"]


@pytest.mark.parametrize(
    ("changes", "typed", "words"),
    [
        ({}, None, "120.0 BPM|sure, 4 beats a bar"),
        ({"tempo_confidence": 0.6}, None, "120.0 BPM|fairly sure, 4 beats a bar|or 90.0?"),
        ({"tempo_confidence": 0.2, "metre": 3}, None, "perhaps 120.0 BPM|3 beats a bar|or 90.0?"),
        ({"tempo_confidence": 1.0}, 120.0, "120.0 BPM|as you set it, 4 beats a bar"),
        ({"tempo": 0.0, "tempo_confidence": 0.0, "beat_times": []}, None, "No steady beat|cuts fall on the sections"),
    ],
)
def test_the_tempo_is_said_as_surely_as_it_is_known(changes: dict[str, Any], typed: float | None, words: str):
    markup = song_player_html(view(analysis=analysis(**changes), typed_tempo=typed))
    for part in words.split("|"):
        assert f">{part}<" in markup
    assert ("As heard" in markup) == (typed is not None)
    assert ("or 90.0?" in markup) == ("or 90.0?" in words)


def test_tempi_beyond_the_limits_are_not_offered():
    def offered(tempo: float) -> list[str | None]:
        page = Elements(song_player_html(view(analysis=analysis(tempo=tempo))))
        return [button.get("data-tempo") for button in page.all("button", data_do="set")]

    assert offered(123.944) == ["61.972", "247.888"]
    assert offered(210.0) == ["105.000", None]
    assert offered(39.0) == [None, "78.000"]
    assert offered(0.0) == [None, None]


def test_a_song_not_yet_heard_has_a_player_and_says_so():
    page = Elements(song_player_html(SongView("A song", "song.m4a")))
    assert "Listening to the song" in page.text
    assert page.data["wave"] is None
    assert page.data["duration"] == 0
    assert page.all("button", data_do="play")
    assert "disabled" in page.all("button", data_do="click")[0]
    assert not page.all("input")


def test_words_from_outside_stay_words():
    song = analysis(
        key_moments=[{"timestamp": 0.0, "description": HOSTILE, "intensity": 1}],
        sections=[{"start": 0.0, "end": 8.0, "label": HOSTILE}],
    )
    hostile = SongView(HOSTILE, HOSTILE, None, song, (Slide(HOSTILE, 0.0, HOSTILE),))
    page = Elements(song_player_html(hostile))
    ordinary = Elements(song_player_html(replace(hostile, title="t", slides=(Slide("u", 0.0, "c"),))))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in ordinary.tags]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert page.data["audio"] == HOSTILE
    assert page.data["moments"][0]["words"] == HOSTILE
    assert page.all("img")[0]["src"] == HOSTILE
    assert page.all("li")[-1]["data-kind"] == "other"


def test_the_markup_changes_with_the_view_only():
    assert song_player_html(view()) == song_player_html(view())
    seen = {song_player_html(v) for v in (view(), view(title="B"), view(typed_tempo=120.0), view(audio_url="x"))}
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0:00.0"), (0.09, "0:00.0"), (7.7, "0:07.7"), (59.99, "0:59.9"), (60, "1:00.0"), (1800.5, "30:00.5")],
)
def test_clock(seconds: float, words: str):
    assert clock(seconds) == words


def test_script_and_style_are_there():
    script = song_player_script(ASSETS)
    assert "trigger('tempo'" in script
    assert ".ks-sp" in song_player_css(ASSETS)
