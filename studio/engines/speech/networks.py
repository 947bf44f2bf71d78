"""Speech networks of installed packages, run by ONNX Runtime on one thread: the other cores paint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from studio.errors import LoadFailed

if TYPE_CHECKING:
    import onnxruntime


class Network:
    """The network of an ONNX file's bytes. Threads may share it. Raises LoadFailed."""

    def __init__(self, model: bytes, name: str) -> None:
        self._session = _session(model, name)

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """All outputs."""
        return [np.asarray(output) for output in self._session.run(None, dict(inputs))]


def _session(model: bytes, name: str) -> onnxruntime.InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors have no other common class
        raise LoadFailed(f"{name} is damaged or not the network it should be: {error}") from error
