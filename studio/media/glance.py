"""A first look at a whole video within a second or two: some of its key frames, found by seeking."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from studio.cancellation import CancelToken
from studio.media.sampling_plan import SamplingPlan, opened, shown_size

if TYPE_CHECKING:
    import av
    import av.container

    from studio.settings import Limits


def key_pictures(
    path: Path, plan: SamplingPlan, limits: Limits, cancel: CancelToken, most: int = 24, longest_side: int = 640
) -> Iterator[tuple[float, np.ndarray]]:
    """(seconds, picture) of at most `most` key frames spread over the video, in order of time; upright, square pixels.
    Those that can't be decoded are left out; () where the file marks no key frame. Raises BadInput, Cancelled."""
    starts = [group.start for group in plan.times.groups]
    chosen = sorted({starts[round(at * (len(starts) - 1) / max(1, most - 1))] for at in range(most)} if starts else ())
    last = -1.0
    with opened(path, "FILE", limits) as (container, stream):
        for start in chosen:
            cancel.check()
            frame = _key_frame(container, stream, plan.times.first + start)
            time = frame.time - plan.times.first if frame is not None and frame.time is not None else None
            if frame is None or time is None or time <= last or time < -1e-6:
                continue
            last = time
            yield max(0.0, time), _upright(stream, frame, longest_side)


def _key_frame(container: av.container.InputContainer, stream: av.VideoStream, at: float) -> av.VideoFrame | None:
    from av.error import FFmpegError

    try:
        container.seek(round((at + 1e-4) / float(stream.time_base or 1)), stream=stream)
        return next(container.decode(stream), None)
    except FFmpegError:  # a place that can't be read; the whole reading will tell of it
        return None


def _upright(stream: av.VideoStream, frame: av.VideoFrame, longest_side: int) -> np.ndarray:
    width, height = shown_size(stream, frame)
    scale = min(1.0, longest_side / max(width, height))
    width, height = max(1, round(width * scale)), max(1, round(height * scale))
    turns = round((frame.rotation or 0) / 90) % 4
    stored = (height, width) if turns % 2 else (width, height)
    small = frame.reformat(*stored, format="rgb24", dst_color_range="JPEG", interpolation="AREA")
    return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))
