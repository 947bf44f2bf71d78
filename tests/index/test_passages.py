"""A refusal comes with the passages that are nearest to the question, and with none where nothing is near."""

from __future__ import annotations

from studio.index.answering import answer
from studio.index.answers import Answer
from studio.index.facts import VideoFacts, VideoIndex
from tests.index.films import said, shown

SAID = (
    (2.0, "I picked up this camera at a flea market."),
    (9.0, "It set me back forty bucks."),
    (16.0, "The shutter was stuck when I brought it home."),
    (24.0, "My neighbour repaired the shutter with a drop of oil."),
    (40.0, "See you next week."),
)


def index() -> VideoIndex:
    whole = ((0.0, 60.0),)
    read = dict.fromkeys(("frames", "text", "speech", "sound"), whole)
    sign = shown(45.0, 50.0, "FLEA MARKET every Sunday")
    return VideoIndex(
        VideoFacts("camera.mp4", 60.0, 640, 360, 25.0, True),
        texts=(sign,),
        speech=tuple(said(start, text) for start, text in SAID),
        read=read,
    )


def refused(question: str) -> Answer:
    given = answer(index(), question)
    assert given.abstained
    assert given.citations == ()
    return given


def test_what_comes_nearest_is_offered_and_is_no_answer() -> None:
    given = refused("Who invented the shutter of this camera?")
    assert given.answer.startswith("That is not in this video")
    assert "shutter" in given.near[0].quote
    assert all(0 <= one.start < one.end <= 60 for one in given.near)
    assert len({one.quote for one in given.near}) == len(given.near) <= 3


def test_it_is_held_to_the_stretch_that_is_asked_about() -> None:
    near = refused("Who painted the flea market in the last 20 seconds?").near
    assert [one.quote for one in near] == ["FLEA MARKET every Sunday"]


def test_nothing_near_is_nothing_offered() -> None:
    assert refused("What does the elephant eat?").near == ()
    assert refused("What is said at 9:30?").near == ()


def test_it_is_written_and_read_again_and_an_older_answer_has_none() -> None:
    given = refused("Who invented the shutter of this camera?")
    body = given.to_json()
    assert body["near"][0].keys() == {"start", "end", "source", "quote", "frame", "video"}
    assert Answer.from_json(body).near == given.near
    del body["near"]
    assert Answer.from_json(body).near == ()
