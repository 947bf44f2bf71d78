"""The cut-out with a larger network that the person has on disk: U-2-Net or IS-Net in ONNX, as rembg uses them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from studio.engines.cutout.matting import Head
from studio.engines.cutout.rembg_files import NAMES, folders, model_file
from studio.engines.cutout.saliency import DEVIATION, MEAN, SMALLEST_FACE, Guess, certainty_of, share_of_picture
from studio.engines.cutout.u2net import U2NetCutout
from studio.engines.faces import FaceFinder
from studio.errors import EngineUnavailable, LoadFailed

LARGEST_FILE = 1024**3
"""Bytes; the largest of the named networks has 180 MB."""

LARGEST_SIDE = 2048


class RembgCutout(U2NetCutout):
    """What the network sees, its outline and edge drawn as the embedded engine does."""

    def __init__(self, name: str = "rembg", device: str = "cpu", rung: int = 0, model: Path | None = None) -> None:
        """`model`: an ONNX file to use instead of the one found. Raises EngineUnavailable, LoadFailed."""
        super().__init__(name, device, rung)
        path = model or model_file()
        if path is None:
            where = " or ".join(map(str, folders()))
            raise EngineUnavailable(name, "it has no network", f"put one of {', '.join(NAMES)} into {where}")
        self._finder = _OnnxFinder(path)


class _OnnxFinder:
    """Stands where `saliency.SubjectFinder` does; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._network = OnnxSegmenter(path)
        self._faces = FaceFinder()

    def find(self, picture: np.ndarray) -> Guess:
        """The subject of `picture` (h, w, 3) uint8 RGB."""
        probability = self._network(picture)
        faces = self._faces.find(picture)
        heads: tuple[Head, ...] = tuple(
            share_of_picture(face, picture.shape) for face in faces if face.box[2] >= SMALLEST_FACE * faces[0].box[2]
        )
        return Guess(probability, certainty_of(probability), heads)


class OnnxSegmenter:
    """One network from a picture (1, 3, side, side) to how much each pixel is subject (1, 1, side, side)."""

    def __init__(self, path: Path) -> None:
        """Raises LoadFailed for a file that is no such network."""
        import onnxruntime

        self._lock = threading.Lock()
        self._plain = path.name.startswith("isnet")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        try:
            if path.stat().st_size > LARGEST_FILE:
                raise LoadFailed(f"{path} has more than {LARGEST_FILE} bytes: no network of this kind")
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except LoadFailed:
            raise
        except Exception as error:  # onnxruntime raises a class of its own for each way in which a file is none
            raise LoadFailed(f"{path} is no network that onnxruntime {onnxruntime.__version__} reads") from error
        self._side = _side(path, self._session.get_inputs(), self._session.get_outputs())

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        """(h, w) float32 0..1 for `picture` (h, w, 3) uint8. Raises LoadFailed when the network answers nonsense."""
        small = cv2.resize(picture, (self._side, self._side), interpolation=cv2.INTER_AREA).astype(np.float32)
        small /= max(float(small.max()), 1e-6)
        mean, deviation = ((0.5,) * 3, (1.0,) * 3) if self._plain else (MEAN, DEVIATION)
        scaled = (small - np.array(mean, np.float32)) / np.array(deviation, np.float32)
        blob = np.ascontiguousarray(scaled.transpose(2, 0, 1))[None]
        entry, answer = self._session.get_inputs()[0].name, self._session.get_outputs()[0].name
        with self._lock:
            found = np.asarray(self._session.run([answer], {entry: blob})[0])
        if found.shape != (1, 1, self._side, self._side) or not np.isfinite(found).all():
            raise LoadFailed(f"the network answered {found.shape} with {np.isfinite(found).mean():.0%} of numbers")
        mask = found[0, 0].astype(np.float32)
        low, high = float(mask.min()), float(mask.max())
        # stretched as rembg does, but not where the network sees nothing at all
        mask = (mask - low) / (high - low) if high - low > 0.2 else np.clip(mask, 0.0, 1.0)
        return cv2.resize(mask, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_LINEAR)


def _side(path: Path, inputs: Sequence[Any], outputs: Sequence[Any]) -> int:
    """Of the network's square input. Raises LoadFailed where inputs and outputs are not those of such a network."""
    shape = list(inputs[0].shape) if inputs else []
    fits = (
        len(inputs) == 1
        and inputs[0].type == "tensor(float)"
        and len(shape) == 4
        and shape[1] == 3
        and bool(outputs)
        and outputs[0].type == "tensor(float)"
        and len(outputs[0].shape) == 4
    )
    side = shape[2] if fits else None
    if not isinstance(side, int) or shape[3] != side or not 32 <= side <= LARGEST_SIDE:
        expected = "one float picture (1, 3, side, side) in, float masks out"
        raise LoadFailed(f"{path} takes {[(each.type, each.shape) for each in inputs]}; expected is {expected}")
    return side
