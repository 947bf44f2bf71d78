"""The ladder a model climbs down when memory runs out, and how running out is recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping

from studio.models.cards import EngineCard

_NAMES = frozenset({"OutOfMemoryError", "OutOfMemory", "MemoryError"})
_TEXT = re.compile(
    r"out of memory"  # CUDA, MPS, HIP
    r"|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED"
    r"|DefaultCPUAllocator: (can't|not enough)"  # torch on the CPU
    r"|Insufficient memory"  # OpenCV, StsNoMem
    r"|Failed to allocate memory",  # onnxruntime
    re.IGNORECASE,
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error`, or what it was raised for, is memory running out; torch's kinds by name, unimported.

    Also while which it was raised: diffusers takes a file it had no room for as one that it can't read.
    """
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if any(kind.__name__ in _NAMES for kind in type(current).__mro__):
            return True
        if _is_library_error(current) and _TEXT.search(str(current)):
            return True
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return False


def _is_library_error(error: BaseException) -> bool:
    # torch raises plain RuntimeError, cv2 its own cv2.error; a ValueError that quotes such a text is no sign.
    return type(error) is RuntimeError or type(error).__module__.split(".")[0] in ("torch", "cv2", "onnxruntime")


def starting_rung(card: EngineCard, measured: Mapping[int, int], capacity: int, floor: int) -> tuple[int, str]:
    """The best rung from `floor` on that fits into `capacity` bytes, and in words why it isn't `floor`.

    `measured` {rung: bytes} goes before the card's estimates. When none fits it is the last: estimates may be wrong,
    and the attempt tells. An embedded engine always fits.
    """
    first = min(floor, card.last_rung)
    if card.embedded:
        return first, ""
    for rung in range(first, len(card.rungs)):
        if measured.get(rung, card.memory[rung]) <= capacity or rung == card.last_rung:
            need = measured.get(first, card.memory[first])
            why = f"{card.rungs[first]} needs {gigabytes(need)} and the device offers {gigabytes(capacity)}"
            return rung, why if rung != first else ""
    return first, ""


def lowered_notice(card: EngineCard, rung: int, why: str) -> str:
    return f"{card.key} runs with {card.rungs[rung]} instead of {card.rungs[0]}: {why}"


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
