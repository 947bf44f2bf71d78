"""Strangers' videos in a wrapping of ours: the same pictures and sound at the same times, and nothing else."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from studio.cancellation import CancelToken
from studio.errors import BadInput
from studio.media.rewrap import encode, plays_in_browsers, read_tracks, rewrapped
from studio.media.sampling import plan_sampling
from studio.settings import Limits
from tests.hostile_files import ffmpeg

LIMITS = Limits()
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=160x96:r=25:d=2")
SOUND = ("-f", "lavfi", "-i", "sine=duration=2")
FLAT = ("-pix_fmt", "yuv420p")
KINDS = {
    "h264": ("in.mkv", ("-c:v", "libx264", "-c:a", "aac", *FLAT), ".mp4", True),
    "vp9": ("in.mkv", ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus", *FLAT), ".mp4", True),
    "vp8": ("in.webm", ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libvorbis"), ".webm", True),
    "prores": ("in.mov", ("-c:v", "prores_ks", "-c:a", "pcm_s16le"), ".mkv", False),
    "mpeg4": ("in.avi", ("-c:v", "mpeg4", "-bf", "0", "-c:a", "libmp3lame"), ".mp4", False),
    "4:4:4": ("in.mp4", ("-c:v", "libx264", "-pix_fmt", "yuv444p", "-c:a", "aac"), ".mp4", False),
}  # fmt: skip


def packets(path: Path, kind: str) -> list[int]:
    """Milliseconds from the first, of the packets that are shown."""
    with av.open(str(path)) as container:
        stream = getattr(container.streams, kind)[0]
        times = sorted(p.pts * p.time_base for p in container.demux(stream) if p.size and p.pts is not None)
    return [round(1000 * (time - times[0])) for time in times]


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_and_sound_are_copied_as_they_are(tmp_path: Path, kind: str) -> None:
    name, codecs, suffix, plays = KINDS[kind]
    ffmpeg(*PICTURE, *SOUND, *codecs, "-shortest", str(tmp_path / name))
    copy = rewrapped(tmp_path / name, tmp_path / "copy", "FILE", LIMITS)
    assert copy == tmp_path / f"copy{suffix}"
    before, after = read_tracks(tmp_path / name, "FILE", LIMITS), read_tracks(copy, "FILE", LIMITS)
    assert (before.picture_codec, before.sound_codec) == (after.picture_codec, after.sound_codec)
    assert len(packets(copy, "audio")) >= len(packets(tmp_path / name, "audio")) - 1
    if name != "in.avi":
        old, new = packets(tmp_path / name, "video"), packets(copy, "video")
        assert len(old) == len(new) == 50
        assert all(abs(a - b) <= 1 for a, b in zip(old, new, strict=True))
    assert plays_in_browsers(copy, LIMITS) is plays


def test_nothing_else_of_the_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "subs.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nSUBTITLE-SECRET\n")
    (tmp_path / "chapters.txt").write_text(
        ";FFMETADATA1\ntitle=TITLE-SECRET\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=CHAPTER-SECRET\n"
    )
    (tmp_path / "font.ttf").write_bytes(b"ATTACHED-SECRET" * 20)
    sources = [*PICTURE, *SOUND, *SOUND, "-i", str(tmp_path / "subs.srt"), "-i", str(tmp_path / "chapters.txt")]
    maps = ["-map", "0:v", "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:s", "-map_metadata", "4"]
    extras = ["-attach", str(tmp_path / "font.ttf"), "-metadata:s:t", "mimetype=font/ttf"]
    names = ["-metadata:s:v:0", "title=TRACK-SECRET", "-metadata:s:a:0", "title=TRACK-SECRET"]
    ffmpeg(*sources, *maps, *extras, *names, "-c:v", "libx264", "-c:a", "aac", "-c:s", "srt", str(tmp_path / "in.mkv"))
    assert b"TRACK-SECRET" in (tmp_path / "in.mkv").read_bytes()
    copy = rewrapped(tmp_path / "in.mkv", tmp_path / "copy", "FILE", LIMITS)
    assert copy is not None
    assert b"SECRET" not in copy.read_bytes()
    with av.open(str(copy)) as container:
        assert [stream.type for stream in container.streams] == ["video", "audio"]


def test_a_turned_video_stays_turned(tmp_path: Path) -> None:
    ffmpeg(*PICTURE, "-c:v", "libx264", str(tmp_path / "flat.mp4"))
    ffmpeg("-display_rotation", "90", "-i", str(tmp_path / "flat.mp4"), "-c", "copy", str(tmp_path / "in.mp4"))
    copy = rewrapped(tmp_path / "in.mp4", tmp_path / "copy", "FILE", LIMITS)
    assert copy is not None
    times = plan_sampling(copy, 1.0, "FILE", LIMITS).times
    assert (times.width, times.height) == (96, 160)
    steps = list(encode(copy, tmp_path / "small.mp4", LIMITS, CancelToken(), small=True))
    assert steps == sorted(steps)
    assert plays_in_browsers(tmp_path / "small.mp4", LIMITS)
    times = plan_sampling(tmp_path / "small.mp4", 1.0, "FILE", LIMITS).times
    assert (times.width, times.height, times.picture_count) == (96, 160, 50)


def test_large_pictures_are_made_small_for_the_player(tmp_path: Path) -> None:
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1920x1440:r=5:d=1", "-c:v", "mpeg2video", str(tmp_path / "in.mkv"))
    list(encode(tmp_path / "in.mkv", tmp_path / "small.mp4", LIMITS, CancelToken(), small=True))
    times = plan_sampling(tmp_path / "small.mp4", 1.0, "FILE", LIMITS).times
    assert (times.width, times.height, times.has_sound) == (960, 720, False)


@pytest.mark.parametrize("kind", ["playlist", "text", "sound only", "codec"])
def test_what_is_not_on_the_lists_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "in.mkv"
    if kind == "sound only":
        ffmpeg(*SOUND, "-c:a", "aac", str(path))
    elif kind == "codec":
        ffmpeg(*PICTURE, "-c:v", "snow", "-strict", "-2", str(path))
    else:
        path.write_text("ffconcat version 1.0\nfile '/etc/passwd'\n" if kind == "playlist" else "hello")
    with pytest.raises(BadInput):
        rewrapped(path, tmp_path / "copy", "FILE", LIMITS)
    assert [one.name for one in tmp_path.iterdir()] == ["in.mkv"]
