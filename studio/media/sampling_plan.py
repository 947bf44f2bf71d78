"""Where a video's pictures and key frames lie in time, read from its packets without decoding one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.errors import BadInput
from studio.media.files import TameReader, open_regular
from studio.media.footage import ACCEPTED_FOOTAGE, FOOTAGE_FORMATS

if TYPE_CHECKING:
    import av
    import av.container

    from studio.settings import Limits

SHORTEST_STEP, LONGEST_STEP = 0.02, 3600.0
_OPTIONS = {"protocol_whitelist": "", "format_whitelist": FOOTAGE_FORMATS}
_BUFFER = 1 << 18  # bytes a call into Python brings: PyAV's own 32 KB make demuxing four times slower
_ATTACHED_PICTURE = 0x400
_SLACK = 1e-6
_REFERENCES_ASIDE = 2
"""Pictures that an encoder may leave unreferenced beside its runs of B frames (temporal layers)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A key frame and what is decoded after it, up to the next one. Seconds from the video's first picture.

    widest  the longest time between two pictures that follow each other
    run     the most pictures in a row that are shown before one that is stored before them
    """

    start: float
    end: float
    widest: float
    run: int

    @property
    def length(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class VideoTimes:
    """`groups` in the order of storage; () where the file marks no key frame. `first`: the first picture's own time
    stamp, seconds. `duration`: from there to the last picture's end. `width`, `height` upright, square pixels. `fps`
    on average; `has_sound`: there is a sound track that can be decoded."""

    first: float
    duration: float
    picture_count: int
    width: int
    height: int
    has_sound: bool
    groups: tuple[Group, ...]

    @property
    def fps(self) -> float:
        return self.picture_count / self.duration if self.duration > 0 else 0.0


@contextmanager
def opened(path: Path, parameter: str, limits: Limits) -> Iterator[tuple[av.container.InputContainer, av.VideoStream]]:
    """The container and its first moving picture. What FFmpeg finds wrong inside the block is a BadInput."""
    import av
    from av.error import FFmpegError

    with open_regular(path, parameter, ACCEPTED_FOOTAGE, limits.upload_bytes) as file:
        try:
            with av.open(
                TameReader(file), "r", options=_OPTIONS, metadata_errors="replace", buffer_size=_BUFFER
            ) as container:
                streams = [s for s in container.streams.video if s.codec_context]
                moving = [s for s in streams if not int(s.disposition) & _ATTACHED_PICTURE]
                if not moving:
                    raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "it holds no moving picture")
                moving[0].thread_type = "AUTO"
                yield container, moving[0]
        except (FFmpegError, OSError, ValueError, OverflowError) as error:
            reason = "it is damaged, cut off in its header, or no video"
            raise BadInput(parameter, path, ACCEPTED_FOOTAGE, reason) from error


def read_times(path: Path, parameter: str, limits: Limits) -> VideoTimes:
    """Reads every packet of the picture, decodes the first one only. Raises BadInput naming `parameter`: no video, a
    playlist in its clothes, not one packet of picture, or larger than `limits.picture_pixels`."""
    with opened(path, parameter, limits) as (container, stream):
        reader, shape = _Packets(stream), None
        for packet in container.demux(stream):
            shape = shape or _decoded_shape(stream, packet)
            if packet.size:
                reader.add(packet)
        reader.end_group()
        if not reader.count:
            raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "there is no picture in it")
        context = stream.codec_context
        if context.width * context.height > limits.picture_pixels:
            accepted = f"at most {limits.picture_pixels} pixels"
            raise BadInput(parameter, path, accepted, f"it is {context.width}x{context.height}")
        if shape is None:
            raise BadInput(parameter, path, ACCEPTED_FOOTAGE, "no picture of it can be decoded")
        sound = any(each.codec_context for each in container.streams.audio)
        announced = container.duration / 1e6 if container.duration and container.duration > 0 else None
    return reader.times(shape, sound, announced)


def _decoded_shape(stream: av.VideoStream, packet: av.Packet) -> tuple[int, int] | None:
    """Width and height, as it is seen, of the first picture that comes out with `packet`; None where none does."""
    from av.error import FFmpegError

    context = stream.codec_context
    try:
        frames = context.decode(packet)
        if not frames and packet.is_keyframe:
            # Drained at once: threads, and pictures to be put in order, ask for several packets before the first one.
            frames = context.decode(None)
            context.flush_buffers()
        return next((shown_size(stream, frame) for frame in frames), None)
    except (FFmpegError, EOFError):  # a broken packet: the next one may do
        return None


def shown_size(stream: av.VideoStream, frame: av.VideoFrame) -> tuple[int, int]:
    """Width and height as seen: square pixels, upright."""
    aspect = float(stream.sample_aspect_ratio or 1)
    aspect = aspect if 1 / 16 <= aspect <= 16 else 1.0
    width, height = max(1, round(frame.width * aspect)), frame.height
    return (height, width) if round((frame.rotation or 0) / 90) % 2 else (width, height)


class PacketClock:
    """Seconds of packets and pictures of a stream; those without any time stamp follow each other at its rate."""

    def __init__(self, stream: av.VideoStream) -> None:
        rate = stream.average_rate or stream.base_rate or Fraction(25)
        self._unit, self.interval = float(stream.time_base or Fraction(1, 1000)), 1 / float(rate)
        self._last = -self.interval

    def seconds(self, stamp: int | None) -> float:
        self._last = self._last + self.interval if stamp is None else stamp * self._unit
        return self._last

    def lasting(self, packet: av.Packet) -> float:
        return packet.duration * self._unit if packet.duration and packet.duration > 0 else self.interval


class _Packets:
    """What the packets tell, kept as one number a group."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._clock = PacketClock(stream)
        self._keys: list[tuple[float, float, int]] = []
        self._times: list[float] = []
        self._shown: list[float] = []
        self._marked = False
        self.first, self.last, self.end, self.count = math.inf, -math.inf, -math.inf, 0

    def add(self, packet: av.Packet) -> None:
        if packet.is_keyframe:
            self.end_group()
            self._marked = True
        time = self._clock.seconds(packet.pts if packet.pts is not None else packet.dts)
        self._times.append(time)
        if not packet.is_discard:
            self.first, self.count = min(self.first, time), self.count + 1
            if time >= self.last:
                self.last, self.end = time, time + self._clock.lasting(packet)

    def end_group(self) -> None:
        """Pictures before the first key frame belong to none."""
        if self._times and self._marked:
            times = np.array(self._times)
            intervals = np.diff(np.sort(times))
            early = times < np.maximum.accumulate(times)
            lengths = np.diff(np.flatnonzero(np.concatenate([[True], ~early, [True]])))
            widest = float(intervals.max()) if len(intervals) else 0.0
            self._keys.append((self._times[0], widest, int(lengths.max(initial=1)) - 1))
        self._times = []

    def times(self, size: tuple[int, int], has_sound: bool, announced: float | None) -> VideoTimes:
        first = self.first if math.isfinite(self.first) else 0.0
        end = max(self.end, first)
        # A picture held to the end is stored once: only the container tells how long, and it may tell anything. Some
        # count from the first picture, others from 0: the shorter of both is surely there.
        announced = announced - max(0.0, first) if announced is not None else None
        if announced is not None and end - first < announced <= 2 * (end - first) + 60:
            end = first + announced
        starts = [key[0] - first for key in self._keys]
        ends = [*starts[1:], end - first]
        groups = tuple(
            Group(start, end, max(widest, end - start if run == 0 and widest == 0 else widest), run)
            for start, end, (_, widest, run) in zip(starts, ends, self._keys, strict=True)
        )
        return VideoTimes(first, end - first, self.count, *size, has_sound, groups)


@dataclass(frozen=True)
class SamplingPlan:
    """How each group is read for one sample every `step` seconds: `ways` holds one of SKIPPED, KEY_ONLY, REFERENCES
    and EVERY for each of `times.groups`; `early`: whether the group's key frame came before its turn, as encoders put
    it where they see a cut. `watch`: what is decoded is looked at for jumps, and decoded to each group's end for it."""

    times: VideoTimes
    step: float
    ways: np.ndarray
    early: np.ndarray
    watch: bool = True

    def last_due(self, index: int) -> float:
        """The last multiple of the step that falls into a group: what is shown after it is no sample."""
        return math.floor((self.times.groups[index].end - _SLACK) / self.step) * self.step

    def share(self, way: int) -> float:
        """Of the video's duration, 0..1, that is read this way."""
        if not len(self.ways):
            return 1.0 if way == EVERY else 0.0
        lengths = np.array([max(0.0, group.length) for group in self.times.groups])
        return float(lengths[self.ways == way].sum() / max(lengths.sum(), 1e-9))


SKIPPED, KEY_ONLY, REFERENCES, EVERY = range(4)


def make_plan(times: VideoTimes, step: float, watch: bool = True) -> SamplingPlan:
    """Key frames alone where they follow each other within `step`; where pictures that nothing refers to can be left
    out and the step is still held, those that are referred to; else every picture."""
    groups = times.groups
    starts = np.array([group.start for group in groups])
    ends = np.array([group.end for group in groups])
    asked = np.ceil((starts - _SLACK) / step) * step < ends - _SLACK
    asked[:1] = asked[-1:] = True
    ordered = ends >= starts - _SLACK
    dense = (ends - starts <= step * (1 + 1e-3) + _SLACK) & ordered
    reach = np.array([(group.run + _REFERENCES_ASIDE) * group.widest for group in groups])
    ways = np.where(dense, KEY_ONLY, np.where((reach <= step / 2) & ordered, REFERENCES, EVERY))
    early = _early(starts)
    return SamplingPlan(times, step, np.where(dense & ~asked & ~early, SKIPPED, ways), early, watch)


def _early(starts: np.ndarray) -> np.ndarray:
    """Encoders end a group before its full length where the picture changes; the usual length is the longest one."""
    gaps = np.diff(starts)
    if not len(gaps):
        return np.zeros(len(starts), bool)
    usual = float(np.percentile(gaps, 95))
    return np.concatenate([[False], gaps < 0.9 * usual])
