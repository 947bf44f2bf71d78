from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from studio.cancellation import CancelToken
from studio.errors import Cancelled, StorageFailed, StudioError
from studio.media.ffmpeg import file_url, run


def test_importing_the_media_and_store_parts_loads_nothing_heavy():
    script = """
import importlib, json, pkgutil, sys
import studio.store, studio.media
names = ["audio", "encode", "ffmpeg", "files", "join", "pictures", "probe"]
for name in names:
    importlib.import_module(f"studio.media.{name}")
for module in pkgutil.iter_modules(studio.store.__path__):
    importlib.import_module(f"studio.store.{module.name}")
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True).stdout))
    assert not loaded & {"numpy", "av", "cv2", "PIL", "scipy", "imageio_ffmpeg", "torch", "librosa", "gradio"}


def test_a_run_tells_its_messages_by_level(tmp_path: Path):
    finished = run(["-i", file_url(tmp_path / "gone.wav"), "-f", "null", "-"], CancelToken())
    assert finished.returncode != 0
    assert any("No such file" in line for line in finished.errors)
    assert isinstance(finished.fault("reading"), StudioError)


def test_very_many_messages_never_block_it():
    noisy = ["-f", "lavfi", "-i", "anullsrc=d=2", "-af", "asetnsamples=16,ashowinfo", "-loglevel", "level+info"]
    assert run([*noisy, "-f", "null", "-"], CancelToken()).returncode == 0


def test_cancelling_ends_the_program():
    token = CancelToken()
    threading.Timer(0.2, token.cancel).start()
    endless = ["-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]
    with pytest.raises(Cancelled):
        run(endless, token)


def test_a_full_disk_is_told_from_other_faults(tmp_path: Path):
    """/dev/full answers every write with "No space left on device"."""
    full = ["-f", "lavfi", "-i", "sine=d=20", "-f", "wav", "/dev/full"]
    fault = run(full, CancelToken()).fault("encoding", tmp_path / "song.wav")
    assert isinstance(fault, StorageFailed)
    assert "the disk is full" in str(fault)
    assert str(tmp_path) in str(fault)
