from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.errors import BadInput, OutOfMemory
from studio.models.rungs import is_out_of_memory, starting_rung
from tests.models.fakes import card


def library_error(module: str, name: str, text: str) -> Exception:
    return type(name, (Exception,), {"__module__": module})(text)


def caused(error: Exception) -> Exception:
    outer = ValueError("the engine failed")
    outer.__cause__ = error
    return outer


def misread(error: Exception, hushed: bool = False) -> Exception:
    """As a library raises it that takes a file it had no room for as one that it can't read."""
    outer = OSError("unable to load weights")
    outer.__context__, outer.__suppress_context__ = error, hushed
    return outer


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemory("our own"),
        library_error("torch", "OutOfMemoryError", "whatever"),
        library_error("torch.cuda", "OutOfMemoryError", "whatever"),
        RuntimeError("CUDA error: out of memory\nCUDA kernel errors might be asynchronously reported"),
        RuntimeError("MPS backend out of memory (MPS allocated: 5.0 GB)"),
        RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: 9 bytes"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        library_error("cv2", "error", "OpenCV(4.13) alloc.cpp:73: error: (-4:Insufficient memory) Failed to allocate"),
        caused(MemoryError()),
        caused(misread(MemoryError())),
    ],
)
def test_memory_running_out_is_recognised(error):
    assert is_out_of_memory(error)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("shape mismatch"),
        ValueError("the song 'Out of Memory' has no beats"),
        BadInput("--prompt", "CUDA out of memory", "words"),
        library_error("cv2", "error", "(-215:Assertion failed) !_src.empty()"),
        KeyError("OutOfMemoryError"),
        misread(MemoryError(), hushed=True),
        misread(ValueError("no weights")),
    ],
)
def test_other_errors_are_not_taken_for_it(error):
    assert not is_out_of_memory(error)


def test_numpy_running_out_is_recognised():
    import numpy as np

    with pytest.raises(MemoryError) as caught:
        np.empty(2**60, np.uint8)
    assert is_out_of_memory(caught.value)


@given(
    memory=st.lists(st.integers(0, 100), min_size=1, max_size=4).map(lambda m: tuple(sorted(m, reverse=True))),
    measured=st.dictionaries(st.integers(0, 3), st.integers(0, 100)),
    capacity=st.integers(0, 100),
    floor=st.integers(0, 3),
)
def test_the_starting_rung_is_the_best_that_fits(memory, measured, capacity, floor):
    each = card("a", memory=memory, rungs=tuple(f"rung {n}" for n in range(len(memory))))
    rung, why = starting_rung(each, measured, capacity, floor)
    first = min(floor, each.last_rung)
    need = [measured.get(n, size) for n, size in enumerate(memory)]
    assert first <= rung <= each.last_rung
    assert all(need[n] > capacity for n in range(first, rung))
    assert need[rung] <= capacity or rung == each.last_rung
    assert bool(why) == (rung != first)


def test_an_embedded_engine_is_never_made_worse_for_the_device():
    each = card("a", embedded=True, memory=(9, 1), rungs=("full", "half"))
    assert starting_rung(each, {}, 0, 0) == (0, "")
