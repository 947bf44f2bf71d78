"""One picture with the face in it: what MuseTalk takes from it, and the frame that comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from studio.contracts import Box
from studio.engines.lip_sync.box_rig import box_rig
from studio.engines.lip_sync.face_rig import face_rig, head_of
from studio.engines.lip_sync.mouth import MovingMouth
from studio.engines.lip_sync.musetalk.blend import Shares, blended, lay_over
from studio.engines.lip_sync.musetalk.face import Crop, crop_of, outline_around, outline_of
from studio.engines.lip_sync.rig import Rig, smooth
from studio.speech.visemes import PARAMETERS

if TYPE_CHECKING:
    import torch

WELL_SEEN, TOO_FAR = 40.0, 52.0
"""Degrees of yaw up to which the network paints a face as it is, and from which it doesn't: it has hardly seen any."""


@dataclass(eq=False)
class View:
    """`source` (h, w, 3 or 4). `rig` and `crop` are None where no face is seen; `turned` 0..1: how far it is out of
    reach. `latents` (1, 8, 32, 32): kept, once they are known, for the next frame with the same picture."""

    source: np.ndarray
    rig: Rig | None = None
    crop: Crop | None = None
    turned: float = 0.0
    latents: torch.Tensor | None = None

    @property
    def paintable(self) -> bool:
        return self.crop is not None and self.turned < 1

    def frame(self, voice: float, painted: np.ndarray | None) -> np.ndarray:
        """A new frame while a `voice` is heard (0..1), with the `painted` crop (SIDE, SIDE, 3) where there is one."""
        if not self.paintable or self.crop is None:
            return self.source.copy()
        share = Shares.of(voice, self.turned)
        frame = blended(self.source, self._closed if share.closed > 0 else self.source, share)
        if painted is not None:
            lay_over(frame, self.source, painted, self.crop, share.spoken)
        return frame

    @cached_property
    def _closed(self) -> np.ndarray:
        """The source with its lips together."""
        if self.rig is None:
            return self.source
        closed = self.source.copy()
        MovingMouth(self.source, self.rig).draw(closed, np.zeros(len(PARAMETERS), np.float32))
        return closed


def view_of_face(source: np.ndarray, points: np.ndarray | None) -> View:
    """With the landmarks (468, 3) of its face, None where it isn't found."""
    if points is None:
        return View(source)
    turned = float(smooth((head_of(points).yaw - WELL_SEEN) / (TOO_FAR - WELL_SEEN)))
    return View(source, face_rig(points), crop_of(outline_of(points), _size(source)), turned)


def view_of_mouth(source: np.ndarray, mouth: Box) -> View:
    """Where a person said that the mouth is."""
    return View(source, box_rig(source, mouth), crop_of(outline_around(mouth), _size(source)))


def _size(picture: np.ndarray) -> tuple[int, int]:
    return picture.shape[1], picture.shape[0]
