"""A song's words from a file of people's: LRC, SubRip or WebVTT, told apart by content, in whatever encoding."""

from __future__ import annotations

import codecs
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from studio.music.cues import Cue, Refusal, Word
from studio.music.lrc import is_lrc, read_lrc, tags_of
from studio.music.subtitles import is_subtitles, read_subtitles
from studio.settings import Limits

__all__ = ["ACCEPTED_LYRICS", "Cue", "Lyrics", "Word", "load_lyrics", "read_lyrics"]

ACCEPTED_LYRICS = "a text file of timed lyrics: .lrc, .srt or .vtt"

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EASTERN = (
    ("cp932", "[\u3041-\u3096\u30a1-\u30fa]", 0.2),
    ("euc_jp", "[\u3041-\u3096\u30a1-\u30fa]", 0.2),
    ("euc_kr", "[\uac00-\ud7a3]", 0.85),
    ("gb18030", "[\u4e00-\u9fff]", 0.6),
)
"""Codec, the letters that its language uses most, and their least share among what is not ASCII."""
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Lyrics:
    """`cues` by start; `title` and `artist` from an LRC file's [ti:] and [ar:], "" where it doesn't say."""

    cues: tuple[Cue, ...]
    title: str = ""
    artist: str = ""


def read_lyrics(path: Path, parameter: str, limits: Limits) -> tuple[Cue, ...]:
    """The cues of the file, by start; at least one. Raises BadInput naming `parameter` for anything else."""
    return load_lyrics(path, parameter, limits).cues


def load_lyrics(path: Path, parameter: str, limits: Limits) -> Lyrics:
    """The file's cues, and whose song it says it is. Raises BadInput naming `parameter` for a file that is no timed
    lyrics, over `limits.lyrics_bytes` or `limits.lyrics_cues`, or with a cue over `limits.cue_characters`."""
    refuse = Refusal(parameter, path, ACCEPTED_LYRICS)
    text = _decode(_read(path, limits.lyrics_bytes, refuse), refuse)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tags: dict[str, str] = {}
    if is_subtitles(text):
        cues = read_subtitles(text, limits.lyrics_cues, refuse)
    elif is_lrc(text):
        cues, tags = read_lrc(text, limits.lyrics_cues, refuse), tags_of(text)
    else:
        raise refuse("no line in it has a time")
    if not cues:
        raise refuse("there is no word in it")
    longest = max(len(cue.text) for cue in cues)
    if longest > limits.cue_characters:
        raise refuse(f"a line in it has {longest} characters, the most is {limits.cue_characters}")
    return Lyrics(tuple(cues), tags.get("ti", "")[:_LONGEST_NAME], tags.get("ar", "")[:_LONGEST_NAME])


def _read(path: Path, most_bytes: int, refuse: Refusal) -> bytes:
    """The bytes of a regular file. Opening never blocks: a pipe that nobody writes to would."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise refuse("there is no such file") from None
    except (OSError, ValueError) as error:
        raise refuse(f"it can't be opened ({getattr(error, 'strerror', None) or error})") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise refuse("it is no regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(most_bytes + 1)
    finally:
        os.close(descriptor)
    if not content:
        raise refuse("it is empty")
    if len(content) > most_bytes:
        raise refuse(f"it has over {most_bytes / 1e6:.1f} MB")
    return content


def _decode(content: bytes, refuse: Refusal) -> str:
    """Unicode where the bytes say so; else the old encoding whose letters make sense (see `_old_encoding`)."""
    encoding = next((name for mark, name in _BOMS if content.startswith(mark)), "")
    zeros = content.count(0)
    if not encoding and zeros > len(content) / 8:  # UTF-16 of mostly Latin text has a zero in every other byte
        encoding = "utf-16-le" if content[1::2].count(0) > zeros / 2 else "utf-16-be"
    try:
        text = content.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding:
            raise refuse("it is damaged, or no text") from None
        text = content.decode(_old_encoding(content), "replace")
    strange = len(_CONTROL.findall(text))
    if strange > 8 and strange > len(text) / 200:
        raise refuse("it is no text")
    return text


def _old_encoding(content: bytes) -> str:
    """Western where accents stand alone among ASCII; else Japanese, Korean or Chinese where the bytes are valid as that
    and give the letters such a text is made of; else Cyrillic."""
    high = re.findall(rb"[\x80-\xff]+", content)
    if sum(len(run) for run in high if len(run) > 1) < sum(map(len, high)) / 2:
        return "cp1252"
    for name, letters, share in _EASTERN:
        try:
            text = re.sub(r"[\x00-\x7f]+", "", content.decode(name))
        except UnicodeDecodeError:
            continue
        if len(re.findall(letters, text)) >= share * max(1, len(text)):
            return name
    return "cp1251"
