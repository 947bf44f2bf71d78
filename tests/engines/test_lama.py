"""LaMa from TorchScript files: what is accepted as one, and pictures of every size through it."""

from __future__ import annotations

import gc
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from studio.cancellation import CancelToken
from studio.contracts import Weights
from studio.engines.inpaint.lama import LONGEST, LamaInpaint
from studio.errors import LoadFailed
from studio.models.devices import cpu_device
from studio.models.manager import LeaseOptions, ModelManager
from studio.models.registry import load_registry
from studio.models.weights import WeightsShelf, read_items
from studio.settings import ROOT
from tests.engines.tiny_lama import TinyLama, tiny_lama

ITEMS = ROOT / "presets" / "weights.yaml"


class Strict(TinyLama):
    """Refuses what the real one can't take, and paints what it was given: red where the mask is, green where none."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        assert image.shape[2] % 8 == 0
        assert image.shape[3] % 8 == 0
        assert min(image.shape[2], image.shape[3]) >= 64
        assert mask.shape[1] == 1
        assert float(image.max()) <= 1.0
        assert bool(((mask == 0) | (mask == 1)).all())
        return torch.cat([mask, 1 - mask, torch.full_like(mask, image.shape[3] / 2048)], dim=1)


class Smaller(TinyLama):
    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image[:, :, ::2, ::2]


class NotFinite(TinyLama):
    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return image / 0.0 - image / 0.0


class Greedy(TinyLama):
    """Has no memory for more than 1100 pixels a side: in earnest, within TorchScript."""

    def forward(self, image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        if image.shape[3] > 1100:
            return image + torch.empty([1 << 50, image.shape[3]], dtype=torch.uint8)
        return image


class OneInput(TinyLama):
    def forward(self, image: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        return image


def engine_of(models: Path, network: torch.nn.Module | None = None, rung: int = 0) -> LamaInpaint:
    return LamaInpaint("lama", "cpu", rung, tiny_lama(models, network))


@pytest.mark.parametrize("size", [(64, 64), (61, 77), (5, 200), (130, 131)])
def test_the_network_gets_what_it_can_take_and_fills_the_mask_alone(tmp_path: Path, size: tuple[int, int]) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    mask = np.zeros(size, bool)
    mask[1:4, size[1] // 2 :] = True
    filled = engine_of(tmp_path, Strict()).repair(picture, mask, CancelToken())
    assert np.array_equal(filled[~mask], picture[~mask])
    assert (filled[mask][:, 0] == 255).all()
    assert (filled[mask][:, 1] == 0).all()


def test_a_large_picture_is_filled_hole_by_hole_and_smaller_on_lower_rungs(tmp_path: Path) -> None:
    picture = np.full((300, 1700, 3), 90, np.uint8)
    picture[:, 850:] = 200
    mask = np.zeros((300, 1700), bool)
    mask[100:140, 100:150] = mask[100:200, 1400:1500] = True
    filled = engine_of(tmp_path).repair(picture, mask, CancelToken())
    assert np.abs(filled.astype(int) - picture).max() <= 1  # each from what is around it, not from the whole
    sides = []
    for rung in range(len(LONGEST)):
        one = np.zeros((300, 1700), bool)
        one[20:280, 300:1300] = True
        result = engine_of(tmp_path, Strict(), rung).repair(picture, one, CancelToken())
        assert np.array_equal(result[~one], picture[~one])
        sides.append(float(np.median(result[one][:, 2])) / 255 * 2048)
    assert sides == sorted(sides, reverse=True)
    assert sides[-1] == pytest.approx(384, abs=12)


def test_what_is_in_a_hole_does_not_bleed_out_as_it_is_made_smaller(tmp_path: Path) -> None:
    picture = np.full((200, 1700, 3), 100, np.uint8)
    mask = np.zeros((200, 1700), bool)
    mask[50:151, 101:1602] = True
    broken = np.where(mask[..., None], np.array([0, 255, 0], np.uint8), picture)
    filled = engine_of(tmp_path, rung=3).repair(broken, mask, CancelToken())
    assert np.abs(filled.astype(int) - picture).max() <= 2


@pytest.mark.parametrize(("network", "said"), [(Smaller, "as large as"), (NotFinite, "finite"), (OneInput, "work as")])
def test_other_networks_are_refused(tmp_path: Path, network: type[torch.nn.Module], said: str) -> None:
    with pytest.raises(LoadFailed, match=said):
        engine_of(tmp_path, network()).warm_up()


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    weights = tiny_lama(tmp_path)
    path = weights.parts["lama"] / "big-lama.pt"
    whole = path.read_bytes()
    for body in (b"", b"PK\x03\x04", whole[: len(whole) // 2], b"<html>"):
        path.write_bytes(body)
        with pytest.raises(LoadFailed, match=r"big-lama\.pt can't be read"):
            LamaInpaint("lama", "cpu", 0, weights)
    torch.save(TinyLama().state_dict(), path)
    with pytest.raises(LoadFailed, match="checkpoint without its network"):
        LamaInpaint("lama", "cpu", 0, weights)
    path.unlink()
    with pytest.raises(LoadFailed, match="can't be read"):
        LamaInpaint("lama", "cpu", 0, weights)


def test_code_is_taken_from_the_model_folder_alone(tmp_path: Path) -> None:
    weights = tiny_lama(tmp_path / "elsewhere")
    with pytest.raises(LoadFailed, match="carries code"):
        LamaInpaint("lama", "cpu", 0, Weights(weights.parts, tmp_path / "models"))


def test_memory_that_runs_out_is_not_taken_for_a_bad_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = engine_of(tmp_path)

    def starved(*_: object) -> torch.Tensor:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(engine, "_network", starved)
    with pytest.raises(torch.OutOfMemoryError):
        engine.warm_up()


def test_memory_that_runs_out_within_the_network_costs_a_rung(tmp_path: Path) -> None:
    tiny_lama(tmp_path, Greedy())
    registry = load_registry(ROOT / "presets" / "engines.yaml", "cpu", WeightsShelf(read_items(ITEMS), tmp_path))
    manager = ModelManager(registry, cpu_device())
    picture, mask, notices = np.full((64, 1400, 3), 90, np.uint8), np.zeros((64, 1400), bool), []
    mask[20:40, 100:1300] = True
    filled = manager.run(
        "inpaint/lama",
        LeaseOptions(notify=notices.append),
        lambda engine: engine.repair(picture, mask, CancelToken()),
    )
    assert manager.close()
    assert np.array_equal(filled, picture)
    assert "up to 1024 pixels" in notices[0]


def test_closed_it_is_gone(tmp_path: Path) -> None:
    engine = engine_of(tmp_path)
    picture = cv2.resize(np.random.default_rng(1).integers(0, 255, (9, 9, 3), np.uint8), (90, 70))
    mask = np.zeros((70, 90), bool)
    mask[20:30, 20:40] = True
    filled = engine.repair(picture, mask, CancelToken())
    assert engine.leave_device()
    engine.enter_device()
    assert np.array_equal(engine.repair(picture, mask, CancelToken()), filled)
    engine.close()
    gc.collect()
    assert not any(isinstance(each, torch.jit.ScriptModule) for each in gc.get_objects())
