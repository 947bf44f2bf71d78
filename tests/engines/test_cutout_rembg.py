"""The cut-out with a network from rembg's folder: found, checked, refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from studio.engines import networks
from studio.engines.cutout import rembg_files
from studio.engines.cutout.rembg import OnnxSegmenter, RembgCutout
from studio.engines.cutout.saliency import DEVIATION, MEAN, SubjectFinder
from studio.errors import EngineUnavailable, LoadFailed
from tests.engines.drawn_pictures import backgrounds, before, person

SMALL = networks.MODELS / "u2netp.onnx"


def field(number: int, payload: bytes | int) -> bytes:
    """One field of a protobuf message: a varint or bytes."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def tensor_of(name: str, shape: tuple[int, ...], kind: int = 1) -> bytes:
    dims = b"".join(field(1, field(1, size)) for size in shape)
    return field(1, name.encode()) + field(2, field(1, field(1, kind) + field(2, dims)))


def network(path: Path, operator: str, shape: tuple[int, ...]) -> Path:
    """An ONNX file of a single operator from one tensor of `shape` to another."""
    node = field(1, b"x") + field(2, b"y") + field(4, operator.encode())
    graph = field(1, node) + field(2, b"g") + field(11, tensor_of("x", shape)) + field(12, tensor_of("y", shape))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 13)))
    return path


def test_the_same_network_through_another_runtime_sees_the_same() -> None:
    picture = before(person((320, 320)), backgrounds((320, 320))["leaves"])
    ours = SubjectFinder()._salience(picture)
    theirs = OnnxSegmenter(SMALL)(picture)
    assert np.abs(ours - theirs).mean() < 0.02
    opencv = networks.Network(SMALL.name, ("1959",))((picture / 255.0 - MEAN) / DEVIATION)[0]
    assert np.abs(ours - np.clip(opencv[0, 0], 0, 1)).max() < 1e-3


def test_the_best_network_there_is_is_taken(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    assert rembg_files.model_file((first, second)) is None
    shutil.copy(SMALL, first / "u2netp.onnx")
    assert rembg_files.model_file((first, second)) == first / "u2netp.onnx"
    (second / "isnet-general-use.onnx").write_bytes(b"")
    assert rembg_files.model_file((first, second)) == second / "isnet-general-use.onnx"


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(rembg_files.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(rembg_files, "ROOT", tmp_path)
    assert "isnet-general-use.onnx" in rembg_files.unavailable()
    with pytest.raises(EngineUnavailable, match="no network"):
        RembgCutout()
    (tmp_path / ".u2net").mkdir()
    shutil.copy(SMALL, tmp_path / ".u2net" / "u2net.onnx")
    assert rembg_files.unavailable() == ""
    assert RembgCutout().name == "rembg"


def test_a_file_that_is_no_network_does_not_load(tmp_path: Path) -> None:
    broken = tmp_path / "u2net.onnx"
    for content in (b"", b"not a network", SMALL.read_bytes()[:50_000]):
        broken.write_bytes(content)
        with pytest.raises(LoadFailed, match=r"u2net\.onnx"):
            RembgCutout(model=broken)


@pytest.mark.parametrize("shape", [(1, 1, 64, 64), (1, 3, 64, 48), (1, 3, 64), (1, 3, 8, 8)])
def test_a_network_of_another_kind_does_not_load(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(LoadFailed, match="expected is one float picture"):
        OnnxSegmenter(network(tmp_path / "u2net.onnx", "Sigmoid", shape))


def test_an_answer_of_another_shape_is_refused(tmp_path: Path) -> None:
    segmenter = OnnxSegmenter(network(tmp_path / "u2net.onnx", "Sigmoid", (1, 3, 64, 64)))
    with pytest.raises(LoadFailed, match="answered"):
        segmenter(np.zeros((80, 80, 3), np.uint8))
