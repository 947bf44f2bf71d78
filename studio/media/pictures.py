"""People's pictures, judged by content and not by name, as upright sRGB arrays; and pictures written atomically."""

from __future__ import annotations

import io
import logging
import os
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.atomic import atomic_path
from studio.errors import BadInput
from studio.media.files import open_regular

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image, ImageFile

    from studio.settings import Limits

ACCEPTED_PICTURE = "a PNG, JPEG, WebP, BMP, GIF or TIFF picture"
_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
_WRITABLE = ".png, .jpg, .jpeg or .webp"
_MODES = frozenset({"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"})
_SIXTEEN_BIT = frozenset({"I;16", "I;16L", "I;16B", "I;16N"})
_SMALLEST_SIDE = 16
_STANDARD_ERROR = threading.Lock()  # two threads redirecting it at once would lose it for good
_JPEG_CHECK_SCALE = 8
# what Pillow's decoders raise on broken or hostile files, its decompression limits included
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, NotImplementedError,
    MemoryError, struct.error, zlib.error,
)  # fmt: skip


@dataclass(frozen=True)
class PictureFacts:
    """`format` as Pillow names it; pixels as stored, before any rotation the camera noted."""

    format: str
    width: int
    height: int


def check_picture(path: Path, parameter: str, limits: Limits) -> PictureFacts:
    """Reads the picture to its end, JPEG at an eighth of its size. Raises BadInput naming `parameter`."""
    with _opened(path, parameter, limits) as image:
        facts = PictureFacts(image.format or "", image.width, image.height)
        if image.format == "JPEG":
            image.draft("RGB", (image.width // _JPEG_CHECK_SCALE, image.height // _JPEG_CHECK_SCALE))
        _load(image)
        if _is_invisible(image):
            raise BadInput(parameter, path, ACCEPTED_PICTURE, "it is transparent all over")
    return facts


def read_picture(path: Path, parameter: str, limits: Limits) -> np.ndarray:
    """The picture, upright, in sRGB: uint8 (h, w, 3), or (h, w, 4) with straight alpha when some pixel is not opaque.

    Colour profiles are honoured; a broken profile counts as none, as in every viewer. Of an animation the first
    frame is taken. Raises BadInput naming `parameter`.
    """
    import numpy as np

    with _opened(path, parameter, limits) as image:
        _load(image)
        if _is_invisible(image):
            raise BadInput(parameter, path, ACCEPTED_PICTURE, "it is transparent all over")
        picture = np.asarray(_to_srgb(_upright(image)))
    if picture.shape[2] == 4 and bool((picture[..., 3] == 255).all()):
        picture = picture[..., :3]
    return np.ascontiguousarray(picture)


@contextmanager
def _opened(path: Path, parameter: str, limits: Limits) -> Iterator[ImageFile.ImageFile]:
    """The picture, its size and kind checked, its pixels not yet decoded. Decoder errors become BadInput."""
    from PIL import Image

    logging.getLogger("PIL").setLevel(logging.CRITICAL)  # a refusal is one line, without a library's remarks beside it
    with open_regular(path, parameter, ACCEPTED_PICTURE, limits.picture_bytes) as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(_bounded(file), formats=_FORMATS) as image:
                _check_frame(image, path, parameter, limits)
                yield image
        except BadInput:
            raise
        except Image.DecompressionBombError as error:
            reason = "it has far too many pixels"
            raise BadInput(parameter, path, f"at most {limits.picture_pixels} pixels", reason) from error
        except _DECODER_ERRORS as error:
            raise BadInput(parameter, path, ACCEPTED_PICTURE, "it is damaged, cut off, or no picture") from error


def _bounded(file: BinaryIO) -> BinaryIO:
    """The file in memory: libtiff and libjpeg then see a buffer that can't change under them."""
    return io.BytesIO(file.read())


def _check_frame(image: Image.Image, path: Path, parameter: str, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.picture_pixels:
        raise BadInput(parameter, path, f"at most {limits.picture_pixels} pixels", f"it is {width}x{height}")
    if min(width, height) < _SMALLEST_SIDE:
        raise BadInput(parameter, path, f"at least {_SMALLEST_SIDE} pixels a side", f"it is {width}x{height}")
    if image.mode not in _MODES | _SIXTEEN_BIT:
        raise BadInput(parameter, path, "8 or 16 bits a channel", f"its pixels are of the kind {image.mode}")


def _load(image: ImageFile.ImageFile) -> None:
    """Decodes the pixels. libtiff would print its own remarks on a broken file straight to standard error."""
    if image.format != "TIFF":
        image.load()
        return
    with _STANDARD_ERROR:
        kept = os.dup(2)
        silent = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(silent, 2)
            image.load()
        finally:
            os.dup2(kept, 2)
            os.close(silent)
            os.close(kept)


def _is_invisible(image: Image.Image) -> bool:
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa"):
        alpha = image.getchannel(image.getbands()[-1])
    elif "transparency" in image.info and image.mode in ("P", "L", "RGB", "1"):
        alpha = image.convert("RGBA").getchannel("A")
    else:
        return False
    return alpha.getextrema()[1] == 0


def _upright(image: Image.Image) -> Image.Image:
    from PIL import ImageOps

    try:
        return ImageOps.exif_transpose(image)
    except _DECODER_ERRORS:  # unreadable camera notes say nothing about which way is up
        return image


def _to_srgb(image: Image.Image) -> Image.Image:
    """RGB or RGBA, converted by the picture's own colour profile where it has one that fits."""
    profile = image.info.get("icc_profile")
    if image.mode in _SIXTEEN_BIT:
        image = _eight_bit(image)
    has_alpha = image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info
    if has_alpha:
        image = image.convert("RGBA")
    elif image.mode not in ("CMYK", "L"):
        image = image.convert("RGB")
    if profile:
        image = _through_profile(image, profile)
    return image if image.mode in ("RGB", "RGBA") else image.convert("RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    import numpy as np
    from PIL import Image

    values = np.asarray(image).astype(np.uint32)
    return Image.fromarray(((values * 255 + 32_767) // 65_535).astype(np.uint8))


def _through_profile(image: Image.Image, profile: bytes) -> Image.Image:
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is not None else image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(colours, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):  # broken, or of another colour space than the pixels
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def write_picture(path: Path, array: np.ndarray) -> None:
    """Writes uint8 (h, w, 3) or (h, w, 4) as its suffix says, atomically. Raises BadInput for another suffix or alpha
    in a JPEG, StorageFailed."""
    import numpy as np
    from PIL import Image

    formats = {".png": ("PNG", {"compress_level": 3}), ".webp": ("WEBP", {"quality": 90, "method": 4})}
    formats |= dict.fromkeys((".jpg", ".jpeg"), ("JPEG", {"quality": 92, "subsampling": 0}))
    if path.suffix.lower() not in formats:
        raise BadInput("path", path.name, _WRITABLE)
    kind, options = formats[path.suffix.lower()]
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] not in (3, 4):
        raise ValueError(f"a picture is uint8 (h, w, 3) or (h, w, 4), not {array.dtype} {array.shape}")
    if kind == "JPEG" and array.shape[2] == 4:
        raise BadInput("path", path.name, ".png or .webp", "a JPEG can't be transparent")
    with atomic_path(path) as partial, partial.open("wb") as file:
        Image.fromarray(array).save(file, format=kind, **options)


def thumbnail(array: np.ndarray, longest: int) -> np.ndarray:
    """`array` shrunk until its longer side has `longest` pixels; never enlarged. Transparent edges stay clean."""
    import numpy as np
    from PIL import Image

    height, width = array.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return array
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(array)
    if array.shape[2] == 4:
        # averaged with their alpha, or hidden colours of transparent pixels would bleed into the edge
        return np.asarray(
            image.convert("RGBa").resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0).convert("RGBA")
        )
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0))
