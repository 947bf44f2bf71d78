from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tabs.markup import duration_words, escape, eta_words, file_url, when_words


def test_nothing_from_outside_opens_a_tag_or_ends_an_attribute():
    assert escape("<img src=x onerror=alert(1)> \"' & \x00\u202e") == (
        "&lt;img src=x onerror=alert(1)&gt; &quot;&#x27; &amp;   "
    )


def test_a_file_address_holds_whatever_the_name():
    plain = file_url("demo-1", "keyframes/01.png", "j-7", "&small=1")
    assert plain == "media/demo-1/keyframes/01.png?v=j-7&amp;small=1"
    assert file_url("a/../b", 'x"?#.png', "1") == "media/a%2F..%2Fb/x%22%3F%23.png?v=1"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "a few seconds left"),
        (18.0, "about 20 seconds left"),
        (58.0, "about 1 minute left"),
        (170.0, "about 3 minutes left"),
        (5400.0, "about 1.5 hours left"),
    ],
)
def test_remaining_time_is_said_roughly_and_not_at_all_when_unknown(seconds, words):
    assert eta_words(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.0 s"), (29.6, "29.6 s"), (59.97, "1 min"), (83.0, "1 min 23 s"), (120.0, "2 min"), (4000.0, "1 h 6 min")],
)
def test_a_duration_in_words(seconds, words):
    assert duration_words(seconds) == words


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=12), "12 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(hours=30), "yesterday"),
        (timedelta(days=5), "5 days ago"),
        (timedelta(days=40), "22 Jan 2026"),
    ],
)
def test_when_something_was(ago, words):
    now = datetime(2026, 3, 3, 12, tzinfo=UTC)
    stamp = (now - ago).isoformat().replace("+00:00", "Z")
    assert when_words(stamp, now) == words


def test_a_damaged_time_is_left_out():
    assert when_words("yesterday-ish") == ""
