"""The small trained networks that come with the studio (assets/models).

The TensorFlow Lite files are run by OpenCV's own `dnn` module, which equals TensorFlow Lite on them to 1e-4. The ONNX
files are run by ONNX Runtime: OpenCV lacks operators of most, and takes twice as long over U-2-Net.
assets/models/README.md has the origin of all.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from studio.errors import LoadFailed
from studio.settings import ROOT

if TYPE_CHECKING:
    import cv2
    import numpy as np
    import onnxruntime

MODELS = ROOT / "assets" / "models"
FILES = ("face_detection_short_range.tflite", "face_landmark.tflite", "selfie_segmentation.tflite", "u2netp.onnx")
HEARING_FILES = ("silero_vad_16k_sequence.onnx", "ge2e_speaker_encoder.onnx", "dnsmos_sig_bak_ovr.onnx")
READING_FILES = ("screen_text_detection.onnx", "screen_text_recognition.onnx")


def unavailable() -> str:
    """Why the networks that see can't be used, "" when they can: a copy of the studio without its models."""
    return _missing(FILES)


def hearing_unavailable() -> str:
    """Why the networks that hear can't be used, "" when they can."""
    return _missing(HEARING_FILES)


def reading_unavailable() -> str:
    """Why the networks that read text can't be used, "" when they can."""
    return _missing(READING_FILES)


def _missing(files: Sequence[str]) -> str:
    missing = [name for name in files if not (MODELS / name).is_file()]
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


class OnnxNetwork:
    """One network for ONNX Runtime, read at the first call and kept; threads may share it and run it side by side.

    `threads`: cores one pass may use. One by default: the networks are small, and jobs run beside each other.
    """

    def __init__(self, file: str, outputs: Sequence[str], folder: Path = MODELS, threads: int = 1) -> None:
        self._path, self._outputs, self._threads = folder / file, list(outputs), threads
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """The named outputs for `inputs` by name, shaped and typed as the network wants them. Raises LoadFailed."""
        return cast("list[np.ndarray]", self._opened().run(self._outputs, dict(inputs)))

    def note(self, key: str) -> str:
        """What the network's file says under `key` of its notes. Raises LoadFailed when it has no such note."""
        notes = self._opened().get_modelmeta().custom_metadata_map
        if key not in notes:
            raise LoadFailed(f"{self._path} has no note '{key}'")
        return notes[key]

    def _opened(self) -> onnxruntime.InferenceSession:
        with self._lock:
            if self._session is None:
                self._session = self._read()
            return self._session

    def _read(self) -> onnxruntime.InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        options.log_severity_level = 3  # warnings of its optimiser are nothing to a person
        try:
            return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its own exceptions share no public base
            message = f"{self._path} is missing or no network that ONNX Runtime {onnxruntime.__version__} reads"
            raise LoadFailed(message) from error
