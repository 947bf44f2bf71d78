"""Frames to an H.264 file, streamed into the ffmpeg program as they come; memory does not grow with their number."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Protocol

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import StudioError
from studio.media.ffmpeg import Ffmpeg, file_url

if TYPE_CHECKING:
    import numpy as np

_CRF = 18  # visually lossless for x264 (its documentation calls 17-18 so)
# Measured on painted frames with grain, 1280x720: four tenths less work than the preset alone for 2 % more bytes at
# equal SSIM. Grain has no motion to be found by finer searches and smaller blocks.
_PRESET, _SEARCH = "veryfast", "subme=1:me=dia:partitions=i8x8:rc-lookahead=10"
_KEY_FRAME_SECONDS = 2
_LEAST_TIMESCALE = 10_000
_SET_PIPE_SIZE = 1031  # Linux F_SETPIPE_SZ
_PIPE_BYTES = 1 << 20


class PixelSize(Protocol):
    """Width and height in pixels, both even; `contracts.Size` is one."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


def timescale(fps: Fraction) -> int:
    """Ticks a second in which one frame of `fps` is a whole number of ticks, as the MP4 muxer itself would choose."""
    ticks = fps.numerator
    while ticks < _LEAST_TIMESCALE:
        ticks *= 2
    return ticks


class VideoWriter:
    """Writes `path` (.mp4, H.264 4:2:0, BT.709), used as a context manager:

        with VideoWriter(path, size, fps, cancel) as writer:
            writer.write(frame)  # uint8 (height, width, 3), sRGB

    Every file of one size, fps and preset can be joined with any other without re-encoding: closed groups of
    pictures, no B frames, the first frame at time 0, the same timescale. `path` appears when the block ends well;
    otherwise nothing is left. Raises Cancelled, StorageFailed, StudioError.
    """

    channels = 3

    def __init__(self, path: Path, size: PixelSize, fps: Fraction, cancel: CancelToken, preset: str = _PRESET) -> None:
        self._path, self._size, self._fps, self._cancel, self._preset = path, size, Fraction(fps), cancel, preset
        self._resources = ExitStack()
        self._ffmpeg: Ffmpeg | None = None
        self.frame_count = 0

    def __enter__(self) -> VideoWriter:
        with ExitStack() as opening:
            partial = opening.enter_context(atomic_path(self._path))
            self._ffmpeg = Ffmpeg(self._arguments(partial), self._cancel, stdin=subprocess.PIPE)
            _widen(self._ffmpeg.stdin)
            self._resources = opening.pop_all()
        return self

    def write(self, frame: np.ndarray) -> None:
        """The next frame. Raises ValueError for another shape or type, Cancelled within one frame of the token."""
        import numpy as np

        expected = (self._size.height, self._size.width, self.channels)
        if frame.shape != expected or frame.dtype != np.uint8:
            raise ValueError(f"a frame of {expected} uint8 is due, not {frame.shape} {frame.dtype}")
        if self._ffmpeg is None:
            raise ValueError("frames are written inside the with block")
        self._cancel.check()
        rest = np.ascontiguousarray(frame).data.cast("B")
        try:
            while rest:
                rest = rest[self._ffmpeg.stdin.write(rest) :]
        except BrokenPipeError as error:
            raise self._ffmpeg.finish().fault("encoding the video", self._path) from error
        self.frame_count += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        ffmpeg, self._ffmpeg = self._ffmpeg, None
        assert ffmpeg is not None
        with self._resources:
            try:
                if error is not None:
                    raise error  # passes through atomic_path, which then drops the file
                finished = ffmpeg.finish()
                if finished.returncode:
                    raise finished.fault("encoding the video", self._path)
                if not self.frame_count:
                    raise StudioError(f"{self._path.name}: no frame was written")
            finally:
                ffmpeg.kill()

    def _arguments(self, partial: Path) -> list[str]:
        fps, size = self._fps, self._size
        key_frames = max(1, round(fps * _KEY_FRAME_SECONDS))
        source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size.width}x{size.height}"]
        source += ["-framerate", f"{fps.numerator}/{fps.denominator}", "-i", "pipe:0"]
        colour = "scale=in_range=pc:out_range=tv:out_color_matrix=bt709:flags=bicubic"
        tags = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
        codec = ["-c:v", "libx264", "-preset", self._preset, "-crf", str(_CRF), "-bf", "0", "-g", str(key_frames)]
        tuned = f"open-gop=0:{_SEARCH}" if self._preset == _PRESET else "open-gop=0"
        codec += ["-x264-params", tuned, "-fps_mode", "passthrough"]
        muxer = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart"]
        muxer += ["-video_track_timescale", str(timescale(fps)), "-f", "mp4", file_url(partial)]
        return [*source, "-an", "-vf", f"{colour},format=yuv420p,setsar=1,{tags}", *codec, *muxer]


def _widen(pipe: IO[bytes]) -> None:
    """A whole frame fits into the pipe on Linux: fewer switches between the painter and the encoder."""
    if sys.platform == "linux":
        import fcntl

        with suppress(PermissionError):  # the user's pipes already hold all they may; the usual size works too
            fcntl.fcntl(pipe, _SET_PIPE_SIZE, _PIPE_BYTES)
