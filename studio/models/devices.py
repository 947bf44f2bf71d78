"""The device this worker computes on, and the precision its hardware computes in.

Torch is imported only where it is installed and may find a GPU, and only by `detect_device`, which the page's process
never calls.
"""

from __future__ import annotations

import ctypes
import re
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any, Literal

from studio.errors import BadInput, EngineUnavailable

Precision = Literal["bfloat16", "float16", "float32"]
_WANTED = re.compile(r"cpu|mps|cuda(:\d+)?")


@dataclass(frozen=True)
class Device:
    """name  what torch calls it: "cpu", "cuda", "cuda:1", "mps";  title  what a person calls it;
    precision_source  why that precision."""

    name: str
    title: str
    precision: Precision
    precision_source: str

    @property
    def kind(self) -> str:
        return self.name.split(":")[0]

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "precision": self.precision,
            "precision_source": self.precision_source,
        }


def detect_device(wanted: str | None = None) -> Device:
    """The device called `wanted`, or the best there is: CUDA, then Apple's GPU (mps), then the CPU.

    Raises BadInput for a name that is none, EngineUnavailable for a device this machine doesn't offer.
    """
    if wanted is not None and not _WANTED.fullmatch(wanted):
        raise BadInput("--device", wanted, "cpu | cuda | cuda:N | mps")
    if wanted == "cpu" or (wanted is None and not may_find_a_gpu()):
        return cpu_device()
    if find_spec("torch") is None:
        raise EngineUnavailable(f"device {wanted}", "torch is not installed", "install requirements-gpu.txt")
    import torch  # pyright: ignore[reportMissingImports] - only installed with the weights engines

    if wanted is None or wanted.startswith("cuda"):
        device = _cuda_device(torch, wanted or "cuda")
        if device is not None:
            return device
    if wanted in (None, "mps") and torch.backends.mps.is_available():
        return Device("mps", "Apple GPU", *choose_precision("mps"))
    if wanted is not None:
        raise EngineUnavailable(f"device {wanted}", "torch does not find it on this machine")
    return cpu_device()


def may_find_a_gpu() -> bool:
    """Whether torch is here and worth asking, for its import takes a second of each worker's start: not where its build
    is for processors alone ("2.13.0+cpu"), nor where it is one for CUDA ("2.13.0", "2.13.0+cu130") without NVIDIA's
    driver."""
    if find_spec("torch") is None:
        return False
    if "torch" in sys.modules or sys.platform == "darwin":
        return True
    try:
        build = version("torch").partition("+")[2]
    except PackageNotFoundError:
        return True
    return build != "cpu" and (_has_nvidia_driver() or not (build == "" or build.startswith("cu")))


def _has_nvidia_driver() -> bool:
    """Whether the library is there through which CUDA reaches the driver."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def cpu_device() -> Device:
    return Device("cpu", "CPU", *choose_precision("cpu"))


def _cuda_device(torch: Any, name: str) -> Device | None:
    index = int(name.partition(":")[2] or 0)
    if not torch.cuda.is_available() or index >= torch.cuda.device_count():
        return None
    title = torch.cuda.get_device_name(index)
    return Device(name, title, *choose_precision("cuda", torch.cuda.get_device_capability(index), title))


def choose_precision(kind: str, capability: tuple[int, int] = (0, 0), title: str = "") -> tuple[Precision, str]:
    """The precision for a device, and why.

    Source: CUDA C++ Programming Guide, "Arithmetic Instructions", results per clock and multiprocessor: bfloat16 at
    full rate from compute capability 8.0; float16 at 5.3, 6.0, 6.2 and from 7.0; at 6.1 only 2 against 128 in float32.
    GTX 16xx cards (7.5 without tensor cores) turn float16 diffusion into NaN, i.e. black pictures.
    """
    if kind == "mps":
        return "float16", "Apple GPUs compute float16 at full rate; bfloat16 needs an M2"
    if kind != "cuda":
        return "float32", "CPUs compute float32 fastest"
    shown = f"compute capability {capability[0]}.{capability[1]}"
    if capability >= (8, 0):
        return "bfloat16", f"{shown} computes bfloat16"
    if re.search(r"\bGTX 16\d\d", title):
        return "float32", f"{title} ({shown}) gives NaN in float16"
    if capability >= (7, 0) or capability in ((5, 3), (6, 0), (6, 2)):
        return "float16", f"{shown} computes float16, not bfloat16"
    return "float32", f"{shown} computes float16 far slower than float32"
