"""The small trained networks that come with the studio (assets/models), run by OpenCV's own `dnn` module.

No other runtime is needed: on these files it equals TensorFlow Lite to 1e-4. assets/models/README.md has their origin.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import LoadFailed
from studio.settings import ROOT

if TYPE_CHECKING:
    import cv2
    import numpy as np

MODELS = ROOT / "assets" / "models"
FILES = ("face_detection_short_range.tflite", "face_landmark.tflite", "selfie_segmentation.tflite", "u2netp.onnx")


def unavailable() -> str:
    """Why the networks can't be used, "" when they can: a copy of the studio without its models."""
    missing = [name for name in FILES if not (MODELS / name).is_file()]
    return f"{', '.join(missing)} missing in {MODELS}" if missing else ""


class Network:
    """One network, read at the first call and kept. Threads may share it: a forward pass is one thread's at a time."""

    def __init__(self, file: str, outputs: Sequence[str], folder: Path = MODELS) -> None:
        self._path, self._outputs = folder / file, list(outputs)
        self._lock = threading.Lock()
        self._net: cv2.dnn.Net | None = None

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        """The named outputs for `picture` (h, w, 3) float, in the range and size that the network was trained on."""
        import numpy as np

        blob = np.ascontiguousarray(picture.transpose(2, 0, 1), np.float32)[None]
        with self._lock:
            if self._net is None:
                self._net = self._read()
            self._net.setInput(blob)
            # OpenCV hands out its own buffers, which the next pass overwrites
            return [np.array(each) for each in self._net.forward(self._outputs)]

    def _read(self):
        import cv2

        try:
            return cv2.dnn.readNet(str(self._path))
        except cv2.error as error:
            raise LoadFailed(f"{self._path} is missing or no network that OpenCV {cv2.__version__} reads") from error
