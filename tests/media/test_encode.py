from __future__ import annotations

import gc
import os
import resource
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.errors import Cancelled, StorageFailed, StudioError
from studio.media.encode import VideoWriter, timescale
from tests.media.films import SMALL, colour, decoded, frame, frame_times, write_film

RATES = [
    Fraction(24),
    Fraction(25),
    Fraction(30),
    Fraction(60),
    Fraction(8),
    Fraction(24000, 1001),
    Fraction(30000, 1001),
]


@pytest.mark.parametrize("fps", RATES)
def test_every_frame_is_there_at_its_exact_time(fps: Fraction, tmp_path: Path):
    path = write_film(tmp_path / "f.mp4", range(37), fps)
    assert frame_times(path) == [n / fps for n in range(37)]
    seen = decoded(path)
    assert len(seen) == 37
    for number, mean in enumerate(seen):
        assert np.abs(mean - colour(number)).max() < 8


def test_one_frame_is_a_film(tmp_path: Path):
    assert len(decoded(write_film(tmp_path / "f.mp4", [3]))) == 1


def test_the_stream_is_what_browsers_and_editors_take(tmp_path: Path):
    path = write_film(tmp_path / "f.mp4", range(60), size=Size(130, 66))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, codec.width, codec.height) == ("h264", "yuv420p", 130, 66)
        assert (codec.colorspace, codec.color_primaries, codec.color_trc, codec.color_range) == (1, 1, 1, 1)
        assert stream.time_base == Fraction(1, timescale(Fraction(24)))
        packets = [p for p in container.demux(stream) if p.size]
    assert packets[0].is_keyframe
    assert all(p.pts == p.dts for p in packets)
    assert sum(p.is_keyframe for p in packets) >= 2


def test_colours_survive(tmp_path: Path):
    for number, (name, rgb) in enumerate(
        {"red": (220, 30, 30), "sky": (120, 170, 230), "skin": (224, 172, 140)}.items()
    ):
        path = tmp_path / f"{number}.mp4"
        with VideoWriter(path, SMALL, Fraction(24), CancelToken()) as writer:
            writer.write(np.tile(np.array(rgb, np.uint8), (SMALL.height, SMALL.width, 1)))
        assert np.abs(decoded(path)[0] - rgb).max() < 4, name


def test_the_same_frames_make_the_same_file(tmp_path: Path):
    first, second = (write_film(tmp_path / name, range(50)).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert first == second


def test_frames_that_are_views_are_written_right(tmp_path: Path):
    wide = np.zeros((SMALL.height, SMALL.width * 2, 3), np.uint8)
    wide[:, : SMALL.width] = colour(5)
    with VideoWriter(tmp_path / "f.mp4", SMALL, Fraction(24), CancelToken()) as writer:
        writer.write(wide[:, : SMALL.width][::-1])
    assert np.abs(decoded(tmp_path / "f.mp4")[0] - colour(5)).max() < 5


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((48, 64), np.uint8),
        np.zeros((48, 64, 4), np.uint8),
        np.zeros((48, 64, 3)),
        np.zeros((64, 48, 3), np.uint8),
    ],
)
def test_a_frame_of_another_shape_or_type_is_refused(wrong: np.ndarray, tmp_path: Path):
    with (
        pytest.raises(ValueError, match="frame"),
        VideoWriter(tmp_path / "f.mp4", SMALL, Fraction(24), CancelToken()) as writer,
    ):
        writer.write(wrong)
    assert list(tmp_path.iterdir()) == []


def test_an_exception_leaves_nothing_and_keeps_what_was_there(tmp_path: Path):
    target = tmp_path / "f.mp4"
    target.write_bytes(b"the last good one")
    fault = RuntimeError("painter fell over")

    def interrupted() -> None:
        with VideoWriter(target, SMALL, Fraction(24), CancelToken()) as writer:
            writer.write(frame(0))
            raise fault

    with pytest.raises(RuntimeError) as raised:
        interrupted()
    assert raised.value is fault
    assert target.read_bytes() == b"the last good one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["f.mp4"]
    assert running_ffmpegs() == []


def test_no_frame_at_all_is_an_error(tmp_path: Path):
    with pytest.raises(StudioError), VideoWriter(tmp_path / "f.mp4", SMALL, Fraction(24), CancelToken()):
        pass
    assert list(tmp_path.iterdir()) == []


def test_cancelling_ends_a_blocked_write_and_leaves_nothing(tmp_path: Path):
    """The encoder can't keep up with raw frames of this size: the writer waits in the pipe when the token comes."""
    token, size = CancelToken(), Size(1280, 720)
    noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), dtype=np.uint8)
    threading.Timer(0.3, token.cancel).start()

    def endless() -> None:
        with VideoWriter(tmp_path / "f.mp4", size, Fraction(24), token, "veryslow") as writer:
            while True:
                writer.write(noise)

    with pytest.raises(Cancelled):
        endless()
    assert list(tmp_path.iterdir()) == []
    assert running_ffmpegs() == []


def test_a_token_already_set_starts_nothing(tmp_path: Path):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled), VideoWriter(tmp_path / "f.mp4", SMALL, Fraction(24), token):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_dropped_writer_takes_its_program_and_file_with_it(tmp_path: Path):
    writer = VideoWriter(tmp_path / "f.mp4", SMALL, Fraction(24), CancelToken())
    writer.__enter__()
    writer.write(frame(0))
    assert len(running_ffmpegs()) == 1
    del writer
    gc.collect()
    assert running_ffmpegs() == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["-y", "a:b", "100%d", "it's", "new\nline", "影 🎬", "file:x"])
def test_any_folder_name_is_only_a_name(folder: str, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir()
    path = write_film(Path(folder) / f"{folder}.mp4", range(5))
    assert path.stat().st_size > 500
    assert len(list(Path(folder).iterdir())) == 1


def test_a_missing_folder_is_named(tmp_path: Path):
    with pytest.raises(StorageFailed, match="gone"):
        write_film(tmp_path / "gone" / "f.mp4", range(3))


def test_a_full_disk_is_said_in_words_and_leaves_nothing(tmp_path: Path):
    """The system's file size limit stands for the full disk: it needs no rights and takes the same way."""
    script = """
import sys, numpy as np
from fractions import Fraction
from pathlib import Path
from studio.cancellation import CancelToken
from studio.contracts import Size
from studio.errors import StorageFailed
from studio.media.encode import VideoWriter
noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
try:
    with VideoWriter(Path(sys.argv[1]) / "f.mp4", Size(320, 240), Fraction(24), CancelToken()) as writer:
        for _ in range(400):
            writer.write(noise)
except StorageFailed as error:
    print("refused:", error)
"""
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))  # noqa: E731
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], preexec_fn=limit, capture_output=True, text=True, check=False
    )
    assert ran.stdout.startswith("refused:"), ran.stderr
    assert str(tmp_path) in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_memory_does_not_grow_with_the_film(tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    with VideoWriter(tmp_path / "f.mp4", Size(320, 240), Fraction(24), CancelToken(), "ultrafast") as writer:
        for _ in range(50):
            writer.write(noise)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in range(300):
            writer.write(noise)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    assert writer.frame_count == 350


def running_ffmpegs() -> list[str]:
    """Our own children that are ffmpeg, alive."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        try:
            children = (task / "children").read_text().split()
        except OSError:  # a thread that ended meanwhile
            continue
        for child in children:
            try:
                name = os.readlink(f"/proc/{child}/exe")
            except OSError:
                continue
            found += [name] if "ffmpeg" in name else []
    return found
