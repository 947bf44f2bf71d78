"""Segments by Stable Video Diffusion, or its XT: pictures set in motion by a network, landed by us."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from studio.cancellation import CancelToken
from studio.contracts import SegmentRequest, VideoEngine, Weights
from studio.engines.loading import torch_dtype
from studio.engines.video.diffusion.checkpoint import load_network
from studio.engines.video.diffusion.film import Film
from studio.engines.video.diffusion.options import read_options
from studio.engines.video.diffusion.sampling import EFFORTS, Filmer
from studio.engines.video.parallax import check_segment


class StableVideo(VideoEngine):
    """The first of `weights.parts` is the checkpoint. `rung` indexes sampling.EFFORTS."""

    def __init__(self, name: str, device: str, rung: int, weights: Weights) -> None:
        super().__init__(name, device, rung)
        network = load_network(next(iter(weights.parts.values())), torch_dtype(weights.precision))
        self._filmer: Filmer | None = Filmer(network, device, EFFORTS[rung])

    @property
    def filmer(self) -> Filmer:
        """Raises RuntimeError once the engine is closed."""
        if self._filmer is None:
            raise RuntimeError(f"{self.name} is closed")
        return self._filmer

    def warm_up(self) -> None:
        # the encoder beside it needs the other cores; what is done to finished frames is too small to be shared out
        cv2.setNumThreads(1)
        self.filmer.rehearse()

    def animate(self, request: SegmentRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Frames (H, W, 3). The first is a step away from `start.image`, the last is `end.image`.

        Raises BadInput at once for options (see diffusion/options.py), ends of another size, and cuts or pulses that
        don't fit the frames; for a view of another size when its turn comes.
        """
        check_segment(request)
        return Film(request, self.filmer, read_options(request.options)).frames(cancel)

    def reset(self) -> None:
        self.filmer.placement.rest()

    def leave_device(self) -> bool:
        return self.filmer.placement.leave()

    def enter_device(self) -> None:
        self.filmer.placement.enter()

    def close(self) -> None:
        self.filmer.placement.close()
        self._filmer = None
