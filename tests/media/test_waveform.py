from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from studio.errors import StorageFailed
from studio.media.waveform import MOST_COLUMNS, read_waveform, write_waveform
from tests.hostile_files import tone, write_wav


def test_columns_show_the_sound_where_it_is(tmp_path: Path):
    rate, channels = 44_100, 2
    samples = np.zeros((3 * rate, channels), np.float32)
    samples[rate : 2 * rate] = 0.5 * tone(1.0, rate, 441.0, channels) / np.abs(tone(1.0, rate, 441.0, channels)).max()
    samples[int(2.5 * rate), 1] = -0.25
    waveform = write_waveform(write_wav(tmp_path / "song.wav", samples, rate), tmp_path / "waveform.json")
    times = np.arange(len(waveform.peak)) * waveform.step
    peak, rms = np.frombuffer(waveform.peak, np.uint8), np.frombuffer(waveform.rms, np.uint8)
    assert waveform.duration == 3.0
    sounding = (times >= 1.0 - 1e-6) & (times < 2.0 - 1e-6)
    assert peak[sounding].min() >= 254
    assert np.abs(rms[sounding] - 255 / np.sqrt(2)).max() <= 2
    assert set(peak[~sounding]) == {0, 128} or set(peak[~sounding]) == {0, 127}
    click = times[(peak > 100) & (peak < 150)]
    assert click == pytest.approx([2.5], abs=waveform.step)


def test_a_quiet_song_fills_the_height_and_the_lowest_sample_counts(tmp_path: Path):
    samples = np.full((4410, 1), -1 / 32768, np.float32)
    samples[2205] = -0.01
    waveform = write_waveform(write_wav(tmp_path / "quiet.wav", samples), tmp_path / "quiet.json")
    assert max(waveform.peak) == 255
    loudest = write_wav(tmp_path / "full.wav", np.full((4410, 2), -1.0, np.float32))
    full = write_waveform(loudest, tmp_path / "full.json")
    assert set(full.peak) == set(full.rms) == {255}


def test_what_is_written_is_read_and_nothing_else_is_left(tmp_path: Path):
    written = write_waveform(write_wav(tmp_path / "song.wav", tone(1.234)), tmp_path / "waveform.json")
    assert read_waveform(tmp_path / "waveform.json") == written
    assert sorted(path.name for path in tmp_path.iterdir()) == ["song.wav", "waveform.json"]
    assert json.loads((tmp_path / "waveform.json").read_text())["duration"] == pytest.approx(1.234, abs=1e-4)


def test_a_long_song_is_bounded_in_columns_and_memory(tmp_path: Path):
    rate = 8000
    path = write_wav(tmp_path / "long.wav", np.tile(tone(10.0, rate), (60, 1)), rate)
    tracemalloc.start()
    waveform = write_waveform(path, tmp_path / "long.json")
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert MOST_COLUMNS * 0.9 < len(waveform.peak) <= MOST_COLUMNS
    assert len(waveform.peak) * waveform.step == pytest.approx(600, abs=waveform.step)
    assert used < 0.7 * path.stat().st_size
    assert (tmp_path / "long.json").stat().st_size < 60_000


@pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 9])
def test_a_damaged_wav_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes):
    (tmp_path / "song.wav").write_bytes(content)
    with pytest.raises(StorageFailed, match=r"song\.wav"):
        write_waveform(tmp_path / "song.wav", tmp_path / "waveform.json")
    assert not (tmp_path / "waveform.json").exists()


@pytest.mark.parametrize("kept", [0.999, 0.5, 0.01])
def test_a_cut_off_wav_is_refused(tmp_path: Path, kept: float):
    whole = write_wav(tmp_path / "song.wav", tone(10.0)).read_bytes()
    (tmp_path / "song.wav").write_bytes(whole[: 44 + int(kept * (len(whole) - 44)) | 1])
    with pytest.raises(StorageFailed, match="damaged"):
        write_waveform(tmp_path / "song.wav", tmp_path / "waveform.json")


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"duration":1,"step":0,"rms":[],"peak":[]}', '{"duration":1,"step":1,"rms":[300],"peak":[1]}',
        '{"duration":1,"step":1,"rms":[1,2],"peak":[1]}', '{"duration":"x","step":1,"rms":[1],"peak":[1]}',
    ],
)  # fmt: skip
def test_a_damaged_waveform_is_refused(tmp_path: Path, text: str):
    (tmp_path / "waveform.json").write_text(text)
    with pytest.raises(StorageFailed, match=r"waveform\.json"):
        read_waveform(tmp_path / "waveform.json")
