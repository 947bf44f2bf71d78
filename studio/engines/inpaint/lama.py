"""LaMa fills large holes from the whole picture at once (Suvorov et al., 2021), by the network a person supplies.

The file is TorchScript, as simple-lama-inpainting and IOPaint use it: it carries its own code, so it is only loaded
from the model folder, where a person has put it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from studio.cancellation import CancelToken
from studio.contracts import InpaintEngine, Weights
from studio.engines.inpaint.classical import check
from studio.errors import LoadFailed
from studio.media.scenery import smooth_filling

FILE = "big-lama.pt"
MULTIPLE = 8
"""The network halves a picture three times."""

LEAST_SIDE = 64
"""Smaller pictures leave its padding layers nothing to reflect."""

LONGEST = (1536, 1024, 512, 384)
"""Of a hole with its surroundings, one a rung: a longer part is filled smaller, and enlarged again."""

CONTEXT = 1.0
"""How much of a hole's own longer side is looked at around it."""

LEAST_CONTEXT, NEAR = 128, 65
"""Pixels looked at around the smallest hole; and up to which two holes of a large picture are one."""


@dataclass(frozen=True)
class _Part:
    """A rectangle of the picture, and (h, w) bool of what is to be filled in it."""

    rows: slice
    columns: slice
    own: np.ndarray


class LamaInpaint(InpaintEngine):
    """`weights.parts["lama"]`: the folder with big-lama.pt. `rung` indexes LONGEST. Raises LoadFailed."""

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        path = weights.parts["lama"] / FILE
        if not path.is_relative_to(weights.folder):
            raise LoadFailed(f"{path} carries code and is not in the model folder {weights.folder}: put it there")
        # its Fourier transforms don't run on Apple's
        self._path, self._device = path, "cpu" if device == "mps" else device
        self._network: torch.jit.ScriptModule = _read(path, self._device)

    def warm_up(self) -> None:
        """Fills a hole of the size that this rung works at: what is no such network is refused here."""
        side = LONGEST[self.rung] if self._device != "cpu" else LEAST_SIDE
        picture, mask = np.full((side, side, 3), 128, np.uint8), np.zeros((side, side), bool)
        mask[side // 4 : side // 2, side // 4 : side // 2] = True
        self._run(picture, mask)

    def leave_device(self) -> bool:
        self._network.to("cpu")
        return True

    def enter_device(self) -> None:
        self._network.to(self._device)

    def close(self) -> None:
        del self._network

    def repair(self, picture: np.ndarray, mask: np.ndarray, cancel: CancelToken) -> np.ndarray:
        check(picture, mask)
        cancel.check()
        filled = picture.copy()
        missing = mask.copy()
        for part in _parts(mask, LONGEST[self.rung]):
            cancel.check()
            piece, hidden = filled[part.rows, part.columns], missing[part.rows, part.columns]
            piece[:] = np.where(part.own[..., None], self._filled(piece, hidden), piece)
            hidden[:] = hidden & ~part.own  # the next hole may go by what is in this one now
        return filled

    def _filled(self, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """At the rung's size, and back."""
        height, width = mask.shape
        shrink = min(1.0, LONGEST[self.rung] / max(height, width))
        if shrink == 1.0:
            return self._run(picture, mask)
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(_without(picture, mask), size, interpolation=cv2.INTER_AREA)
        hidden = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
        return cv2.resize(self._run(small, hidden), (width, height), interpolation=cv2.INTER_CUBIC)

    @torch.inference_mode()
    def _run(self, picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
        height, width = mask.shape
        padding = [(0, max(LEAST_SIDE, -(-side // MULTIPLE) * MULTIPLE) - side) for side in (height, width)]
        whole = np.pad(picture, [*padding, (0, 0)], mode="symmetric").astype(np.float32) / 255
        hidden = np.pad(mask, padding, mode="symmetric").astype(np.float32)
        image = torch.from_numpy(whole).permute(2, 0, 1)[None].to(self._device)
        hole = torch.from_numpy(hidden)[None, None].to(self._device)
        try:
            # optimising would compile anew for each size, and its first runs differ from the later ones
            with torch.jit.optimized_execution(False):  # pyright: ignore[reportPrivateImportUsage]
                result = self._network(image, hole)
        except torch.OutOfMemoryError:
            raise
        except (RuntimeError, TypeError, ValueError) as error:
            raise LoadFailed(f"{self._path} does not work as LaMa does: {_line(error)}") from error
        if not isinstance(result, torch.Tensor) or result.shape != image.shape:
            raise LoadFailed(f"{self._path} is not LaMa: its result is not a picture as large as the one it was given")
        if not bool(torch.isfinite(result).all()):
            raise LoadFailed(f"{self._path} gives no finite picture: it is damaged")
        pixels = (result[0, :, :height, :width].permute(1, 2, 0).float().cpu().numpy() * 255).round()
        return np.clip(pixels, 0, 255).astype(np.uint8)


def _read(path: Path, device: str) -> torch.jit.ScriptModule:
    try:
        with zipfile.ZipFile(path) as archive:
            scripted = any(name.partition("/")[2].startswith("code/") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile) as error:
        raise LoadFailed(f"{path} can't be read: {_line(error)}") from error
    if not scripted:
        raise LoadFailed(f"{path} is a checkpoint without its network; {FILE} as TorchScript is needed")
    try:
        with path.open("rb") as file:
            return torch.jit.load(file, map_location=device).eval()
    except torch.OutOfMemoryError:
        raise
    except (RuntimeError, ValueError, OSError) as error:
        raise LoadFailed(f"{path} can't be read: {_line(error)}") from error


def _parts(mask: np.ndarray, longest: int) -> list[_Part]:
    """The whole picture where it is small enough, else each hole with its surroundings; holes close together are
    one."""
    height, width = mask.shape
    if max(height, width) <= longest:
        return [_Part(slice(0, height), slice(0, width), mask)] if mask.any() else []
    close = cv2.dilate(mask.astype(np.uint8), np.ones((NEAR, NEAR), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(close)
    parts = []
    for left, top, wide, high, _ in stats[1:count].tolist():
        rim = max(LEAST_CONTEXT, round(CONTEXT * max(wide, high)))
        rows = slice(max(0, top - rim), min(height, top + high + rim))
        columns = slice(max(0, left - rim), min(width, left + wide + rim))
        parts.append(_Part(rows, columns, (labels[rows, columns] == len(parts) + 1) & mask[rows, columns]))
    return parts


def _without(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """`picture` with the hole in its surroundings' colours, so that none of what is in it bleeds out as it shrinks."""
    return smooth_filling(picture.astype(np.float32), 1.0 - mask.astype(np.float32)).clip(0, 255).astype(np.uint8)


def _line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[-300:]
