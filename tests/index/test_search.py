"""Words found in what is said and shown, and questions suggested from what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.index.answering import answer
from studio.index.facts import Moment, ScreenText, SoundSpan, VideoFacts, VideoIndex
from studio.index.search import MOST_HITS, search
from studio.index.suggestions import suggestions
from tests.index.films import film, said, shown, until

INDEX = replace(
    film(),
    speech=(said(1, "The café in Zürich opens."), said(5, "ＦＵＬＬ width, ﬁne."), said(9, "東京の天気は晴れ")),
    texts=(shown(0, 4, "CAFÉ Straße 12", 0.1), replace(film().texts[4])),
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("cafe", [("CAFÉ", 0), ("café", 1.4)]),
        ("zur", [("Zür", 2.2)]),
        ("STRASSE", [("Straße", 0)]),
        ("opens caf", [("caf", 1.4)]),
        ("full", [("ＦＵＬＬ", 5)]),
        ("fine", [("ﬁne", 5.8)]),
        ("天気", [("天気", 9)]),
        ("9", [("9", 32)]),
        ("pens", []),
        ("cafe whale", []),
        ("  ", []),
        ("(.*", []),
    ],
)
def test_words_are_found_whatever_their_case_and_accents(words: str, found: list[tuple[str, float]]) -> None:
    hits = search(INDEX, words)
    matched = [(hit.text[hit.spans[0][0] : hit.spans[0][1]], round(hit.time, 3)) for hit in hits]
    assert matched == found
    assert [hit.start for hit in hits] == sorted(hit.start for hit in hits)


def test_what_is_seen_and_heard_is_found_with_its_kind() -> None:
    first, second = film().scenes[:2]
    moments = (Moment(first.start, 4.0, 1.0, "A boat leaves."), Moment(4.0, first.end, 5.0, "A red kite flies."))
    index = replace(
        film(),
        scenes=(
            replace(first, description="A boat leaves. A red kite flies.", moments=moments, colours=(("blue", 0.8),)),
            replace(second, description="Two dogs at a table.", colours=(("red", 0.9),), faces=1),
        ),
        speech=(said(1, "The boat is red."),),
        texts=(ScreenText(2.0, 9.0, "41", 0.9, (0, 0, 1, 1), "counter", ((2.0, "40"), (5.0, "41"))),),
        sounds=(SoundSpan(3.0, 7.0, "music", -20.0), SoundSpan(8.0, 8.4, "loud event", -3.0)),
    )  # fmt: skip

    def found(words: str) -> list[tuple[str, float]]:
        return [(hit.source, round(hit.time, 3)) for hit in search(index, words)]

    assert found("boat") == [("frame", first.start), ("transcript", 1.4)]
    assert found("red") == [("transcript", 2.2), ("frame", 4.0), ("scene", second.start)]
    assert found("dogs table") == [("frame", second.start)]
    assert found("face") == [("scene", second.start)]
    assert found("music") == [("sound", 3.0)]
    assert found("LOUD") == [("sound", 8.0)]
    assert found("40") == [("screen_text", 2.0)]
    (hit,) = search(index, "kite")
    assert [hit.text[a:b] for a, b in hit.spans] == ["kite"]


def test_every_place_in_a_sentence_is_marked() -> None:
    (hit,) = search(replace(INDEX, texts=(), speech=(said(0, "Row, row, row the rowboat"),)), "row r")
    assert [hit.text[a:b] for a, b in hit.spans] == ["Row", "row", "row", "row"]


def test_hits_and_queries_are_bounded() -> None:
    many = replace(INDEX, texts=(), speech=tuple(said(float(at), "again and again") for at in range(600)))
    assert len(search(many, "again")) == MOST_HITS
    assert search(many, "again " * 100_000)


@pytest.mark.parametrize("index", [film(), until(film(), 25.0)])
def test_suggested_questions_are_of_this_video_and_have_answers(index: VideoIndex) -> None:
    found = suggestions(index, 7)
    assert len(found) == len(set(found)) >= 5
    for question in found:
        given = answer(index, question)
        assert not given.abstained, question
        assert given.citations
    assert any("Lisbon" in one or "Falcon" in one for one in found)


def test_nothing_is_suggested_that_nothing_is_known_of() -> None:
    empty = VideoIndex(VideoFacts("a.mp4", 9.0, 64, 64, 25.0, False))
    assert suggestions(empty) in ((), ("How long is this video?",))
    silent = replace(film(), speech=(), sounds=(), texts=())
    found = suggestions(silent)
    assert not any("music" in one or "said" in one or "screen" in one for one in found)
