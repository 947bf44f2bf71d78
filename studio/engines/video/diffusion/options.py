"""What a person may set of a segment filmed by Stable Video Diffusion, read from SegmentRequest.options and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.checks import check_integer, check_number
from studio.errors import BadInput


@dataclass(frozen=True)
class Sampling:
    """How a clip is sampled. Defaults: the model card of stabilityai/stable-video-diffusion-img2vid.

    motion_bucket_id    more is more motion
    noise_aug_strength  noise on the picture that is set in motion: more is more motion, and less like the picture
    fps                 frames a second that the network is told of, and that its frames are shown at
    min_guidance, max_guidance  at a clip's first and last frame
    decode_chunk_size   frames decoded at once, at most; the engine's rung may hold it lower
    pulse               0..1, how much of the music is seen as light
    """

    steps: int = 25
    motion_bucket_id: int = 127
    noise_aug_strength: float = 0.02
    fps: int = 7
    min_guidance: float = 1.0
    max_guidance: float = 3.0
    decode_chunk_size: int = 8
    pulse: float = 0.6


def read_options(options: Mapping[str, Any]) -> Sampling:
    """Raises BadInput naming the option, its value and what is accepted."""
    for name, value in options.items():
        if name not in _READERS:
            raise BadInput(_parameter(name), value, f"an option out of {', '.join(_READERS)}")
    sampling = Sampling(**{name: _READERS[name](_parameter(name), value) for name, value in options.items()})
    if sampling.min_guidance > sampling.max_guidance:
        accepted = f"at most max_guidance, {sampling.max_guidance:g}"
        raise BadInput(_parameter("min_guidance"), sampling.min_guidance, accepted)
    return sampling


def _parameter(name: str) -> str:
    return f"--option video.{name}"


def _whole(low: int, high: int) -> Callable[[str, Any], int]:
    return lambda name, value: check_integer(name, value, low, high)


def _number(low: float, high: float) -> Callable[[str, Any], float]:
    return lambda name, value: check_number(name, value, low, high)


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "steps": _whole(1, 100),
    "motion_bucket_id": _whole(1, 255),
    "noise_aug_strength": _number(0.0, 1.0),
    "fps": _whole(3, 30),
    "min_guidance": _number(1.0, 10.0),
    "max_guidance": _number(1.0, 10.0),
    "decode_chunk_size": _whole(1, 25),
    "pulse": _number(0.0, 1.0),
}
