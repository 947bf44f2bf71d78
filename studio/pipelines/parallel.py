"""Independent pieces of a stage side by side, where engines leave the interpreter lock to each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from studio.cancellation import CancelToken

R = TypeVar("R")

MOST_THREADS = 4


def run_all(pieces: Sequence[Callable[[CancelToken], R]], cancel: CancelToken, most: int = MOST_THREADS) -> list[R]:
    """Calls each piece with a token, `most` of them at once; results in order. The first fault cancels the others and
    is raised."""
    token = CancelToken()
    forget = cancel.on_cancel(token.cancel)
    faults: list[BaseException] = []

    def guarded(piece: Callable[[CancelToken], R]) -> R:
        try:
            token.check()
            return piece(token)
        except BaseException as fault:
            faults.append(fault)
            token.cancel()
            raise

    try:
        with ThreadPoolExecutor(min(most, os.cpu_count() or 1), thread_name_prefix="piece") as pool:
            futures = [pool.submit(guarded, piece) for piece in pieces]
        cancel.check()
        if faults:
            raise faults[0]
        return [future.result() for future in futures]
    finally:
        forget()
