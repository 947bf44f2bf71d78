"""What a person may set of a segment filmed by Stable Video Diffusion, read from SegmentRequest.options and checked.
Light: pages read it too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.contracts.options import Option, Schema
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
    return Sampling(**OPTIONS.read(options))


def _check_guidance(parameter: Callable[[str], str], read: Mapping[str, Any]) -> None:
    most = read.get("max_guidance", Sampling.max_guidance)
    least = read.get("min_guidance", Sampling.min_guidance)
    if least > most:
        raise BadInput(parameter("min_guidance"), least, f"at most max_guidance, {most:g}")


OPTIONS = Schema(
    "video",
    (
        Option("steps", "whole", "Steps", Sampling.steps, 1, 100, 1),
        Option("motion_bucket_id", "whole", "Motion", Sampling.motion_bucket_id, 1, 255, 1, help="More is livelier"),
        Option("noise_aug_strength", "number", "Freedom from the picture", Sampling.noise_aug_strength, 0.0, 1.0, 0.01),
        Option("min_guidance", "number", "Guidance at a clip's first frame", Sampling.min_guidance, 1.0, 10.0, 0.5),
        Option("max_guidance", "number", "Guidance at its last", Sampling.max_guidance, 1.0, 10.0, 0.5),
        Option("fps", "whole", "Frames a second the network thinks in", Sampling.fps, 3, 30, 1),
        Option("pulse", "number", "Light that follows the music", Sampling.pulse, 0.0, 1.0, 0.05),
        Option("decode_chunk_size", "whole", "Decoded at once", Sampling.decode_chunk_size, 1, 25, 1, shown=False),
    ),
    _check_guidance,
)
"""Of every Stable Video Diffusion engine; presets/engines.yaml names it."""
