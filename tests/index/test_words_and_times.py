"""Words as they are compared, times as they are said."""

from __future__ import annotations

import pytest

from studio.index.facts import VideoFacts, VideoIndex
from studio.index.questions import routed
from studio.index.times import clock, seconds, window
from studio.index.words import misread, same, stem, stems, tokens
from tests.index.films import film


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ships", "shipping"),
        ("went", "go"),
        ("made", "making"),
        ("stories", "story"),
        ("chosen", "chose"),
        ("Falcon's", "falcon"),
        ("running", "runs"),
        ("children", "child"),
        ("3rd", "third"),
        ("3,200", "3200"),
        ("14.70", "14.7"),
        ("boxes", "box"),
        ("１２", "12"),
    ],
)
def test_forms_of_one_word_are_one_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("apple", "pear"), ("Martin", "Martina"), ("monday", "tuesday"), ("12", "13"), ("red", "reed")],
)
def test_other_words_are_other_stems(one: str, other: str) -> None:
    assert same(stem(one), stem(other)) == 0.0


def test_derived_words_and_words_of_one_meaning_are_near() -> None:
    assert same(stem("design"), stem("designer")) == 0.9
    assert same(stem("begins"), stem("started")) == 0.9
    assert same("falcon", "falcon") == 1.0


def test_one_wrong_letter_of_a_long_word_is_a_misreading() -> None:
    assert misread("falcon", "falcan")
    assert misread("falcon", "falcoon")
    assert not misread("falcon", "balcon")
    assert not misread("rent", "rant")


def test_numbers_in_words_are_digits() -> None:
    assert stems("twenty three and three hundred and five") == ["23", "and", "305"]
    assert stems("fourteen point seven percent") == stems("14.7%")
    assert stems("three four") == ["3", "4"]
    assert stems("two thousand and six") == ["2006"]


def test_tokens_know_their_places_in_the_text() -> None:
    text = "Çok güzel: “Ａ1” 会議は火曜日"
    assert all(text[one.start : one.end] == one.text for one in tokens(text))
    assert "火曜" in stems(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1:20", 80),
        ("1:02:03", 3723),
        ("a minute and twenty seconds", 80),
        ("20s", 20),
        ("second 20", 20),
        ("1m20s", 80),
        ("half a minute", 30),
        ("two minutes", 120),
        ("soon", None),
    ],
)
def test_seconds_that_are_said(text: str, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("What is shown between 0:10 and 0:30?", 10, 30),
        ("What is said after 0:50?", 50, 60),
        ("What is said in the first 20 seconds?", 0, 20),
        ("What is shown in the last ten seconds?", 50, 60),
        ("What is in the second half?", 30, 60),
        ("What is shown at 0:20?", 19, 21),
        ("What is shown 20 seconds in?", 19, 21),
        ("What does the sign say at the end?", 51, 60),
        ("What does it say at the beginning?", 0, 9),
        ("What happens in scene 2?", 12, 24),
        ("What is the colour of the third shot?", 24, 40),
        ("What is in the last scene?", 40, 60),
    ],
)
def test_stretches_that_are_named(question: str, start: float, end: float) -> None:
    found, _ = window(question, film())
    assert found is not None
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    "question",
    ["Does it open at 10:30?", "What costs 3 dollars?", "Is it paid by the end of the month?", "Who ran in 5 seconds?"],
)
def test_times_that_are_not_the_videos(question: str) -> None:
    assert window(question, film()) == (None, question)


def test_a_time_beyond_the_end_is_known_as_such() -> None:
    found, _ = window("What is said at 5:00?", film())
    assert found is not None
    assert found.beyond


def test_clocks() -> None:
    assert [clock(0.9), clock(61), clock(3723.5)] == ["00:00", "01:01", "1:02:03"]


@pytest.mark.parametrize(
    ("question", "kind", "topic"),
    [
        ("What is this video about?", "summary", ""),
        ("How many scenes are there?", "scene_count", ""),
        ("When is Falcon first mentioned?", "when", "Falcon"),
        ("How often is the word rent said?", "count", "rent"),
        ("What comes after the title?", "order", "the title"),
        ("Which comes first, Falcon or Eagle?", "compare_order", "Falcon"),
        ("Who wrote the music?", "lookup", ""),
        ("Is there music?", "sound", ""),
        ("What colour is the car?", "lookup", ""),
        ("What colour is the background?", "look", ""),
        ("How many people work here?", "lookup", ""),
        ("How many people are shown?", "faces", ""),
        ("What did the counter show at 0:30?", "counter", ""),
    ],
)
def test_kinds_of_questions(question: str, kind: str, topic: str) -> None:
    found = routed(question, film())
    assert (found.kind, found.topic) == (kind, topic)


def test_a_counter_is_only_asked_after_where_there_is_one() -> None:
    bare = VideoIndex(VideoFacts("a", 60.0, 64, 64, 25.0, True))
    assert routed("What did the counter show at 0:30?", bare).kind != "counter"
