from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from tabs.job_html import Screen, details_html, screen_html
from tabs.job_view import JobView, Picture, StageView
from tabs.report_html import report_html
from tabs.shelf import Entry, shelf_html

EVIL = "<script>alert(1)</script>\" onload='x' <b>"
DONE = JobView(
    stages=(StageView("listen", "Listening", 1, 1), StageView("keyframes", "Drawing", 3, 7, 65.0)),
    keyframes=(Picture("keyframes/01.png", "j-3"), Picture("keyframes/03.png", "j-5")),
    preview=Picture(".studio/previews/a.jpg", "j-6"),
    video=Picture("final_video.mp4", "j-8"),
    report=Picture("report.json", "j-9"),
)
REPORT = {
    "duration_seconds": 83.0,
    "audio_video_difference_ms": 3.25,
    "cuts": [
        {"time": 1.0, "nearest_beat": 1.01, "error_ms": -10.0},
        {"time": 2.0, "nearest_beat": 2.0, "error_ms": 2.0},
        {"time": 3.0, "nearest_beat": None, "error_ms": None},
    ],
    "engines": {"image": "painter"},
    "notices": [],
    "timings": {"listen": 1.25, "keyframes": 4.0},
}


class Tree(HTMLParser):
    """Tags in order with their attributes, and the text; fails on elements that are not closed in order."""

    VOID = frozenset({"img", "rect", "path", "circle", "input"})

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.open = "", []
        self.feed(markup)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def find(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def screen(state: str, view: JobView = DONE, **more) -> Screen:
    return Screen("demo-1", "A film", state, 960, 540, view, **more)


@pytest.mark.parametrize("state", ["", "queued", "running", "done", "failed", "cancelled", "interrupted"])
def test_whatever_comes_from_outside_stays_text(state):
    hostile = replace(
        DONE,
        stages=(StageView(EVIL, EVIL, 1, 2, 3.0), StageView("b", EVIL, 1, 2, 3.0)),
        notices=(EVIL,),
        error={"message": EVIL},
        keyframes=(Picture(EVIL, EVIL),),
    )
    report = {**REPORT, "engines": {EVIL: EVIL}, "timings": {EVIL: 1.0}}
    evil = Screen(EVIL, EVIL, state, 512, 512, hostile, report)
    for markup in (screen_html(evil), details_html(evil)):
        tree = Tree(markup)
        assert not tree.find("script")
        assert not tree.find("b")
        assert not any("onload" in attributes for _, attributes in tree.tags)
    entry = Entry(EVIL, EVIL, EVIL, state, Picture(EVIL, EVIL))
    shelf = Tree(shelf_html([entry], EVIL, "none"))
    assert not shelf.find("script")
    assert shelf.find("button")[0]["data-project"] == EVIL


def test_at_work_it_shows_stage_share_time_left_and_the_preview():
    tree = Tree(screen_html(screen("running")))
    assert "Drawing" in tree.text
    assert "3 of 7" in tree.text
    assert "about 1 minute left" in tree.text
    assert tree.find("progress")[0]["value"] == "42.9"
    assert tree.find("img")[0]["src"] == "media/demo-1/.studio/previews/a.jpg?v=j-6"
    assert not tree.find("video")


def test_an_unknown_time_left_is_not_made_up():
    view = replace(DONE, stages=(StageView("listen", "Listening", 0, 1, None),))
    assert "left" not in Tree(screen_html(screen("running", view))).text


def test_done_it_plays_and_offers_the_files():
    tree, below = Tree(screen_html(screen("done", report=REPORT))), Tree(details_html(screen("done", report=REPORT)))
    assert tree.find("video")[0]["src"] == "media/demo-1/final_video.mp4?v=j-8"
    links = {link.get("download"): link["href"] for link in below.find("a") if "download" in link}
    assert list(links) == ["A film.mp4", "A film keyframes.zip", "A film report.json"]
    assert links["A film keyframes.zip"] == "media/demo-1/keyframes.zip?v=j-8"
    assert "Report" in below.text


@pytest.mark.parametrize("state", ["", "queued", "running", "failed", "cancelled", "interrupted"])
def test_no_downloads_before_the_film_is_done(state):
    assert not [link for link in Tree(details_html(screen(state))).find("a") if "download" in link]


def test_keyframes_keep_their_places_while_others_are_missing():
    cells = [attributes.get("class") for attributes in Tree(details_html(screen("running"))).find("li")]
    assert cells[:7] == [None, "ks-blank", None, "ks-blank", "ks-blank", "ks-blank", "ks-blank"]


def test_a_failure_says_why():
    tree = Tree(screen_html(screen("failed", replace(DONE, error={"message": "the disk is full"}))))
    assert "the disk is full" in tree.text
    assert [a for a in tree.find("div") if a.get("role") == "alert"]


def test_the_report_in_words():
    text = Tree(report_html(REPORT, {"listen": "Listening"})).text
    assert "1 min 23 s" in text
    assert "3.2 ms apart" in text
    assert "3, half within 6 ms of a beat, the farthest 10 ms" in text
    assert "Listening" in text
    assert "painter" in text


def test_a_report_without_beats_or_measures_says_so():
    report = {**REPORT, "audio_video_difference_ms": None, "cuts": REPORT["cuts"][2:], "timings": {}, "engines": {}}
    text = Tree(report_html(report, {})).text
    assert "not measured" in text
    assert "none of them on a beat" in text
