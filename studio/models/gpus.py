"""Which devices the studio's workers compute on, found without torch: the page's process asks."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping

_SECONDS = 20.0
_CARD = re.compile(r"^GPU \d+: .*\(UUID: (GPU-[0-9a-fA-F-]+)\)")
_PART = re.compile(r"^\s+MIG .*\(UUID:\s*(MIG-[0-9a-zA-Z/-]+)\)")


def find_devices(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The NVIDIA devices that work may be spread over: what CUDA_VISIBLE_DEVICES names, else every card and every part
    of a split one. Empty where there are fewer than two: one worker then finds its device by itself."""
    visible = environment.get("CUDA_VISIBLE_DEVICES")
    found = _named(visible) if visible is not None else _listed(environment)
    return found if len(found) > 1 else ()


def _named(text: str) -> tuple[str, ...]:
    """CUDA takes no device after the first that is none ("CUDA C++ Programming Guide", CUDA_VISIBLE_DEVICES)."""
    names: list[str] = []
    for part in (each.strip() for each in text.split(",")):
        if not part or part.startswith("-") or part in names:
            break
        names.append(part)
    return tuple(names)


def _listed(environment: Mapping[str, str]) -> tuple[str, ...]:
    """By what the driver's own program lists."""
    program = shutil.which("nvidia-smi", path=environment.get("PATH"))
    if program is None:
        return ()
    try:
        listing = subprocess.run(
            [program, "-L"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()  # a driver in trouble: the worker that looks for its device meets it and says so
    return parse_listing(listing.stdout) if listing.returncode == 0 else ()


def parse_listing(text: str) -> tuple[str, ...]:
    """The unique ids in what `nvidia-smi -L` prints: a card split by MIG (Multi-Instance GPU) is its parts."""
    cards: list[list[str]] = []
    for line in text.splitlines():
        if card := _CARD.match(line):
            cards.append([card[1]])
        elif (part := _PART.match(line)) and cards:
            cards[-1].append(part[1])
    return tuple(name for card in cards for name in (card[1:] or card))
