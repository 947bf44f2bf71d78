"""A photo on its way into a video: the size it is shown at, and a cut-out back at its place in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.errors import BadInput
from studio.media.pictures import read_picture

if TYPE_CHECKING:
    import numpy as np

    from studio.settings import Limits

FEWEST_LINES, MOST_LINES = 256, 1080
LONGEST_SIDE = 1920
NARROWEST_SIDE = 64
"""Of a video: smaller ones are refused by common players' hardware decoders."""

SMALLEST_PHOTO = 64
ACCEPTED_LINES = f"a whole number from {FEWEST_LINES} to {MOST_LINES}"


@dataclass(frozen=True)
class VideoSize:
    """Pixels, both even."""

    width: int
    height: int


def read_photo(path: Path, limits: Limits, parameter: str = "--photo") -> np.ndarray:
    """The photo upright in sRGB, (h, w, 3) or (h, w, 4) uint8 with straight alpha. Raises BadInput, for one under 64
    pixels a side too."""
    photo = read_picture(path, parameter, limits)
    height, width = photo.shape[:2]
    if min(height, width) < SMALLEST_PHOTO:
        raise BadInput(parameter, path, f"at least {SMALLEST_PHOTO} pixels a side", f"it is {width}x{height}")
    return photo


def video_size(width: int, height: int, lines: int | None = None) -> VideoSize:
    """The video's size for a picture of `width` x `height` pixels, at its aspect, both even.

    lines  its height, 256..1080; None for the picture's own within these. A wide picture gets fewer lines, so that its
           width stays within 1920 pixels; a panorama or a strip is cut by `fitted` where both limits can't be kept

    Raises BadInput.
    """
    if lines is not None and not FEWEST_LINES <= lines <= MOST_LINES:
        raise BadInput("lines", lines, ACCEPTED_LINES)
    if min(width, height) < 1:
        raise BadInput("photo", f"{width}x{height}", "a picture with pixels")
    aspect = width / height
    wanted = lines or min(height, MOST_LINES)
    height = _even(max(FEWEST_LINES, min(wanted, LONGEST_SIDE / aspect)))
    return VideoSize(_even(min(max(height * aspect, NARROWEST_SIDE), LONGEST_SIDE)), height)


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))


def fitted(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """`picture` (h, w, 3 or 4) brought to `height` x `width`, filling it; what overhangs is cut off evenly.

    With alpha, colours are weighted by it, so that clear pixels bleed nothing into the edge.
    """
    import cv2
    import numpy as np

    rows, columns = picture.shape[:2]
    scale = max(width / columns, height / rows)
    # the part of the picture that is seen, in its own pixels
    wide, high = min(columns, width / scale), min(rows, height / scale)
    left, top = round((columns - wide) / 2), round((rows - high) / 2)
    part = picture[top : top + max(1, round(high)), left : left + max(1, round(wide))]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    if picture.shape[2] == 3:
        return cv2.resize(part, (width, height), interpolation=way)
    alpha = part[..., 3:].astype(np.float32) / 255.0
    weighed = cv2.resize(np.dstack([part[..., :3] * alpha, alpha]), (width, height), interpolation=way)
    clear = weighed[..., 3:]
    colour = np.clip(weighed[..., :3] / np.maximum(clear, 1e-3), 0, 255)
    return (np.dstack([colour, np.clip(clear, 0.0, 1.0) * 255.0]) + 0.5).astype(np.uint8)


def placed(cutout: np.ndarray, place: tuple[int, int], width: int, height: int) -> np.ndarray:
    """A cropped cut-out (h, w, 4) at its `place` (left, top) in the picture it was cut from: (`height`, `width`, 4)."""
    import numpy as np

    left, top = place
    high, wide = cutout.shape[:2]
    if left < 0 or top < 0 or left + wide > width or top + high > height:
        raise BadInput("place", f"{place} for {wide}x{high}", f"within {width}x{height}")
    whole = np.zeros((height, width, 4), np.uint8)
    whole[top : top + high, left : left + wide] = cutout
    return whole
