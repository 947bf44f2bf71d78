from __future__ import annotations

import sys

import pytest

from studio.errors import BadInput, EngineUnavailable
from studio.models import devices
from studio.models.devices import choose_precision, detect_device


class Torch:
    """What torch says of machines that aren't this one."""

    def __init__(self, cards: list[tuple[str, tuple[int, int]]], apple: bool = False) -> None:
        self.cuda, self._cards = self, cards
        self.backends = self.mps = self
        self._apple = apple

    def is_available(self) -> bool:
        return bool(self._cards) or self._apple

    def device_count(self) -> int:
        return len(self._cards)

    def get_device_name(self, index: int) -> str:
        return self._cards[index][0]

    def get_device_capability(self, index: int) -> tuple[int, int]:
        return self._cards[index][1]


@pytest.fixture
def machine(monkeypatch):
    def with_torch(*arguments, **options):
        monkeypatch.setitem(sys.modules, "torch", Torch(*arguments, **options))
        monkeypatch.setattr(devices, "find_spec", lambda name: name)

    return with_torch


@pytest.mark.parametrize(
    ("kind", "capability", "title", "precision"),
    [
        ("cpu", (0, 0), "", "float32"),
        ("mps", (0, 0), "", "float16"),
        ("cuda", (9, 0), "NVIDIA H100", "bfloat16"),
        ("cuda", (8, 0), "NVIDIA A100", "bfloat16"),
        ("cuda", (7, 5), "Tesla T4", "float16"),
        ("cuda", (7, 5), "NVIDIA GeForce GTX 1660 Ti", "float32"),
        ("cuda", (7, 0), "Tesla V100", "float16"),
        ("cuda", (6, 0), "Tesla P100", "float16"),
        ("cuda", (6, 1), "NVIDIA GeForce GTX 1080", "float32"),
        ("cuda", (5, 2), "NVIDIA GeForce GTX 970", "float32"),
    ],
)
def test_precision_is_what_the_hardware_computes_and_says_why(kind, capability, title, precision):
    chosen, source = choose_precision(kind, capability, title)
    assert chosen == precision
    assert source


def test_without_torch_it_is_the_cpu_and_a_gpu_asked_for_is_refused(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda _: None)
    assert detect_device().name == "cpu"
    assert detect_device("cpu").precision == "float32"
    with pytest.raises(EngineUnavailable, match="device cuda can't run here: torch is not installed"):
        detect_device("cuda")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "CPU", "", "cuda:1;rm"])
def test_a_name_that_is_no_device_is_refused(name):
    with pytest.raises(BadInput, match="--device"):
        detect_device(name)


def test_the_best_device_is_taken_and_the_one_asked_for_is_honoured(machine):
    machine([("Tesla T4", (7, 5)), ("NVIDIA A100", (8, 0))])
    assert (detect_device().name, detect_device().precision) == ("cuda", "float16")
    assert (detect_device("cuda:1").title, detect_device("cuda:1").precision) == ("NVIDIA A100", "bfloat16")
    assert detect_device("cuda:1").kind == "cuda"
    assert detect_device("cpu").name == "cpu"
    with pytest.raises(EngineUnavailable, match="device cuda:2"):
        detect_device("cuda:2")


@pytest.mark.parametrize(
    ("build", "driver", "asked"),
    [
        ("2.13.0+cpu", True, False),
        ("2.13.0", False, False),
        ("2.13.0+cu130", False, False),
        ("2.13.0+cu130", True, True),
        ("2.13.0", True, True),
        ("2.13.0+rocm7.1", False, True),
    ],
)
def test_torch_is_imported_only_where_it_may_find_a_gpu(monkeypatch, build, driver, asked):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.setattr(devices, "find_spec", lambda name: name)
    monkeypatch.setattr(devices, "version", lambda _: build)
    monkeypatch.setattr(devices, "_has_nvidia_driver", lambda: driver)
    monkeypatch.setattr(sys, "platform", "linux")
    imported = []

    class Finder:
        """Notes that torch is imported."""

        def find_spec(self, name, path=None, target=None):
            if name == "torch":
                imported.append(name)
                raise ImportError(name)

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    if asked:
        with pytest.raises(ImportError):
            detect_device()
    else:
        assert detect_device().name == "cpu"
    assert bool(imported) == asked
