"""What is seen behind a person: the photo's own background, kept or blurred, a colour, another picture, or nothing."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from studio.errors import BadInput
from studio.media.pictures import check_picture, read_picture
from studio.media.portrait import fitted
from studio.media.scenery import LINEAR_STEPS, defocused, linear_light, srgb_bytes, without_person

if TYPE_CHECKING:
    import numpy as np

    from studio.settings import Limits

Kind = Literal["keep", "blur", "colour", "picture", "transparent"]

ACCEPTED = "keep, blur, blur:0.1 to blur:1, transparent, a colour such as #2a6f97, or a picture file"
DEFAULT_BLUR = 0.5
_COLOUR = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


class Extent(Protocol):
    """What `contracts.Size` offers."""

    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


@dataclass(frozen=True)
class Background:
    """`strength` 0..1 of a blur, `colour` sRGB 0..255, `picture` a file; each for its own kind alone."""

    kind: Kind
    strength: float = DEFAULT_BLUR
    colour: tuple[int, int, int] = (0, 0, 0)
    picture: Path | None = None


def parse_background(text: str | Path, limits: Limits, parameter: str = "--background") -> Background:
    """What `text` asks for; a picture file is read to its end. Raises BadInput naming `parameter`."""
    word = str(text).strip()
    plain = word.lower()
    if plain in ("keep", "transparent"):
        return Background("keep" if plain == "keep" else "transparent")
    if plain == "blur" or plain.startswith("blur:"):
        return Background("blur", strength=_strength(plain, parameter))
    if word.startswith("#"):
        return Background("colour", colour=_colour(word, parameter))
    path = Path(word).expanduser()
    if not word or not path.exists():
        raise BadInput(parameter, word, ACCEPTED, "there is no such file" if "." in word or "/" in word else "")
    check_picture(path, parameter, limits)
    return Background("picture", picture=path)


def _strength(plain: str, parameter: str) -> float:
    if plain == "blur":
        return DEFAULT_BLUR
    try:
        value = float(plain.removeprefix("blur:"))
    except ValueError:
        value = math.nan
    if not 0.1 <= value <= 1.0:
        raise BadInput(parameter, plain, ACCEPTED)
    return value


def _colour(word: str, parameter: str) -> tuple[int, int, int]:
    if not _COLOUR.fullmatch(word):
        raise BadInput(parameter, word, ACCEPTED, "a colour has three or six hexadecimal digits")
    digits = word[1:] if len(word) == 7 else "".join(2 * digit for digit in word[1:])
    red, green, blue = (int(digits[i : i + 2], 16) for i in (0, 2, 4))
    return red, green, blue


def make_background(
    background: Background, photo: np.ndarray, matte: np.ndarray, size: Extent, limits: Limits
) -> np.ndarray | None:
    """The background (size.height, size.width, 3) uint8; None for a transparent one.

    `photo` (h, w, 3) and `matte` (h, w) uint8, opaque where the person is, are of one shape. Kept or blurred, the
    person is taken out of the photo, so that no second head shows when the first one moves.
    """
    import numpy as np

    if photo.shape[:2] != matte.shape:
        raise BadInput("matte", matte.shape, f"{photo.shape[:2]}, as the photo")
    if background.kind == "transparent":
        return None
    if background.kind == "colour":
        return np.full((size.height, size.width, 3), background.colour, np.uint8)
    if background.kind == "picture":
        assert background.picture is not None
        picture = read_picture(background.picture, "--background", limits)
        return fitted(_opaque(picture), size.width, size.height)
    colour = fitted(photo[..., :3], size.width, size.height)
    person = fitted(np.dstack([matte] * 3), size.width, size.height)[..., 0]
    empty = without_person(colour, person)
    return defocused(empty, background.strength) if background.kind == "blur" else empty


def _opaque(picture: np.ndarray) -> np.ndarray:
    """Over black where the picture is transparent."""
    import numpy as np

    if picture.shape[2] == 3:
        return picture
    return (picture[..., :3] * (picture[..., 3:].astype(np.float32) / 255.0) + 0.5).astype(np.uint8)


class Compositor:
    """Puts frames with alpha over one background, in linear light, where a half-clear pixel mixes as it does in a lens.

    background  (h, w, 3) uint8; None leaves frames as they are, for a transparent video
    """

    def __init__(self, background: np.ndarray | None) -> None:
        self._background = background
        if background is not None:
            self._to_light, self._to_bytes = linear_light(), srgb_bytes()
            self._light = self._to_light[background].reshape(-1, 3)

    def over(self, frame: np.ndarray) -> np.ndarray:
        """`frame` (h, w, 4) uint8 with straight alpha, over the background: (h, w, 3)."""
        import cv2
        import numpy as np

        if self._background is None:
            return frame
        if frame.shape[:2] != self._background.shape[:2]:
            raise BadInput("frame", frame.shape[:2], f"{self._background.shape[:2]}, as the background")
        alpha = cv2.extractChannel(frame, 3)
        mixed = self._background.copy()
        cv2.copyTo(
            cv2.cvtColor(frame, cv2.COLOR_RGBA2RGB), cv2.inRange(alpha, np.array([255.0]), np.array([255.0])), mixed
        )
        # the edge alone is mixed: a few per cent of the pixels
        edge = np.flatnonzero(cv2.inRange(alpha, np.array([1.0]), np.array([254.0])))
        share = alpha.reshape(-1)[edge, None] * np.float32(1.0 / 255.0)
        behind = self._light[edge]
        light = behind + share * (self._to_light[frame.reshape(-1, 4)[edge, :3]] - behind)
        mixed.reshape(-1, 3)[edge] = self._to_bytes[(light * (LINEAR_STEPS - 1) + 0.5).astype(np.uint16)]
        return mixed
