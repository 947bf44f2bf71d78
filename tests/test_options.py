"""Settings of engines, from the command line into requests and the keys of what is made."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.cli.arguments import options
from studio.errors import BadInput
from studio.requests import MusicVideoRequest


def request(**changes: object) -> MusicVideoRequest:
    return MusicVideoRequest(Path("song.mp3"), (Path("a.png"),), Path("out"), **changes)  # type: ignore[arg-type]


def test_values_are_json_where_they_are_and_text_else():
    pairs = [
        "image.steps=30",
        "image.scheduler=euler a",
        'image.loras={"noir": 0.8}',
        "video.x=a=b",
        "image.compile=true",
    ]
    assert options(pairs) == {
        "image": {"steps": 30, "scheduler": "euler a", "loras": {"noir": 0.8}, "compile": True},
        "video": {"x": "a=b"},
    }


@pytest.mark.parametrize(
    "pairs", [["steps=3"], ["image.=3"], [".steps=3"], ["image.steps"], ["image.s=1", "image.s=2"]]
)
def test_what_is_no_setting_is_refused(pairs):
    with pytest.raises(BadInput, match="--option"):
        options(pairs)


@pytest.mark.parametrize(
    "wrong",
    [{"image": 3}, {"image": {"x": float("nan")}}, {"image": {"x": {1, 2}}}, {"image": {"X Y": 1}}, {"Ä": {}},
     {"image": {"x": "y" * 20_000}}, [1]],
)  # fmt: skip
def test_a_request_takes_json_values_only(wrong):
    with pytest.raises(BadInput, match="--option"):
        request(options=wrong)


def test_a_request_keeps_them_and_an_older_one_has_none():
    asked = request(options={"image": {"loras": {"noir": 0.8}}})
    assert MusicVideoRequest.from_json(asked.to_json()) == asked
    body = asked.to_json()
    del body["options"]
    assert MusicVideoRequest.from_json(body) == request()
