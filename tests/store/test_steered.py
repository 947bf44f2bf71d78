"""Which drawings were steered and stand for others, on files that anybody may have written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.store.steered import Steered, Turn, steered_words

TURNS = (
    Turn(9, 20, {"guidance": 3.5, "loras": {"noir": 0.5, "oil": 1.0}}),
    Turn(12, 20, {"loras": {}}),
    Turn(15, 20, {}),
)


def test_a_steered_drawing_stands_for_the_one_as_set_until_that_is_taken_back(tmp_path: Path) -> None:
    steered = Steered(tmp_path)
    assert steered.standing("aa") == "aa"
    note = steered.keep("aa", "bb", TURNS)
    steered.keep("cc", "dd", TURNS[:1], of="aa")
    assert note.is_relative_to(tmp_path / ".studio" / "drawings" / "bb")
    again = Steered(tmp_path)
    assert (again.standing("aa"), again.turns("bb"), again.views("aa"), again.views("bb")) == ("bb", TURNS, ("cc",), ())
    again.show("aa")
    assert (again.standing("aa"), again.turns("aa")) == ("aa", ())
    again.show("bb")
    again.drop("cc")
    assert (again.standing("aa"), again.views("aa")) == ("bb", ())
    note.unlink()
    assert again.standing("aa") == "aa"


def test_it_is_told_in_words() -> None:
    assert steered_words(TURNS) == (
        "from step 9 of 20 with guidance 3.5, LoRA noir 0.5, oil 1, from step 12 of 20 with no LoRA,"
        " from step 15 of 20 as set"
    )


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "5", '{"key": "../../../x"}', '{"key": 5}', '{"base": "/etc"}', '{"turns": [{"step": 1}]}',
             '{"turns": 5}', '{"turns": [{"step": "x", "steps": 1, "values": {}}]}'],
)  # fmt: skip
def test_what_makes_no_sense_says_nothing(tmp_path: Path, body: str) -> None:
    steered = Steered(tmp_path)
    note = steered.keep("aa", "bb", TURNS)
    place = tmp_path / ".studio" / "steered" / "aa.json"
    key = json.loads(place.read_text())["key"]
    assert key == "bb"
    note.write_text(body)
    assert steered.turns("bb") == ()
    steered.show("bb")
    place.write_text(body)
    assert steered.standing("aa") == "aa"
    assert steered.views("aa") == ()


def test_a_key_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "x.json"
    outside.touch()
    with pytest.raises(BadInput, match="version"):
        Steered(tmp_path).show("../../x")
    assert outside.exists()
