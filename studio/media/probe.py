"""What a film really is: measured from its packets, and single frames out of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from studio.errors import BadInput, StorageFailed, brief
from studio.media.files import TameReader

if TYPE_CHECKING:
    import av
    import av.container
    import numpy as np

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"
_OPTIONS = {"protocol_whitelist": "", "format_whitelist": _FORMATS}


@dataclass(frozen=True)
class FilmFacts:
    """Durations in seconds, from the first packet's start to the last one's end, the encoder's run-in left out.

    audio_video_difference_ms  the larger of the distances between both starts and between both ends, None without
                               sound
    faststart                  whether a browser can begin to play before the whole file is there
    """

    duration: float
    frame_count: int
    fps: Fraction
    width: int
    height: int
    video_codec: str
    audio_codec: str | None
    audio_duration: float | None
    audio_video_difference_ms: float | None
    faststart: bool


def probe_film(path: Path) -> FilmFacts:
    """Reads every packet of `path` (MP4, Matroska), decoding none. Raises StorageFailed when it is no film."""
    import av
    from av.error import FFmpegError

    try:
        with (
            path.open("rb") as file,
            av.open(TameReader(file), "r", options=_OPTIONS, metadata_errors="replace") as container,
        ):
            video = _video_of(container)
            audio = next((stream for stream in container.streams.audio if stream.codec_context), None)
            spans = _measure(container, [video] + ([audio] if audio else []))
            faststart = _is_faststart(file)
            return _facts(video, audio, spans, faststart)
    except (FFmpegError, OSError, ValueError) as error:
        raise StorageFailed(f"{brief(path, 200)} is missing, damaged or no film: {error}") from error


def _video_of(container: av.container.InputContainer) -> av.VideoStream:
    video = next((stream for stream in container.streams.video if stream.codec_context), None)
    if video is None:
        raise ValueError("it holds no video that can be decoded")
    return video


@dataclass
class _Span:
    """Ticks of the stream's time base."""

    start: int
    end: int
    packets: int = 0


def _measure(
    container: av.container.InputContainer, streams: list[av.VideoStream | av.AudioStream]
) -> dict[int, _Span]:
    spans: dict[int, _Span] = {}
    for packet in container.demux(streams):
        if not packet.size or packet.pts is None or packet.is_discard:
            continue
        start, end = packet.pts, packet.pts + (packet.duration or 0)
        span = spans.setdefault(packet.stream_index, _Span(start, end))
        span.start, span.end, span.packets = min(span.start, start), max(span.end, end), span.packets + 1
    return spans


def _facts(video: av.VideoStream, audio: av.AudioStream | None, spans: dict[int, _Span], faststart: bool) -> FilmFacts:
    seen = spans.get(video.index)
    if seen is None:
        raise ValueError("there is no frame in it")
    picture = _seconds(seen, video)
    heard = spans.get(audio.index) if audio else None
    sound = _seconds(heard, audio) if audio and heard else None
    difference: Fraction | None = None
    if sound:
        sound = (max(sound[0], Fraction(0)), sound[1])  # what lies before 0 is the encoder's run-in, never played
        difference = max(abs(sound[0] - picture[0]), abs(sound[1] - picture[1]))
    codec = video.codec_context
    return FilmFacts(
        duration=float(picture[1] - picture[0]),
        frame_count=seen.packets,
        fps=video.average_rate or Fraction(0),
        width=codec.width,
        height=codec.height,
        video_codec=codec.name,
        audio_codec=audio.codec_context.name if audio else None,
        audio_duration=float(sound[1] - sound[0]) if sound else None,
        audio_video_difference_ms=float(difference * 1000) if difference is not None else None,
        faststart=faststart,
    )


def _seconds(span: _Span, stream: av.VideoStream | av.AudioStream) -> tuple[Fraction, Fraction]:
    unit = stream.time_base or Fraction(0)
    return span.start * unit, span.end * unit


def _is_faststart(file: BinaryIO) -> bool:
    """Whether the index (`moov`) lies before the pictures (`mdat`) in an MP4 (ISO/IEC 14496-12, section 4.2)."""
    position = 0
    while True:
        file.seek(position)
        header = file.read(16)
        if len(header) < 8:
            return False
        size, kind = struct.unpack(">I4s", header[:8])
        if kind in (b"moov", b"mdat"):
            return kind == b"moov"
        if size == 1 and len(header) == 16:
            size = struct.unpack(">Q", header[8:])[0]
        if size < 8:
            return False
        position += size


def extract_frame(path: Path, seconds: float) -> np.ndarray:
    """The frame shown at `seconds`, upright, uint8 (height, width, 3); the last one when `seconds` is past the end.

    Raises BadInput for a time that is no time, StorageFailed when `path` is no film.
    """
    import av
    import numpy as np
    from av.error import FFmpegError

    if not 0 <= seconds < float("inf"):
        raise BadInput("seconds", seconds, "a time from 0 on")
    try:
        with (
            path.open("rb") as file,
            av.open(TameReader(file), "r", options=_OPTIONS, metadata_errors="replace") as container,
        ):
            frame = _frame_at(container, _video_of(container), seconds)
    except (FFmpegError, OSError, ValueError) as error:
        raise StorageFailed(f"{brief(path, 200)} is missing, damaged or no film: {error}") from error
    picture = frame.reformat(format="rgb24", dst_color_range="JPEG").to_ndarray()
    return np.ascontiguousarray(np.rot90(picture, frame.rotation // 90))


def _frame_at(container: av.container.InputContainer, stream: av.VideoStream, seconds: float) -> av.VideoFrame:
    """The last frame that starts at or before `seconds`, decoded from the key frame before it."""
    stream.thread_type = "AUTO"
    base = stream.time_base or Fraction(1)
    ticks = round(seconds / base)
    if ticks:
        container.seek(ticks, stream=stream)
    found: av.VideoFrame | None = None
    for frame in container.decode(stream):
        if frame.pts is not None and frame.pts > ticks and found is not None:
            break
        found = frame
    if found is None:
        raise ValueError("no frame can be decoded")
    return found
