"""The conversation as HTML: every time is a button with its quote, and nothing of a stranger's text is markup."""

from __future__ import annotations

import re

import pytest

from studio.errors import BadInput
from studio.settings import Settings
from studio.store.conversation import KeptTurn
from tabs.chat.endpoint import LanguageModel
from tabs.chat.talk_html import Home, clock, pending_html, talk_html

HOSTILE = "<img src=x onerror=alert(1)>"


def cited(start: float, quote: str, **changes) -> dict:
    frame = "videos/01/frames/000001000.jpg"
    plain = {"start": start, "end": start + 2, "source": "transcript", "quote": quote, "frame": frame, "video": 1}
    return plain | changes


def turn(text: str, *citations: dict, **changes) -> KeptTurn:
    answer = {"answer": text, "abstained": False, "confidence": 0.9, "citations": list(citations)} | changes
    return KeptTurn("When?", answer, "embedded")


def shown(*turns: KeptTurn, suggestions: tuple[str, ...] = ()) -> str:
    return talk_html(Home("session-1"), turns, suggestions, "Ask.")


def test_each_time_is_a_button_with_its_own_quote():
    html = shown(turn("First [0:05], then [1:02:03].", cited(5.4, "one"), cited(3723.9, "two", video=2)))
    buttons = re.findall(r'data-time="([\d.]+)" data-video="(\d)"[^>]*>([\d:]+)<', html)
    assert buttons == [("5.4", "1", "0:05"), ("3723.9", "2", "1:02:03")]
    assert re.findall(r"<q>(\w+)</q>", html) == ["one", "two"]
    assert "media/session-1/videos/01/frames/000001000.jpg" in html


def test_two_citations_of_one_second_are_both_reached_and_the_unmentioned_follow():
    html = shown(turn("A [0:05] and B [0:05].", cited(5.1, "one"), cited(5.8, "two"), cited(9.0, "three")))
    assert re.findall(r"<q>(\w+)</q>", html) == ["one", "two", "three"]
    assert "ks-cites" in html


def test_of_several_videos_each_time_says_which_one_it_is_of():
    home = Home("session-1", {1: "talk.mp4", 2: HOSTILE})
    html = talk_html(home, (turn("A [0:05] and B [0:05].", cited(5.1, "one"), cited(5.2, "two", video=2)),), (), "")
    assert re.findall(r"<i>(\d)</i>0:05", html) == ["1", "2"]
    assert "Said in talk.mp4, 0:05 to 0:07" in html
    assert "Said in &lt;img" in html
    assert "<i>" not in shown(turn("A [0:05].", cited(5.1, "one")))


def test_a_time_without_a_citation_stays_words():
    html = shown(turn("It lasts [0:46].", cited(5.0, "one")))
    assert "[0:46]" in html


def test_nothing_of_a_video_is_markup():
    html = shown(turn(f"It says {HOSTILE} [0:05].", cited(5.0, HOSTILE)), suggestions=(HOSTILE,))
    html += pending_html(HOSTILE, HOSTILE)
    assert "<img src=x" not in html
    assert html.count("&lt;img src=x") >= 4


def test_what_is_unsure_or_not_there_is_seen_as_such():
    assert 'data-state="abstained"' in shown(turn("Not in this video.", abstained=True))
    unsure = shown(turn("Perhaps [0:05].", cited(5.0, "one"), confidence=0.3))
    assert 'data-state="unsure"' in unsure
    assert "Not certain" in unsure
    by = shown(KeptTurn("When?", turn("Now.").answer, "big-model", ("Two sentences were left out",)))
    assert "big-model" in by
    assert "Two sentences were left out" in by


def test_before_the_first_question_there_are_some_to_begin_with():
    html = shown(suggestions=("What is it about?",))
    assert 'data-ask="What is it about?"' in html
    assert "Ask." in html


def test_while_it_is_answered_the_words_come_as_they_stand():
    assert "ks-thinking" in pending_html("When?", "")
    assert "At <time>0:05</time>" in pending_html("When?", "At [0:05]")
    assert pending_html("", "") == ""


@pytest.mark.parametrize(("seconds", "words"), [(0.9, "0:00"), (83.4, "1:23"), (4000, "1:06:40")])
def test_clock(seconds, words):
    assert clock(seconds) == words


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://", "javascript:alert(1)", "http://name:secret@host/v1", "file:///etc/passwd"]
)
def test_an_address_that_is_none_is_refused_without_the_key(url):
    with pytest.raises(BadInput) as caught:
        LanguageModel.of(url, "sk-secret", "model")
    assert "sk-secret" not in str(caught.value)


def test_a_model_of_the_page_takes_the_place_of_the_studio_s(tmp_path):
    model = LanguageModel.of("http://127.0.0.1:11434/v1/", " sk-secret ", " qwen ")
    settings = model.within(Settings(data=tmp_path))
    assert (settings.chat_url, settings.chat_model, settings.chat_key) == (
        "http://127.0.0.1:11434/v1",
        "qwen",
        "sk-secret",
    )
    assert "sk-secret" not in repr(model) + repr(settings)
    with pytest.raises(BadInput, match="model"):
        LanguageModel.of("http://127.0.0.1/v1", "", "")


def test_what_comes_nearest_stands_beside_a_refusal_with_its_words():
    near = [cited(5.4, "one"), cited(9.0, HOSTILE)]
    html = shown(turn("That is not in this video.", abstained=True, near=near))
    assert 'data-state="abstained"' in html
    offered = html[html.index("ks-near") :]
    assert re.findall(r'data-time="([\d.]+)"', offered) == ["5.4", "9"]
    assert offered.count("&lt;img src=x onerror") == 2
    assert "<img src=x" not in html
    assert "ks-near" not in shown(turn("That is not in this video.", abstained=True))
