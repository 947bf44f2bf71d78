"""A person's video: checked at the door by content, and decoded once into an upright copy at a constant rate.

Everything after reads only that copy, so that no later stage meets a stranger's container or codec.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed, brief
from studio.frames import frame_at
from studio.media.encode import VideoWriter
from studio.media.files import TameReader, open_regular
from studio.media.portrait import fitted

if TYPE_CHECKING:
    import av
    import av.container
    import numpy as np

    from studio.settings import Limits

ACCEPTED_FOOTAGE = "a video (MP4, MOV, MKV, WebM, AVI)"
FOOTAGE_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi"
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif")  # photos in a video's clothes
_SMALLEST_SIDE = 64
_ROUNDING = 1e-3  # of a frame: time stamps are rounded to their container's ticks
_OPTIONS = {"protocol_whitelist": "", "format_whitelist": FOOTAGE_FORMATS}


class PixelSize(Protocol):
    """Width and height in pixels; `contracts.Size` is one."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


@dataclass(frozen=True)
class FootageFacts:
    """`width`, `height` upright, square pixels; `duration` seconds as announced, None when not announced."""

    width: int
    height: int
    duration: float | None


def looks_like_footage(path: Path) -> bool:
    """Whether the first bytes are a video container's and no picture's: what comes of it is for the checks to say."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return False
    if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
        return False
    box = head[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip")
    return box or head[:4] == b"\x1aE\xdf\xa3" or (head[:4] == b"RIFF" and head[8:12] == b"AVI ")


def check_footage(path: Path, parameter: str, limits: Limits) -> FootageFacts:
    """Looks at the header and decodes the first picture. Raises BadInput naming `parameter`."""
    with open_regular(path, parameter, ACCEPTED_FOOTAGE, limits.upload_bytes) as file:
        return _inspect(file, path, parameter, limits)


def read_first_frame(path: Path, parameter: str, limits: Limits) -> np.ndarray:
    """The first picture, upright, (h, w, 3) uint8 with square pixels. Raises BadInput naming `parameter`."""
    with open_regular(path, parameter, ACCEPTED_FOOTAGE, limits.upload_bytes) as file:
        for _, picture in _pictures(file, path, parameter, None):
            return picture
    raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "no picture of it can be decoded")


def copy_footage(path: Path, target: Path, size: PixelSize, fps: Fraction, limits: Limits, cancel: CancelToken) -> int:
    """Decodes `path` into `target` (MP4), `size` and a constant `fps`; returns the number of frames, at least 1.

    Frame n is the picture that is seen at n / fps. What is longer than `limits.footage_seconds` is left out. Raises
    BadInput naming --photo, Cancelled, StorageFailed.
    """
    most = frame_at(limits.footage_seconds, fps)
    with (
        open_regular(path, "--photo", ACCEPTED_FOOTAGE, limits.upload_bytes) as file,
        VideoWriter(target, size, fps, cancel) as writer,
    ):
        shown: np.ndarray | None = None
        began = gap = 0.0
        for time, picture in _pictures(file, path, "--photo", size):
            _hold(writer, shown, min(_frames_before(time, fps), most))
            began, gap, shown = time, time - began, picture
            if writer.frame_count >= most:
                break
        if shown is None:
            raise BadInput("--photo", path, ACCEPTED_FOOTAGE, "no picture of it can be decoded")
        # The last picture is seen as long as the one before it.
        _hold(writer, shown, min(max(1, _frames_before(began + (gap or 1 / fps), fps)), most))
        return writer.frame_count


def _hold(writer: VideoWriter, shown: np.ndarray | None, until: int) -> None:
    while shown is not None and writer.frame_count < until:
        writer.write(shown)


def _frames_before(seconds: float, fps: Fraction) -> int:
    """How many frames are shown before `seconds`."""
    return math.ceil(seconds * fps - _ROUNDING)


def read_frames(path: Path) -> Iterator[np.ndarray]:
    """Every frame of a copy made by `copy_footage`, (h, w, 3) uint8. Raises StorageFailed for a damaged one."""
    import av
    from av.error import FFmpegError

    try:
        with path.open("rb") as file, av.open(TameReader(file), "r", options=_OPTIONS) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            for frame in container.decode(stream):
                yield frame.to_ndarray(format="rgb24")
    except (FFmpegError, OSError, IndexError) as error:
        raise StorageFailed(f"{brief(path, 200)} is missing or damaged: {error}") from error


def _inspect(file: BinaryIO, path: Path, parameter: str, limits: Limits) -> FootageFacts:
    import av
    from av.error import FFmpegError

    try:
        with av.open(TameReader(file), "r", options=_OPTIONS, metadata_errors="replace") as container:
            stream = _stream(container, path, parameter)
            frame = next(_decoded(container, stream), None)
            if frame is None:
                raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "no picture of it can be decoded")
            if frame.width * frame.height > limits.picture_pixels:
                accepted = f"at most {limits.picture_pixels} pixels"
                raise BadInput(parameter, path, accepted, f"it is {frame.width}x{frame.height}")
            width, height = _shown_size(stream, frame)
            duration = container.duration / av.time_base if container.duration else None
    except (FFmpegError, OSError, ValueError, OverflowError) as error:
        reason = "it is damaged, cut off in its header, or no video"
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, reason) from error
    if min(width, height) < _SMALLEST_SIDE:
        raise BadInput(parameter, path, f"at least {_SMALLEST_SIDE} pixels a side", f"it is {width}x{height}")
    return FootageFacts(width, height, duration)


def _stream(container: av.container.InputContainer, path: Path, parameter: str) -> av.VideoStream:
    # A song's cover is a video stream of one picture.
    streams = [s for s in container.streams.video if s.codec_context and not int(s.disposition) & 0x400]
    if not streams:
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "it holds no moving picture")
    streams[0].thread_type = "AUTO"
    return streams[0]


def _decoded(container: av.container.InputContainer, stream: av.VideoStream) -> Iterator[av.VideoFrame]:
    """Frames in the order they are shown; a broken packet is left out."""
    from av.error import FFmpegError

    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except FFmpegError:
            continue


def _pictures(file: BinaryIO, path: Path, parameter: str, size: PixelSize | None) -> Iterator[tuple[float, np.ndarray]]:
    """(seconds from the first picture, picture), upright, in `size` or in their own."""
    import av
    import cv2
    import numpy as np
    from av.error import FFmpegError

    try:
        with av.open(TameReader(file), "r", options=_OPTIONS, metadata_errors="replace") as container:
            stream, first, number = _stream(container, path, parameter), None, 0
            for frame in _decoded(container, stream):
                time = frame.time if frame.time is not None else number / float(stream.average_rate or 25)
                first, number = time if first is None else first, number + 1
                turned = np.rot90(frame.to_ndarray(format="rgb24"), round((frame.rotation or 0) / 90) % 4)
                width, height = _shown_size(stream, frame)
                upright = np.ascontiguousarray(turned)
                if upright.shape[:2] != (height, width):
                    upright = cv2.resize(upright, (width, height), interpolation=cv2.INTER_CUBIC)
                yield max(0.0, time - first), fitted(upright, size.width, size.height) if size else upright
    except (FFmpegError, OSError, ValueError, OverflowError) as error:
        raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "it is damaged or no video") from error


def _shown_size(stream: av.VideoStream, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as seen: square pixels, upright."""
    aspect = stream.sample_aspect_ratio or 1
    width, height = max(1, round(frame.width * float(aspect))), frame.height
    return (height, width) if round((frame.rotation or 0) / 90) % 2 else (width, height)
