"""Lyrics files of every kind that people have: right times and words out of the good ones, a reason for the rest."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from studio.errors import BadInput
from studio.music.lyrics import Cue, Lyrics, load_lyrics, read_lyrics
from studio.settings import Limits

LIMITS = Limits()
SRT = "1\n00:00:01,000 --> 00:00:02,500\n{text}\n"


def lyrics_of(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Lyrics:
    path = folder / "whatever.bin"  # judged by content: the name says nothing
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return load_lyrics(path, "--captions", LIMITS)


def refusal(folder: Path, content: str | bytes) -> str:
    with pytest.raises(BadInput) as refused:
        lyrics_of(folder, content)
    assert refused.value.parameter == "--captions"
    assert "whatever.bin" in refused.value.value
    assert ".lrc" in refused.value.accepted
    assert "\n" not in str(refused.value)
    return refused.value.reason


def test_simple_lrc_lines_last_to_the_next_one_and_never_too_long(tmp_path: Path) -> None:
    text = "[ti: Night Drive ]\n[ar:The Kinoras]\n[00:01.50]One\n[00:03.25]Two\n[00:05]\n[01:00:5]Three\n"
    found = lyrics_of(tmp_path, text)
    assert (found.title, found.artist) == ("Night Drive", "The Kinoras")
    assert found.cues == (Cue(1.5, 3.25, "One"), Cue(3.25, 5.0, "Two"), Cue(60.5, 68.5, "Three"))


def test_a_repeated_line_has_several_times_and_lines_come_in_order(tmp_path: Path) -> None:
    cues = lyrics_of(tmp_path, "[00:20.00][00:10.00]Chorus\n[00:15.00]Verse\n[00:25.00]\n").cues
    assert [(cue.start, cue.end, cue.text) for cue in cues] == [
        (10.0, 15.0, "Chorus"),
        (15.0, 20.0, "Verse"),
        (20.0, 25.0, "Chorus"),
    ]


def test_a_positive_offset_brings_lines_sooner_and_none_before_the_song(tmp_path: Path) -> None:
    cues = lyrics_of(tmp_path, "[offset:+500]\n[00:00.20]Now\n[00:02.00]Then\n[00:04.00]\n").cues
    assert [(cue.start, cue.end) for cue in cues] == [(0.0, 1.5), (1.5, 3.5)]
    assert lyrics_of(tmp_path, "[offset:-250]\n[00:01.00]Late\n").cues[0].start == 1.25


def test_enhanced_words_join_to_the_text_and_carry_their_times(tmp_path: Path) -> None:
    text = "[00:12.00] <00:12.04> When <00:12.50> the <00:13.00> end <00:13.80>\n[00:20.00]next\n"
    cue = lyrics_of(tmp_path, text).cues[0]
    assert cue.text == "When the end" == "".join(word.text for word in cue.words)
    assert [(word.start, word.end) for word in cue.words] == [(12.04, 12.5), (12.5, 13.0), (13.0, 13.8)]
    assert (cue.start, cue.end) == (12.0, 13.8)


def test_word_times_move_with_a_repeated_line(tmp_path: Path) -> None:
    cues = lyrics_of(tmp_path, "[00:01.00][00:11.00]<00:01.00>Hey <00:01.50>you\n[00:20.00]\n").cues
    assert [word.start for word in cues[1].words] == [11.0, 11.5]


def test_a_translation_of_the_same_time_stands_under_its_line(tmp_path: Path) -> None:
    assert (
        lyrics_of(tmp_path, "[00:01.00]夜の海\n[00:01.00]The sea at night\n").cues[0].text == "夜の海\nThe sea at night"
    )


def test_srt_keeps_times_lines_and_plain_words_only(tmp_path: Path) -> None:
    text = (
        "1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>Hello</i> <font size='9'>world</font>\r\n{\\an8}I <3 you &amp; me\r\n"
        "\r\n2\r\n01:00:03.250 --> 01:00:04,000 X1:10 X2:20\r\n♪ la la ♪\r\n"
    )
    assert lyrics_of(tmp_path, text).cues == (
        Cue(1.0, 2.5, "Hello world\nI <3 you & me"),
        Cue(3603.25, 3604.0, "la la"),
    )


def test_webvtt_with_notes_settings_and_word_times(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nNOTE not sung\n\n00:01.000 --> 00:03.000 line:90%\n<c.loud>One</c> <00:01.500>two <00:02.000>three\n"
    )
    cue = lyrics_of(tmp_path, text).cues[0]
    assert cue.text == "One two three"
    assert [(word.start, word.end) for word in cue.words] == [(1.0, 1.5), (1.5, 2.0), (2.0, 3.0)]


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("utf-8", "Grüße, Ærøskøbing 夜"),
        ("utf-8-sig", "Grüße"),
        ("utf-16", "夜の海を走る"),
        ("utf-16-le", "Plain words and an é"),
        ("utf-16-be", "Plain words and an é"),
        ("cp932", "夜の海を走り抜けていく、きみと"),
        ("euc_kr", "사랑하는 사람과 함께 걸어요"),
        ("gb18030", "我和你一起走在夜里的海边"),
        ("cp1251", "Ночь, улица, фонарь, аптека"),
        ("cp1252", "Où est l’été, mon cœur brûlé?"),
    ],
)
def test_encodings_are_found_out(tmp_path: Path, encoding: str, line: str) -> None:
    content = SRT.format(text=line).encode(encoding)
    assert lyrics_of(tmp_path, content).cues[0].text == line


def test_control_direction_and_heaped_characters_are_cleaned_away(tmp_path: Path) -> None:
    line = "a\u202eb\u0007c\u2066d\u200b e\t\tf\ue000 z" + "\u0301" * 90
    assert lyrics_of(tmp_path, SRT.format(text=line)).cues[0].text == "abcd e f ź" + "\u0301" * 4


def test_script_tags_are_no_words(tmp_path: Path) -> None:
    assert lyrics_of(tmp_path, SRT.format(text="<script>alert(1)</script>hi")).cues[0].text == "alert(1)hi"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"just words\nwithout times\n", "no line in it has a time"),
        (b"[ti:Only a title]\n", "no line in it has a time"),
        (SRT.format(text="   "), "no word"),
        ("[00:01.00]\n[00:02.00] \u200b\n", "no word"),
        ("1\n00:00:05,000 --> 00:00:04,000\nback\n", "line 2 ends before it begins"),
        ("1\n-00:00:05,000 --> 00:00:04,000\nback\n", "negative"),
        ("[offset:1e9]\n[00:01.00]x\n", "offset"),
        ("[00:01.00]" + "x" * 501, "501 characters"),
        ("[00:01.00]x\n" * 6000, "over 5000 lines"),
        ("[00:01.00]" * 100_000 + "x", "over 5000 lines"),
        (SRT.format(text="x") * 6000, "over 5000 lines"),
        (b"[00:01.00]x\n" + b"a" * 1024**2, "over 1.0 MB"),
        (random.Random(1).randbytes(5000), "no"),
        (b"\x89PNG\r\n\x1a\n" + bytes(2000), "no"),
        (b"\xff\xfe\x00\xd8" + b"[\x000\x00" * 9, ""),
    ],
)
def test_files_that_are_no_lyrics_are_refused_with_the_reason(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    assert reason in refusal(tmp_path, content)


def test_folders_pipes_and_missing_files_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    for name in ("pipe", ".", "dangling", "missing", "nul\0name"):
        with pytest.raises(BadInput):
            read_lyrics(tmp_path / name, "--captions", LIMITS)


def test_any_mangled_file_is_read_or_refused(tmp_path: Path) -> None:
    """Whatever is read keeps what the cues promise."""
    dice = random.Random(7)
    good = b"[00:12.00]<00:12.04>When <00:12.50>the\n1\n00:00:01,000 --> 00:00:02,500\nHello <b>x</b>\n[ti:x]\n"
    for _ in range(300):
        content = bytearray(good)
        for _ in range(dice.randrange(1, 12)):
            content[dice.randrange(len(content))] = dice.choice(b"<>[]:.,-0969 \n\xff\x00\xe3")
        try:
            cues = lyrics_of(tmp_path, bytes(content)).cues
        except BadInput:
            continue
        for cue in cues:
            assert 0 <= cue.start < cue.end
            assert cue.text.strip() == cue.text != ""
            assert not cue.words or "".join(word.text for word in cue.words) == cue.text
