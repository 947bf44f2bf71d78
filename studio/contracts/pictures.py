"""What engines that make and mend pictures promise: cut-outs, keyframes, segments, repair."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from studio.cancellation import CancelToken
from studio.contracts.engine import Engine, Progress, Size

if TYPE_CHECKING:
    import numpy as np

    from studio.music.shots import Shot, Style


# ---- cutout: a picture's subject, freed from its background -----------------------------------------------


@dataclass(frozen=True)
class Cutout:
    """`picture` (h, w, 4), cropped to the subject. `confidence` 0..1: below 0.5 the edge is a guess and a
    user of it should frame the picture instead of pasting the cut. `place`: left and top of the crop, in pixels of
    the picture it was cut from."""

    picture: np.ndarray
    confidence: float
    place: tuple[int, int] = (0, 0)


class CutoutEngine(Engine):
    task = "cutout"

    @abstractmethod
    def cut_out(self, picture: np.ndarray, cancel: CancelToken) -> Cutout:
        """`picture` (h, w, 3) or (h, w, 4), any size from 16 pixels; an alpha that is there is kept."""


# ---- image: one keyframe ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layer:
    """One plane of a painted picture. `picture` (H + 2 margin, W + 2 margin, 4); `depth` 0 far .. 1 near."""

    picture: np.ndarray
    depth: float


@dataclass(frozen=True)
class Keyframe:
    """A drawn moment. `image` (H, W, 3) is what is shown. `layers`, back to front, first one opaque, composed and
    finished give `image`; () when the engine paints flat. `margin`: pixels by which layers overhang each side."""

    image: np.ndarray
    layers: tuple[Layer, ...] = ()
    margin: int = 0


@dataclass(frozen=True)
class PaintRequest:
    """`characters`: the cut-outs named by `shot.characters`, in that order.

    show   called with a rough (h, w, 3) of the picture as it comes, of any size, by engines that draw in steps
    steer  asked before each step by engines whose options are live: {} or values of some of these, held from there on.
           Pictures with the same `steer` may be drawn together, and are then asked for together
    noted  called with a step of this picture, from 1, how many it has, and what of `steer` holds from that step on,
           whenever that changed; {} where all is as asked again
    tell   called with what was done otherwise than asked, in words
    """

    shot: Shot
    style: Style
    size: Size
    seed: int
    characters: tuple[Cutout, ...] = ()
    negative_prompt: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    show: Callable[[np.ndarray], None] | None = field(default=None, compare=False)
    steer: Callable[[], Mapping[str, Any]] | None = field(default=None, compare=False)
    noted: Callable[[int, int, Mapping[str, Any]], None] | None = field(default=None, compare=False)
    tell: Callable[[str], None] | None = field(default=None, compare=False)


class ImageEngine(Engine):
    """`batch`: how many pictures `paint_many` draws at once; 1 where that buys nothing."""

    task = "image"
    batch: int = 1

    @abstractmethod
    def paint(self, request: PaintRequest, progress: Progress, cancel: CancelToken) -> Keyframe:
        """Same request, same picture. Raises BadInput for its options, OutOfMemory, Cancelled."""

    def paint_many(self, requests: Sequence[PaintRequest], progress: Progress, cancel: CancelToken) -> list[Keyframe]:
        """A picture a request, in their order, each as `paint` draws it, within 1/255."""
        total = max(1, len(requests))

        def paint(number: int, request: PaintRequest) -> Keyframe:
            # in thousandths of a picture: each picture counts its own steps
            share = 1000 * number
            return self.paint(
                request, lambda done, of: progress(share + 1000 * done // max(1, of), 1000 * total), cancel
            )

        return [paint(number, request) for number, request in enumerate(requests)]


# ---- video: from one keyframe to the next -----------------------------------------------------------------


@dataclass(frozen=True)
class Pulse:
    """What the music does in each frame of a segment; arrays of shape (frame_count,), values 0..1.

    intensity  loudness, smoothed;  beat  1 on a beat, decaying to 0;  accent  the same on strong onsets
    """

    intensity: np.ndarray
    beat: np.ndarray
    accent: np.ndarray


@dataclass(frozen=True)
class View:
    """Another picture of a segment's stretch of the film. `load` reads it when its turn comes, so that a long segment
    needs no more memory than a short one."""

    shot: Shot
    load: Callable[[], Keyframe]


@dataclass(frozen=True)
class SegmentRequest:
    """Frames `first_frame` .. `first_frame + frame_count - 1` of the film.

    start, end   the keyframes it leaves from and lands on: its last frame is `end.image`
    shots        the storyboard's shots of both keyframes
    cuts         frames, counted from the segment's first, on which a new camera shot begins (0 not included)
    views        more pictures to cut to between the two ends, in the order to be shown; () where the ends suffice
    show         called with a rough (h, w, 3) of what is being made, by engines that work at many frames at once
    progress     called by these between steps, with how many frames the work since the last call amounts to
    """

    index: int
    start: Keyframe
    end: Keyframe
    shots: tuple[Shot, Shot]
    style: Style
    size: Size
    fps: Fraction
    first_frame: int
    frame_count: int
    cuts: tuple[int, ...]
    pulse: Pulse
    seed: int
    views: tuple[View, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    show: Callable[[np.ndarray], None] | None = field(default=None, compare=False)
    progress: Callable[[float], None] | None = field(default=None, compare=False)


class VideoEngine(Engine):
    task = "video"

    @abstractmethod
    def animate(self, request: SegmentRequest, cancel: CancelToken) -> Iterator[np.ndarray]:
        """Yields exactly `frame_count` frames (H, W, 3), one at a time; memory does not grow with their number."""


# ---- inpaint: what is missing, filled ---------------------------------------------------------------------


class InpaintEngine(Engine):
    task = "inpaint"

    @abstractmethod
    def repair(self, picture: np.ndarray, mask: np.ndarray, cancel: CancelToken) -> np.ndarray:
        """`picture` (h, w, 3) with `mask` (h, w) bool filled from what surrounds it. Pixels outside the mask come back
        untouched; same input, same output. Raises OutOfMemory, Cancelled."""
