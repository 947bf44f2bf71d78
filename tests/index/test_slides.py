"""Scenes divided where a still picture's words are exchanged, and left alone where something else changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.index.facts import Moment, Scene, ScreenText
from studio.index.slides import divided
from tests.index.films import shown

WHOLE = Scene(0, 30, "start", 12.0, 0.9, 0.01, "still", (("white", 0.9),), 0)


def deck(*, top: float = 0.3, logo: bool = True) -> list[ScreenText]:
    titles = ("Budget for spring", "Budget for summer", "Budget for autumn")
    slides = [shown(10 * at, 10 * at + 9.9, title, top) for at, title in enumerate(titles)]
    return [*slides, shown(0, 30, "ACME", 0.05)] if logo else slides


def test_each_exchange_of_words_begins_a_scene() -> None:
    scene = replace(WHOLE, description="A slide.", moments=(Moment(0, 5, 2, "a"), Moment(21, 25, 22, "b")))
    found = divided([scene], deck())
    assert [(one.start, one.end, one.begins) for one in found] == [(0, 10, "start"), (10, 20, "cut"), (20, 30, "cut")]
    assert [one.key_time for one in found] == [5, 12, 25]
    assert [one.description for one in found] == ["", "A slide.", ""]
    assert [len(one.moments) for one in found] == [1, 0, 1]


@pytest.mark.parametrize(
    ("scene", "texts"),
    [
        (WHOLE, deck(top=0.8)),  # captions
        (replace(WHOLE, motion=0.4), deck()),  # a moving picture with words in it
        (WHOLE, [shown(0, 30, "The very same heading"), shown(12, 14, "pop up 123")]),
        (WHOLE, [shown(10 * at, 10 * at + 9.9, f"No {at}") for at in range(3)]),  # labels
        (WHOLE, [replace(one, kind="ticker") for one in deck(logo=False)]),
        (WHOLE, [shown(2, 9, "It comes once and goes")]),
        (WHOLE, []),
    ],
)
def test_what_is_no_new_slide_divides_nothing(scene: Scene, texts: list[ScreenText]) -> None:
    assert divided([scene], texts) == (scene,)


def test_lines_that_come_one_after_the_other_are_one_slide() -> None:
    lines = [shown(2 * at, 29, f"Point number {at} of the plan", 0.2 + 0.1 * at) for at in range(4)]
    assert len(divided([WHOLE], lines)) == 1


def test_scenes_that_are_cut_already_stay_as_they_are() -> None:
    scenes = [replace(WHOLE, start=10.0 * at, end=10.0 * (at + 1), key_time=10.0 * at + 5) for at in range(3)]
    assert divided(scenes, deck()) == tuple(scenes)
