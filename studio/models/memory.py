"""Memory as measured: of the device a model is resident on, and of this process."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from studio.models.devices import Device


@dataclass(frozen=True)
class Clock:
    """Seconds on a clock that never goes back, and a way to let them pass."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Reading:
    """Bytes in use, bytes there are, and bytes a model could still get, where others than `used` count too."""

    used: int
    total: int
    available: int | None = None

    @property
    def free(self) -> int:
        return max(0, self.total - self.used) if self.available is None else self.available


class MemoryGauge(Protocol):
    """`settle_seconds`: how long freed memory may take to show; a driver gives it back asynchronously."""

    settle_seconds: float

    def read(self) -> Reading: ...


class ProcessGauge:
    """This process's resident memory against the machine's (or the container's) RAM: the CPU as a device."""

    settle_seconds = 0.2

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._total = min(psutil.virtual_memory().total, container_limit())

    def read(self) -> Reading:
        import psutil

        used = int(self._process.memory_info().rss)
        return Reading(used, self._total, max(0, min(psutil.virtual_memory().available, self._total - used)))


class CudaGauge:
    """A CUDA device's memory as its driver counts it, other processes included."""

    settle_seconds = 5.0

    def __init__(self, device: str) -> None:
        self._device = device

    def read(self) -> Reading:
        import torch  # pyright: ignore[reportMissingImports]

        free, total = torch.cuda.mem_get_info(self._device)
        return Reading(total - free, total)


class MpsGauge:
    """What Metal has handed this process, against what it recommends as the most."""

    settle_seconds = 2.0

    def read(self) -> Reading:
        import torch  # pyright: ignore[reportMissingImports]

        return Reading(torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory())


def gauge_for(device: Device) -> MemoryGauge:
    if device.kind == "cuda":
        return CudaGauge(device.name)
    return MpsGauge() if device.kind == "mps" else ProcessGauge()


class PeakMeter:
    """The most memory in use while a block runs, read every few milliseconds by a thread of its own:

    with PeakMeter(gauge) as meter: ...
    meter.peak  # bytes
    """

    def __init__(self, gauge: MemoryGauge, every_seconds: float = 0.02) -> None:
        self._gauge, self._every = gauge, every_seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="peak memory", daemon=True)
        self.peak = 0

    def __enter__(self) -> PeakMeter:
        self._read()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._read()

    def _watch(self) -> None:
        while not self._ended.wait(self._every):
            self._read()

    def _read(self) -> None:
        self.peak = max(self.peak, self._gauge.read().used)


def ram_budget(share: float = 0.25) -> int:
    """Bytes the RAM tier may fill: `share` of what is available now."""
    import psutil

    return int(share * min(psutil.virtual_memory().available, container_limit()))


def container_limit(files: tuple[Path, ...] | None = None) -> int:
    """Bytes this process's control group may use, or a number above any machine's where there is no limit."""
    version_2, version_1 = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes")
    for file in files or (version_2, version_1):
        text = file.read_text().strip() if file.is_file() else ""
        if text.isdigit():
            return int(text)
    return 2**63 - 1


def give_back() -> None:
    """Frees what nothing refers to: Python's cycles, torch's caches (if it is loaded), the C library's free lists."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch is not None and torch.backends.mps.is_available():
        torch.mps.empty_cache()
    trim = _malloc_trim()
    if trim is not None:
        trim(0)


def _malloc_trim() -> Callable[[int], int] | None:
    # glibc keeps freed blocks for itself: the "RAM never returned after swaps" of others.
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def wait_until_returned(gauge: MemoryGauge, clock: Clock, before: int, expected: int) -> int:
    """Waits until 75 % of `expected` bytes have gone from `before`, at most the gauge's `settle_seconds`.

    Returns the bytes that did come back. Source of the figures: Ollama's scheduler, waitForVRAMRecovery.
    """
    deadline = clock.now() + gauge.settle_seconds
    while True:
        returned = before - gauge.read().used
        if returned >= 0.75 * expected or clock.now() >= deadline:
            return max(0, returned)
        clock.sleep(0.05)
