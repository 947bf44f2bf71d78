"""A stretch of a session's video, cut to the frame into a file that plays anywhere."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import BadInput, StorageFailed, brief
from studio.media.ffmpeg import file_url, run
from studio.media.files import TameReader
from studio.media.footage import FOOTAGE_FORMATS

LONGEST_CLIP = 600.0
"""Seconds."""
_SLACK = 0.05
_SLOWEST, _FASTEST = Fraction(10), Fraction(60)
SOURCE = ("-protocol_whitelist", "fd", "-format_whitelist", FOOTAGE_FORMATS)
"""Options for what is read from an open file: it can name no second one."""
EVEN = "scale=trunc(iw*sar/2)*2:trunc(ih/2)*2,setsar=1"


@dataclass(frozen=True)
class _Source:
    """Seconds: `begin` of the container, `first` picture's time stamp, `duration` from there on."""

    begin: float
    first: float
    duration: float
    rate: Fraction
    has_sound: bool


def cut_clip(video: Path, start: float, end: float, out: Path, cancel: CancelToken) -> None:
    """What is seen and heard of `video` from `start` to `end`, in seconds from its first picture, as H.264 and AAC.

    Frame n shows what is seen at start + n / rate. Raises BadInput for times that are not in the video or more than
    LONGEST_CLIP apart, StorageFailed for a damaged video or a full disk, Cancelled; `out` is whole or not there.
    """
    source = _inspect(video)
    for name, value in (("start", start), ("end", end)):
        if not math.isfinite(value) or not 0 <= value <= source.duration + _SLACK:
            raise BadInput(name, value, f"a time from 0 to {source.duration:.1f} seconds")
    if not 0 < end - start <= LONGEST_CLIP:
        raise BadInput("end", end, f"a time up to {LONGEST_CLIP:g} seconds after {start:g}")
    at, length = source.first + start, end - start
    # From the key frame before: a picture that stands since then is the one that is seen at the start.
    arguments = ["-noaccurate_seek", "-ss", f"{max(0.0, at - source.begin):.6f}", "-copyts", *SOURCE, "-i", "fd:"]
    arguments += ["-map", "0:V:0", "-vf", f"fps={source.rate}:start_time={at:.6f},trim=start={at:.6f}:"
                  f"duration={length:.6f},setpts=PTS-{at:.6f}/TB,{EVEN},format=yuv420p"]  # fmt: skip
    if source.has_sound:
        sound = f"atrim=start={at:.6f}:duration={length:.6f},asetpts=PTS-{at:.6f}/TB,aresample=async=1:first_pts=0"
        arguments += ["-map", "0:a:0", "-af", sound, "-c:a", "aac", "-b:a", "160k"]
    arguments += ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-map_metadata", "-1", "-map_chapters", "-1"]
    with atomic_path(out) as partial, video.open("rb") as file:
        finished = run([*arguments, "-t", f"{length:.6f}", "-movflags", "+faststart", "-f", "mp4", file_url(partial)],
                       cancel, file)  # fmt: skip
        if finished.returncode:
            raise finished.fault("cutting the clip", out)


def _inspect(video: Path) -> _Source:
    import av
    from av.error import FFmpegError

    options = {"protocol_whitelist": "", "format_whitelist": FOOTAGE_FORMATS}
    try:
        with video.open("rb") as file, av.open(TameReader(file), "r", options=options) as container:
            stream = next(one for one in container.streams.video if not int(one.disposition) & 0x400)
            begin = (container.start_time or 0) / av.time_base
            unit = stream.time_base or Fraction(1, 1000)
            first = float(stream.start_time * unit) if stream.start_time is not None else begin
            whole = begin + container.duration / av.time_base - first if container.duration else math.inf
            rate = min(max(stream.average_rate or Fraction(25), _SLOWEST), _FASTEST)
            heard = any(each.codec_context for each in container.streams.audio)
            return _Source(begin, first, max(0.0, whole), rate, heard)
    except (FFmpegError, OSError, StopIteration, ValueError) as error:
        raise StorageFailed(f"{brief(video, 200)} is missing or damaged: {error}") from error
