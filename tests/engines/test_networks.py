"""The networks that come with the studio: there, as published, read by OpenCV, and refused in words when broken."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from studio.engines import networks
from studio.engines.networks import (
    FILES,
    HEARING_FILES,
    MODELS,
    READING_FILES,
    Network,
    OnnxNetwork,
    hearing_unavailable,
    reading_unavailable,
    unavailable,
)
from studio.errors import LoadFailed


def test_they_are_there_and_as_published() -> None:
    assert unavailable() == hearing_unavailable() == reading_unavailable() == ""
    sums = dict(re.findall(r"`(\S+)` \| `([0-9a-f]{64})`", (MODELS / "README.md").read_text()))
    assert set(sums) == {*FILES, *HEARING_FILES, *READING_FILES}
    for name, expected in sums.items():
        assert hashlib.sha256((MODELS / name).read_bytes()).hexdigest() == expected, name
    assert "Apache License" in (MODELS / "LICENSE").read_text()


def test_a_copy_without_them_says_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "u2netp.onnx").write_bytes(b"x")
    monkeypatch.setattr(networks, "MODELS", tmp_path)
    why = unavailable()
    assert "selfie_segmentation.tflite" in why
    assert "u2netp.onnx" not in why
    assert str(tmp_path) in why
    assert all(name in hearing_unavailable() for name in HEARING_FILES)
    assert all(name in reading_unavailable() for name in READING_FILES)


def test_the_outputs_are_those_that_were_asked_for_and_stay_the_callers() -> None:
    people = Network("selfie_segmentation.tflite", ("activation_10",))
    rng = np.random.default_rng(3)
    one, two = (rng.random((256, 256, 3)) for _ in range(2))
    first = people(one)[0]
    kept = first.copy()
    assert first.shape == (1, 1, 256, 256)
    assert first.min() >= 0
    assert first.max() <= 1
    second = people(two)[0]
    assert not np.array_equal(first, second)
    assert np.array_equal(first, kept)


def test_threads_may_share_one() -> None:
    people = Network("selfie_segmentation.tflite", ("activation_10",))
    pictures = [np.full((256, 256, 3), level) for level in (0.1, 0.4, 0.6, 0.9)]
    expected = [people(picture)[0] for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda picture: people(picture)[0], pictures * 3))
    for one, two in zip(found, expected * 3, strict=True):
        assert np.array_equal(one, two)


@pytest.mark.parametrize("content", [None, b"", b"no network at all"], ids=["missing", "empty", "words"])
@pytest.mark.parametrize("name", ["broken.onnx", "broken.tflite"])
def test_a_file_that_is_no_network_is_refused_with_its_name(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(LoadFailed, match=name):
        Network(name, ("out",), tmp_path)(np.zeros((8, 8, 3)))
    if name.endswith(".onnx"):
        with pytest.raises(LoadFailed, match=name):
            OnnxNetwork(name, ("out",), tmp_path)({"in": np.zeros((1, 3))})
