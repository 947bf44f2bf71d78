"""Pictures of a video at a steady pace of its own time, at the least decoding that the pace needs.

The key frames' places are read first, by demuxing alone. Where they follow each other within the step, they alone are
decoded; elsewhere frames that nothing refers to are left out where the step allows it. There is no seeking: demuxing
is some hundred times faster than decoding, and seeking lands where the container likes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np

from studio.cancellation import CancelToken
from studio.errors import BadInput
from studio.media.ahead import Ahead
from studio.media.key_decoders import KeyDecoders
from studio.media.sampling_plan import (
    EVERY,
    KEY_ONLY,
    LONGEST_STEP,
    REFERENCES,
    SHORTEST_STEP,
    SKIPPED,
    PacketClock,
    SamplingPlan,
    VideoTimes,
    make_plan,
    opened,
    read_times,
    shown_size,
)
from studio.media.sampling_watch import UNCHANGED, FrameWatch, difference, frame_grid, look

if TYPE_CHECKING:
    import av
    import av.container

    from studio.settings import Limits

__all__ = ["UNCHANGED", "FrameSampler", "Sample", "SamplingPlan", "VideoTimes", "difference", "look", "plan_sampling"]

_AHEAD = 2
"""Pictures decoded before the last one was taken."""
_MOST_DECODERS, _DECODED_BYTES = 4, 64_000_000
"""Of key frames at once, and of the pictures they make."""
_EXTRA_SHARE = 1 / 8
_BEYOND = 2
_HALF_A_MICROSECOND = 5e-7


@dataclass(frozen=True)
class Sample:
    """A picture as it is seen from `time` on. `time` in seconds from the video's first picture, as the container has
    it; `picture` (h, w, 3) uint8, upright, square pixels.

    is_key        a key frame;  early  one that came before its turn: the encoder saw a cut there
    changed       0..1 from the last sample that had changed: below UNCHANGED a reader may pass it over. 1 for the first
    straightness  0..1: how directly the pictures in between went from the sample before to this one: near 1 for fades,
                  dissolves and wipes; None where not all of them were looked at
    """

    time: float
    picture: np.ndarray
    is_key: bool
    early: bool = False
    changed: float = 1.0
    straightness: float | None = None


def plan_sampling(path: Path, step_seconds: float, parameter: str, limits: Limits, watch: bool = True) -> SamplingPlan:
    """Reads the packets of `path` once. With `watch` the sampler looks at all that it decodes and gives both sides of
    jumps too; without, it decodes no further than the last sample of each group.

    Raises BadInput naming `parameter` for what is no video, "step_seconds" for a step outside 0.02..3600 s.
    """
    if not SHORTEST_STEP <= step_seconds <= LONGEST_STEP:
        raise BadInput("step_seconds", step_seconds, f"{SHORTEST_STEP} to {LONGEST_STEP:.0f} seconds")
    return make_plan(read_times(path, parameter, limits), step_seconds, watch)


class FrameSampler:
    """Iterate over it once: samples in order of time, one picture in memory at a time besides the decoder's own.

    There is a sample of what is seen at every multiple of the step, unless it is the one before still; in decoded
    stretches also both sides of every jump, and key frames that came early. Frames that can't be decoded are left out
    and counted in `left_out`.

    longest_side  pixels; larger pictures are made smaller
    after         seconds: goes on behind a sample of this time, exactly as if it had not stopped; only `changed` begins
                  anew with 1, unless `reference` is the `look` of the last sample before that had changed
    """

    def __init__(
        self,
        path: Path,
        plan: SamplingPlan,
        limits: Limits,
        longest_side: int = 1280,
        after: float | None = None,
        reference: np.ndarray | None = None,
    ) -> None:
        self.left_out = 0
        self._path, self._plan, self._limits, self._side = path, plan, limits, longest_side
        self._after = -math.inf if after is None else after
        self._reference = reference

    def samples(self, parameter: str, cancel: CancelToken) -> Iterator[Sample]:
        """Raises BadInput naming `parameter` where nothing can be decoded at all, Cancelled."""
        found = self._after > -math.inf
        # Decoding goes on while the picture before is converted and worked with.
        with closing(iter(Ahead(lambda: self._due(parameter, cancel), _AHEAD))) as due:
            for seen, straightness in due:
                found = True
                yield self._sample(seen, straightness)
        if not found:
            raise BadInput(parameter, self._path, "a video (MP4, MOV, MKV, WebM, AVI)", "no picture can be decoded")

    def _due(self, parameter: str, cancel: CancelToken) -> Iterator[tuple[_Seen, float | None]]:
        """The frames that are samples, not converted yet, with their straightness."""
        with opened(self._path, parameter, self._limits) as (container, stream), ExitStack() as beside:
            if not np.isin(self._plan.ways, (REFERENCES, EVERY)).any() and len(self._plan.ways):
                stream.thread_type = "SLICE"
            keys = KeyDecoders([stream.codec_context, *self._more_decoders(parameter, beside)])
            beside.callback(keys.close)
            pace = _Pace(self._plan, self._after)
            for time, frame, way, early in self._frames(container, stream, keys, cancel):
                seen = _Seen(time, frame, early, shown_size(stream, frame))
                yield from pace.add(seen, _decodes_all(way) and self._plan.watch)
            yield from pace.end()

    def _more_decoders(self, parameter: str, beside: ExitStack) -> Iterator[av.VideoCodecContext]:
        """For key frames, which are decoded side by side: as many more as there are processors for."""
        if not (self._plan.ways == KEY_ONLY).any():
            return
        held = 1.5 * self._plan.times.width * self._plan.times.height
        for _ in range(min(os.cpu_count() or 1, _MOST_DECODERS, int(_DECODED_BYTES / max(held, 1.0))) - 1):
            _, stream = beside.enter_context(opened(self._path, parameter, self._limits))
            stream.thread_type = "SLICE"  # frames side by side would only wait: each is drained by itself
            yield stream.codec_context

    def _frames(
        self,
        container: av.container.InputContainer,
        stream: av.VideoStream,
        keys: KeyDecoders,
        cancel: CancelToken,
    ) -> Iterator[tuple[float, av.VideoFrame, int, bool]]:
        """(seconds, frame, way of its group, came early), in order of time."""
        decoder, clock, shown = _Decoder(self._plan, stream, keys, self._after), PacketClock(stream), -math.inf
        for packet in container.demux(stream):
            cancel.check()
            # Each packet carries its time: FFmpeg guesses a frame's from its neighbours, wrongly where some are left
            # out. They are left out here and not by the demuxer (AVStream.discard): that of MP4 mixes times up.
            packet.opaque = clock.seconds(packet.pts if packet.pts is not None else packet.dts) if packet.size else None
            for frame, way in decoder.feed(packet):
                time = cast("float", frame.opaque) - self._plan.times.first
                if time < -_HALF_A_MICROSECOND or time <= shown or frame.is_corrupt:
                    continue
                shown = max(0.0, time)
                yield shown, frame, way, decoder.is_early(shown)
        self.left_out += decoder.broken + keys.broken

    def _sample(self, seen: _Seen, straightness: float | None) -> Sample:
        picture = self._picture(seen)
        now = look(picture)
        changed = 1.0 if self._reference is None else difference(self._reference, now)
        if changed >= UNCHANGED:
            self._reference = now
        return Sample(seen.time, picture, bool(seen.frame.key_frame), seen.early, changed, straightness)

    def _picture(self, seen: _Seen) -> np.ndarray:
        frame, (width, height) = seen.frame, seen.size
        scale = min(1.0, self._side / max(width, height))
        width, height = max(1, round(width * scale)), max(1, round(height * scale))
        quarter_turns = round((frame.rotation or 0) / 90) % 4
        stored = (height, width) if quarter_turns % 2 else (width, height)
        how = "AREA" if stored != (frame.width, frame.height) else "BILINEAR"
        small = frame.reformat(*stored, format="rgb24", dst_color_range="JPEG", interpolation=how)
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), quarter_turns))


@dataclass(frozen=True)
class _Seen:
    time: float
    frame: av.VideoFrame
    early: bool
    size: tuple[int, int]


class _Pace:
    """Which of the frames that come by are samples. Holds the last one: that it is the one seen at a multiple of the
    step is known when the next one comes."""

    def __init__(self, plan: SamplingPlan, after: float) -> None:
        self._step, self._taken = plan.step, after
        self._held: _Seen | None = None
        self._watch: FrameWatch | None = None
        self._jumped = -math.inf

    def add(self, seen: _Seen, watched: bool) -> Iterator[tuple[_Seen, float | None]]:
        """The frame before `seen`, or both, where they are samples, with the straightness of what lies before."""
        held, self._held = self._held, seen
        before, self._watch = self._watch, (self._watch or FrameWatch()) if watched else None
        grid = frame_grid(seen.frame) if watched else None
        jumped = before is not None and grid is not None and before.jumps(grid)
        jumped = jumped and seen.time - self._jumped >= self._step * _EXTRA_SHARE
        if held is not None and (jumped or self._is_due(held, seen.time)):
            yield from self._take(held, before)
        if self._watch and grid is not None:
            self._watch.see(grid)
        if jumped or (seen.early and not watched):
            self._jumped = seen.time
            yield from self._take(seen, self._watch)

    def end(self) -> Iterator[tuple[_Seen, float | None]]:
        """The last picture is always one."""
        if self._held is not None:
            yield from self._take(self._held, self._watch)

    def _is_due(self, held: _Seen, until: float) -> bool:
        """A multiple of the step falls into the time that `held` is seen."""
        return math.ceil((held.time - _HALF_A_MICROSECOND) / self._step) * self._step < until - _HALF_A_MICROSECOND

    def _take(self, seen: _Seen, watch: FrameWatch | None) -> Iterator[tuple[_Seen, float | None]]:
        straightness = watch.take() if watch else None
        if seen.time > self._taken + _HALF_A_MICROSECOND:
            self._taken = seen.time
            yield seen, straightness


class _Decoder:
    """Feeds the decoder what the plan asks for and nothing else."""

    def __init__(self, plan: SamplingPlan, stream: av.VideoStream, keys: KeyDecoders, after: float) -> None:
        self.broken, self._keys = 0, keys
        self._plan, self._context = plan, stream.codec_context
        starts = np.array([group.start for group in plan.times.groups])
        # One group earlier than needed: frames of a group may be shown before its key frame.
        self._from = max(0, int(np.count_nonzero(starts <= after)) - 2)
        self._context.copy_opaque = True
        self._group, self._way = -1, EVERY if not len(starts) else SKIPPED
        self._beyond, self._last_due = 0, 0.0
        self._early = {round(float(start), 6) for start in starts[plan.early]}

    def is_early(self, time: float) -> bool:
        return round(time, 6) in self._early

    def feed(self, packet: av.Packet) -> Iterator[tuple[av.VideoFrame, int]]:
        if not packet.size:
            yield from self._ended_group()
            return
        if packet.is_keyframe and self._plan.times.groups:
            yield from self._begin_group()
        if _decodes_all(self._way):
            if self._is_wanted(packet):
                yield from self._decode(packet)
        elif self._way == KEY_ONLY and packet.is_keyframe:
            yield from ((frame, KEY_ONLY) for frame in self._keys.put(packet))

    def _is_wanted(self, packet: av.Packet) -> bool:
        """Behind the last picture that is due come those it may refer to, as many as one run of B frames has."""
        if self._plan.watch or not 0 <= self._group < len(self._plan.times.groups) - 1:
            return True
        beyond = cast("float", packet.opaque) - self._plan.times.first > self._last_due
        self._beyond += beyond or self._beyond > 0
        return self._beyond <= self._plan.times.groups[self._group].run + _BEYOND

    def _begin_group(self) -> Iterator[tuple[av.VideoFrame, int]]:
        self._group += 1
        known = self._from <= self._group < len(self._plan.ways)
        way = int(self._plan.ways[self._group]) if known else SKIPPED
        cut_short = not self._plan.watch and self._beyond > 0
        if cut_short or _decodes_all(self._way) != _decodes_all(way):
            yield from self._ended_group()
        self._way, self._beyond = way, 0
        self._last_due = self._plan.last_due(self._group) if known else 0.0
        self._context.skip_frame = "NONREF" if way == REFERENCES else "DEFAULT"

    def _ended_group(self) -> Iterator[tuple[av.VideoFrame, int]]:
        """Both ways of decoding are empty behind it."""
        yield from ((frame, KEY_ONLY) for frame in self._keys.rest())
        if _decodes_all(self._way):
            yield from self._decode(None)
            self._context.flush_buffers()

    def _decode(self, packet: av.Packet | None) -> Iterator[tuple[av.VideoFrame, int]]:
        from av.error import FFmpegError

        try:
            frames = self._context.decode(packet)
        except EOFError:  # drained already
            return
        except FFmpegError:
            self.broken += 1
            return
        for frame in frames:
            yield frame, self._way


def _decodes_all(way: int) -> bool:
    return way in (REFERENCES, EVERY)
