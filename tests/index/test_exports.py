"""Subtitles, the table of scenes and the conversation, read back by parsers of their own."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from studio.index.exports import COLUMNS, chat_json, chat_markdown, harmless, scenes_csv, speech_srt, text_srt
from studio.index.facts import Utterance
from studio.music.subtitles import is_subtitles, read_subtitles
from tests.index.films import film, said, shown


def cues(text: str) -> list[tuple[float, float, str]]:
    assert is_subtitles(text)
    return [(cue.start, cue.end, cue.text) for cue in read_subtitles(text, 1000, ValueError)]


def test_speech_is_subtitles_with_its_times() -> None:
    found = cues(speech_srt(film()))
    assert found[0] == (1.0, 3.75, "Welcome everyone to the quarterly results meeting.")
    assert [start for start, _, _ in found] == sorted(start for start, _, _ in found)


def test_a_long_sentence_is_several_subtitles_and_none_is_lost() -> None:
    text = " ".join(f"word{number}" for number in range(60))
    found = cues(speech_srt(replace(film(), speech=(said(4, text), Utterance(90, 96, "no words known", (), 0.5)))))
    assert " ".join(cue for _, _, cue in found) == f"{text} no words known"
    assert all(len(cue) <= 84 for _, _, cue in found)
    assert found[1][0] == pytest.approx(4 + 0.4 * len(found[0][2].split()), abs=0.01)
    assert found[-1][:2] == (90, 96)


def test_text_on_the_screen_is_subtitles_and_can_break_none() -> None:
    trap = shown(3, 5, "a\n\n7\n00:00:01,000 --> 00:00:02,000\nInjected")
    found = cues(text_srt(replace(film(), texts=(trap, *film().texts))))
    assert [cue for cue in found if cue[:2] == (1.0, 2.0)] == []
    assert {cue[2] for cue in found} >= {"SALE ENDS FRIDAY", "3", "12", "Room 204"}
    assert (29.0, 32.0, "6") in found


def test_scenes_are_a_table() -> None:
    rows = list(csv.DictReader(io.StringIO(scenes_csv(film()))))
    assert tuple(rows[0]) == COLUMNS
    assert [row["number"] for row in rows] == ["1", "2", "3", "4"]
    assert (rows[1]["start"], rows[1]["end"], rows[1]["seconds"], rows[1]["camera"]) == ("12", "24", "12", "pan left")
    assert rows[1]["colours"] == "blue 60%, grey 30%"
    assert rows[3]["faces"] == "2"
    assert rows[1]["words said"].startswith("Anna Berger will lead")


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0"])
def test_no_cell_is_a_formula(words: str) -> None:
    rows = list(csv.DictReader(io.StringIO(scenes_csv(replace(film(), speech=(said(1, words),))))))
    assert not rows[0]["words said"].lstrip().startswith(("=", "+", "-", "@"))
    assert harmless(-3.5) == -3.5


def turn(question: str, quote: str) -> dict[str, object]:
    cited = {"start": 61.0, "end": 64.0, "source": "screen_text", "quote": quote, "frame": None, "video": 2}
    answer = {"answer": "“Yes” [01:01].", "abstained": False, "citations": [cited]}
    return {"id": "1", "time": "2031-01-01T00:00:00Z", "question": question, "answer": answer, "engine": "embedded",
            "notices": ["Said *so*"]}  # fmt: skip


def test_the_conversation_is_taken_along_with_times_and_does_no_harm() -> None:
    turns = [turn("What\n# now <script>?", "[x](http://a) Zürich")]
    text = chat_markdown("My talk", turns)
    assert text.startswith("# My talk\n")
    assert "01:01 to 01:04, video 2, screen text" in text
    assert "Zürich" in text
    assert "<script>" not in text
    assert "\n# now" not in text
    assert "](http" not in text
    assert json.loads(chat_json("My talk", turns)) == {"title": "My talk", "turns": turns}
