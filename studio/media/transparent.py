"""Frames with alpha to a WebM file (VP9), their sound beside them, for other programs to lay over something."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from studio.cancellation import CancelToken
from studio.media.encode import PixelSize, VideoWriter
from studio.media.ffmpeg import file_url

_CRF = 24  # VP9's scale is not x264's; its guide for web video gives 31 for 1080p, less for smaller pictures


class AlphaWriter(VideoWriter):
    """A VideoWriter for frames uint8 (height, width, 4) with straight alpha, and a WAV file as the sound."""

    channels = 4

    def __init__(self, path: Path, size: PixelSize, fps: Fraction, sound: Path, cancel: CancelToken) -> None:
        super().__init__(path, size, fps, cancel)
        self._sound = sound

    def _arguments(self, partial: Path) -> list[str]:
        fps, size = self._fps, self._size
        source = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{size.width}x{size.height}"]
        source += ["-framerate", f"{fps.numerator}/{fps.denominator}", "-i", "pipe:0", "-i", file_url(self._sound)]
        codec = ["-map", "0:v", "-map", "1:a", "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", str(_CRF)]
        codec += ["-b:v", "0", "-deadline", "realtime", "-cpu-used", "7", "-row-mt", "1", "-auto-alt-ref", "0"]
        codec += ["-c:a", "libopus", "-b:a", "96k"]
        return [*source, *codec, "-map_metadata", "-1", "-f", "webm", file_url(partial)]
