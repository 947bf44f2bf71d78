"""Pieces side by side: order, the first fault, and cancelling from outside."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from studio.cancellation import CancelToken
from studio.errors import Cancelled
from studio.pipelines.parallel import run_all


def test_results_keep_the_order_of_the_pieces() -> None:
    barrier = threading.Barrier(2)

    def piece(number: int, _: CancelToken) -> int:
        if number < 2:
            barrier.wait(5)  # both at once, or this breaks
        return number

    assert run_all([partial(piece, n) for n in range(5)], CancelToken()) == list(range(5))


def test_the_first_fault_ends_the_others_and_is_the_one_raised() -> None:
    def breaks(_: CancelToken) -> None:
        raise ValueError("broken")

    def waits(token: CancelToken) -> None:
        token.wait(30)

    with pytest.raises(ValueError, match="broken"):
        run_all([waits, breaks, waits], CancelToken())


def test_cancelling_ends_all_pieces() -> None:
    outer = CancelToken()
    threading.Timer(0.2, outer.cancel).start()
    with pytest.raises(Cancelled):
        run_all([lambda token: token.wait(30)] * 4, outer)
