"""Finished segments and the song's sound into one film, by copying packets: nothing is encoded twice."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from studio.atomic import atomic_path
from studio.cancellation import CancelToken
from studio.errors import StorageFailed, brief
from studio.media.encode import timescale
from studio.media.ffmpeg import file_url
from studio.media.probe import FilmFacts, probe_film

if TYPE_CHECKING:
    import av
    import av.container

_MUXER = {"movflags": "+faststart", "fflags": "+bitexact", "use_editlist": "1"}


@dataclass(frozen=True)
class FilmSpec:
    """What the film must be. `frame_count` = `frame_at(duration, fps)`, `duration` seconds of the song;
    `segment_frames` the frames due in each segment, () when only their sum is known."""

    fps: Fraction
    frame_count: int
    duration: float
    segment_frames: tuple[int, ...] = ()


def join_film(segments: Sequence[Path], sound: Path, film: Path, spec: FilmSpec, cancel: CancelToken) -> FilmFacts:
    """Writes `film`: every frame of `segments` in order at exact times, the sound of `sound` (.m4a) under it once.

    Segments come from `VideoWriter`, all of one size. Raises StorageFailed naming the segment that is damaged or
    does not fit (frames, size, rate, codec settings), or the sound when its length is more than a frame off;
    Cancelled. Nothing is left behind but a complete film.
    """
    check_segments(segments, spec)
    with atomic_path(film) as partial:
        _copy(segments, sound, partial, spec, cancel)
        facts = probe_film(partial)
        _check_film(facts, film, spec)
    return facts


def check_segments(segments: Sequence[Path], spec: FilmSpec) -> None:
    """Raises StorageFailed naming the first segment that can't be joined, by what its header says."""
    if not segments:
        raise StorageFailed("there is no segment to join")
    due = spec.segment_frames or (None,) * len(segments)
    if len(due) != len(segments):
        raise StorageFailed(f"{len(segments)} segments are there, {len(due)} are due")
    first: _Header | None = None
    total = 0
    for path, frames in zip(segments, due, strict=True):
        header = _read_header(path)
        first = first or header
        if frames is not None and header.frames != frames:
            raise _unfit(path, f"it has {header.frames} frames, {frames} are due")
        if header.size != first.size:
            raise _unfit(path, f"it is {_by(header.size)}, the others are {_by(first.size)}")
        if header.fps != spec.fps:
            raise _unfit(path, f"it has {header.fps} frames a second, {spec.fps} are due")
        if header.settings != first.settings:
            raise _unfit(path, "it was encoded with other settings than the first one")
        total += header.frames
    if total != spec.frame_count:
        raise StorageFailed(f"the {len(segments)} segments have {total} frames, {spec.frame_count} are due")


@dataclass(frozen=True)
class _Header:
    frames: int
    size: tuple[int, int]
    fps: Fraction
    settings: bytes


def _unfit(path: Path, why: str) -> StorageFailed:
    return StorageFailed(f"{brief(path.name)} in {brief(path.parent, 200)} can't be joined: {why}")


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def open_own(path: Path) -> av.container.InputContainer:
    """An MP4 the studio wrote. Raises StorageFailed when it is missing or damaged."""
    import av
    from av.error import FFmpegError

    try:
        return av.open(file_url(path), "r", format="mp4", options={"protocol_whitelist": "file"})
    except (FFmpegError, OSError, ValueError) as error:
        raise _unfit(path, "it is missing or damaged") from error


def _read_header(path: Path) -> _Header:
    with open_own(path) as container:
        if len(container.streams.video) != 1 or container.streams.video[0].codec_context.name != "h264":
            raise _unfit(path, "it is no H.264 video")
        stream = container.streams.video[0]
        codec = stream.codec_context
        rate = stream.average_rate or Fraction(0)
        return _Header(stream.frames, (codec.width, codec.height), rate, bytes(codec.extradata or b""))


def _copy(segments: Sequence[Path], sound: Path, partial: Path, spec: FilmSpec, cancel: CancelToken) -> None:
    import av

    with ExitStack() as files:
        output = files.enter_context(av.open(file_url(partial), "w", format="mp4", options=_MUXER))
        first = files.enter_context(open_own(segments[0]))
        source = files.enter_context(open_own(sound))
        if len(source.streams.audio) != 1:
            raise _unfit(sound, "it is no sound")
        video = output.add_stream_from_template(first.streams.video[0])
        audio = output.add_stream_from_template(source.streams.audio[0])
        video.time_base = Fraction(1, timescale(spec.fps))
        audio.time_base = source.streams.audio[0].time_base
        for packet in heapq.merge(_video(segments, video, spec.fps), _audio(source, audio), key=_decoding_time):
            cancel.check()
            output.mux(packet)


def _decoding_time(packet: av.Packet) -> float:
    """Seconds; only the order of packets in the file hangs on it."""
    return (packet.dts or 0) * packet.time_base.numerator / packet.time_base.denominator


def _video(segments: Sequence[Path], stream: av.VideoStream, fps: Fraction) -> Iterator[av.Packet]:
    """The segments' packets, numbered anew: frame n is shown at n / fps, whatever the segments say."""
    base = Fraction(1, timescale(fps))
    ticks = int(1 / fps / base)
    number = 0
    for path in segments:
        with open_own(path) as container:
            source = container.streams.video[0]
            if source.time_base != base:
                raise _unfit(path, f"its times are counted in {source.time_base} s, {base} s are due")
            for count, packet in enumerate(p for p in container.demux(source) if p.size):
                in_place = packet.pts == packet.dts == count * ticks
                if not in_place or packet.is_corrupt or (count == 0 and not packet.is_keyframe):
                    raise _unfit(path, f"frame {count} is damaged or not in its place")
                packet.stream = stream
                packet.pts = packet.dts = number * ticks
                packet.duration = ticks
                number += 1
                yield packet


def _audio(container: av.container.InputContainer, stream: av.AudioStream) -> Iterator[av.Packet]:
    for packet in container.demux(container.streams.audio[0]):
        if packet.size:
            packet.stream = stream
            yield packet


def _check_film(facts: FilmFacts, film: Path, spec: FilmSpec) -> None:
    if facts.frame_count != spec.frame_count:
        raise StorageFailed(f"{brief(film.name)} has {facts.frame_count} frames, {spec.frame_count} are due")
    if facts.audio_duration is None or abs(facts.audio_duration - spec.duration) > 1 / spec.fps:
        raise StorageFailed(
            f"the sound under {brief(film.name)} lasts {facts.audio_duration or 0:.3f} s, {spec.duration:.3f} s are due"
        )
