from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.errors import BadInput
from studio.store.names import check_id, safe_name, slug

NASTY = [
    "", " ", ".", "..", "...", "/", "\\", "../../etc/passwd", "C:\\Windows", "a/b", "con", "CON.txt", "Lpt1.tar.gz",
    "nul ",
    "a\0b", "a\nb\tc", "\u202egnp.exe", "\u200b\u2060\ufeff", "x" * 10_000, "é" * 10_000, "🎵" * 500, "e\u0301" * 300,
    "  padded  ", ".hidden", "trailing.", "a<b>c:d\"e|f?g*h", "\ud800 lone", "-rf", "~", "歌の名前",
]  # fmt: skip


def assert_safe(name: str) -> None:
    assert 1 <= len(name.encode()) <= 101
    assert not set(name) & set('<>:"/\\|?*\0\n\r\t')
    assert not name.startswith((".", " "))
    assert not name.endswith((".", " "))
    assert all(unicodedata.category(c)[0] != "C" for c in name)
    assert name.split(".", maxsplit=1)[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1"}


@pytest.mark.parametrize("text", NASTY)
def test_nasty_names_become_safe_and_can_be_written(text: str, tmp_path: Path):
    name = safe_name(text)
    assert_safe(name)
    (tmp_path / name).write_text("")
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


@settings(max_examples=400, deadline=None)
@given(st.text(st.characters(), max_size=300))
def test_any_text_becomes_safe_and_stays_so(text: str):
    name = safe_name(text)
    assert_safe(name)
    assert safe_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("My Song", "My Song"),
        ("歌の名前", "歌の名前"),
        ("AC/DC: live?", "ACDC live"),
        ("", "untitled"),
        ("nul", "_nul"),
        ("a\nb", "a b"),
    ],
)
def test_good_names_stay_what_they_are(text: str, name: str):
    assert safe_name(text) == name


@pytest.mark.parametrize(
    ("text", "made"), [("Été à Paris!", "ete-a-paris"), ("歌", "project"), ("--x--", "x"), ("a" * 99, "a" * 40)]
)
def test_slugs_are_plain(text: str, made: str):
    assert slug(text) == made
    assert check_id("id", slug(text))


@pytest.mark.parametrize(
    "value",
    [
        "../x",
        "a/b",
        "a\\b",
        "",
        ".",
        "..",
        ".x",
        "-x",
        "a b",
        "a\0",
        "a\n",
        "x" * 101,
        "é",
        "con",
        "NUL",
        None,
        3,
        b"a",
        "/etc",
        "a.json",
        "%2e%2e",
    ],
)
def test_ids_cannot_climb_out(value: object):
    with pytest.raises(BadInput, match="project"):
        check_id("project", value)


@pytest.mark.parametrize("value", ["a", "my-song-12ab34cd", "A_1", "segment-03", "x" * 100])
def test_plain_ids_are_accepted(value: str):
    assert check_id("project", value) == value
