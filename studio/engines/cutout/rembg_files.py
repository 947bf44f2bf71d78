"""Where the networks that rembg made popular may lie on this machine. They are never fetched from here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.settings import ROOT

NAMES = ("isnet-general-use.onnx", "u2net.onnx", "u2net_human_seg.onnx", "silueta.onnx", "u2netp.onnx")
"""Best first, as rembg names them."""


def folders() -> tuple[Path, ...]:
    """The studio's model folder, then the one that rembg keeps its downloads in."""
    return ROOT / "models", Path.home() / ".u2net"


def model_file(within: Sequence[Path] | None = None) -> Path | None:
    """The best of the networks that are there; None without one."""
    places = folders() if within is None else within
    return next((folder / name for name in NAMES for folder in places if (folder / name).is_file()), None)


def unavailable() -> str:
    """Why the engine can't run here, "" when it can."""
    if model_file():
        return ""
    return f"none of {', '.join(NAMES)} is in {' or '.join(map(str, folders()))}; put one there to use it"
